"""`rayjob-webhook mutate`: completes the RayJobs in a file, as the mutating webhook would."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import click
import orjson

from webhook.admission import patch
from webhook.admission.decide import mutate
from webhook.cli.asker import Asker, asking
from webhook.cli.documents import BadInput, Document
from webhook.cli.policy import governed
from webhook.cli.rayjobs import RayJob, read
from webhook.policy.policy import Policy
from webhook.rayjob import goyaml


@dataclass(frozen=True, slots=True)
class Completed:
    """An object of the file; ``operations`` is the patch of a RayJob, empty for every other object."""

    document: Document
    operations: list[dict[str, Any]]
    raw: dict[str, Any]


@click.command("mutate")
@click.argument("file", metavar="FILE|-")
@asking
@click.option(
    "--output",
    type=click.Choice(["yaml", "json", "patch", "diff"]),
    default="yaml",
    show_default=True,
    help="The completed objects, the JSON Patch of each RayJob on a line of its own, or what changes.",
)
@governed
@click.pass_context
def command(context: click.Context, file: str, asker: Asker, output: str, policy: Policy) -> None:
    """Completes the RayJobs in a file; every other object passes through as it is.

    Exits with 0, or with 2 if something cannot be read.
    """
    completed: list[Completed] = []
    bad: list[BadInput] = []
    for found in read([file], asker):
        if isinstance(found, BadInput):
            bad.append(found)
        else:
            completed.append(_completed(found, policy))
    for line in _RENDERED[output](completed):
        click.echo(line)
    for fault in bad:
        click.echo(fault, err=True)
    context.exit(2 if bad else 0)


def _completed(found: RayJob | Document, policy: Policy) -> Completed:
    if isinstance(found, Document):
        return Completed(found, [], found.raw)
    document = found.document
    operations = patch.operations(document.raw, mutate(found.request, policy).fills)
    return Completed(document, operations, patch.applied(document.raw, operations))


def _yaml(completed: list[Completed]) -> Iterator[str]:
    for index, one in enumerate(completed):
        if index:
            yield "---"
        yield goyaml.dump(one.raw).rstrip("\n")


def _json(completed: list[Completed]) -> Iterator[str]:
    raws = [one.raw for one in completed]
    whole = raws[0] if len(raws) == 1 else {"apiVersion": "v1", "kind": "List", "items": raws}
    yield orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode()


def _patch(completed: list[Completed]) -> Iterator[str]:
    for one in completed:
        if one.document.is_rayjob:
            yield orjson.dumps(one.operations).decode()


def _diff(completed: list[Completed]) -> Iterator[str]:
    for one in completed:
        before, after = goyaml.dump(one.document.raw), goyaml.dump(one.raw)
        place = str(one.document.place)
        yield from difflib.unified_diff(
            before.splitlines(), after.splitlines(), place, f"{place} completed", lineterm=""
        )


_RENDERED: MappingProxyType[str, Callable[[list[Completed]], Iterator[str]]] = MappingProxyType(
    {"yaml": _yaml, "json": _json, "patch": _patch, "diff": _diff}
)
