"""The controls of level *baseline*: no known way from the pod to its node.

Each is called what Kubernetes calls its check, and decides as it does for the newest version of the standards.

Source: k8s.io/pod-security-admission v0.36.3, policy/check_*.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob import pod
from webhook.rayjob.hooks import hooks
from webhook.rayjob.path import Key, Path
from webhook.rayjob.pod_security.violation import Violation
from webhook.rayjob.pods import Container, Pod, Sort

APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
"""What container runtimes give by default."""

PROFILES = frozenset({"RuntimeDefault", "Localhost"})
SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
"""Those that are the pod's own, and reach no other pod of the node."""


def app_armor_profile(made: Pod) -> Iterator[Violation]:
    """No profile but the runtime's own or one of the node's, by field or by annotation."""
    for path, context in made.contexts:
        yield from profiled(path, "appArmorProfile", context.get("appArmorProfile"))
    for name, value in (made.metadata.get("annotations") or {}).items():
        if name.startswith(APPARMOR_ANNOTATION) and not _allows_annotation(value or ""):
            path = made.path / "metadata" / "annotations" / Key(name)
            yield Violation(path, value, 'must be "runtime/default" or start with "localhost/"')


def _allows_annotation(value: str) -> bool:
    return value in {"", "runtime/default"} or value.startswith("localhost/")


def capabilities_baseline(made: Pod) -> Iterator[Violation]:
    """No capability but the default ones."""
    for container in made.containers:
        yield from added(container, CAPABILITIES, "must be one of the default capabilities")


def host_namespaces(made: Pod) -> Iterator[Violation]:
    """Neither the node's network, nor its processes, nor its IPC."""
    spec, path = made.spec, made.path / "spec"
    for name, shares in (
        ("hostNetwork", spec.get("hostNetwork")),
        ("hostPID", spec.get("hostPID")),
        ("hostIPC", spec.get("hostIPC")),
    ):
        if shares is True:
            yield Violation(path / name, shares, "must be false or absent")


def host_path_volumes(made: Pod) -> Iterator[Violation]:
    """No path of the node."""
    for path, volume in made.volumes():
        source = volume.get("hostPath")
        if source is not None:
            yield Violation(path / "hostPath", source, "a volume must not be a path of the node")


def host_ports(made: Pod) -> Iterator[Violation]:
    """No port of the node; with hostNetwork, every port of the pod is one (Kubernetes fills in hostPort)."""
    on_host = made.spec.get("hostNetwork") is True
    for container in made.containers:
        for index, port in enumerate(container.spec.get("ports") or ()):
            path, own = container.path / "ports" / index, port or {}
            if own.get("hostPort"):
                yield Violation(path / "hostPort", own.get("hostPort"), "must be 0 or absent")
            elif on_host and own.get("containerPort") and container.sort is not Sort.EPHEMERAL:
                yield Violation(
                    path / "containerPort", own.get("containerPort"), "must not be the node's (hostNetwork)"
                )


def host_probes_and_host_lifecycle(made: Pod) -> Iterator[Violation]:
    """No probe and no hook that the kubelet sends elsewhere than to the pod."""
    for container in made.containers:
        for path, action in hooks(container.path, container.spec):
            for name, host in (
                ("httpGet", (action.get("httpGet") or {}).get("host")),
                ("tcpSocket", (action.get("tcpSocket") or {}).get("host")),
            ):
                if host:
                    yield Violation(path / name / "host", host, "must be absent")


def privileged(made: Pod) -> Iterator[Violation]:
    """No container that is the node's root."""
    for container in made.containers:
        is_root = container.context.get("privileged")
        if is_root is True:
            yield Violation(container.path / "securityContext" / "privileged", is_root, "must be false or absent")


def proc_mount(made: Pod) -> Iterator[Violation]:
    """No unmasked /proc, but in a user namespace."""
    if made.spec.get("hostUsers") is not False:
        yield from masked(made)


def se_linux_options(made: Pod) -> Iterator[Violation]:
    """No SELinux type but those of containers, neither user nor role."""
    for place, context in made.contexts:
        options = context.get("seLinuxOptions")
        if not options:
            continue
        path = place / "seLinuxOptions"
        if (options.get("type") or "") not in SELINUX_TYPES:
            types = ", ".join(sorted(SELINUX_TYPES - {""}))
            yield Violation(path / "type", options.get("type"), f"must be absent or one of {types}")
        for name, value in (("user", options.get("user")), ("role", options.get("role"))):
            if value:
                yield Violation(path / name, value, "must be absent")


def seccomp_profile_baseline(made: Pod) -> Iterator[Violation]:
    """No seccomp profile but the runtime's own or one of the node's."""
    for path, context in made.contexts:
        yield from profiled(path, "seccompProfile", context.get("seccompProfile"))


def sysctls(made: Pod) -> Iterator[Violation]:
    """No kernel parameter that reaches other pods."""
    for index, sysctl in enumerate(made.context.get("sysctls") or ()):
        name = (sysctl or {}).get("name") or ""
        if name not in SYSCTLS:
            path = made.path / "spec" / "securityContext" / "sysctls" / index / "name"
            yield Violation(path, name, "must be one of the safe sysctls")


def windows_host_process(made: Pod) -> Iterator[Violation]:
    """No process of the node on Windows."""
    for path, context in made.contexts:
        is_host = (context.get("windowsOptions") or {}).get("hostProcess")
        if is_host is True:
            yield Violation(path / "windowsOptions" / "hostProcess", is_host, "must be false or absent")


def added(container: Container, allowed: frozenset[str], must: str) -> Iterator[Violation]:
    """The capabilities of a container that are not among the allowed ones; null is an empty name."""
    for index, name in enumerate((container.context.get("capabilities") or {}).get("add") or ()):
        if name not in allowed:
            path = container.path / "securityContext" / "capabilities" / "add" / index
            yield Violation(path, name or "", must)


def masked(made: Pod) -> Iterator[Violation]:
    """The containers whose /proc is another than the default."""
    for container in made.containers:
        mount = container.context.get("procMount")
        if mount not in (None, "Default"):
            yield Violation(container.path / "securityContext" / "procMount", mount, 'must be "Default" or absent')


def profiled(path: Path, name: str, profile: pod.AppArmorProfile | pod.SeccompProfile | None) -> Iterator[Violation]:
    """The type of the profile in a securityContext, where there is one that is not allowed."""
    if profile is not None and profile.get("type") not in PROFILES:
        yield Violation(path / name / "type", profile.get("type"), 'must be "RuntimeDefault" or "Localhost"')
