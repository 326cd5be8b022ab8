"""What became of one call of an admission endpoint, as a value: metrics, journal and traces take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from webhook.admission.decide import Verdict
from webhook.admission.review import Request


class Outcome(StrEnum):
    """How a call ended."""

    ALLOWED = "allowed"
    DENIED = "denied"
    COMPLETED = "completed"  # allowed, with a patch
    REFUSED = "refused"  # no review: the caller's fault
    FAILED = "failed"  # a crash of ours
    SHED = "shed"  # more calls at once than are served


@dataclass(frozen=True, slots=True)
class Event:
    """A call; ``request`` and ``verdict`` are None where it did not come to one. ``seconds`` is what deciding took.

    ``profile`` names the policy's profile that decided, empty for the policy itself. ``headers`` are the call's own, as
    ASGI has them: in lower case, not decoded, and with whatever the caller would not like to see in a log.
    """

    endpoint: str
    outcome: Outcome
    seconds: float
    request: Request | None = None
    verdict: Verdict | None = None
    profile: str = ""
    headers: Sequence[tuple[bytes, bytes]] = ()


def outcome_of(verdict: Verdict) -> Outcome:
    """How a call with this verdict ends."""
    if not verdict.allowed:
        return Outcome.DENIED
    return Outcome.COMPLETED if verdict.fills else Outcome.ALLOWED
