"""`rayjob-webhook check`: judges the RayJobs in files, with the words of the API server's answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import click
import orjson

from webhook.admission.decide import Verdict, validate
from webhook.admission.response import object_name
from webhook.admission.review import of_file
from webhook.cli.documents import BadInput, Place, read
from webhook.cli.namespace import NAMESPACE, clash, namespace_of
from webhook.cli.target import targeted
from webhook.policy.policy import Policy, shipped
from webhook.policy.target import Said
from webhook.rules.finding import Finding


@dataclass(frozen=True, slots=True)
class Judged:
    """A RayJob from a file, and the verdict on it."""

    place: Place
    name: str
    namespace: str
    verdict: Verdict


@dataclass(slots=True)
class Tally:
    """What was read so far."""

    judged: list[Judged] = field(default_factory=list)
    bad: list[BadInput] = field(default_factory=list)
    others: int = 0

    @property
    def exit_code(self) -> int:
        """0 if all is fine, 1 if a RayJob is denied, 2 if something could not be read."""
        if self.bad:
            return 2
        return 0 if all(judged.verdict.allowed for judged in self.judged) else 1


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR|-...")
@NAMESPACE
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@targeted
@click.pass_context
def command(context: click.Context, files: tuple[str, ...], namespace: str | None, output: str, kuberay: Said) -> None:
    """Judges the RayJobs in files and directories (YAML or JSON, many documents, Lists).

    A RayJob is judged as it stands in the file. What `kubectl apply` would make of it, defaults included:
    rayjob-webhook mutate FILE | rayjob-webhook check -

    Exits with 0 if every RayJob passes, 1 if one is denied, 2 if something cannot be read.
    """
    tally = _tally(files, namespace, shipped(kuberay.target()))
    if output == "json":
        click.echo(orjson.dumps(_json(tally), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in _text(tally):
            click.echo(line)
    for bad in tally.bad:
        click.echo(bad, err=True)
    context.exit(tally.exit_code)


def _tally(files: tuple[str, ...], namespace: str | None, policy: Policy) -> Tally:
    tally = Tally()
    for found in read(files):
        if isinstance(found, BadInput):
            tally.bad.append(found)
        elif not found.is_rayjob:
            tally.others += 1
        elif (fault := clash(found, namespace)) is not None:
            tally.bad.append(fault)
        else:
            request = of_file(found.raw, namespace_of(found, namespace))
            name = object_name(request)
            tally.judged.append(
                Judged(found.place, name, request.namespace, validate(request, policy, datetime.now(UTC).date()))
            )
    return tally


def _text(tally: Tally) -> Iterator[str]:
    for judged in tally.judged:
        verdict = judged.verdict
        said = "passes" if verdict.allowed else f"denied, {_counted(len(verdict.denials), 'finding')}"
        yield f"{judged.place}: RayJob {judged.namespace}/{judged.name}: {said}"
        for finding in verdict.denials:
            yield f"  {finding.message}"
        for finding in verdict.warnings:
            yield f"  warning: {finding.message}"
    denied = sum(not judged.verdict.allowed for judged in tally.judged)
    others = f"; {_counted(tally.others, 'other object')} passed over" if tally.others else ""
    yield f"{_counted(len(tally.judged), 'RayJob')}: {len(tally.judged) - denied} passed, {denied} denied{others}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _json(tally: Tally) -> dict[str, Any]:
    return {
        "rayjobs": [
            {
                "file": judged.place.file,
                "line": judged.place.line,
                "namespace": judged.namespace,
                "name": judged.name,
                "allowed": judged.verdict.allowed,
                "findings": [
                    *(_finding(finding, "deny") for finding in judged.verdict.denials),
                    *(_finding(finding, "warn") for finding in judged.verdict.warnings),
                ],
            }
            for judged in tally.judged
        ],
        "others": tally.others,
        "unreadable": [{"file": bad.place.file, "line": bad.place.line, "message": bad.message} for bad in tally.bad],
    }


def _finding(finding: Finding, action: str) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "action": action,
        "field": str(finding.path),
        "pointer": finding.path.pointer,
        "reason": finding.kind.value,
        "message": finding.text,
    }
