"""The job itself: suspension, budgets, submission, and the cluster (R3 to R5, R26 to R34, R119 to R122)."""

from __future__ import annotations

from tests.parity.draft import Draft
from tests.parity.recipe import breach, recipe

# What a job on a cluster that is there already is not to have besides.
ON_SELECTED = ("spec.selector", "spec.suspend", "spec.mode", "spec.backoff", "spec.deletion", "spec.deletionPolicy")
# What a job submitted by a sidecar of the head is not to have besides.
IN_SIDECAR = (
    "spec.mode",
    "status",
    "spec.selector",
    "spec.submitterPod",
    "spec.submitterConfig",
    "spec.cluster.head.restartPolicy",
)


def select_cluster(draft: Draft) -> None:
    """Lets the job run on a RayCluster that is there already; a spec of another one may stay."""
    draft.spec["clusterSelector"] = draft.pick(
        {"ray.io/cluster": "c"}, {"ray.io/cluster": "Not A Name"}, {"ray.io/cluster": "c", "other": ""}
    )


@recipe("spec.suspend", "spec.shutdown", "spec.selector", breaks=(breach("R3"),))
def suspended_without_shutdown(draft: Draft) -> None:
    draft.spec["suspend"] = True
    draft.leave_out(draft.spec, "shutdownAfterJobFinishes", False)


@recipe("spec.suspend", "spec.shutdown", "spec.selector", "spec.deletion", "spec.deletionPolicy")
def suspended_with_shutdown(draft: Draft) -> None:
    draft.spec |= {"suspend": True, "shutdownAfterJobFinishes": True}


@recipe("spec.suspend")
def not_suspended(draft: Draft) -> None:
    draft.leave_out(draft.spec, "suspend", False)


@recipe("spec.ttl", "spec.shutdown", "spec.deletion", "spec.deletionPolicy", breaks=(breach("R4"),))
def negative_ttl(draft: Draft) -> None:
    draft.spec["ttlSecondsAfterFinished"] = draft.below_zero()
    draft.leave_out(draft.spec, "shutdownAfterJobFinishes", False, True)


@recipe("spec.ttl", "spec.shutdown", breaks=(breach("R5"),))
def ttl_without_shutdown(draft: Draft) -> None:
    draft.spec["ttlSecondsAfterFinished"] = draft.seconds()
    draft.leave_out(draft.spec, "shutdownAfterJobFinishes", False)


@recipe("spec.ttl", "spec.shutdown", "spec.deletion", "spec.deletionPolicy")
def ttl_with_shutdown(draft: Draft) -> None:
    draft.spec |= {"ttlSecondsAfterFinished": draft.pick(0, draft.seconds()), "shutdownAfterJobFinishes": True}


@recipe("spec.ttl", "spec.shutdown")
def no_ttl(draft: Draft) -> None:
    draft.leave_out(draft.spec, "ttlSecondsAfterFinished", 0)
    draft.leave_out(draft.spec, "shutdownAfterJobFinishes", False)


@recipe(*ON_SELECTED, "spec.shutdown", breaks=(breach("R26"),))
def suspended_on_selected_cluster(draft: Draft) -> None:
    select_cluster(draft)
    draft.spec |= {"suspend": True, "shutdownAfterJobFinishes": True}


@recipe("spec.cluster", "spec.selector", "spec.mode", breaks=(breach("R27"),))
def no_cluster(draft: Draft) -> None:
    draft.leave_out(draft.spec, "rayClusterSpec")
    draft.leave_out(draft.spec, "clusterSelector", {})


@recipe("spec", breaks=(breach("R27"),))
def no_spec(draft: Draft) -> None:
    draft.leave_out(draft.job, "spec", {})


@recipe(*ON_SELECTED, breaks=(breach("R28", since=5),))
def selector_without_cluster_name(draft: Draft) -> None:
    draft.spec["clusterSelector"] = draft.pick(
        {"ray.io/cluster": ""}, {"ray.io/cluster": None}, {"cluster": "c"}, {"Ray.io/cluster": "c"}, {"": "c"}
    )


@recipe(*ON_SELECTED)
def selected_cluster_besides_a_spec(draft: Draft) -> None:
    select_cluster(draft)
    draft.leave_out(draft.spec, "backoffLimit", 0)


@recipe(*ON_SELECTED, "spec.cluster")
def selected_cluster(draft: Draft) -> None:
    select_cluster(draft)
    draft.leave_out(draft.spec, "rayClusterSpec")


@recipe(*ON_SELECTED, *IN_SIDECAR, breaks=(breach("R29", since=5),))
def sidecar_on_selected_cluster(draft: Draft) -> None:
    select_cluster(draft)
    draft.spec["submissionMode"] = "SidecarMode"


@recipe(*ON_SELECTED, breaks=(breach("R30", since=6),))
def retries_on_selected_cluster(draft: Draft) -> None:
    select_cluster(draft)
    draft.spec["backoffLimit"] = draft.pick(1, 2**31 - 1)


