"""What Kueue reads of a RayJob: the marks by which it queues the job, and the pod sets that it counts.

Source: kubernetes-sigs/kueue v0.10.6 to v0.19.2, pkg/controller/jobs/rayjob, jobs/raycluster and jobframework.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.syntax import is_dns1123_label

QUEUE_NAME = "kueue.x-k8s.io/queue-name"  # the label that puts a job into one of Kueue's queues
ELASTIC = "kueue.x-k8s.io/elastic-job"  # the annotation by which a job may grow and shrink while it runs

# Who starts and stops the jobs: the account that Kueue's manifests and its chart make for its controller. A namespace
# that another than the cluster's owner may write to has another name.
CONTROLLER = "system:serviceaccount:kueue-system:kueue-controller-manager"

HEAD_SET = "head"
SUBMITTER_SET = "submitter"


def queue_name(job: Job) -> str:
    """The queue that the job stands in; empty for none."""
    return (job.metadata.get("labels") or {}).get(QUEUE_NAME) or ""


def reserved_sets(job: Job) -> tuple[str, ...]:
    """The pod sets that are no worker group's: the head's, and the submitter's where a Kubernetes Job submits."""
    return (HEAD_SET, SUBMITTER_SET) if job.submission_mode == "K8sJobMode" else (HEAD_SET,)


def is_inelastic(job: Job) -> bool:
    """Whether the job autoscales, and does not tell Kueue so."""
    return job.autoscales and (job.metadata.get("annotations") or {}).get(ELASTIC) != "true"


def unfit_group_names(job: Job) -> Iterator[tuple[int, str, str]]:
    """The worker groups, by index and name, of which Kueue can make no pod set; with what the name must be.

    Kueue writes a name in lower case. Two groups of one and the same name are a fault without Kueue too, and not
    among these.
    """
    reserved, names, sets = reserved_sets(job), set(), set()
    for index, group in enumerate(job.workers):
        name = group.get("groupName")
        if name is None or name in names:
            continue
        names.add(name)
        pod_set = name.lower()
        if pod_set in reserved:
            yield index, name, f"must not be {pod_set} in any case: Kueue counts the {pod_set}'s pod by that name"
        elif pod_set in sets:
            yield index, name, "must differ from other groups in more than case, which Kueue does not tell apart"
        elif not is_dns1123_label(pod_set):
            yield index, name, "must be letters, digits and '-', first and last no '-', at most 63 for Kueue"
        sets.add(pod_set)
