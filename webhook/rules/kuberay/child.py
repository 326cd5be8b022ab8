"""The RayCluster that KubeRay makes for a job, and then refuses itself."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import CLUSTER, WORKERS, Job
from webhook.rayjob.kuberay import Release
from webhook.rules.example import cluster, worker_group
from webhook.rules.finding import Finding, duplicate, forbidden
from webhook.rules.rule import Layer, fails, passes, rule

UPGRADE_TYPE = CLUSTER / "upgradeStrategy" / "type"


@rule(
    "The job's cluster has an upgrade strategy",
    layer=Layer.KUBERAY,
    source=("R151",),
    since=Release.V1_6,
    reads=("spec.rayClusterSpec.upgradeStrategy.type",),
    examples=(
        passes(cluster(upgradeStrategy={})),
        passes(
            {
                "spec": {
                    "rayClusterSpec": {"upgradeStrategy": {"type": "None"}},
                    "clusterSelector": {"ray.io/cluster": "shared"},
                }
            }
        ),
        fails(
            cluster(upgradeStrategy={"type": "Recreate"}),
            "spec.rayClusterSpec.upgradeStrategy.type",
        ),
        fails(
            cluster(upgradeStrategy={"type": "None"}),
            "spec.rayClusterSpec.upgradeStrategy.type",
        ),
    ),
)
def unsupported_upgrade_strategy(job: Job) -> Iterator[Finding]:
    """`upgradeStrategy.type` is given, even as None.

    Why: only a RayCluster that a user made is upgraded. KubeRay's operator accepts the job and refuses the cluster it
    makes for it, so that the job waits without end.

    Instead: leave `upgradeStrategy` out.
    """
    upgrade_type = (job.cluster.get("upgradeStrategy") or {}).get("type")
    # A cluster that is there already is not made.
    if upgrade_type is not None and not job.selects_cluster:
        yield forbidden(UPGRADE_TYPE, upgrade_type, "the cluster of a RayJob is never upgraded")


@rule(
    "Two worker groups have one name",
    layer=Layer.KUBERAY,
    source=("R152",),
    reads=("spec.rayClusterSpec.workerGroupSpecs[].groupName",),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(), worker_group(groupName="more")])),
        fails(
            cluster(workerGroupSpecs=[worker_group(), worker_group(groupName="more"), worker_group()]),
            "spec.rayClusterSpec.workerGroupSpecs[2].groupName",
        ),
    ),
)
def duplicate_group_name(job: Job) -> Iterator[Finding]:
    """The `groupName` of a worker group is that of an earlier one.

    Why: KubeRay finds a group's pods by the name, so that the groups count, scale and delete each other's; where its
    webhook for RayClusters runs, the cluster is never made at all.

    Instead: give each group a name of its own.
    """
    if job.selects_cluster:  # a cluster that is there already is not made
        return
    seen = set()
    for index, group in enumerate(job.workers):
        name = group.get("groupName")
        if name is None:
            continue
        if name in seen:
            yield duplicate(WORKERS / index / "groupName", name, "must be a name of its own")
        seen.add(name)
