"""The autoscaler, and suspended worker groups (R73 to R80)."""

from __future__ import annotations

from tests.parity.draft import Draft, pod
from tests.parity.recipe import DELETION_POLICY, breach, recipe
from tests.parity.recipes.scaling import AUTOSCALING, V2, V2_VARIABLE

OPTIONS = "spec.cluster.autoscaler"
HEAD_RESTARTS = "spec.cluster.head.restartPolicy"
SUSPENDED = "spec.cluster.groups.suspended"


@recipe(AUTOSCALING, SUSPENDED, breaks=(breach("R73", off=DELETION_POLICY),))
def suspended_group(draft: Draft) -> None:
    draft.group(suspend=True)


@recipe(AUTOSCALING, SUSPENDED, breaks=(breach("R73", off=DELETION_POLICY), breach("R75")))
def suspended_group_with_autoscaler(draft: Draft) -> None:
    draft.cluster["enableInTreeAutoscaling"] = True
    draft.group(suspend=True)


@recipe(SUSPENDED)
def running_group(draft: Draft) -> None:
    draft.group(suspend=draft.pick(False, None))


@recipe(*V2, breaks=(breach("R74", since=5),))
def autoscaler_v2_variable_without_autoscaler(draft: Draft) -> None:
    draft.leave_out(draft.cluster, "enableInTreeAutoscaling", False)
    draft.head_variables(
        {"name": "A", "value": "1"},
        {"name": V2_VARIABLE, "value": draft.pick("1", "true")},
        {"name": V2_VARIABLE},
    )


@recipe(*V2)
def autoscaler_v2_variable_that_says_no(draft: Draft) -> None:
    draft.leave_out(draft.cluster, "enableInTreeAutoscaling", False)
    draft.options("autoscalerOptions")["version"] = draft.pick("v1", None)
    draft.head_variables(
        {"name": V2_VARIABLE, "value": draft.pick("True", "TRUE", "0", "", "yes", None)},
        {"name": V2_VARIABLE, "value": "1"},
    )


@recipe(*V2, breaks=(breach("R76"),))
def autoscaler_version_set_twice(draft: Draft) -> None:
    draft.cluster["enableInTreeAutoscaling"] = True
    draft.options("autoscalerOptions")["version"] = draft.pick("v1", "v2", "", "v3")
    draft.head_variables(draft.variable(V2_VARIABLE))


@recipe(AUTOSCALING, HEAD_RESTARTS, breaks=(breach("R77"),))
def restarting_head_with_autoscaler_v2(draft: Draft) -> None:
    autoscale(draft, "v2")
    draft.head_pod["restartPolicy"] = draft.pick("Always", "OnFailure", "never")


@recipe(AUTOSCALING, HEAD_RESTARTS, breaks=(breach("R78"),))
def restarting_group_with_autoscaler_v2(draft: Draft) -> None:
    autoscale(draft, "v2")
    pod(draft.group())["restartPolicy"] = draft.pick("Always", "OnFailure", "NEVER")


@recipe(*V2, HEAD_RESTARTS)
def restarting_pods(draft: Draft) -> None:
    how = draft.pick("v1", "variable", "off")
    if how == "off":
        draft.options("autoscalerOptions")["version"] = "v2"
        draft.leave_out(draft.cluster, "enableInTreeAutoscaling", False)
    elif how == "v1":
        autoscale(draft, draft.pick("v1", "V2", "", None))
    else:
        draft.cluster["enableInTreeAutoscaling"] = True
        draft.head_variables({"name": V2_VARIABLE, "value": "true"})
    draft.head_pod["restartPolicy"] = draft.pick("Always", "OnFailure")
    pod(draft.group())["restartPolicy"] = "Always"


@recipe(AUTOSCALING, HEAD_RESTARTS)
def autoscaler_v2(draft: Draft) -> None:
    autoscale(draft, "v2")
    draft.leave_out(draft.head_pod, "restartPolicy", "Never", "")
    draft.leave_out(pod(draft.group()), "restartPolicy", "Never", "")


@recipe(f"{OPTIONS}.idle", breaks=(breach("R79", since=6),))
def negative_idle_timeout(draft: Draft) -> None:
    draft.options("autoscalerOptions")["idleTimeoutSeconds"] = draft.below_zero()


@recipe(f"{OPTIONS}.idle")
def idle_timeout(draft: Draft) -> None:
    draft.options("autoscalerOptions")["idleTimeoutSeconds"] = draft.pick(0, draft.seconds(), None)


@recipe(f"{OPTIONS}.env.command", breaks=(breach("R80", since=7),))
def reserved_autoscaler_variable(draft: Draft) -> None:
    variable = draft.variable("KUBERAY_GEN_AUTOSCALER_START_CMD")
    draft.add(draft.options("autoscalerOptions"), "env", variable)


@recipe(f"{OPTIONS}.env.others")
def autoscaler_variables(draft: Draft) -> None:
    options = draft.options("autoscalerOptions")
    draft.add(options, "env", draft.variable(draft.pick(V2_VARIABLE, "RAY_REDIS_ADDRESS", "kuberay_gen_start", "")))
    options["upscalingMode"] = draft.pick("Default", "Unknown", None)


def autoscale(draft: Draft, version: str | None) -> None:
    """Turns the autoscaler on, of this version."""
    draft.cluster["enableInTreeAutoscaling"] = True
    draft.options("autoscalerOptions")["version"] = version
