"""The time that a finished job's cluster is kept."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, invalid
from webhook.rules.rule import Layer, fails, passes, rule

TTL = field("spec.ttlSecondsAfterFinished")


@rule(
    "The TTL is negative",
    layer=Layer.CONTRACT,
    source=("R4",),
    reads=("spec.ttlSecondsAfterFinished",),
    examples=(
        passes({"spec": {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 0}}),
        fails({"spec": {"ttlSecondsAfterFinished": -1}}, "spec.ttlSecondsAfterFinished"),
    ),
)
def negative_ttl(job: Job) -> Iterator[Finding]:
    """`spec.ttlSecondsAfterFinished` is less than 0.

    Why: KubeRay's operator refuses the job after it is stored.

    Instead: give the seconds to keep the cluster of a finished job; 0 deletes it at once.
    """
    seconds = job.spec.get("ttlSecondsAfterFinished") or 0
    if seconds < 0:
        yield invalid(TTL, seconds, "must be 0 or more (seconds)")


@rule(
    "A TTL is set, but nothing shuts the cluster down",
    layer=Layer.CONTRACT,
    source=("R5",),
    reads=("spec.ttlSecondsAfterFinished",),
    examples=(
        passes({"spec": {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 60}}),
        passes({"spec": {"shutdownAfterJobFinishes": False, "ttlSecondsAfterFinished": 0}}),
        fails(
            {"spec": {"shutdownAfterJobFinishes": False, "ttlSecondsAfterFinished": 60}},
            "spec.ttlSecondsAfterFinished",
        ),
    ),
)
def ttl_without_shutdown(job: Job) -> Iterator[Finding]:
    """`spec.ttlSecondsAfterFinished` is more than 0 while `spec.shutdownAfterJobFinishes` is not true.

    Why: the TTL delays the shutdown of the cluster; without one KubeRay's operator refuses the job.

    Instead: set `shutdownAfterJobFinishes: true`, or leave the TTL out.
    """
    seconds = job.spec.get("ttlSecondsAfterFinished") or 0
    if seconds > 0 and not job.spec.get("shutdownAfterJobFinishes"):
        yield invalid(TTL, seconds, "must be left out unless spec.shutdownAfterJobFinishes is true")
