"""How long a job may run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes


class DeadlineMissingOrTooLong(Parameters):
    """How long is too long."""

    max_seconds: int | None = Field(
        default=None, ge=1, description="The longest deadline, in seconds; without it, any deadline will do"
    )


@guardrail(
    "A job has no deadline, or one that is too far away",
    parameters=DeadlineMissingOrTooLong,
    examples=(
        passes({"spec": {"activeDeadlineSeconds": 86400}}),
        passes({"spec": {"activeDeadlineSeconds": 3600}}, given={"maxSeconds": 3600}),
        fails({"spec": {"activeDeadlineSeconds": 3601}}, "spec.activeDeadlineSeconds", given={"maxSeconds": 3600}),
        fails({"spec": {"preRunningDeadlineSeconds": 60}}, "spec.activeDeadlineSeconds"),
        fails(
            {"spec": {"submissionMode": "InteractiveMode", "activeDeadlineSeconds": 60}},
            "spec.preRunningDeadlineSeconds",
        ),
    ),
)
def deadline_missing_or_too_long(job: Job, params: DeadlineMissingOrTooLong) -> Iterator[Finding]:
    """`spec.activeDeadlineSeconds` is missing, or more than the policy's `maxSeconds`.

    A job in InteractiveMode needs `spec.preRunningDeadlineSeconds` (KubeRay 1.6) as well: while it waits for somebody
    to submit, no other deadline holds. Each deadline holds for one attempt; `retries-too-many` bounds their number.

    Why: a job that hangs holds its GPUs until somebody looks.

    Instead: give the seconds that the job may take, the start of its cluster included.
    """
    yield from _judged(job, "activeDeadlineSeconds", params.max_seconds)
    if job.submission_mode == "InteractiveMode":
        yield from _judged(job, "preRunningDeadlineSeconds", params.max_seconds)


def _judged(
    job: Job, name: Literal["activeDeadlineSeconds", "preRunningDeadlineSeconds"], most: int | None
) -> Iterator[Finding]:
    seconds = job.spec.get(name)
    if seconds is None:
        yield required(field("spec") / name, "seconds" if most is None else f"{most} or less (seconds)")
    elif most is not None and seconds > most:
        yield invalid(field("spec") / name, seconds, f"must be {most} or less (seconds)")
