"""The journal: one line of JSON for each decision; names of fields and rules, never the object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import time
from typing import Any

import orjson

from webhook.admission.decide import Verdict
from webhook.admission.response import object_name
from webhook.admission.review import Request
from webhook.serving.event import Event

EVENTS = 128  # that are kept at most before they are written: their RayJobs take memory
FINDINGS = 20  # of a decision; the answer lists more, and the metrics count all
TEXT_CHARACTERS = 253  # of what a caller chooses


class Journal:
    """Takes events, and writes them with `write` when `flush` is called, or when there are many.

    A line of its own for each would cost a review a fifth of all that is done for it. What was no review is not told.
    """

    __slots__ = ("_events", "_write")

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._events: list[tuple[float, Event]] = []

    def record(self, event: Event) -> None:
        """Takes a decision, to be written soon; passes over a call that came to none (the metrics count it)."""
        if event.verdict is not None:
            self._events.append((time(), event))
            if len(self._events) >= EVENTS:
                self.flush()

    def flush(self) -> None:
        """Writes a line for each decision that is not written yet."""
        events, self._events = self._events, []
        lines = [
            orjson.dumps(_line(seconds, event, event.request, event.verdict), option=orjson.OPT_APPEND_NEWLINE)
            for seconds, event in events
            if event.request is not None and event.verdict is not None
        ]
        if lines:
            self._write(b"".join(lines))


def _line(seconds: float, event: Event, request: Request, verdict: Verdict) -> dict[str, Any]:
    told = {
        "denied": verdict.denials,
        "standing": verdict.standing,
        "warned": verdict.warnings,
        "audited": verdict.audited,
    }
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds"),
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
