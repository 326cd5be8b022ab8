"""Worker groups that are suspended, which is meant for KubeRay's operator itself."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import WORKERS, Job
from webhook.rayjob.kuberay import Gate
from webhook.rules.example import cluster, worker_group
from webhook.rules.finding import Finding, invalid
from webhook.rules.rule import Layer, fails, passes, rule


def _suspended(job: Job, must: str) -> Iterator[Finding]:
    for index, group in enumerate(job.workers):
        if suspend := group.get("suspend"):
            yield invalid(WORKERS / index / "suspend", suspend, must)


@rule(
    "A worker group is suspended, but the gate for that is off",
    layer=Layer.KUBERAY,
    source=("R73",),
    gate=(Gate.DELETION_POLICY, False),
    reads=("spec.rayClusterSpec.workerGroupSpecs[].suspend",),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(suspend=False)])),
        fails(
            cluster(workerGroupSpecs=[worker_group(suspend=True)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].suspend",
        ),
    ),
)
def suspended_group_without_gate(job: Job) -> Iterator[Finding]:
    """A worker group has `suspend: true` while the operator's gate RayJobDeletionPolicy is off.

    Why: the field serves the deletion policies that this gate turns on; without it KubeRay's operator refuses the job.

    Instead: leave `suspend` out. For a group without workers set `replicas: 0`.
    """
    return _suspended(job, "must not be true: the operator's gate RayJobDeletionPolicy is off")


@rule(
    "A worker group is suspended, but the autoscaler is on",
    layer=Layer.KUBERAY,
    source=("R75",),
    reads=("spec.rayClusterSpec.enableInTreeAutoscaling", "spec.rayClusterSpec.workerGroupSpecs[].suspend"),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(suspend=True)])),
        passes(cluster(enableInTreeAutoscaling=False, workerGroupSpecs=[worker_group(suspend=True)])),
        fails(
            cluster(
                enableInTreeAutoscaling=True,
                workerGroupSpecs=[worker_group(), worker_group(groupName="b", suspend=True)],
            ),
            "spec.rayClusterSpec.workerGroupSpecs[1].suspend",
        ),
    ),
)
def suspended_group_with_autoscaler(job: Job) -> Iterator[Finding]:
    """A worker group has `suspend: true` while `enableInTreeAutoscaling` is true.

    Why: the autoscaler would want back the workers that the suspension removes; KubeRay's operator refuses the job.

    Instead: leave `suspend` out. For a group without workers set `maxReplicas: 0`.
    """
    return _suspended(job, "must not be true while the autoscaler is on") if job.autoscales else iter(())
