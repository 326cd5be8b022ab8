"""What the operator's batch scheduler does not schedule."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release, Scheduler
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, forbidden, invalid
from webhook.rules.rule import Layer, fails, passes, rule

MODE = field("spec.submissionMode")
SELECTOR = field("spec.clusterSelector")


@rule(
    "kai-scheduler does not schedule a submitter's pod",
    layer=Layer.KUBERAY,
    source=("R154",),
    since=Release.V1_6,
    scheduler=Scheduler.KAI,
    examples=(
        passes({"spec": {"submissionMode": "SidecarMode"}}),
        passes({"spec": {"submissionMode": "HTTPMode"}}),
        fails({"spec": {"submissionMode": "K8sJobMode"}}, "spec.submissionMode"),
        fails({"spec": {"submissionMode": None}}, "spec.submissionMode"),
    ),
)
def submitter_with_kai_scheduler(job: Job) -> Iterator[Finding]:
    """`spec.submissionMode` is K8sJobMode, also by default, and KubeRay schedules with kai-scheduler.

    Why: that scheduler places all pods of a job at once, and the submitter's pod comes only when the cluster is up.
    KubeRay's operator fails over and over and makes no cluster.

    Instead: set `submissionMode` to SidecarMode or HTTPMode.
    """
    if job.submission_mode == "K8sJobMode":
        yield invalid(
            MODE, "K8sJobMode", "must be another mode, such as SidecarMode: KubeRay schedules with kai-scheduler"
        )


@rule(
    "volcano does not schedule a job on a cluster that is there already",
    layer=Layer.KUBERAY,
    source=("R155",),
    since=Release.V1_5,
    scheduler=Scheduler.VOLCANO,
    reads=("spec.clusterSelector",),
    examples=(
        passes({"spec": {"clusterSelector": {}}}),
        passes({"spec": {"clusterSelector": {"ray.io/cluster": "shared"}}}),
        fails(
            {"spec": {"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "shared"}}}, "spec.clusterSelector"
        ),
    ),
)
def cluster_selector_with_volcano(job: Job) -> Iterator[Finding]:
    """`spec.clusterSelector` selects a cluster, there is no `spec.rayClusterSpec`, and KubeRay schedules with volcano.

    Why: KubeRay's operator counts the pods of `rayClusterSpec` to reserve room for them; without one it fails over
    and over, and nothing is submitted.

    Instead: describe a cluster for the job in `spec.rayClusterSpec`.
    """
    if job.selects_cluster and job.spec.get("rayClusterSpec") is None:
        yield forbidden(SELECTOR, None, "KubeRay schedules with volcano, which needs spec.rayClusterSpec")
