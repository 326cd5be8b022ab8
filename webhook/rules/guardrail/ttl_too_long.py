"""How long the cluster of a finished job is kept."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, invalid
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

TTL = field("spec.ttlSecondsAfterFinished")


class TtlTooLong(Parameters):
    """How long is too long."""

    max_seconds: int = Field(ge=0, description="The longest that the cluster of a finished job may be kept, in seconds")


@guardrail(
    "The cluster of a finished job is kept too long",
    parameters=TtlTooLong,
    reads=("spec.ttlSecondsAfterFinished",),
    examples=(
        passes(
            {"spec": {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 3600}}, given={"maxSeconds": 3600}
        ),
        fails(
            {"spec": {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 3601}},
            "spec.ttlSecondsAfterFinished",
            given={"maxSeconds": 3600},
        ),
    ),
)
def ttl_too_long(job: Job, params: TtlTooLong) -> Iterator[Finding]:
    """`spec.ttlSecondsAfterFinished` is more than the policy's `maxSeconds`.

    Why: a finished job's cluster holds its GPUs until the TTL is over.

    Instead: give fewer seconds; logs that must last longer belong into a log store.
    """
    seconds = job.spec.get("ttlSecondsAfterFinished") or 0
    if seconds > params.max_seconds:
        yield invalid(TTL, seconds, f"must be {params.max_seconds} or less (seconds)")
