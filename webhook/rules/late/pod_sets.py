"""Worker groups of which Kueue can make no pod sets, which are what it counts.

Source: kubernetes-sigs/kueue v0.10.6 to v0.19.2, ValidateCreate of pkg/controller/jobs/raycluster/common.go, and the
list `spec.podSets` of its Workload.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import WORKERS, Job
from webhook.rayjob.queue import QUEUE_NAME, queue_name, reserved_sets, unfit_group_names
from webhook.rules.example import cluster, merged, worker_group
from webhook.rules.finding import Finding, invalid
from webhook.rules.rule import Action, Layer, fails, passes, rule

# Of a Workload: 8 from the beginning, 10 from Kueue 0.18, 18 from 0.19.
POD_SETS, POD_SETS_0_18, POD_SETS_0_19 = 8, 10, 18

READS = ("metadata.labels", "spec.rayClusterSpec.workerGroupSpecs")
QUEUED = {"metadata": {"labels": {QUEUE_NAME: "team-a"}}, "spec": {"shutdownAfterJobFinishes": True}}


def _queued(*names: str, mode: str = "K8sJobMode") -> dict[str, object]:
    groups = cluster(workerGroupSpecs=[worker_group(groupName=name) for name in names])
    queued: dict[str, object] = merged(groups, merged({"spec": {"submissionMode": mode}}, QUEUED))
    return queued


def _many(count: int, mode: str = "K8sJobMode") -> dict[str, object]:
    return _queued(*(f"workers-{index}" for index in range(count)), mode=mode)


@rule(
    "A worker group has a name that Kueue cannot use",
    layer=Layer.LATE,
    source=("kueue#3729",),
    kueue=True,
    reads=READS,
    examples=(
        passes(_queued("workers", "GPU", "headless")),
        passes(_queued("submitter", mode="HTTPMode")),
        passes(cluster(workerGroupSpecs=[worker_group(groupName="head")])),
        fails(_queued("workers", "Head"), "spec.rayClusterSpec.workerGroupSpecs[1].groupName"),
        fails(_queued("submitter"), "spec.rayClusterSpec.workerGroupSpecs[0].groupName"),
        fails(_queued("gpu", "GPU"), "spec.rayClusterSpec.workerGroupSpecs[1].groupName"),
        fails(_queued("gpu_workers"), "spec.rayClusterSpec.workerGroupSpecs[0].groupName"),
    ),
)
def unfit_group_name_for_queue(job: Job) -> Iterator[Finding]:
    """The label kueue.x-k8s.io/queue-name is there, and a worker group's name is none for a pod set of Kueue's.

    Kueue writes it in lower case. It must be a DNS label and no other group's then, and neither `head` nor, in
    K8sJobMode, `submitter`.

    Why: Kueue refuses a group called head. Of the others it learns only when it counts the job's pods: it cannot write
    that down, and the job waits without end.

    Instead: give the group another name.
    """
    if queue_name(job) and not job.selects_cluster:
        for index, name, must in unfit_group_names(job):
            yield invalid(WORKERS / index / "groupName", name, must)


@rule(
    "There are more worker groups than some releases of Kueue take",
    layer=Layer.LATE,
    action=Action.WARN,
    source=("kueue#11388", "kueue#12819"),
    kueue=True,
    reads=READS,
    examples=(
        passes(_many(6)),
        passes(_many(7, "HTTPMode")),
        passes(cluster(workerGroupSpecs=[worker_group(groupName=f"workers-{index}") for index in range(20)])),
        fails(_many(7), "spec.rayClusterSpec.workerGroupSpecs"),
        fails(_many(8, "HTTPMode"), "spec.rayClusterSpec.workerGroupSpecs"),
    ),
)
def too_many_groups_for_queue(job: Job) -> Iterator[Finding]:
    """The label kueue.x-k8s.io/queue-name is there, and there are more worker groups than Kueue before 0.18 counts.

    It counts eight pod sets, 0.18 ten, and a newer one 18. One is the head's, and in K8sJobMode another is the
    submitter's.

    Why: Kueue refuses more, or cannot write down what it counts, so that the job waits without end.

    Instead: put workers that are alike into one group. With a Kueue that takes as many, turn the rule off.
    """
    others = len(reserved_sets(job))
    if len(job.workers) > POD_SETS - others and queue_name(job) and not job.selects_cluster:
        limits = (POD_SETS - others, POD_SETS_0_18 - others, POD_SETS_0_19 - others)
        must = "must be at most {} groups for Kueue before 0.18, {} for 0.18, {} for a newer one".format(*limits)
        yield invalid(WORKERS, len(job.workers), must)
