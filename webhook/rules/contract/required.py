"""The fields that a RayJob cannot do without, and KubeRay's legal exceptions."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import CLUSTER, Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, required
from webhook.rules.rule import Layer, fails, passes, rule


@rule(
    "The RayJob has neither a name nor a generateName",
    layer=Layer.CONTRACT,
    source=("R2",),
    examples=(
        passes({"metadata": {"name": "train"}}),
        passes({"metadata": {"name": None, "generateName": "train-"}}),
        fails({"metadata": {"name": None}}, "metadata.name"),
        fails({"metadata": {"name": "", "generateName": ""}}, "metadata.name"),
    ),
)
def missing_name(job: Job) -> Iterator[Finding]:
    """`metadata.name` is absent or empty, and there is no `metadata.generateName` to make one from.

    Why: every object KubeRay makes for the job (cluster, submitter, services) is named after it.

    Instead: set `metadata.name`, or `metadata.generateName` where each run shall get a name of its own.
    """
    if not job.metadata.get("name") and not job.metadata.get("generateName"):
        yield required(field("metadata.name"), "name the job, or set metadata.generateName")


@rule(
    "The RayJob has no namespace",
    layer=Layer.CONTRACT,
    examples=(
        passes({"metadata": {"namespace": "default"}}),
        fails({"metadata": {"namespace": None}}, "metadata.namespace"),
    ),
)
def missing_namespace(job: Job) -> Iterator[Finding]:
    """Neither the object nor the request carries a namespace.

    Why: RayJobs are namespaced; at admission the request always carries the namespace, in a file it may be missing.

    Instead: set `metadata.namespace`, or pass `--namespace`.
    """
    if not job.metadata.get("namespace") and not job.namespace:
        yield required(field("metadata.namespace"), "set it, or pass --namespace")


@rule(
    "There is no entrypoint to run",
    layer=Layer.CONTRACT,
    source=("X4",),
    examples=(
        passes({"spec": {"entrypoint": "python train.py"}}),
        passes({"spec": {"entrypoint": None, "submissionMode": "InteractiveMode"}}),
        passes(
            {
                "spec": {
                    "entrypoint": None,
                    "submitterPodTemplate": {
                        "spec": {
                            "restartPolicy": "Never",
                            "containers": [{"name": "submit", "image": "submit:1", "command": ["/submit"]}],
                        }
                    },
                }
            }
        ),
        fails({"spec": {"entrypoint": None}}, "spec.entrypoint"),
        fails({"spec": {"entrypoint": " \n"}}, "spec.entrypoint"),
        fails({"spec": {"entrypoint": "", "submissionMode": "HTTPMode"}}, "spec.entrypoint"),
    ),
)
def missing_entrypoint(job: Job) -> Iterator[Finding]:
    """`spec.entrypoint` is absent or blank where KubeRay needs it.

    Why: the operator accepts it, starts the whole cluster, and only then the submission fails.

    Instead: write the command to run. It may be left out in InteractiveMode, where somebody else submits, and in
    K8sJobMode when the first container of `submitterPodTemplate` has a `command` of its own.
    """
    if (job.spec.get("entrypoint") or "").strip() or job.submission_mode == "InteractiveMode":
        return
    if job.submission_mode == "K8sJobMode" and _submits_by_itself(job):
        return
    yield required(field("spec.entrypoint"), "the command that the job runs")


def _submits_by_itself(job: Job) -> bool:
    template = job.spec.get("submitterPodTemplate") or {}
    containers = (template.get("spec") or {}).get("containers") or [{}]
    return bool((containers[0] or {}).get("command"))


@rule(
    "There is no cluster to run on",
    layer=Layer.CONTRACT,
    source=("R27",),
    examples=(
        passes({"spec": {"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "shared"}}}),
        fails({"spec": {"rayClusterSpec": None}}, "spec.rayClusterSpec"),
        fails({"spec": {"rayClusterSpec": None, "clusterSelector": {}}}, "spec.rayClusterSpec"),
    ),
)
def missing_cluster(job: Job) -> Iterator[Finding]:
    """`spec.rayClusterSpec` is absent, and no `spec.clusterSelector` names a cluster that is there already.

    Why: KubeRay's operator refuses such a job after it is stored.

    Instead: describe the cluster in `spec.rayClusterSpec`, or select one with `spec.clusterSelector`.
    """
    if job.spec.get("rayClusterSpec") is None and not job.selects_cluster:
        yield required(CLUSTER, "describe the cluster to create, or select one with spec.clusterSelector")
