"""What KubeRay's CRD demands of rules of deletion, and the operator does not."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.rule import Layer, fails, passes, rule

RULES = field("spec.deletionStrategy.deletionRules")

GATE = (Gate.DELETION_POLICY, True)  # without it the operator refuses every strategy

PAIR = {"onSuccess": {"policy": "DeleteCluster"}, "onFailure": {"policy": "DeleteNone"}}  # for the examples


def _rule(**condition: object) -> dict[str, object]:
    return {"spec": {"deletionStrategy": {"deletionRules": [{"policy": "DeleteCluster", "condition": condition}]}}}


@rule(
    "An empty list of deletion rules stands beside onSuccess or onFailure",
    layer=Layer.KUBERAY,
    source=("R127", "R129"),
    since=Release.V1_5,
    gate=GATE,
    reads=("spec.deletionStrategy.deletionRules",),
    examples=(
        passes({"spec": {"deletionStrategy": PAIR}}),
        passes(_rule(jobStatus="FAILED")),
        fails(
            {"spec": {"deletionStrategy": {"deletionRules": [], **PAIR}}},
            "spec.deletionStrategy.deletionRules",
            number="R127",
        ),
        fails(
            {"spec": {"deletionStrategy": {"deletionRules": [], "onFailure": {"policy": "DeleteNone"}}}},
            "spec.deletionStrategy.deletionRules",
            also=("half-deletion-strategy",),
            number="R129",
        ),
    ),
)
def empty_deletion_rules(job: Job) -> Iterator[Finding]:
    """`spec.deletionStrategy.deletionRules` is an empty list beside `onSuccess` or `onFailure`.

    Alone, it makes the strategy empty, which another rule tells.

    Why: the CRD refuses an empty list, and any list beside the older form; the operator would take it for absent.

    Instead: leave `deletionRules` out, or better, write the pair as rules.
    """
    strategy = job.spec.get("deletionStrategy") or {}
    paired = strategy.get("onSuccess") is not None or strategy.get("onFailure") is not None
    if paired and strategy.get("deletionRules") == []:
        yield invalid(RULES, [], "must have 1 or more items, and must be left out beside onSuccess and onFailure")


@rule(
    "A deletion rule names no job status",
    layer=Layer.KUBERAY,
    source=("R131",),
    since=Release.V1_5,
    until=Release.V1_5,
    gate=GATE,
    reads=("spec.deletionStrategy.deletionRules[].condition",),
    examples=(
        passes(_rule(jobStatus="FAILED")),
        fails(_rule(ttlSeconds=60), "spec.deletionStrategy.deletionRules[0].condition.jobStatus"),
    ),
)
def deletion_rule_without_job_status(job: Job) -> Iterator[Finding]:
    """A condition of `spec.deletionStrategy.deletionRules` has no `jobStatus`.

    Why: the CRD of KubeRay 1.5 demands it; the operator would wait for a status that no job has.

    Instead: set `jobStatus: SUCCEEDED` or `FAILED`. KubeRay 1.6 knows `jobDeploymentStatus` as well.
    """
    for index, item in enumerate((job.spec.get("deletionStrategy") or {}).get("deletionRules") or ()):
        condition = (item or {}).get("condition")
        if condition is not None and condition.get("jobStatus") is None:
            yield required(RULES / index / "condition" / "jobStatus", "SUCCEEDED or FAILED")
