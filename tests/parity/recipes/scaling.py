"""How worker groups scale: bounds, idle time, priority (R42 to R45, R50 to R55)."""

from __future__ import annotations

from tests.parity.draft import Draft, Json
from tests.parity.recipe import breach, recipe
from tests.parity.recipes.groups import GROUPS

AUTOSCALING = "spec.cluster.autoscaling"
V2 = (AUTOSCALING, "spec.cluster.head.containers.v2")
V2_VARIABLE = "RAY_enable_autoscaler_v2"


@recipe(AUTOSCALING, f"{GROUPS}.bounds", breaks=(breach("R42", since=6),))
def group_without_replica_bounds(draft: Draft) -> None:
    group = draft.group()
    for bound in draft.some("minReplicas", "maxReplicas"):
        draft.leave_out(group, bound)
    draft.leave_out(draft.cluster, "enableInTreeAutoscaling", False)


@recipe(AUTOSCALING, f"{GROUPS}.bounds")
def autoscaled_group_without_replica_bounds(draft: Draft) -> None:
    group = draft.group(replicas=-7)
    for bound in draft.some("minReplicas", "maxReplicas"):
        draft.leave_out(group, bound)
    draft.cluster["enableInTreeAutoscaling"] = True


@recipe(f"{GROUPS}.negative_min", breaks=(breach("R43", since=6),))
def negative_min_replicas(draft: Draft) -> None:
    draft.group(minReplicas=draft.below_zero())


@recipe(f"{GROUPS}.negative_max", breaks=(breach("R44", since=6), breach("R45", since=6)))
def negative_max_replicas(draft: Draft) -> None:
    draft.group(maxReplicas=draft.below_zero())


@recipe(AUTOSCALING, f"{GROUPS}.negative_max", breaks=(breach("R44", since=6),))
def negative_max_replicas_without_a_minimum(draft: Draft) -> None:
    draft.leave_out(draft.group(maxReplicas=draft.below_zero()), "minReplicas")
    draft.cluster["enableInTreeAutoscaling"] = True


@recipe(f"{GROUPS}.min_above_max", breaks=(breach("R45", since=6),))
def min_replicas_above_max_replicas(draft: Draft) -> None:
    largest = draft.pick(0, 1, 2**31 - 2)
    draft.group(minReplicas=largest + 1, maxReplicas=largest)


@recipe(f"{GROUPS}.replicas")
def any_replicas(draft: Draft) -> None:
    draft.group(replicas=draft.pick(-1, 0, None, 2**31 - 1), minReplicas=0, maxReplicas=draft.pick(0, 1))


@recipe(*V2, f"{GROUPS}.idle", breaks=(breach("R50", since=6),))
def negative_group_idle_timeout(draft: Draft) -> None:
    turn_v2_on(draft)
    draft.group(idleTimeoutSeconds=draft.below_zero())


@recipe(*V2, f"{GROUPS}.idle", breaks=(breach("R51", since=6),))
def group_idle_timeout_without_autoscaler_v2(draft: Draft) -> None:
    turn_v2_off(draft)
    draft.group(idleTimeoutSeconds=draft.pick(0, draft.seconds()))


@recipe(*V2, f"{GROUPS}.idle")
def group_idle_timeout(draft: Draft) -> None:
    turn_v2_on(draft)
    draft.group(idleTimeoutSeconds=draft.pick(0, draft.seconds()))


@recipe(*V2, "spec.cluster.version", f"{GROUPS}.priority", breaks=(breach("R52", since=7),))
def priority_without_ray_version(draft: Draft) -> None:
    turn_v2_on(draft)
    draft.group(priority=draft.pick(1, -1))
    draft.leave_out(draft.cluster, "rayVersion", "")


@recipe(*V2, "spec.cluster.version", f"{GROUPS}.priority", breaks=(breach("R53", since=7),))
def priority_with_unreadable_ray_version(draft: Draft) -> None:
    turn_v2_on(draft)
    draft.group(priority=draft.pick(1, 2**31 - 1))
    draft.cluster["rayVersion"] = draft.pick("latest", "2", "2.x", "V2.56", "02.56", "v 2.56", "2.56.0\n")


@recipe(*V2, "spec.cluster.version", f"{GROUPS}.priority", breaks=(breach("R54", since=7),))
def priority_with_old_ray_version(draft: Draft) -> None:
    turn_v2_on(draft)
    draft.group(priority=draft.pick(1, -(2**31)))
    draft.cluster["rayVersion"] = draft.pick("2.55.99", "2.6", "v2.55.0", "0.9999", " 1.0 or so", "2.055")


@recipe(*V2, "spec.cluster.version", f"{GROUPS}.priority", breaks=(breach("R55", since=7),))
def priority_without_autoscaler_v2(draft: Draft) -> None:
    turn_v2_off(draft)
    draft.group(priority=draft.pick(1, -1))
    draft.cluster["rayVersion"] = new_enough(draft)


@recipe(*V2, "spec.cluster.version", f"{GROUPS}.priority")
def priority(draft: Draft) -> None:
    turn_v2_on(draft)
    draft.group(priority=draft.pick(1, -1, 2**31 - 1))
    draft.cluster["rayVersion"] = new_enough(draft)


@recipe(f"{GROUPS}.priority")
def no_priority(draft: Draft) -> None:
    draft.group(priority=draft.pick(0, None))


def new_enough(draft: Draft) -> str:
    """A version of Ray that is new enough for priorities."""
    return draft.pick("2.56.0", "2.56", "v2.56.0rc1", "\t2.056.0-py310", "3.0", "2.56.x", "10.0.0 ")


def turn_v2_on(draft: Draft) -> None:
    """Turns autoscaler v2 on, as far as groups ask for it; by an option, the autoscaler itself may be off."""
    if draft.sometimes():
        draft.options("autoscalerOptions")["version"] = "v2"
        draft.leave_out(draft.cluster, "enableInTreeAutoscaling", False, True)
    else:
        draft.cluster["enableInTreeAutoscaling"] = True
        draft.head_variables({"name": V2_VARIABLE, "value": draft.pick("1", "true")})
        if draft.sometimes():
            draft.head_variables({"name": V2_VARIABLE, "value": "0"})


def turn_v2_off(draft: Draft) -> None:
    """Turns autoscaler v2 off, however much looks like it."""
    draft.cluster["enableInTreeAutoscaling"] = True
    value = draft.pick("True", "2", " 1", "", None)
    first: Json = draft.pick({"value": value}, {"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})
    if draft.sometimes():
        draft.head_variables({"name": V2_VARIABLE} | first, {"name": V2_VARIABLE, "value": "true"})
    else:
        draft.options("autoscalerOptions")["version"] = draft.pick("v1", "V2", "", None)