@recipe("spec.mode", "status", "spec.backoff", "spec.selector", breaks=(breach("R31"),))
def retries_in_interactive_mode(draft: Draft) -> None:
    draft.spec |= {"submissionMode": "InteractiveMode", "backoffLimit": draft.pick(1, 2, 2**31 - 1)}


@recipe("spec.mode", "status", "spec.backoff", "spec.selector")
def interactive_mode(draft: Draft) -> None:
    draft.spec["submissionMode"] = "InteractiveMode"
    draft.leave_out(draft.spec, "backoffLimit", 0)
    draft.job["status"] = {"jobDeploymentStatus": draft.pick("", "Waiting", "Running")}


@recipe("spec.mode")
def any_other_mode(draft: Draft) -> None:
    mode = draft.pick("K8sJobMode", "HTTPMode", "", None, "UserMode", "sidecarMode", "interactivemode", "SidecarMode ")
    draft.spec["submissionMode"] = mode


@recipe(*IN_SIDECAR, breaks=(breach("R32", since=5),))
def sidecar_with_submitter_pod(draft: Draft) -> None:
    draft.spec["submissionMode"] = "SidecarMode"
    draft.spec["submitterPodTemplate"] = draft.pick({}, {"spec": {"containers": [{"name": "s"}]}})


@recipe(*IN_SIDECAR, breaks=(breach("R33", since=5),))
def sidecar_with_submitter_config(draft: Draft) -> None:
    draft.spec |= {"submissionMode": "SidecarMode", "submitterConfig": draft.pick({}, {"backoffLimit": 3})}


@recipe(*IN_SIDECAR, "spec.cluster.autoscaling", breaks=(breach("R34", since=5),))
def sidecar_on_restarting_head(draft: Draft) -> None:
    draft.spec["submissionMode"] = "SidecarMode"
    draft.head_pod["restartPolicy"] = draft.pick("Always", "OnFailure", "never", " ")


@recipe(*IN_SIDECAR)
def sidecar_mode(draft: Draft) -> None:
    draft.spec["submissionMode"] = "SidecarMode"
    draft.leave_out(draft.spec, "submitterConfig")
    draft.leave_out(draft.spec, "submitterPodTemplate")
    draft.leave_out(draft.head_pod, "restartPolicy", "", "Never")


@recipe("spec.submitterPod", "spec.submitterConfig", "spec.mode")
def submitter(draft: Draft) -> None:
    draft.spec["submitterPodTemplate"] = draft.pick({}, {"spec": {"containers": []}}, {"spec": None})
    draft.spec["submitterConfig"] = draft.pick({}, {"backoffLimit": -1})


@recipe("spec.activeDeadline", breaks=(breach("R119"),))
def no_active_time(draft: Draft) -> None:
    draft.spec["activeDeadlineSeconds"] = draft.pick(0, draft.below_zero())


@recipe("spec.preRunningDeadline", breaks=(breach("R120", since=6),))
def no_time_to_start(draft: Draft) -> None:
    draft.spec["preRunningDeadlineSeconds"] = draft.pick(0, draft.below_zero())


@recipe("spec.activeDeadline", "spec.preRunningDeadline")
def time_enough(draft: Draft) -> None:
    draft.leave_out(draft.spec, "activeDeadlineSeconds", draft.seconds())
    draft.leave_out(draft.spec, "preRunningDeadlineSeconds", draft.seconds())


@recipe("spec.backoff", breaks=(breach("R121"),))
def negative_backoff_limit(draft: Draft) -> None:
    draft.spec["backoffLimit"] = draft.below_zero()


@recipe("spec.backoff", "spec.mode", "spec.selector")
def retries(draft: Draft) -> None:
    draft.leave_out(draft.spec, "backoffLimit", 0, 1, 2**31 - 1)


@recipe("status", "spec.mode", breaks=(breach("R122"),))
def waiting_outside_interactive_mode(draft: Draft) -> None:
    draft.job["status"] = {"jobDeploymentStatus": "Waiting"}
    draft.leave_out(draft.spec, "submissionMode", "K8sJobMode", "HTTPMode", "", "interactiveMode")


@recipe("status")
def status(draft: Draft) -> None:
    draft.job["status"] = draft.pick({}, None, {"jobDeploymentStatus": "waiting"}, {"jobDeploymentStatus": "Running"})


@recipe("spec.others")
def what_no_rule_asks_for(draft: Draft) -> None:
    draft.leave_out(draft.spec, "entrypoint", "", " ")
    draft.spec |= draft.pick({}, {"jobId": "a b"}, {"entrypointNumCpus": -1.5}, {"metadata": {"k": None}})
    draft.spec |= draft.pick({}, {"managedBy": "kueue.x-k8s.io/multikueue"}, {"managedBy": ""}, {"unknown": [1]})
