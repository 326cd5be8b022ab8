"""How deletion rules go together: no two alike, and the greater deletion never before the smaller.

KubeRay's operator compares only rules that are sound by themselves, and of two alike only the first. KubeRay 1.5 knows
one trigger, the Ray job's status, and takes a missing one for the empty status: its comparisons are declared apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.model import DeletionCondition
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, duplicate, invalid
from webhook.rules.rule import Layer, fails, passes, rule

RULES = field("spec.deletionStrategy.deletionRules")

GATE = (Gate.DELETION_POLICY, True)
STAGES = ("DeleteWorkers", "DeleteCluster", "DeleteSelf")  # from the smallest; DeleteNone is no stage

Trigger: TypeAlias = tuple[str, str]  # the kind of status, and the status


def _list(*rules: tuple[str, Mapping[str, object]]) -> dict[str, object]:
    """For the examples: a patch that makes a list of rules, each of a policy and a condition."""
    listed = [{"policy": policy, "condition": condition} for policy, condition in rules]
    return {"spec": {"deletionStrategy": {"deletionRules": listed}}}


@dataclass(frozen=True, slots=True)
class _Compared:
    """A rule that is compared with others; its policy is empty where it is missing."""

    index: int
    trigger: Trigger
    policy: str
    ttl_seconds: int


def _either_status(condition: DeletionCondition) -> Trigger | None:
    """The trigger for KubeRay 1.6 and later; None where there is none, or two."""
    job_status, deployment_status = condition.get("jobStatus"), condition.get("jobDeploymentStatus")
    if job_status is None:
        return None if deployment_status is None else ("jobDeploymentStatus", deployment_status)
    return ("jobStatus", job_status) if deployment_status is None else None


def _job_status(condition: DeletionCondition) -> Trigger:
    """The trigger for KubeRay 1.5."""
    return ("jobStatus", condition.get("jobStatus") or "")


def _compared(job: Job, trigger_of: Callable[[DeletionCondition], Trigger | None]) -> Iterator[_Compared]:
    """The rules that are sound by themselves (R17 to R21), in order."""
    for index, item in enumerate((job.spec.get("deletionStrategy") or {}).get("deletionRules") or ()):
        listed = item or {}
        condition, policy = listed.get("condition") or {}, listed.get("policy") or ""
        trigger, seconds = trigger_of(condition), condition.get("ttlSeconds") or 0
        if trigger is None or seconds < 0:
            continue
        if job.selects_cluster and policy in ("DeleteCluster", "DeleteWorkers"):
            continue
        if job.autoscales and policy == "DeleteWorkers":
            continue
        yield _Compared(index, trigger, policy, seconds)


def _duplicates(compared: Iterator[_Compared]) -> Iterator[Finding]:
    first: dict[tuple[Trigger, str], int] = {}
    for listed in compared:
        index = first.setdefault((listed.trigger, listed.policy), listed.index)
        if index != listed.index:
            said = f"{listed.policy or 'no policy'} on {listed.trigger[1] or 'no status'}"
            yield duplicate(RULES / listed.index, said, f"must differ from deletionRules[{index}] in status or policy")


def _out_of_order(compared: Iterator[_Compared]) -> Iterator[Finding]:
    by_trigger: dict[Trigger, dict[str, _Compared]] = {}
    for listed in compared:
        by_trigger.setdefault(listed.trigger, {}).setdefault(listed.policy, listed)
    for by_policy in by_trigger.values():
        stages = [by_policy[stage] for stage in STAGES if stage in by_policy]
        for earlier, later in pairwise(stages):
            if later.ttl_seconds < earlier.ttl_seconds:
                path = RULES / later.index / "condition" / "ttlSeconds"
                least = (
                    f"must be {earlier.ttl_seconds} or more (seconds), the delay of {earlier.policy} on the same status"
                )
                yield invalid(path, later.ttl_seconds, least)


@rule(
    "Two deletion rules are alike",
    layer=Layer.KUBERAY,
    source=("R22", "R23"),
    since=Release.V1_6,
    gate=GATE,
    reads=("spec.deletionStrategy.deletionRules",),
    examples=(
        passes(_list(("DeleteSelf", {"jobStatus": "FAILED"}), ("DeleteSelf", {"jobDeploymentStatus": "Failed"}))),
        passes(_list(("DeleteSelf", {"jobStatus": "FAILED"}), ("DeleteSelf", {"jobStatus": "SUCCEEDED"}))),
        fails(
            _list(("DeleteSelf", {"jobStatus": "FAILED"}), ("DeleteSelf", {"jobStatus": "FAILED", "ttlSeconds": 60})),
            "spec.deletionStrategy.deletionRules[1]",
            number="R22",
        ),
        fails(
            _list(*(("DeleteSelf", {"jobDeploymentStatus": "Failed"}) for _ in range(3))),
            "spec.deletionStrategy.deletionRules[1]",
            "spec.deletionStrategy.deletionRules[2]",
            number="R23",
        ),
    ),
)
def duplicate_deletion_rule(job: Job) -> Iterator[Finding]:
    """A rule of `spec.deletionStrategy.deletionRules` has the status and the policy of an earlier one.

    Why: of two delays for the same deletion one is wrong; KubeRay's operator refuses to choose.

    Instead: keep the one that is meant.
    """
    yield from _duplicates(_compared(job, _either_status))


@rule(
    "Two deletion rules are alike for KubeRay 1.5",
    layer=Layer.KUBERAY,
    source=("R22",),
    since=Release.V1_5,
    until=Release.V1_5,
    gate=GATE,
    reads=("spec.deletionStrategy.deletionRules",),
    examples=(
        passes(_list(("DeleteSelf", {"jobStatus": "FAILED"}), ("DeleteSelf", {"jobStatus": "SUCCEEDED"}))),
        fails(
            _list(("DeleteSelf", {"jobStatus": "FAILED"}), ("DeleteSelf", {"jobStatus": "FAILED", "ttlSeconds": 60})),
            "spec.deletionStrategy.deletionRules[1]",
        ),
        fails(
            _list(("DeleteSelf", {"jobDeploymentStatus": "Failed"}), ("DeleteSelf", {"ttlSeconds": 60})),
            "spec.deletionStrategy.deletionRules[1]",
            also=("deletion-rule-without-job-status",),
        ),
    ),
)
def duplicate_job_status_rule(job: Job) -> Iterator[Finding]:
    """A rule of `spec.deletionStrategy.deletionRules` has the `jobStatus` and the policy of an earlier one.

    Why: of two delays for the same deletion one is wrong; KubeRay's operator refuses to choose. KubeRay 1.5 does not
    know `jobDeploymentStatus`, so rules that have nothing else are alike to it.

    Instead: keep the one that is meant, and name its `jobStatus`.
    """
    yield from _duplicates(_compared(job, _job_status))


@rule(
    "A later stage of the deletion comes first",
    layer=Layer.KUBERAY,
    source=("R24", "R25"),
    since=Release.V1_6,
    gate=GATE,
    reads=("spec.deletionStrategy.deletionRules[].condition.ttlSeconds",),
    examples=(
        passes(
            _list(
                ("DeleteSelf", {"jobStatus": "FAILED", "ttlSeconds": 60}),
                ("DeleteCluster", {"jobStatus": "FAILED", "ttlSeconds": 60}),
                ("DeleteWorkers", {"jobStatus": "FAILED"}),
                ("DeleteNone", {"jobStatus": "FAILED"}),
                ("DeleteSelf", {"jobDeploymentStatus": "Failed", "ttlSeconds": 30}),
            )
        ),
        fails(
            _list(
                ("DeleteWorkers", {"jobStatus": "FAILED", "ttlSeconds": 60}),
                ("DeleteSelf", {"jobStatus": "FAILED", "ttlSeconds": 59}),
            ),
            "spec.deletionStrategy.deletionRules[1].condition.ttlSeconds",
            number="R24",
        ),
        fails(
            _list(
                ("DeleteSelf", {"jobDeploymentStatus": "Failed"}),
                ("DeleteCluster", {"jobDeploymentStatus": "Failed", "ttlSeconds": 1}),
            ),
            "spec.deletionStrategy.deletionRules[0].condition.ttlSeconds",
            number="R25",
        ),
    ),
)
def deletion_out_of_order(job: Job) -> Iterator[Finding]:
    """On the same status a rule deletes the cluster before one deletes the workers, or the RayJob before either.

    Why: what is gone with the whole cannot be deleted later as a part; KubeRay's operator refuses such delays.

    Instead: let `ttlSeconds` grow, or stay, from DeleteWorkers over DeleteCluster to DeleteSelf.
    """
    yield from _out_of_order(_compared(job, _either_status))


@rule(
    "A later stage of the deletion comes first for KubeRay 1.5",
    layer=Layer.KUBERAY,
    source=("R24",),
    since=Release.V1_5,
    until=Release.V1_5,
    gate=GATE,
    reads=("spec.deletionStrategy.deletionRules[].condition.ttlSeconds",),
    examples=(
        passes(
            _list(
                ("DeleteSelf", {"jobStatus": "FAILED", "ttlSeconds": 60}),
                ("DeleteWorkers", {"jobStatus": "FAILED", "ttlSeconds": 60}),
            )
        ),
        fails(
            _list(
                ("DeleteSelf", {"jobStatus": "FAILED", "ttlSeconds": 59}),
                ("DeleteWorkers", {"jobStatus": "FAILED", "ttlSeconds": 60}),
            ),
            "spec.deletionStrategy.deletionRules[0].condition.ttlSeconds",
        ),
        fails(
            _list(
                ("DeleteSelf", {"jobDeploymentStatus": "Failed"}),
                ("DeleteWorkers", {"ttlSeconds": 60}),
            ),
            "spec.deletionStrategy.deletionRules[0].condition.ttlSeconds",
            also=("deletion-rule-without-job-status",),
        ),
    ),
)
def job_status_deletion_out_of_order(job: Job) -> Iterator[Finding]:
    """On the same `jobStatus` a rule deletes the cluster before one deletes the workers, or the RayJob before either.

    Why: what is gone with the whole cannot be deleted later as a part; KubeRay's operator refuses such delays.
    KubeRay 1.5 does not know `jobDeploymentStatus`, so rules that have nothing else share one status.

    Instead: let `ttlSeconds` grow, or stay, from DeleteWorkers over DeleteCluster to DeleteSelf.
    """
    yield from _out_of_order(_compared(job, _job_status))
