"""What a deletion policy may delete, given the cluster that the job runs on.

KubeRay 1.4 has one policy, `spec.deletionPolicy`; later releases have those of `spec.deletionStrategy`. The faults are
the same, so each stands here twice. While the operator's gate is off, all of it is refused elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.path import Path, field
from webhook.rules.finding import Finding, invalid
from webhook.rules.rule import Layer, fails, passes, rule

STRATEGY = field("spec.deletionStrategy")

GATE = (Gate.DELETION_POLICY, True)

SELECTED = {"clusterSelector": {"ray.io/cluster": "shared"}, "rayClusterSpec": None}  # for the examples
AUTOSCALED = {"rayClusterSpec": {"enableInTreeAutoscaling": True}}

Placed: TypeAlias = tuple[Path, str | None]


def _pair(success: str, failure: str) -> dict[str, object]:
    return {"deletionStrategy": {"onSuccess": {"policy": success}, "onFailure": {"policy": failure}}}


def _list(*policies: str) -> dict[str, object]:
    rules = [{"policy": policy, "condition": {"jobStatus": "FAILED"}} for policy in policies]
    return {"deletionStrategy": {"deletionRules": rules}}


def _of_rules(job: Job) -> Iterator[Placed]:
    """The policy of each deletion rule."""
    for index, item in enumerate((job.spec.get("deletionStrategy") or {}).get("deletionRules") or ()):
        yield STRATEGY / "deletionRules" / index / "policy", (item or {}).get("policy")


def _of_pair(job: Job) -> Iterator[Placed]:
    """The policies of onSuccess and onFailure; none where rules stand beside them."""
    strategy = job.spec.get("deletionStrategy") or {}
    if not strategy.get("deletionRules"):
        yield STRATEGY / "onSuccess" / "policy", (strategy.get("onSuccess") or {}).get("policy")
        yield STRATEGY / "onFailure" / "policy", (strategy.get("onFailure") or {}).get("policy")


def _of_job(job: Job) -> Iterator[Placed]:
    """The one policy of KubeRay 1.4."""
    yield field("spec.deletionPolicy"), job.spec.get("deletionPolicy")


def _on_selected_cluster(job: Job, policies: Iterable[Placed]) -> Iterator[Finding]:
    if job.selects_cluster:
        for path, policy in policies:
            if policy in ("DeleteCluster", "DeleteWorkers"):
                yield invalid(path, policy, "must be DeleteSelf or DeleteNone with spec.clusterSelector")


def _under_autoscaler(job: Job, policies: Iterable[Placed]) -> Iterator[Finding]:
    # On a selected cluster the policy is refused already, and the one described here is never made.
    if job.autoscales and not job.selects_cluster:
        for path, policy in policies:
            if policy == "DeleteWorkers":
                yield invalid(path, policy, "must not be DeleteWorkers while enableInTreeAutoscaling is true")


def _against_shutdown(job: Job, policies: Iterable[Placed]) -> Iterator[Finding]:
    if job.spec.get("shutdownAfterJobFinishes"):
        for path, policy in policies:
            if policy == "DeleteNone":
                yield invalid(path, policy, "must not be DeleteNone while spec.shutdownAfterJobFinishes is true")


@rule(
    "A deletion policy reaches for a selected cluster",
    layer=Layer.KUBERAY,
    source=("R13", "R14", "R20"),
    since=Release.V1_5,
    gate=GATE,
    reads=("spec.clusterSelector", "spec.deletionStrategy"),
    examples=(
        passes({"spec": _pair("DeleteCluster", "DeleteWorkers")}),
        passes({"spec": _list("DeleteCluster", "DeleteWorkers")}),
        fails(
            {"spec": {**SELECTED, **_pair("DeleteWorkers", "DeleteNone")}},
            "spec.deletionStrategy.onSuccess.policy",
            number="R13",
        ),
        fails(
            {"spec": {**SELECTED, **_pair("DeleteSelf", "DeleteCluster")}},
            "spec.deletionStrategy.onFailure.policy",
            number="R14",
        ),
        fails(
            {"spec": {**SELECTED, **_list("DeleteWorkers", "DeleteCluster", "DeleteSelf", "DeleteNone")}},
            "spec.deletionStrategy.deletionRules[0].policy",
            "spec.deletionStrategy.deletionRules[1].policy",
            number="R20",
        ),
    ),
)
def deletion_of_selected_cluster(job: Job) -> Iterator[Finding]:
    """A policy of `spec.deletionStrategy` is DeleteCluster or DeleteWorkers while `spec.clusterSelector` is set.

    Why: the selected cluster belongs to others; KubeRay's operator refuses a job that would delete from it.

    Instead: leave `deletionStrategy` out; KubeRay deletes nothing after a job on a selected cluster.
    """
    yield from _on_selected_cluster(job, (*_of_pair(job), *_of_rules(job)))


@rule(
    "The deletion policy reaches for a selected cluster",
    layer=Layer.KUBERAY,
    source=("H2",),
    until=Release.V1_4,
    gate=GATE,
    reads=("spec.clusterSelector", "spec.deletionPolicy"),
    examples=(
        passes({"spec": {"deletionPolicy": "DeleteCluster"}}),
        fails({"spec": {**SELECTED, "deletionPolicy": "DeleteCluster"}}, "spec.deletionPolicy"),
        fails({"spec": {**SELECTED, "deletionPolicy": "DeleteWorkers"}}, "spec.deletionPolicy"),
    ),
)
def deletion_policy_for_selected_cluster(job: Job) -> Iterator[Finding]:
    """`spec.deletionPolicy` is DeleteCluster or DeleteWorkers while `spec.clusterSelector` is set.

    Why: the selected cluster belongs to others; KubeRay's operator refuses a job that would delete from it.

    Instead: leave `deletionPolicy` out; KubeRay deletes nothing after a job on a selected cluster.
    """
    yield from _on_selected_cluster(job, _of_job(job))


@rule(
    "A deletion policy takes the workers from the autoscaler",
    layer=Layer.KUBERAY,
    source=("R15", "R21"),
    since=Release.V1_5,
    gate=GATE,
    reads=("spec.deletionStrategy", "spec.rayClusterSpec.enableInTreeAutoscaling"),
    examples=(
        passes({"spec": {"rayClusterSpec": {"enableInTreeAutoscaling": False}, **_list("DeleteWorkers")}}),
        passes({"spec": {**AUTOSCALED, **_pair("DeleteCluster", "DeleteNone")}}),
        fails(
            {"spec": {**AUTOSCALED, **_pair("DeleteCluster", "DeleteWorkers")}},
            "spec.deletionStrategy.onFailure.policy",
            number="R15",
        ),
        fails(
            {"spec": {**AUTOSCALED, **_pair("DeleteWorkers", "DeleteNone")}},
            "spec.deletionStrategy.onSuccess.policy",
            number="R15",
        ),
        fails(
            {"spec": {**AUTOSCALED, **_list("DeleteSelf", "DeleteWorkers")}},
            "spec.deletionStrategy.deletionRules[1].policy",
            number="R21",
        ),
    ),
)
def deletion_of_autoscaled_workers(job: Job) -> Iterator[Finding]:
    """A policy of `spec.deletionStrategy` is DeleteWorkers while `enableInTreeAutoscaling` is true.

    Why: the autoscaler would bring the workers back; KubeRay's operator refuses the two together.

    Instead: write DeleteCluster, or let the autoscaler remove the idle workers.
    """
    yield from _under_autoscaler(job, (*_of_pair(job), *_of_rules(job)))


@rule(
    "The deletion policy takes the workers from the autoscaler",
    layer=Layer.KUBERAY,
    source=("H3",),
    until=Release.V1_4,
    gate=GATE,
    reads=("spec.deletionPolicy", "spec.rayClusterSpec.enableInTreeAutoscaling"),
    examples=(
        passes({"spec": {**AUTOSCALED, "deletionPolicy": "DeleteCluster"}}),
        fails({"spec": {**AUTOSCALED, "deletionPolicy": "DeleteWorkers"}}, "spec.deletionPolicy"),
    ),
)
def deletion_policy_for_autoscaled_workers(job: Job) -> Iterator[Finding]:
    """`spec.deletionPolicy` is DeleteWorkers while `enableInTreeAutoscaling` is true.

    Why: the autoscaler would bring the workers back; KubeRay's operator refuses the two together.

    Instead: write DeleteCluster, or let the autoscaler remove the idle workers.
    """
    yield from _under_autoscaler(job, _of_job(job))


@rule(
    "Nothing is to be deleted, and the cluster shut down",
    layer=Layer.KUBERAY,
    source=("R16",),
    since=Release.V1_5,
    gate=GATE,
    reads=("spec.deletionStrategy", "spec.shutdownAfterJobFinishes"),
    examples=(
        passes({"spec": {**_pair("DeleteNone", "DeleteNone"), "shutdownAfterJobFinishes": False}}),
        passes({"spec": {**_pair("DeleteCluster", "DeleteSelf"), "shutdownAfterJobFinishes": True}}),
        fails(
            {"spec": {**_pair("DeleteCluster", "DeleteNone"), "shutdownAfterJobFinishes": True}},
            "spec.deletionStrategy.onFailure.policy",
        ),
        fails(
            {"spec": {**_pair("DeleteNone", "DeleteCluster"), "shutdownAfterJobFinishes": True}},
            "spec.deletionStrategy.onSuccess.policy",
        ),
    ),
)
def delete_none_with_shutdown(job: Job) -> Iterator[Finding]:
    """`onSuccess.policy` or `onFailure.policy` is DeleteNone while `spec.shutdownAfterJobFinishes` is true.

    Why: one says that the cluster stays, the other that it goes; KubeRay's operator refuses to choose.

    Instead: set `shutdownAfterJobFinishes: false` to keep the cluster, or write DeleteCluster to delete it.
    """
    yield from _against_shutdown(job, _of_pair(job))


@rule(
    "The deletion policy keeps what the shutdown deletes",
    layer=Layer.KUBERAY,
    source=("H4",),
    until=Release.V1_4,
    gate=GATE,
    reads=("spec.deletionPolicy", "spec.shutdownAfterJobFinishes"),
    examples=(
        passes({"spec": {"deletionPolicy": "DeleteCluster", "shutdownAfterJobFinishes": True}}),
        passes({"spec": {"deletionPolicy": "DeleteNone"}}),
        fails({"spec": {"deletionPolicy": "DeleteNone", "shutdownAfterJobFinishes": True}}, "spec.deletionPolicy"),
    ),
)
def deletion_policy_none_with_shutdown(job: Job) -> Iterator[Finding]:
    """`spec.deletionPolicy` is DeleteNone while `spec.shutdownAfterJobFinishes` is true.

    Why: one says that the cluster stays, the other that it goes; KubeRay's operator refuses to choose.

    Instead: set `shutdownAfterJobFinishes: false` to keep the cluster, or write DeleteCluster to delete it.
    """
    yield from _against_shutdown(job, _of_job(job))
