"""The controls of level *restricted*: what a pod must give up, besides keeping to *baseline*.

Each is called what Kubernetes calls its check, and decides as it does for the newest version of the standards.

Source: k8s.io/pod-security-admission v0.36.3, policy/check_*.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.pod_security.baseline import PROFILES, added, masked, profiled
from webhook.rayjob.pod_security.violation import Violation
from webhook.rayjob.pods import Pod

VOLUMES = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
)
"""The sorts of volumes that are neither the node's own nor mounted with the node's credentials."""

IN_POD_TOO = "here or in the pod's securityContext"


def allow_privilege_escalation(made: Pod) -> Iterator[Violation]:
    """No process that gets more rights than its parent had."""
    if _is_windows(made):
        return
    for container in made.containers:
        allows = container.context.get("allowPrivilegeEscalation")
        if allows is not False:
            yield Violation(container.path / "securityContext" / "allowPrivilegeEscalation", allows, "must be false")


def capabilities_restricted(made: Pod) -> Iterator[Violation]:
    """No capability but that to open a port below 1024."""
    if _is_windows(made):
        return
    for container in made.containers:
        dropped = (container.context.get("capabilities") or {}).get("drop")
        if "ALL" not in (dropped or ()):
            yield Violation(container.path / "securityContext" / "capabilities" / "drop", dropped, 'must hold "ALL"')
        yield from added(container, frozenset({"NET_BIND_SERVICE"}), "must be NET_BIND_SERVICE or absent")


def proc_mount_restricted(made: Pod) -> Iterator[Violation]:
    """No unmasked /proc."""
    yield from masked(made)


def restricted_volumes(made: Pod) -> Iterator[Violation]:
    """No volumes but of the harmless sorts; a volume without a source is an emptyDir."""
    for path, volume in made.volumes():
        for sort, source in volume.items():
            if sort not in VOLUMES and isinstance(source, dict):
                yield Violation(path / sort, source, f"a volume must be one of {', '.join(VOLUMES)}")


def run_as_non_root(made: Pod) -> Iterator[Violation]:
    """No container that may run as root, but in a user namespace."""
    if made.spec.get("hostUsers") is False:
        return
    for_all = made.context.get("runAsNonRoot")
    for path, context in made.contexts:
        own = context.get("runAsNonRoot")
        if own is False:
            yield Violation(path / "runAsNonRoot", own, "must be true")
    if for_all is None:
        for container in made.containers:
            if container.context.get("runAsNonRoot") is None:
                yield Violation(container.path / "securityContext" / "runAsNonRoot", None, f"must be true {IN_POD_TOO}")


def run_as_user(made: Pod) -> Iterator[Violation]:
    """No container that is told to run as root, but in a user namespace."""
    if made.spec.get("hostUsers") is False:
        return
    for path, context in made.contexts:
        user = context.get("runAsUser")
        if user == 0:
            yield Violation(path / "runAsUser", user, "must be another than root's, 0, or absent")


def seccomp_profile_restricted(made: Pod) -> Iterator[Violation]:
    """No container without a seccomp profile, the runtime's own or one of the node's."""
    if _is_windows(made):
        return
    for path, context in made.contexts:
        yield from profiled(path, "seccompProfile", context.get("seccompProfile"))
    if made.context.get("seccompProfile") is None:
        names = '" or "'.join(sorted(PROFILES, reverse=True))
        for container in made.containers:
            if container.context.get("seccompProfile") is None:
                path = container.path / "securityContext" / "seccompProfile" / "type"
                yield Violation(path, None, f'must be "{names}" {IN_POD_TOO}')


def _is_windows(made: Pod) -> bool:
    """Whether the pod has said that it runs on Windows, where these fields must not be set."""
    return (made.spec.get("os") or {}).get("name") == "windows"
