"""Mutual TLS (R111 to R117)."""

from __future__ import annotations

from tests.parity.draft import Draft, Json, container
from tests.parity.recipe import MTLS, Breach, behind, recipe

TLS = "spec.cluster.tls"
HEAD = "spec.cluster.head.containers.tls"
GROUP = "spec.cluster.groups.tls"
AUTOSCALER = ("spec.cluster.autoscaler.env.tls", "spec.cluster.autoscaler.mounts")

VARIABLES = ("RAY_USE_TLS", "RAY_TLS_SERVER_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_CA_CERT")


def tls(*numbers: str) -> tuple[Breach, ...]:
    """The rules that mutual TLS breaks, or the one of its gate."""
    return behind(MTLS, "R111", *numbers)


def encrypt(draft: Draft) -> None:
    """Turns mutual TLS on."""
    draft.cluster["tlsOptions"] = {"enabled": True}


def variable(draft: Draft) -> Json:
    """A variable that KubeRay sets itself for mutual TLS."""
    return draft.variable(draft.pick(*VARIABLES))


def mount(draft: Draft) -> Json:
    """A mount where KubeRay mounts certificates."""
    return draft.pick({"name": "ray-tls", "mountPath": "/a"}, {"name": "a", "mountPath": "/etc/ray/tls"})


@recipe(TLS, HEAD, breaks=tls("R112"))
def tls_variable_of_the_head(draft: Draft) -> None:
    encrypt(draft)
    draft.add(draft.head_container, "env", variable(draft))


@recipe(TLS, HEAD, breaks=tls("R113"))
def tls_mount_of_the_head(draft: Draft) -> None:
    encrypt(draft)
    draft.add(draft.head_container, "volumeMounts", mount(draft))


@recipe(TLS, GROUP, breaks=tls("R114"))
def tls_variable_of_a_group(draft: Draft) -> None:
    encrypt(draft)
    draft.add(container(draft.group()), "env", variable(draft))


@recipe(TLS, GROUP, breaks=tls("R115"))
def tls_mount_of_a_group(draft: Draft) -> None:
    encrypt(draft)
    draft.add(container(draft.group()), "volumeMounts", mount(draft))


@recipe(TLS, *AUTOSCALER, breaks=tls("R116"))
def tls_variable_of_the_autoscaler(draft: Draft) -> None:
    encrypt(draft)
    draft.add(draft.options("autoscalerOptions"), "env", variable(draft))


@recipe(TLS, *AUTOSCALER, breaks=tls("R117"))
def tls_mount_of_the_autoscaler(draft: Draft) -> None:
    encrypt(draft)
    draft.add(draft.options("autoscalerOptions"), "volumeMounts", mount(draft))


@recipe(TLS, HEAD, GROUP, *AUTOSCALER, breaks=tls())
def sound_tls(draft: Draft) -> None:
    encrypt(draft)
    draft.add(draft.head_container, "volumeMounts", {"name": "ray-tls-2", "mountPath": "/etc/ray/tls/"})
    draft.add(container(draft.group()), "env", draft.variable("RAY_USE_TLS_"))
    draft.add(draft.options("autoscalerOptions"), "env", draft.variable("ray_use_tls"))


@recipe(TLS, HEAD, GROUP, *AUTOSCALER, breaks=tls())
def tls_turned_off(draft: Draft) -> None:
    draft.cluster["tlsOptions"] = draft.pick({}, {"enabled": False}, {"enabled": None})
    for holder in (draft.head_container, container(draft.group()), draft.options("autoscalerOptions")):
        draft.add(holder, "env", variable(draft))
        draft.add(holder, "volumeMounts", mount(draft))


@recipe(TLS, HEAD)
def no_tls(draft: Draft) -> None:
    draft.cluster["tlsOptions"] = None
    draft.add(draft.head_container, "env", variable(draft))
