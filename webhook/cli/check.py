"""`rayjob-webhook check`: judges the RayJobs in files, with the words of the API server's answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import click
import orjson

from webhook.admission.decide import Exempt, Verdict, validate
from webhook.admission.response import object_name
from webhook.cli.asker import Asker, asking
from webhook.cli.counted import counted
from webhook.cli.day import DAY
from webhook.cli.documents import BadInput, Document, Place
from webhook.cli.policy import governed
from webhook.cli.rayjobs import read
from webhook.policy.policy import Policy
from webhook.rules.finding import Finding
from webhook.rules.rule import Action


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
@asking
@DAY
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@governed
@click.pass_context
def command(  # noqa: PLR0913 (a parameter for each option, by name)
    context: click.Context, *, files: tuple[str, ...], asker: Asker, today: date, output: str, policy: Policy
) -> None:
    """Judges the RayJobs in files and directories (YAML or JSON, many documents, Lists).

    A RayJob is judged as it stands in the file. What `kubectl apply` would make of it, defaults included:
    rayjob-webhook mutate FILE | rayjob-webhook check -

    Exits with 0 if every RayJob passes, 1 if one is denied, 2 if something cannot be read.
    """
    tally = _tally(files, asker, policy, today)
    if output == "json":
        told = {"policy": policy.digest or None, "date": f"{today}", **_json(tally)}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        for line in _text(tally):
            click.echo(line)
    for bad in tally.bad:
        click.echo(bad, err=True)
    context.exit(tally.exit_code)


def _tally(files: tuple[str, ...], asker: Asker, policy: Policy, today: date) -> Tally:
    tally = Tally()
    for found in read(files, asker):
        if isinstance(found, BadInput):
            tally.bad.append(found)
        elif isinstance(found, Document):
            tally.others += 1
        else:
            request = found.request
            verdict = validate(request, policy, today)
            tally.judged.append(Judged(found.document.place, object_name(request), request.namespace, verdict))
    return tally


def _text(tally: Tally) -> Iterator[str]:
    for judged in tally.judged:
        verdict = judged.verdict
        said = "passes" if verdict.allowed else f"denied, {counted(len(verdict.denials), 'finding')}"
        yield f"{judged.place}: RayJob {judged.namespace}/{judged.name}: {said}"
        for finding in verdict.denials:
            yield f"  {finding.message}"
        for finding in verdict.warnings:
            yield f"  warning: {finding.message}"
        for exempt in verdict.exempt:
            yield f"  {_exempt(exempt)}"
    every = [exempt for judged in tally.judged for exempt in judged.verdict.exempt]
    for notice in dict.fromkeys(exempt.exemption.notice for exempt in every if exempt.ends_soon):
        yield f"note: {notice}"
    denied = sum(not judged.verdict.allowed for judged in tally.judged)
    others = f"; {counted(tally.others, 'other object')} passed over" if tally.others else ""
    yield f"{counted(len(tally.judged), 'RayJob')}: {len(tally.judged) - denied} passed, {denied} denied{others}"


def _exempt(exempt: Exempt) -> str:
    """As the API server's warning, and why, for which there is room here."""
    part = exempt.exemption
    why = ", ".join(filter(None, (part.reason, part.ticket)))
    return f"exempt until {part.expires} ({why}), would {exempt.action}: {exempt.finding.message}"


def _json(tally: Tally) -> dict[str, Any]:
    return {
        "rayjobs": [
            {
                "file": judged.place.file,
                "line": judged.place.line,
                "namespace": judged.namespace,
                "name": judged.name,
                "allowed": judged.verdict.allowed,
                "findings": [*_findings(judged.verdict)],
            }
            for judged in tally.judged
        ],
        "others": tally.others,
        "unreadable": [{"file": bad.place.file, "line": bad.place.line, "message": bad.message} for bad in tally.bad],
    }


def _findings(verdict: Verdict) -> Iterator[dict[str, object]]:
    told = {Action.DENY: verdict.denials, Action.WARN: verdict.warnings, Action.AUDIT: verdict.audited}
    for action, findings in told.items():
        for finding in findings:
            yield _finding(finding, action)
    for exempt in verdict.exempt:
        yield _finding(exempt.finding, "exempt") | _exemption(exempt)


def _finding(finding: Finding, action: str) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "action": action,
        "field": str(finding.path),
        "pointer": finding.path.pointer,
        "reason": finding.kind.value,
        "message": finding.text,
    }


def _exemption(exempt: Exempt) -> dict[str, object]:
    """What an exempt finding would do, and the exemption: its own `reason`, for a finding's is its kind."""
    part = exempt.exemption
    return {
        "would": exempt.action,
        "exemption": {
            "reason": part.reason,
            "ticket": part.ticket,
            "until": f"{part.expires}",
            "endsSoon": exempt.ends_soon,
        },
    }
