"""The two levels of the Pod Security Standards, and the controls that make them up.

Source: k8s.io/pod-security-admission v0.36.3, policy/registry.go: a restricted control stands in for the weaker one of
*baseline* (OverrideCheckIDs).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

from webhook.rayjob.pod_security import baseline, restricted
from webhook.rayjob.pod_security.violation import Violation
from webhook.rayjob.pods import Pod


class Level(StrEnum):
    """How much a pod may do; there is a third, *privileged*, of which nothing is asked."""

    BASELINE = "baseline"
    RESTRICTED = "restricted"


class Control(StrEnum):
    """The controls, as Kubernetes calls its checks."""

    APP_ARMOR_PROFILE = "appArmorProfile"
    CAPABILITIES_BASELINE = "capabilities_baseline"
    HOST_NAMESPACES = "hostNamespaces"
    HOST_PATH_VOLUMES = "hostPathVolumes"
    HOST_PORTS = "hostPorts"
    HOST_PROBES_AND_HOST_LIFECYCLE = "hostProbesAndHostLifecycle"
    PRIVILEGED = "privileged"
    PROC_MOUNT = "procMount"
    SE_LINUX_OPTIONS = "seLinuxOptions"
    SECCOMP_PROFILE_BASELINE = "seccompProfile_baseline"
    SYSCTLS = "sysctls"
    WINDOWS_HOST_PROCESS = "windowsHostProcess"
    ALLOW_PRIVILEGE_ESCALATION = "allowPrivilegeEscalation"
    CAPABILITIES_RESTRICTED = "capabilities_restricted"
    PROC_MOUNT_RESTRICTED = "procMount_restricted"
    RESTRICTED_VOLUMES = "restrictedVolumes"
    RUN_AS_NON_ROOT = "runAsNonRoot"
    RUN_AS_USER = "runAsUser"
    SECCOMP_PROFILE_RESTRICTED = "seccompProfile_restricted"


Check: TypeAlias = Callable[[Pod], Iterator[Violation]]

BASELINE: Mapping[Control, Check] = {
    Control.APP_ARMOR_PROFILE: baseline.app_armor_profile,
    Control.CAPABILITIES_BASELINE: baseline.capabilities_baseline,
    Control.HOST_NAMESPACES: baseline.host_namespaces,
    Control.HOST_PATH_VOLUMES: baseline.host_path_volumes,
    Control.HOST_PORTS: baseline.host_ports,
    Control.HOST_PROBES_AND_HOST_LIFECYCLE: baseline.host_probes_and_host_lifecycle,
    Control.PRIVILEGED: baseline.privileged,
    Control.PROC_MOUNT: baseline.proc_mount,
    Control.SE_LINUX_OPTIONS: baseline.se_linux_options,
    Control.SECCOMP_PROFILE_BASELINE: baseline.seccomp_profile_baseline,
    Control.SYSCTLS: baseline.sysctls,
    Control.WINDOWS_HOST_PROCESS: baseline.windows_host_process,
}
RESTRICTED: Mapping[Control, Check] = {
    Control.ALLOW_PRIVILEGE_ESCALATION: restricted.allow_privilege_escalation,
    Control.CAPABILITIES_RESTRICTED: restricted.capabilities_restricted,
    Control.PROC_MOUNT_RESTRICTED: restricted.proc_mount_restricted,
    Control.RESTRICTED_VOLUMES: restricted.restricted_volumes,
    Control.RUN_AS_NON_ROOT: restricted.run_as_non_root,
    Control.RUN_AS_USER: restricted.run_as_user,
    Control.SECCOMP_PROFILE_RESTRICTED: restricted.seccomp_profile_restricted,
}
STRICTER: Mapping[Control, Control] = {
    Control.CAPABILITIES_BASELINE: Control.CAPABILITIES_RESTRICTED,
    Control.HOST_PATH_VOLUMES: Control.RESTRICTED_VOLUMES,
    Control.PROC_MOUNT: Control.PROC_MOUNT_RESTRICTED,
    Control.SECCOMP_PROFILE_BASELINE: Control.SECCOMP_PROFILE_RESTRICTED,
}
"""The controls of *baseline* that a restricted one stands in for."""


def controls(level: Level, allowed: Collection[Control] = ()) -> dict[Control, Check]:
    """The controls of a level but those that are allowed.

    Where only the stricter one of two is allowed, the one that it stands in for is asked again.
    """
    asked = dict(BASELINE)
    if level is Level.RESTRICTED:
        for control, stricter in STRICTER.items():
            if stricter not in allowed:
                del asked[control]
        asked |= RESTRICTED
    return {control: check for control, check in asked.items() if control not in allowed}
