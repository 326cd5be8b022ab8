"""What looks like the object of a rule and is none: other containers, other places, nulls."""

from __future__ import annotations

from tests.parity.draft import Draft, container
from tests.parity.recipe import recipe
from tests.parity.recipes.scaling import V2_VARIABLE
from tests.parity.recipes.tls import VARIABLES

# Variables and mounts that the Ray container of the head must not always have.
WATCHED = (*VARIABLES, V2_VARIABLE, "RAY_REDIS_ADDRESS", "REDIS_PASSWORD", "REDIS_USERNAME", "RAY_gcs_storage")
MOUNTS = ({"name": "ray-tls", "mountPath": "/etc/ray/tls"}, {"name": "gcs-storage", "mountPath": "/data/gcs"})


@recipe("spec.cluster.head.containers.extra")
def second_container_of_the_head(draft: Draft) -> None:
    env = [draft.variable(name) for name in draft.some(*WATCHED)]
    draft.head_pod["containers"].append({"name": "sidecar", "env": env, "volumeMounts": [*draft.some(*MOUNTS)]})


@recipe("spec.cluster.head.init")
def init_container_of_the_head(draft: Draft) -> None:
    env = [draft.variable(name) for name in draft.some(*WATCHED)]
    draft.head_pod["initContainers"] = [{"name": "ray-history-collector", "env": env}]


@recipe("spec.cluster.groups.env")
def variables_of_a_group(draft: Draft) -> None:
    names = ("RAY_REDIS_ADDRESS", "REDIS_PASSWORD", "REDIS_USERNAME", "RAY_gcs_storage", V2_VARIABLE)
    container(draft.group())["env"] = [draft.variable(name) for name in draft.some(*names)]


@recipe("spec.cluster.head.containers.odd")
def odd_container_of_the_head(draft: Draft) -> None:
    draft.head_pod["containers"].append(draft.pick(None, {}, {"name": "ray-head"}))
    draft.head_container["env"] = [*draft.head_container.get("env", []), None, {"name": ""}]
    draft.head_container["resources"] = {"limits": {"cpu": draft.pick("1", 1, "500m", None), "memory": "4Gi"}}


@recipe("spec.cluster.head.others")
def rest_of_the_head(draft: Draft) -> None:
    draft.head |= {"serviceType": "Unknown", "enableIngress": True, "headService": {}, "ingressOptions": {}}


@recipe("spec.cluster.groups.others")
def rest_of_a_group(draft: Draft) -> None:
    draft.group(numOfHosts=draft.pick(-1, 0, 2), scaleStrategy={"workersToDelete": ["a"]}, rayStartParams=None)


@recipe("spec.cluster.others")
def rest_of_the_cluster(draft: Draft) -> None:
    draft.cluster |= {"headServiceAnnotations": {"a": ""}, "suspend": True, "managedBy": "somebody"}
    draft.cluster["upgradeStrategy"] = draft.pick({}, {"type": "None"}, {"type": "Recreate"})
