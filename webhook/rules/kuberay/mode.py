"""What each way of submission excludes: the selected cluster, InteractiveMode, SidecarMode."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import HEAD, SUBMITTER, Job
from webhook.rayjob.kuberay import Release
from webhook.rayjob.path import Key, field
from webhook.rules.finding import Finding, forbidden, invalid, required
from webhook.rules.rule import Layer, fails, passes, rule

MODE = field("spec.submissionMode")
BACKOFF_LIMIT = field("spec.backoffLimit")
SUBMITTER_CONFIG = field("spec.submitterConfig")
CLUSTER_NAME = field("spec.clusterSelector") / Key("ray.io/cluster")
HEAD_RESTART_POLICY = HEAD / "template" / "spec" / "restartPolicy"

SELECTED = {"clusterSelector": {"ray.io/cluster": "shared"}, "rayClusterSpec": None}  # for the examples


def _head_restarts(policy: str) -> dict[str, object]:
    return {"headGroupSpec": {"template": {"spec": {"restartPolicy": policy}}}}


@rule(
    "The cluster selector names no cluster",
    layer=Layer.KUBERAY,
    source=("R28",),
    since=Release.V1_5,
    reads=("spec.clusterSelector",),
    examples=(
        passes({"spec": SELECTED}),
        passes({"spec": {"clusterSelector": {}}}),
        fails(
            {"spec": {"clusterSelector": {"team": "a"}, "rayClusterSpec": None}},
            "spec.clusterSelector[ray.io/cluster]",
        ),
        fails(
            {"spec": {"clusterSelector": {"ray.io/cluster": ""}, "rayClusterSpec": None}},
            "spec.clusterSelector[ray.io/cluster]",
        ),
        fails({"spec": {"clusterSelector": {"team": "a"}}}, "spec.clusterSelector[ray.io/cluster]"),
    ),
)
def selector_without_cluster_name(job: Job) -> Iterator[Finding]:
    """`spec.clusterSelector` has entries, but none of the key `ray.io/cluster`, or an empty one.

    Why: KubeRay finds the cluster by this key alone, whatever other labels are listed, and refuses a job without it.

    Instead: write `clusterSelector: {ray.io/cluster: NAME}`, with the name of a RayCluster in the job's namespace.
    """
    if job.selects_cluster and not (job.spec.get("clusterSelector") or {}).get("ray.io/cluster"):
        yield required(CLUSTER_NAME, "the name of the RayCluster to run on")


@rule(
    "A sidecar cannot join a selected cluster",
    layer=Layer.KUBERAY,
    source=("R29",),
    since=Release.V1_5,
    reads=("spec.clusterSelector", "spec.submissionMode"),
    examples=(
        passes({"spec": {"submissionMode": "HTTPMode", **SELECTED}}),
        passes({"spec": {"submissionMode": "SidecarMode", "clusterSelector": {}}}),
        fails({"spec": {"submissionMode": "SidecarMode", **SELECTED}}, "spec.submissionMode"),
    ),
)
def sidecar_on_selected_cluster(job: Job) -> Iterator[Finding]:
    """`spec.submissionMode` is SidecarMode while `spec.clusterSelector` selects a cluster that is there already.

    Why: the sidecar is a container of the head pod, and the head of that cluster runs already.

    Instead: use K8sJobMode or HTTPMode, or describe a cluster of the job's own in `spec.rayClusterSpec`.
    """
    if job.selects_cluster and job.submission_mode == "SidecarMode":
        yield invalid(
            MODE, job.submission_mode, "must be another mode with spec.clusterSelector, whose head runs already"
        )


@rule(
    "Retries need a cluster of the job's own",
    layer=Layer.KUBERAY,
    source=("R30",),
    since=Release.V1_6,
    reads=("spec.clusterSelector", "spec.backoffLimit"),
    examples=(
        passes({"spec": {"backoffLimit": 1}}),
        passes({"spec": {"backoffLimit": 0, **SELECTED}}),
        fails({"spec": {"backoffLimit": 1, **SELECTED}}, "spec.backoffLimit"),
    ),
)
def retries_on_selected_cluster(job: Job) -> Iterator[Finding]:
    """`spec.backoffLimit` is more than 0 while `spec.clusterSelector` selects a cluster that is there already.

    Why: KubeRay retries a job on a new cluster each time, and makes none here.

    Instead: leave `backoffLimit` out, or describe a cluster of the job's own in `spec.rayClusterSpec`.
    """
    retries = job.spec.get("backoffLimit") or 0
    if retries > 0 and job.selects_cluster:
        yield invalid(BACKOFF_LIMIT, retries, "must be 0 with spec.clusterSelector: a retry needs a new cluster")


@rule(
    "An interactive job is not retried",
    layer=Layer.KUBERAY,
    source=("R31",),
    reads=("spec.submissionMode", "spec.backoffLimit"),
    examples=(
        passes({"spec": {"submissionMode": "InteractiveMode", "backoffLimit": 0}}),
        passes({"spec": {"submissionMode": "HTTPMode", "backoffLimit": 1}}),
        fails({"spec": {"submissionMode": "InteractiveMode", "backoffLimit": 1}}, "spec.backoffLimit"),
    ),
)
def retries_in_interactive_mode(job: Job) -> Iterator[Finding]:
    """`spec.backoffLimit` is more than 0 in InteractiveMode.

    Why: the job that somebody submitted by hand is still named in the spec, so a retry would take itself for
    running and wait for nobody; KubeRay's operator refuses it (kuberay issue 3525).

    Instead: leave `backoffLimit` out and submit again, or choose a mode in which KubeRay submits.
    """
    retries = job.spec.get("backoffLimit") or 0
    if retries > 0 and job.submission_mode == "InteractiveMode":
        yield invalid(BACKOFF_LIMIT, retries, "must be 0 in InteractiveMode: nobody submits the retry")


@rule(
    "A submitter pod is described, but the sidecar submits",
    layer=Layer.KUBERAY,
    source=("R32",),
    since=Release.V1_5,
    reads=("spec.submissionMode", "spec.submitterPodTemplate"),
    examples=(
        passes({"spec": {"submissionMode": "SidecarMode"}}),
        passes({"spec": {"submissionMode": "HTTPMode", "submitterPodTemplate": {}}}),
        fails({"spec": {"submissionMode": "SidecarMode", "submitterPodTemplate": {}}}, "spec.submitterPodTemplate"),
    ),
)
def sidecar_with_submitter_pod(job: Job) -> Iterator[Finding]:
    """`spec.submitterPodTemplate` is there in SidecarMode, be it empty.

    Why: the sidecar submits from the head pod, so there is no submitter pod; KubeRay's operator refuses the job.

    Instead: leave it out; what the sidecar needs goes into the head's own pod template.
    """
    if job.submission_mode == "SidecarMode" and job.spec.get("submitterPodTemplate") is not None:
        yield forbidden(
            SUBMITTER, job.spec["submitterPodTemplate"], "must be left out in SidecarMode, which has no submitter pod"
        )


@rule(
    "A submitter is configured, but the sidecar submits",
    layer=Layer.KUBERAY,
    source=("R33",),
    since=Release.V1_5,
    reads=("spec.submissionMode", "spec.submitterConfig"),
    examples=(
        passes({"spec": {"submissionMode": "K8sJobMode", "submitterConfig": {"backoffLimit": 1}}}),
        fails({"spec": {"submissionMode": "SidecarMode", "submitterConfig": {}}}, "spec.submitterConfig"),
    ),
)
def sidecar_with_submitter_config(job: Job) -> Iterator[Finding]:
    """`spec.submitterConfig` is there in SidecarMode, be it empty.

    Why: its retries are those of the submitter Job, which SidecarMode does without; KubeRay's operator refuses it.

    Instead: leave it out; `spec.backoffLimit` retries the whole job.
    """
    if job.submission_mode == "SidecarMode" and job.spec.get("submitterConfig") is not None:
        yield forbidden(
            SUBMITTER_CONFIG, job.spec["submitterConfig"], "must be left out in SidecarMode, which has no submitter Job"
        )


@rule(
    "The head restarts, and the sidecar with it",
    layer=Layer.KUBERAY,
    source=("R34",),
    since=Release.V1_5,
    reads=("spec.submissionMode", "spec.rayClusterSpec.headGroupSpec.template.spec.restartPolicy"),
    examples=(
        passes({"spec": {"submissionMode": "SidecarMode", "rayClusterSpec": _head_restarts("Never")}}),
        passes({"spec": {"submissionMode": "SidecarMode", "rayClusterSpec": _head_restarts("")}}),
        passes({"spec": {"rayClusterSpec": _head_restarts("Always")}}),
        fails(
            {"spec": {"submissionMode": "SidecarMode", "rayClusterSpec": _head_restarts("Always")}},
            "spec.rayClusterSpec.headGroupSpec.template.spec.restartPolicy",
        ),
        fails(
            {"spec": {"submissionMode": "SidecarMode", "rayClusterSpec": _head_restarts("never")}},
            "spec.rayClusterSpec.headGroupSpec.template.spec.restartPolicy",
        ),
    ),
)
def sidecar_on_restarting_head(job: Job) -> Iterator[Finding]:
    """The head's `restartPolicy` is something else than Never in SidecarMode.

    Why: a container of the head that restarts would submit once more, or to a cluster that has forgotten the job;
    KubeRay's operator refuses it.

    Instead: leave the head's `restartPolicy` out, or set it to Never; KubeRay sets Never itself.
    """
    if job.submission_mode != "SidecarMode":
        return
    restart_policy = ((job.head.get("template") or {}).get("spec") or {}).get("restartPolicy")
    if restart_policy and restart_policy != "Never":
        yield invalid(HEAD_RESTART_POLICY, restart_policy, "must be Never, or left out, in SidecarMode")


@rule(
    "The mode changes while the job waits for a submission",
    layer=Layer.KUBERAY,
    source=("R122",),
    reads=("status.jobDeploymentStatus",),
    examples=(
        passes({"spec": {"submissionMode": "InteractiveMode"}, "status": {"jobDeploymentStatus": "Waiting"}}),
        passes({"spec": {"submissionMode": "HTTPMode"}, "status": {"jobDeploymentStatus": "Running"}}),
        fails(
            {"spec": {"submissionMode": "HTTPMode"}, "status": {"jobDeploymentStatus": "Waiting"}},
            "spec.submissionMode",
        ),
        fails({"status": {"jobDeploymentStatus": "Waiting"}}, "spec.submissionMode"),
    ),
)
def waiting_outside_interactive_mode(job: Job) -> Iterator[Finding]:
    """`status.jobDeploymentStatus` is Waiting while `spec.submissionMode` is not InteractiveMode.

    Why: only an interactive job waits for somebody to submit. Whoever changes the mode then gets ValidationFailed,
    a state that KubeRay never leaves, with the cluster still running.

    Instead: keep InteractiveMode until the job runs, or delete the job and create it in the other mode.
    """
    if (job.raw.get("status") or {}).get("jobDeploymentStatus") != "Waiting":
        return
    if job.submission_mode != "InteractiveMode":
        yield invalid(
            MODE, job.submission_mode, "must stay InteractiveMode while status.jobDeploymentStatus is Waiting"
        )
