"""What is cleaned up after the end, by a list of rules (R7, R8, R17 to R25)."""

from __future__ import annotations

from tests.parity.draft import Draft, Json
from tests.parity.recipe import DELETION_POLICY, Breach, breach, recipe
from tests.parity.recipes.deletion import ALL, POLICIES, SELECTED, strategy
from tests.parity.recipes.job import select_cluster

STATUSES = ("SUCCEEDED", "FAILED")


def by_kind_of_status(job_status: str, deployment_status: str) -> tuple[Breach, ...]:
    """KubeRay 1.5 knows only the status of the Ray job, and reads the other trigger as an empty one of these."""
    return (
        breach("R6", since=5, off=DELETION_POLICY),
        breach(job_status, since=5, until=5, on=DELETION_POLICY),
        breach(deployment_status, since=6, on=DELETION_POLICY),
    )


def rules(draft: Draft, *listed: Json) -> None:
    """Makes a strategy of rules, in any order."""
    draft.leave_out(draft.spec, "shutdownAfterJobFinishes", False)
    draft.spec["deletionStrategy"] = {"deletionRules": draft.chance.sample(listed, len(listed))}


def rule(policy: str, **condition: object) -> Json:
    """A deletion rule."""
    return {"policy": policy, "condition": condition}


@recipe(*ALL, breaks=strategy())
def sound_rules(draft: Draft) -> None:
    first, second, third = sorted(draft.pick(0, 5, draft.seconds()) for _ in range(3))
    rules(
        draft,
        rule("DeleteWorkers", jobStatus="FAILED", ttlSeconds=first),
        rule("DeleteCluster", jobStatus="FAILED", ttlSeconds=second),
        rule("DeleteSelf", jobStatus="FAILED", ttlSeconds=third),
        rule("DeleteNone", jobStatus="FAILED"),
        rule("DeleteSelf", jobStatus="SUCCEEDED"),
        rule("Unknown", jobStatus="SUCCEEDED", ttlSeconds=None),
    )


@recipe(*ALL, breaks=strategy())
def sound_rules_for_the_deployment(draft: Draft) -> None:
    rules(
        draft,
        rule("DeleteCluster", jobDeploymentStatus="Failed", ttlSeconds=10),
        rule("DeleteSelf", jobDeploymentStatus="Failed", ttlSeconds=draft.pick(10, 11)),
        rule("DeleteWorkers", jobStatus="FAILED", ttlSeconds=draft.seconds()),
    )


@recipe(*ALL, *SELECTED, breaks=strategy())
def sound_rules_for_selected_cluster(draft: Draft) -> None:
    select_cluster(draft)
    rules(draft, rule("DeleteSelf", jobStatus="FAILED"), rule("DeleteNone", jobStatus="FAILED"))


@recipe(*ALL, breaks=strategy("R7"))
def rules_with_shutdown(draft: Draft) -> None:
    rules(draft, rule("DeleteSelf", jobStatus="FAILED"))
    draft.spec["shutdownAfterJobFinishes"] = True


@recipe(*ALL, breaks=strategy("R8"))
def two_strategies(draft: Draft) -> None:
    rules(draft, rule("DeleteSelf", jobStatus="FAILED"))
    draft.spec["deletionStrategy"] |= draft.pick({"onSuccess": {}}, {"onFailure": {}}, {"onFailure": {"policy": "x"}})


@recipe(*ALL, breaks=strategy("R17", since=6))
def rule_with_two_statuses(draft: Draft) -> None:
    rules(
        draft,
        rule("DeleteSelf", jobStatus=draft.pick("FAILED", ""), jobDeploymentStatus=draft.pick("Failed", "")),
        rule("DeleteNone", jobStatus="FAILED"),
    )


@recipe(*ALL, breaks=strategy("R18", since=6))
def rule_without_status(draft: Draft) -> None:
    rules(draft, rule("DeleteSelf", ttlSeconds=5), rule("DeleteSelf", jobStatus="FAILED"))
    if draft.sometimes():
        draft.spec["deletionStrategy"]["deletionRules"] = [{"policy": "DeleteSelf"}]


@recipe(*ALL, breaks=strategy("R19"))
def negative_deletion_ttl(draft: Draft) -> None:
    status = draft.pick(*STATUSES)
    rules(draft, rule("DeleteSelf", jobStatus=status, ttlSeconds=draft.below_zero()))


@recipe(*ALL, *SELECTED, breaks=strategy("R20"))
def rule_for_selected_cluster(draft: Draft) -> None:
    select_cluster(draft)
    rules(
        draft,
        rule(draft.pick("DeleteCluster", "DeleteWorkers"), jobStatus="FAILED"),
        rule("DeleteSelf", jobStatus="FAILED"),
    )


@recipe(*ALL, breaks=strategy("R21"))
def rule_for_autoscaled_workers(draft: Draft) -> None:
    draft.cluster["enableInTreeAutoscaling"] = True
    rules(draft, rule("DeleteWorkers", jobStatus="FAILED"), rule("DeleteCluster", jobStatus="FAILED"))


@recipe(*ALL, breaks=strategy("R22"))
def duplicate_rule(draft: Draft) -> None:
    policy, status = draft.pick(*POLICIES, ""), draft.pick(*STATUSES, "")
    rules(draft, rule(policy, jobStatus=status, ttlSeconds=1), rule(policy, jobStatus=status, ttlSeconds=7))


@recipe(*ALL, breaks=by_kind_of_status("R22", "R23"))
def duplicate_rule_for_the_deployment(draft: Draft) -> None:
    policy = draft.pick(*POLICIES)
    rules(
        draft,
        rule(policy, jobDeploymentStatus="Failed", ttlSeconds=1),
        rule(policy, jobDeploymentStatus="Failed"),
        rule(policy, jobStatus="FAILED"),
    )


@recipe(*ALL, breaks=strategy("R24"))
def deletion_out_of_order(draft: Draft) -> None:
    earlier, later = draft.pick(
        ("DeleteWorkers", "DeleteCluster"), ("DeleteCluster", "DeleteSelf"), ("DeleteWorkers", "DeleteSelf")
    )
    seconds = draft.seconds()
    rules(
        draft,
        rule(earlier, jobStatus="FAILED", ttlSeconds=seconds),
        rule(later, jobStatus="FAILED", ttlSeconds=seconds - 1),
        rule("DeleteNone", jobStatus="FAILED", ttlSeconds=draft.pick(0, 100)),
    )


@recipe(*ALL, breaks=by_kind_of_status("R24", "R25"))
def deletion_out_of_order_for_the_deployment(draft: Draft) -> None:
    rules(
        draft,
        rule("DeleteWorkers", jobDeploymentStatus="Failed", ttlSeconds=5),
        rule(draft.pick("DeleteCluster", "DeleteSelf"), jobDeploymentStatus="Failed"),
    )
