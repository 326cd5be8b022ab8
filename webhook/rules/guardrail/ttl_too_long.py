"""How long the cluster of a finished job is kept."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.model import DeletionRule
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, Kind, invalid, required
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

TTL = field("spec.ttlSecondsAfterFinished")
SHUTDOWN = field("spec.shutdownAfterJobFinishes")
STRATEGY = field("spec.deletionStrategy")
RULES = STRATEGY / "deletionRules"

WHOLE = ("DeleteCluster", "DeleteSelf")  # what leaves no pod behind; DeleteWorkers leaves the head

# How a job ends, as conditions say it. A job that Ray calls FAILED is Failed to the operator too; one that ends by a
# deadline, or before Ray ran it, is Failed to the operator alone.
SUCCEEDED, FAILED = ("jobStatus", "SUCCEEDED"), ("jobDeploymentStatus", "Failed")


class TtlTooLong(Parameters):
    """How long is too long."""

    max_seconds: int = Field(ge=0, description="The longest that the cluster of a finished job may be kept, in seconds")


def _rules(*rules: tuple[str, str, int]) -> dict[str, object]:
    listed = [{"policy": "DeleteCluster", "condition": {key: value, "ttlSeconds": ttl}} for key, value, ttl in rules]
    return {"spec": {"deletionStrategy": {"deletionRules": listed}}}


@guardrail(
    "The cluster of a finished job is kept too long",
    parameters=TtlTooLong,
    reads=("spec.rayClusterSpec",),
    examples=(
        passes(
            {"spec": {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 3600}}, given={"maxSeconds": 3600}
        ),
        fails(
            {"spec": {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 3601}},
            "spec.ttlSecondsAfterFinished",
            given={"maxSeconds": 3600},
        ),
        fails({"spec": {"shutdownAfterJobFinishes": False}}, "spec.shutdownAfterJobFinishes", given={"maxSeconds": 0}),
        passes(_rules((*SUCCEEDED, 60), (*FAILED, 3600)), given={"maxSeconds": 3600}),
        fails(
            _rules((*SUCCEEDED, 3601)),
            "spec.deletionStrategy.deletionRules",
            "spec.deletionStrategy.deletionRules[0].condition.ttlSeconds",
            given={"maxSeconds": 3600},
        ),
    ),
)
def ttl_too_long(job: Job, params: TtlTooLong) -> Iterator[Finding]:
    """The job's own cluster may be kept for more than the policy's `maxSeconds` after the job's end, or for ever.

    For ever is what `shutdownAfterJobFinishes` means where it is not true and there is no `deletionStrategy`. A
    strategy must delete the whole cluster within the seconds however the job ends: by a rule for `jobStatus: SUCCEEDED`
    and one for `jobDeploymentStatus: Failed`, which alone holds for a job that ends by a deadline. The older
    `onSuccess` and `onFailure` cannot say that. A job that somebody stops by hand is out of the reach of any rule of
    deletion; only `shutdownAfterJobFinishes` holds for it.

    Why: a finished job's cluster holds its GPUs until the TTL is over.

    Instead: set `shutdownAfterJobFinishes` and give fewer seconds; logs that must last longer belong into a log store.
    """
    if job.selects_cluster:
        return  # the operator deletes no cluster that it has not made
    strategy = job.spec.get("deletionStrategy")
    if strategy is not None and strategy.get("deletionRules"):
        yield from _of_rules([rule or {} for rule in strategy["deletionRules"]], params.max_seconds)
    elif strategy is not None:
        yield required(RULES, f"without them, the cluster of a job that ends by a deadline is kept {_LONGER}")
    else:
        yield from _of_shutdown(job, params.max_seconds)


_LONGER = "for ever"


def _of_shutdown(job: Job, most: int) -> Iterator[Finding]:
    shutdown = job.spec.get("shutdownAfterJobFinishes")
    seconds = job.spec.get("ttlSecondsAfterFinished") or 0
    policy = job.spec.get("deletionPolicy")
    if shutdown is None:
        yield required(SHUTDOWN, f"true, or else the cluster is kept {_LONGER}")
    elif not shutdown:
        yield invalid(SHUTDOWN, shutdown, f"must be true, or else the cluster is kept {_LONGER}")
    if policy is not None and policy not in WHOLE:
        yield invalid(field("spec.deletionPolicy"), policy, f"must delete the cluster, or else it is kept {_LONGER}")
    if seconds > most:
        yield invalid(TTL, seconds, _must(most))


def _of_rules(rules: list[DeletionRule], most: int) -> Iterator[Finding]:
    for key, status in (SUCCEEDED, FAILED):
        delays = [
            (condition.get("ttlSeconds") or 0, index)
            for index, rule in enumerate(rules)
            if (condition := rule.get("condition") or {}).get(key) == status and rule.get("policy") in WHOLE
        ]
        if not delays:
            why = f"must delete the cluster for {key} {status} too, or else it is kept {_LONGER}"
            yield Finding(RULES, Kind.REQUIRED, f"Required value: {why}", status)
        elif min(delays)[0] > most:
            seconds, index = min(delays)
            yield invalid(RULES / index / "condition" / "ttlSeconds", seconds, _must(most))


def _must(most: int) -> str:
    return f"must be {most} or less (seconds)"
