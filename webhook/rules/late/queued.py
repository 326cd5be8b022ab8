"""Jobs that Kueue never starts, although they stand in a queue of its.

Source: kubernetes-sigs/kueue v0.10.6 to v0.19.2, validateCreate of pkg/controller/jobs/rayjob/rayjob_webhook.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import CLUSTER, Job
from webhook.rayjob.path import field
from webhook.rayjob.queue import ELASTIC, QUEUE_NAME, is_inelastic, queue_name
from webhook.rules.example import merged
from webhook.rules.finding import Finding, forbidden, invalid, required
from webhook.rules.rule import Action, Layer, fails, passes, rule

SHUTDOWN = field("spec.shutdownAfterJobFinishes")
SELECTOR = field("spec.clusterSelector")
AUTOSCALING = CLUSTER / "enableInTreeAutoscaling"

MUST_SHUT_DOWN = "must be true for Kueue, whose quota the cluster takes up for as long as it is there"

QUEUED = {"metadata": {"labels": {QUEUE_NAME: "team-a"}}, "spec": {"shutdownAfterJobFinishes": True}}
SCALING = {"spec": {"rayClusterSpec": {"enableInTreeAutoscaling": True}}}


@rule(
    "The job stands in a queue, but its cluster is to stay",
    layer=Layer.LATE,
    kueue=True,
    reads=("metadata.labels", "spec.rayClusterSpec"),
    examples=(
        passes(QUEUED),
        passes({"metadata": {"labels": {"team": "a"}}, "spec": {"shutdownAfterJobFinishes": False}}),
        fails({"metadata": {"labels": {QUEUE_NAME: "team-a"}}}, "spec.shutdownAfterJobFinishes"),
        fails(merged({"spec": {"shutdownAfterJobFinishes": False}}, QUEUED), "spec.shutdownAfterJobFinishes"),
    ),
)
def queued_without_shutdown(job: Job) -> Iterator[Finding]:
    """The label kueue.x-k8s.io/queue-name is there, and `spec.shutdownAfterJobFinishes` is not true.

    Why: Kueue gives the job's quota to others when it ends, and so refuses one whose cluster lives on. Rules of
    deletion, which exclude `shutdownAfterJobFinishes`, do not count for it.

    Instead: set `shutdownAfterJobFinishes: true`.
    """
    shuts_down = job.spec.get("shutdownAfterJobFinishes")
    if shuts_down or job.selects_cluster or not queue_name(job):
        return
    yield required(SHUTDOWN, MUST_SHUT_DOWN) if shuts_down is None else invalid(SHUTDOWN, shuts_down, MUST_SHUT_DOWN)


@rule(
    "The job stands in a queue, but runs on a selected cluster",
    layer=Layer.LATE,
    source=("kueue#7218",),
    kueue=True,
    reads=("metadata.labels", "spec.clusterSelector"),
    examples=(
        passes(merged({"spec": {"clusterSelector": {}}}, QUEUED)),
        passes({"spec": {"clusterSelector": {"ray.io/cluster": "shared"}, "rayClusterSpec": None}}),
        fails(merged({"spec": {"clusterSelector": {"ray.io/cluster": "shared"}}}, QUEUED), "spec.clusterSelector"),
    ),
)
def queued_on_selected_cluster(job: Job) -> Iterator[Finding]:
    """The label kueue.x-k8s.io/queue-name is there, and `spec.clusterSelector` selects a cluster that is there already.

    Why: Kueue before 0.13 refuses such a job, and so does a newer one where there is a `rayClusterSpec` too. Else it
    suspends the job when it is created, and passes it over after that, so that nobody ever starts it.

    Instead: leave the label out, or describe a cluster of the job's own in `spec.rayClusterSpec`.
    """
    if job.selects_cluster and queue_name(job):
        yield forbidden(SELECTOR, job.spec.get("clusterSelector"), "Kueue starts no job on a cluster of others")


@rule(
    "The job stands in a queue, and its cluster grows on its own",
    layer=Layer.LATE,
    action=Action.WARN,
    source=("kueue#8284",),
    kueue=True,
    reads=("metadata.labels", "spec.rayClusterSpec.enableInTreeAutoscaling"),
    examples=(
        passes(merged({"spec": {"rayClusterSpec": {"enableInTreeAutoscaling": False}}}, QUEUED)),
        passes(merged(SCALING, merged({"metadata": {"annotations": {ELASTIC: "true"}}}, QUEUED))),
        passes(SCALING),
        fails(merged(SCALING, QUEUED), "spec.rayClusterSpec.enableInTreeAutoscaling"),
    ),
)
def queued_with_autoscaling(job: Job) -> Iterator[Finding]:
    """The label kueue.x-k8s.io/queue-name is there, and `enableInTreeAutoscaling` is true without a word to Kueue.

    The word is the annotation kueue.x-k8s.io/elastic-job.

    Why: Kueue admits a job as a whole, and refuses one that takes more afterwards. For jobs with
    that annotation it has a feature gate, ElasticJobsViaWorkloadSlices, which is on by default from 0.18.

    Instead: leave `enableInTreeAutoscaling` out, or set the annotation to "true" where the gate is on.
    """
    if is_inelastic(job) and queue_name(job) and not job.selects_cluster:
        yield forbidden(AUTOSCALING, value=True, why=f'Kueue takes it only with the annotation {ELASTIC}: "true"')
