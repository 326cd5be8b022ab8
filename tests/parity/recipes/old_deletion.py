"""What KubeRay 1.4 cleans up after the end, by one policy for all (H1 to H4)."""

from __future__ import annotations

from tests.parity.draft import Draft
from tests.parity.recipe import DELETION_POLICY, Breach, behind, recipe
from tests.parity.recipes.deletion import ALL, POLICIES, SELECTED
from tests.parity.recipes.job import select_cluster

OLD = ("spec.deletionPolicy", *ALL)


def policy_of_1_4(*numbers: str) -> tuple[Breach, ...]:
    """The rules that KubeRay 1.4's `deletionPolicy` breaks; later releases do not know the field."""
    return behind(DELETION_POLICY, "H1", *numbers, since=4, until=4)


@recipe(*OLD, breaks=policy_of_1_4())
def old_policy(draft: Draft) -> None:
    draft.spec["deletionPolicy"] = draft.pick(*POLICIES)
    draft.leave_out(draft.spec, "shutdownAfterJobFinishes", False)


@recipe(*OLD, *SELECTED, breaks=policy_of_1_4("H2"))
def old_policy_for_selected_cluster(draft: Draft) -> None:
    select_cluster(draft)
    draft.spec["deletionPolicy"] = draft.pick("DeleteCluster", "DeleteWorkers")


@recipe(*OLD, breaks=policy_of_1_4("H3"))
def old_policy_for_autoscaled_workers(draft: Draft) -> None:
    draft.cluster["enableInTreeAutoscaling"] = True
    draft.spec["deletionPolicy"] = "DeleteWorkers"


@recipe(*OLD, breaks=policy_of_1_4("H4"))
def old_policy_of_deleting_nothing_with_shutdown(draft: Draft) -> None:
    draft.spec |= {"shutdownAfterJobFinishes": True, "deletionPolicy": "DeleteNone"}
