"""The options that say whose policy decides, alike for every command that asks one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import IO, Any, TypeVar

import click

from webhook.cli.target import targeted
from webhook.policy.loading import load
from webhook.policy.node import BadPolicy
from webhook.policy.policy import Policy, shipped
from webhook.policy.target import Said
from webhook.policy.validation import unknown
from webhook.serving import policy_files

R = TypeVar("R")

POLICY = click.option(
    "--policy",
    "policies",
    multiple=True,
    type=click.Path(),  # so that the variable, too, takes several: with colons between them
    metavar="FILE|DIR",
    envvar="RAYJOB_WEBHOOK_POLICY",
    show_envvar=True,
    help="Policy of the cluster's owner; repeatable, all files make one. The shipped one if none is given.",
)


class Faulty(click.ClickException):
    """A policy that cannot be used: each of its faults on a line."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints what is wrong, where compilers print it."""
        click.echo(self.message, file=file, err=file is None)


def governed(command: Callable[..., R]) -> Callable[..., R]:
    """Gives a command the options, those of the target among them, and what they choose as its argument `policy`."""

    @POLICY
    @click.option(
        "--profile", metavar="NAME", help="Profile of the policy to decide by, as /validate/NAME and /mutate/NAME do."
    )
    @targeted
    @wraps(command)
    def with_policy(
        *arguments: object, policies: tuple[str, ...], profile: str | None, kuberay: Said, **options: object
    ) -> R:
        return command(*arguments, policy=_chosen(loaded(policies, kuberay), profile), **options)

    return with_policy


def loaded(names: Sequence[str], said: Said) -> Policy:
    """The policy in the files and directories of these names; of none, the shipped one.

    Raises:
        Faulty: if it cannot be read, or has a fault.
    """
    if not names:
        return shipped(said.target())
    try:
        return load(policy_files.read(names), said)
    except BadPolicy as bad:
        raise Faulty(str(bad)) from None


def _chosen(policy: Policy, profile: str | None) -> Policy:
    if profile is None:
        return policy
    if profile not in policy.profiles:
        raise click.BadParameter(unknown("profile", profile, policy.profiles), param_hint="--profile")
    return policy.profiles[profile]
