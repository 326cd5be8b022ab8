"""Whether a job may run on a cluster that it has not made."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, forbidden
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

SELECTOR = field("spec.clusterSelector")


@guardrail(
    "A job runs on a cluster that is there already",
    parameters=Parameters,
    reads=("spec.clusterSelector",),
    examples=(
        passes({"spec": {"clusterSelector": {}}}),
        fails(
            {"spec": {"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "shared"}}}, "spec.clusterSelector"
        ),
    ),
)
def existing_cluster_not_allowed(job: Job, params: Parameters) -> Iterator[Finding]:  # noqa: ARG001 (it has none)
    """`spec.clusterSelector` selects a RayCluster; an empty one selects none.

    Why: the job runs with the rights, the data and the GPUs of whoever made that cluster, and nothing of a policy for
    clusters holds for it.

    Instead: describe the cluster that the job needs in `spec.rayClusterSpec`.
    """
    if job.selects_cluster:
        yield forbidden(SELECTOR, job.spec.get("clusterSelector"), "must be left out: describe a cluster of its own")
