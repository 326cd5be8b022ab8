"""What is cleaned up after the end, by one policy for success and one for failure (R6, R9 to R16)."""

from __future__ import annotations

from tests.parity.draft import Draft
from tests.parity.recipe import DELETION_POLICY, Breach, breach, recipe
from tests.parity.recipes.job import select_cluster

# What decides about the strategy besides itself.
ALL = ("spec.deletion", "spec.selector", "spec.shutdown", "spec.ttl", "spec.cluster.autoscaling")
# A selector excludes these besides.
SELECTED = ("spec.suspend", "spec.mode", "spec.backoff")

POLICIES = ("DeleteCluster", "DeleteWorkers", "DeleteSelf", "DeleteNone")


def strategy(*numbers: str, since: int = 5) -> tuple[Breach, ...]:
    """The rules that a strategy breaks, the one among them that the gate stands for where it is off."""
    return breach("R6", since=5, off=DELETION_POLICY), *(
        breach(number, since=since, on=DELETION_POLICY) for number in numbers
    )


def policies(draft: Draft, on_success: str, on_failure: str) -> None:
    """Makes a strategy of the deprecated kind."""
    draft.spec["deletionStrategy"] = {"onSuccess": {"policy": on_success}, "onFailure": {"policy": on_failure}}


@recipe(*ALL, breaks=strategy())
def sound_policies(draft: Draft) -> None:
    policies(draft, draft.pick(*POLICIES), draft.pick(*POLICIES, "", "Unknown"))
    draft.leave_out(draft.spec, "shutdownAfterJobFinishes", False)


@recipe(*ALL, breaks=strategy())
def sound_policies_with_shutdown(draft: Draft) -> None:
    policies(draft, draft.pick("DeleteSelf", "DeleteCluster", "DeleteWorkers"), "DeleteSelf")
    draft.spec |= {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": draft.pick(0, 60)}


@recipe(*ALL, *SELECTED, breaks=strategy())
def sound_policies_for_selected_cluster(draft: Draft) -> None:
    select_cluster(draft)
    policies(draft, "DeleteNone", "DeleteSelf")


@recipe(*ALL, breaks=strategy("R9"))
def empty_strategy(draft: Draft) -> None:
    draft.spec["deletionStrategy"] = draft.pick({}, {"deletionRules": []}, {"deletionRules": None, "onFailure": None})


@recipe("spec.deletion")
def no_strategy(draft: Draft) -> None:
    draft.spec["deletionStrategy"] = None


@recipe(*ALL, breaks=strategy("R10"))
def half_a_strategy(draft: Draft) -> None:
    policies(draft, "DeleteSelf", "DeleteSelf")
    draft.leave_out(draft.spec["deletionStrategy"], draft.pick("onSuccess", "onFailure"))
    draft.spec["deletionStrategy"] |= draft.pick({}, {"deletionRules": []})


@recipe(*ALL, breaks=strategy("R11"))
def no_policy_on_success(draft: Draft) -> None:
    policies(draft, "", "DeleteSelf")
    draft.leave_out(draft.spec["deletionStrategy"]["onSuccess"], "policy")


@recipe(*ALL, breaks=strategy("R12"))
def no_policy_on_failure(draft: Draft) -> None:
    policies(draft, "DeleteSelf", "")
    draft.leave_out(draft.spec["deletionStrategy"]["onFailure"], "policy")


@recipe(*ALL, *SELECTED, breaks=strategy("R13"))
def deletion_of_selected_cluster_on_success(draft: Draft) -> None:
    select_cluster(draft)
    policies(draft, draft.pick("DeleteCluster", "DeleteWorkers"), "DeleteSelf")


@recipe(*ALL, *SELECTED, breaks=strategy("R14"))
def deletion_of_selected_cluster_on_failure(draft: Draft) -> None:
    select_cluster(draft)
    policies(draft, "DeleteNone", draft.pick("DeleteCluster", "DeleteWorkers"))


@recipe(*ALL, breaks=strategy("R15"))
def deletion_of_autoscaled_workers(draft: Draft) -> None:
    draft.cluster["enableInTreeAutoscaling"] = True
    policies(draft, *draft.pick(("DeleteWorkers", "DeleteSelf"), ("DeleteNone", "DeleteWorkers")))


@recipe(*ALL, breaks=strategy("R16"))
def nothing_deleted_with_shutdown(draft: Draft) -> None:
    draft.spec["shutdownAfterJobFinishes"] = True
    policies(draft, *draft.pick(("DeleteNone", "DeleteSelf"), ("DeleteCluster", "DeleteNone")))
