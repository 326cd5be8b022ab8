"""What sets a deletion rule off: its trigger, after its delay."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.model import DeletionCondition
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, forbidden, invalid, required
from webhook.rules.rule import Layer, fails, passes, rule

RULES = field("spec.deletionStrategy.deletionRules")

GATE = (Gate.DELETION_POLICY, True)


def _list(*conditions: dict[str, object]) -> dict[str, object]:
    """For the examples: a patch that makes a list of rules with these conditions."""
    policies = ("DeleteCluster", "DeleteSelf")
    listed = [
        {"policy": policy, "condition": condition} for policy, condition in zip(policies, conditions, strict=False)
    ]
    return {"spec": {"deletionStrategy": {"deletionRules": listed}}}


def _conditions(job: Job) -> Iterator[tuple[int, DeletionCondition]]:
    """Index and condition of each rule."""
    for index, item in enumerate((job.spec.get("deletionStrategy") or {}).get("deletionRules") or ()):
        yield index, (item or {}).get("condition") or {}


@rule(
    "A deletion rule has two triggers",
    layer=Layer.KUBERAY,
    source=("R17", "R130"),
    since=Release.V1_6,
    gate=GATE,
    reads=(
        "spec.deletionStrategy.deletionRules[].condition.jobStatus",
        "spec.deletionStrategy.deletionRules[].condition.jobDeploymentStatus",
    ),
    examples=(
        passes(_list({"jobStatus": "FAILED"}, {"jobDeploymentStatus": "Failed"})),
        fails(
            _list({"jobStatus": "", "jobDeploymentStatus": ""}),
            "spec.deletionStrategy.deletionRules[0].condition",
            also=("unsupported-value",),
            number="R17",
        ),
        fails(
            _list({"jobStatus": "FAILED"}, {"jobStatus": "FAILED", "jobDeploymentStatus": "Failed"}),
            "spec.deletionStrategy.deletionRules[1].condition",
            number="R130",
        ),
    ),
)
def deletion_rule_with_two_statuses(job: Job) -> Iterator[Finding]:
    """A condition of `spec.deletionStrategy.deletionRules` has both `jobStatus` and `jobDeploymentStatus`.

    Why: a rule has one trigger; neither the CRD nor the operator accepts two.

    Instead: write a rule for each. `jobDeploymentStatus: Failed` also covers jobs that Ray never ran.
    """
    for index, condition in _conditions(job):
        if condition.get("jobStatus") is not None and condition.get("jobDeploymentStatus") is not None:
            why = "must have jobStatus or jobDeploymentStatus, not both"
            yield forbidden(RULES / index / "condition", condition, why)


@rule(
    "A deletion rule has no trigger",
    layer=Layer.KUBERAY,
    source=("R18", "R131"),
    since=Release.V1_6,
    gate=GATE,
    reads=("spec.deletionStrategy.deletionRules",),
    examples=(
        passes(_list({"jobStatus": "FAILED"})),
        fails(
            _list({"jobStatus": "FAILED"}, {"ttlSeconds": 60}),
            "spec.deletionStrategy.deletionRules[1].condition",
            number="R18",
        ),
        fails(
            _list({}, {"jobStatus": None}),
            "spec.deletionStrategy.deletionRules[0].condition",
            "spec.deletionStrategy.deletionRules[1].condition",
            number="R131",
        ),
    ),
)
def deletion_rule_without_status(job: Job) -> Iterator[Finding]:
    """A condition of `spec.deletionStrategy.deletionRules` has neither `jobStatus` nor `jobDeploymentStatus`.

    Why: nothing would ever set the rule off; neither the CRD nor the operator accepts it.

    Instead: set `jobStatus: SUCCEEDED` or `FAILED`, or `jobDeploymentStatus: Failed`.
    """
    for index, condition in _conditions(job):
        if condition.get("jobStatus") is None and condition.get("jobDeploymentStatus") is None:
            yield required(RULES / index / "condition", "must have jobStatus or jobDeploymentStatus")


@rule(
    "The delay of a deletion rule is negative",
    layer=Layer.KUBERAY,
    source=("R19", "R132"),
    since=Release.V1_5,
    gate=GATE,
    reads=("spec.deletionStrategy.deletionRules[].condition.ttlSeconds",),
    examples=(
        passes(_list({"jobStatus": "FAILED", "ttlSeconds": 0})),
        fails(
            _list({"jobStatus": "FAILED", "ttlSeconds": -1}),
            "spec.deletionStrategy.deletionRules[0].condition.ttlSeconds",
            number="R19",
        ),
        fails(
            _list(
                {"jobStatus": "FAILED", "ttlSeconds": -1},
                {"jobDeploymentStatus": "Failed", "ttlSeconds": -60},
            ),
            "spec.deletionStrategy.deletionRules[0].condition.ttlSeconds",
            "spec.deletionStrategy.deletionRules[1].condition.ttlSeconds",
            number="R132",
        ),
    ),
)
def negative_deletion_ttl(job: Job) -> Iterator[Finding]:
    """A condition of `spec.deletionStrategy.deletionRules` has a `ttlSeconds` of less than 0.

    Why: neither the CRD nor the operator accepts it.

    Instead: give the seconds between the status and the deletion; 0, or nothing, deletes at once.
    """
    for index, condition in _conditions(job):
        seconds = condition.get("ttlSeconds") or 0
        if seconds < 0:
            yield invalid(RULES / index / "condition" / "ttlSeconds", seconds, "must be 0 or more (seconds)")
