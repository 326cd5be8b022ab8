"""The journal: one line of JSON for each decision, on standard output; names of fields and rules, never the object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from webhook.admission.decide import Verdict
from webhook.admission.response import object_name
from webhook.admission.review import Request
from webhook.serving.event import Event

FINDINGS = 20  # of a decision; the answer lists more, and the metrics count all
TEXT_CHARACTERS = 253  # of what a caller chooses


class Journal:
    """Writes events with `write`, each a line with its end; probes and what was no review are not told."""

    __slots__ = ("_write",)

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def record(self, event: Event) -> None:
        """Writes one line for a decision, none for a call that came to none (the metrics count it)."""
        if event.request is not None and event.verdict is not None:
            line = _line(event, event.request, event.verdict)
            self._write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def _line(event: Event, request: Request, verdict: Verdict) -> dict[str, Any]:
    told = {
        "denied": verdict.denials,
        "standing": verdict.standing,
        "warned": verdict.warnings,
        "audited": verdict.audited,
    }
    line: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "message": "decision",
        "endpoint": event.endpoint,
        "decision": event.outcome,
        "uid": request.uid,
        "user": request.username[:TEXT_CHARACTERS],
        "namespace": request.namespace[:TEXT_CHARACTERS],
        "name": object_name(request),
        "operation": request.operation,
        "milliseconds": round(event.seconds * 1000, 3),
    }
    if request.dry_run:
        line["dryRun"] = True
    for name, findings in told.items():
        if findings:
            line[name] = [{"rule": finding.rule, "field": finding.where} for finding in findings[:FINDINGS]]
    if verdict.fills:
        line["defaulted"] = [fill.default for fill in verdict.fills]
    return line
