"""How many replicas a worker group may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from webhook.rayjob.job import WORKERS, Job
from webhook.rayjob.kuberay import Release
from webhook.rules.example import cluster, worker_group
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.rule import Layer, fails, passes, rule

BOUNDS: tuple[Literal["minReplicas", "maxReplicas"], ...] = ("minReplicas", "maxReplicas")


@rule(
    "A worker group has no bounds, and the autoscaler is off",
    layer=Layer.KUBERAY,
    source=("R42",),
    since=Release.V1_6,
    reads=("spec.rayClusterSpec.workerGroupSpecs",),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(minReplicas=0, maxReplicas=0)])),
        passes(
            cluster(enableInTreeAutoscaling=True, workerGroupSpecs=[worker_group(minReplicas=None, maxReplicas=None)])
        ),
        fails(
            cluster(workerGroupSpecs=[worker_group(minReplicas=None)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].minReplicas",
        ),
        fails(
            cluster(
                enableInTreeAutoscaling=False,
                workerGroupSpecs=[worker_group(), worker_group(groupName="b", minReplicas=None, maxReplicas=None)],
            ),
            "spec.rayClusterSpec.workerGroupSpecs[1].maxReplicas",
            "spec.rayClusterSpec.workerGroupSpecs[1].minReplicas",
        ),
    ),
)
def missing_replica_bound(job: Job) -> Iterator[Finding]:
    """A worker group lacks `minReplicas` or `maxReplicas` while `enableInTreeAutoscaling` is not true.

    Why: KubeRay's operator then refuses the job. A current CRD fills both (0 and 2147483647), so this is found where
    nothing has filled them yet: in files, and behind an older CRD.

    Instead: set both; without the autoscaler `replicas` decides, within these bounds.
    """
    if job.autoscales:
        return
    for index, group in enumerate(job.workers):
        for bound in BOUNDS:
            if group.get(bound) is None:
                yield required(WORKERS / index / bound, "set it, or turn the autoscaler on")


@rule(
    "A worker group's bound is negative",
    layer=Layer.KUBERAY,
    source=("R43", "R44"),
    since=Release.V1_6,
    reads=("spec.rayClusterSpec.workerGroupSpecs",),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(minReplicas=0, maxReplicas=0)])),
        fails(
            cluster(workerGroupSpecs=[worker_group(minReplicas=-1)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].minReplicas",
            number="R43",
        ),
        fails(
            cluster(enableInTreeAutoscaling=True, workerGroupSpecs=[worker_group(minReplicas=None, maxReplicas=-1)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].maxReplicas",
            number="R44",
        ),
        fails(
            cluster(workerGroupSpecs=[worker_group(maxReplicas=-1)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].maxReplicas",
            number="R44",
            also=("min-replicas-above-max-replicas",),
        ),
    ),
)
def negative_replica_bound(job: Job) -> Iterator[Finding]:
    """A worker group's `minReplicas` or `maxReplicas` is less than 0.

    Why: there are no fewer than no replicas; KubeRay's operator refuses the job after it is stored.

    Instead: use 0 for a group that may be empty.
    """
    for index, group in enumerate(job.workers):
        for bound in BOUNDS:
            replicas = group.get(bound)
            if replicas is not None and replicas < 0:
                yield invalid(WORKERS / index / bound, replicas, "must be 0 or more (replicas)")


@rule(
    "A worker group's lower bound is above its upper one",
    layer=Layer.KUBERAY,
    source=("R45",),
    since=Release.V1_6,
    reads=(
        "spec.rayClusterSpec.workerGroupSpecs[].minReplicas",
        "spec.rayClusterSpec.workerGroupSpecs[].maxReplicas",
    ),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(minReplicas=3, maxReplicas=3)])),
        passes(cluster(workerGroupSpecs=[worker_group(replicas=9, maxReplicas=3)])),
        fails(
            cluster(workerGroupSpecs=[worker_group(minReplicas=4, maxReplicas=3)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].minReplicas",
        ),
    ),
)
def min_replicas_above_max_replicas(job: Job) -> Iterator[Finding]:
    """A worker group's `minReplicas` is more than its `maxReplicas`.

    Why: no number of replicas is within such bounds; KubeRay's operator refuses the job after it is stored.

    Instead: lower `minReplicas` or raise `maxReplicas`; they may be equal.
    """
    for index, group in enumerate(job.workers):
        least, most = group.get("minReplicas"), group.get("maxReplicas")
        if least is not None and most is not None and least > most:
            yield invalid(WORKERS / index / "minReplicas", least, f"must be at most maxReplicas, which is {most}")
