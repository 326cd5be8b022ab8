"""Whether the operator deletes by policy at all: only with its feature gate RayJobDeletionPolicy."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, forbidden
from webhook.rules.rule import Layer, fails, passes, rule

STRATEGY = field("spec.deletionStrategy")
POLICY = field("spec.deletionPolicy")

GATE = (Gate.DELETION_POLICY, False)
WHY = "KubeRay's operator must run with --feature-gates=RayJobDeletionPolicy=true"

PAIR = {"onSuccess": {"policy": "DeleteCluster"}, "onFailure": {"policy": "DeleteNone"}}  # for the examples


@rule(
    "The operator's gate for deletion strategies is off",
    layer=Layer.KUBERAY,
    source=("R6",),
    since=Release.V1_5,
    gate=GATE,
    reads=("spec.deletionStrategy",),
    examples=(
        passes({"spec": {"shutdownAfterJobFinishes": True}}),
        fails({"spec": {"deletionStrategy": PAIR}}, "spec.deletionStrategy"),
        fails({"spec": {"deletionStrategy": {}}}, "spec.deletionStrategy"),
    ),
)
def deletion_strategy_without_gate(job: Job) -> Iterator[Finding]:
    """`spec.deletionStrategy` is there, and the operator runs without the gate RayJobDeletionPolicy.

    Why: the operator refuses the field then, whatever it says. The gate is off by default up to KubeRay 1.5.

    Instead: use `shutdownAfterJobFinishes` and `ttlSecondsAfterFinished`, or have the operator run with the gate.
    """
    strategy = job.spec.get("deletionStrategy")
    if strategy is not None:
        yield forbidden(STRATEGY, strategy, WHY)


@rule(
    "The operator's gate for deletion policies is off",
    layer=Layer.KUBERAY,
    source=("H1",),
    until=Release.V1_4,
    gate=GATE,
    reads=("spec.deletionPolicy",),
    examples=(
        passes({"spec": {"shutdownAfterJobFinishes": True}}),
        fails({"spec": {"deletionPolicy": "DeleteCluster"}}, "spec.deletionPolicy"),
    ),
)
def deletion_policy_without_gate(job: Job) -> Iterator[Finding]:
    """`spec.deletionPolicy` is there, and the operator runs without the gate RayJobDeletionPolicy.

    Why: the operator refuses the field then, whatever it says. The gate is off by default.

    Instead: use `shutdownAfterJobFinishes` and `ttlSecondsAfterFinished`, or have the operator run with the gate.
    """
    policy = job.spec.get("deletionPolicy")
    if policy is not None:
        yield forbidden(POLICY, policy, WHY)
