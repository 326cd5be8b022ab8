"""When a RayJob may be suspended."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, forbidden, invalid
from webhook.rules.rule import Layer, fails, passes, rule

SUSPEND = field("spec.suspend")


@rule(
    "The job is suspended, but its cluster is to stay",
    layer=Layer.KUBERAY,
    source=("R3",),
    reads=("spec.suspend",),
    examples=(
        passes({"spec": {"suspend": True, "shutdownAfterJobFinishes": True}}),
        passes({"spec": {"suspend": False, "shutdownAfterJobFinishes": False}}),
        fails({"spec": {"suspend": True}}, "spec.suspend"),
        fails({"spec": {"suspend": True, "shutdownAfterJobFinishes": False}}, "spec.suspend"),
    ),
)
def suspend_without_shutdown(job: Job) -> Iterator[Finding]:
    """`spec.suspend` is true while `spec.shutdownAfterJobFinishes` is not.

    Why: a suspended job gives its cluster up; KubeRay's operator does so only for jobs whose cluster is theirs to
    shut down, and refuses the others. Kueue suspends every job that it queues.

    Instead: set `shutdownAfterJobFinishes: true`; with deletion rules, which exclude it, a job cannot be suspended.
    """
    if job.spec.get("suspend") and not job.spec.get("shutdownAfterJobFinishes"):
        yield invalid(SUSPEND, value=True, must="must not be true unless spec.shutdownAfterJobFinishes is true")


@rule(
    "The job is suspended, but runs on a selected cluster",
    layer=Layer.KUBERAY,
    source=("R26",),
    reads=("spec.suspend", "spec.clusterSelector"),
    examples=(
        passes({"spec": {"suspend": True, "shutdownAfterJobFinishes": True, "clusterSelector": {}}}),
        passes({"spec": {"suspend": False, "clusterSelector": {"ray.io/cluster": "shared"}, "rayClusterSpec": None}}),
        fails(
            {
                "spec": {
                    "suspend": True,
                    "shutdownAfterJobFinishes": True,
                    "clusterSelector": {"ray.io/cluster": "shared"},
                    "rayClusterSpec": None,
                }
            },
            "spec.suspend",
        ),
    ),
)
def suspend_on_selected_cluster(job: Job) -> Iterator[Finding]:
    """`spec.suspend` is true while `spec.clusterSelector` selects a cluster that is there already.

    Why: to suspend a job is to delete its cluster, and this one belongs to others; KubeRay's operator refuses it.

    Instead: leave `suspend` out, or describe a cluster of the job's own in `spec.rayClusterSpec`.
    """
    if job.spec.get("suspend") and job.selects_cluster:
        yield forbidden(
            SUSPEND,
            value=True,
            why="must not be true with spec.clusterSelector: the cluster is not the job's to delete",
        )
