"""The journal: one line of JSON for each decision; names of fields and rules, never the object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from webhook.admission.decide import Verdict
from webhook.admission.response import object_name
from webhook.admission.review import Request
from webhook.serving.event import Event

LINES = 128  # that gather at most: some 40 KB
FINDINGS = 20  # of a decision; the answer lists more, and the metrics count all
TEXT_CHARACTERS = 253  # of what a caller chooses


class Journal:
    """Makes a line of each decision, and writes with `write` what has gathered: when `flush` is called, or it is much.

    To write each line by itself would cost a review a fifth of all that is done for it. Lines are kept and not events:
    a RayJob that stays in memory keeps the next one from the memory that is warm.
    """

    __slots__ = ("_lines", "_write")

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._lines: list[bytes] = []

    def record(self, event: Event) -> None:
        """Takes a decision, to be written soon; passes over a call that came to none (the metrics count it)."""
        if event.request is not None and event.verdict is not None:
            line = _line(event, event.request, event.verdict)
            self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            if len(self._lines) >= LINES:
                self.flush()

    def flush(self) -> None:
        """Writes what has gathered."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._write(b"".join(lines))


def _line(event: Event, request: Request, verdict: Verdict) -> dict[str, Any]:
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
    for name, findings in verdict.told.items():
        if findings:
            line[name] = [{"rule": finding.rule, "field": finding.where} for finding in findings[:FINDINGS]]
    if verdict.exempt:
        line["exempt"] = [
            {"rule": exempt.finding.rule, "field": exempt.finding.where, "until": exempt.exemption.expires}
            for exempt in verdict.exempt[:FINDINGS]
        ]
    if verdict.policy:
        line["policy"] = verdict.policy
    if event.profile:
        line["profile"] = event.profile
    if verdict.fills:
        line["defaulted"] = [fill.default for fill in verdict.fills]
    return line
