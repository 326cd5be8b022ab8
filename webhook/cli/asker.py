"""The options that say who asks, and where: what the API server would know and no file says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

import click

R = TypeVar("R")

NAMESPACE = click.option(
    "--namespace", "-n", metavar="NAME", help="Namespace of RayJobs whose file names none.  [default: default]"
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks; nobody is known where no flag says so. ``namespace`` is None where no flag was given."""

    namespace: str | None = None
    username: str = ""
    groups: tuple[str, ...] = ()


def asking(command: Callable[..., R]) -> Callable[..., R]:
    """Gives a command the options, and what they say as its argument `asker`."""

    @NAMESPACE
    @click.option(
        "--user",
        metavar="NAME",
        default="",
        help="User who asks, or system:serviceaccount:NAMESPACE:NAME. Without it nobody is known, and what a policy "
        "says for certain users does not apply.",
    )
    @click.option(
        "--group",
        "groups",
        metavar="NAME",
        multiple=True,
        help="Group of the user; repeatable. Without it, what a policy says for certain groups does not apply.",
    )
    @wraps(command)
    def with_asker(
        *arguments: object, namespace: str | None, user: str, groups: tuple[str, ...], **options: object
    ) -> R:
        return command(*arguments, asker=Asker(namespace, user, groups), **options)

    return with_asker
