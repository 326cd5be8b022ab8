from typing import Any

import pytest

from webhook.rayjob.path import Path, field
from webhook.rayjob.pod_security import baseline
from webhook.rayjob.pod_security.standard import BASELINE, RESTRICTED, STRICTER, Control, Level, controls
from webhook.rayjob.pods import of_template

CONTEXT: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
KINDS = ("containers", "initContainers", "ephemeralContainers")
FOR_ALL = "securityContext"
FIRST = "containers[0].securityContext"
CYRILLIC = "\N{CYRILLIC CAPITAL LETTER ES}HOWN"


def template(spec: dict[str, Any], annotations: dict[str, str] | None = None) -> Any:
    return {"metadata": {"annotations": annotations}, "spec": spec}


def secured(**context: object) -> dict[str, Any]:
    """A container with a securityContext."""
    return {"name": "a", "securityContext": context}


def containers(**context: object) -> dict[str, Any]:
    """A spec of one container with a securityContext."""
    return {"containers": [secured(**context)]}


def found(control: Control, raw: Any) -> list[tuple[str, object]]:
    """Where, below the spec, a control finds something, and what stands there."""
    made = of_template(field("t"), raw)
    check = (dict(BASELINE) | dict(RESTRICTED))[control]
    return [(str(one.path).removeprefix("t.").removeprefix("spec."), one.value) for one in check(made)]


def profiles(control: Control, name: str) -> list[Any]:
    bad: list[dict[str, Any]] = [{"type": "Unconfined"}, {"type": ""}, {"type": "runtimedefault"}, {}, {"type": None}]
    good: list[Any] = [None, {"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "a"}]
    return [
        *((control, containers(**{name: one}), []) for one in good),
        *((control, {"securityContext": {name: one}}, []) for one in good),
        *((control, containers(**{name: one}), [(f"{FIRST}.{name}.type", one.get("type"))]) for one in bad),
        *((control, {"securityContext": {name: one}}, [(f"{FOR_ALL}.{name}.type", one.get("type"))]) for one in bad),
    ]


CASES: list[tuple[Control, dict[str, Any], list[Any]]] = [
    *profiles(Control.APP_ARMOR_PROFILE, "appArmorProfile"),
    *profiles(Control.SECCOMP_PROFILE_BASELINE, "seccompProfile"),
    (Control.CAPABILITIES_BASELINE, {"containers": [{}, None]}, []),
    (Control.CAPABILITIES_BASELINE, containers(capabilities=None), []),
    (Control.CAPABILITIES_BASELINE, containers(capabilities={"add": None, "drop": []}), []),
    (Control.CAPABILITIES_BASELINE, containers(capabilities={"add": sorted(baseline.CAPABILITIES)}), []),
    (
        Control.CAPABILITIES_BASELINE,
        containers(capabilities={"add": ["CHOWN", "NET_RAW", "chown", "CAP_CHOWN", "", None, "ALL", CYRILLIC]}),
        [
            (f"{FIRST}.capabilities.add[1]", "NET_RAW"),
            (f"{FIRST}.capabilities.add[2]", "chown"),
            (f"{FIRST}.capabilities.add[3]", "CAP_CHOWN"),
            (f"{FIRST}.capabilities.add[4]", ""),
            (f"{FIRST}.capabilities.add[5]", ""),
            (f"{FIRST}.capabilities.add[6]", "ALL"),
            (f"{FIRST}.capabilities.add[7]", CYRILLIC),
        ],
    ),
    (Control.HOST_NAMESPACES, {"hostNetwork": False, "hostPID": None, "hostIPC": False}, []),
    (
        Control.HOST_NAMESPACES,
        {"hostNetwork": True, "hostPID": True, "hostIPC": True},
        [("hostNetwork", True), ("hostPID", True), ("hostIPC", True)],
    ),
    (Control.HOST_PATH_VOLUMES, {"volumes": None}, []),
    (Control.HOST_PATH_VOLUMES, {"volumes": [{"name": "a", "emptyDir": {}}, None, {"hostPath": None}]}, []),
    (
        Control.HOST_PATH_VOLUMES,
        {"volumes": [{}, {"hostPath": {}}, {"hostPath": {"path": "/a"}, "emptyDir": {}}]},
        [("volumes[1].hostPath", {}), ("volumes[2].hostPath", {"path": "/a"})],
    ),
    (
        Control.HOST_PORTS,
        {"containers": [{"ports": None}, {"ports": [None, {"containerPort": 80, "hostPort": 0}]}]},
        [],
    ),
    (
        Control.HOST_PORTS,
        {"containers": [{"ports": [{"containerPort": 80}, {"hostPort": 1}]}, {"ports": [{"hostPort": -1}]}]},
        [("containers[0].ports[1].hostPort", 1), ("containers[1].ports[0].hostPort", -1)],
    ),
    (
        Control.HOST_PORTS,
        {
            "hostNetwork": True,
            "containers": [{"ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}, {}]}],
            "initContainers": [{"ports": [{"containerPort": 82, "hostPort": 0}]}],
            "ephemeralContainers": [{"ports": [{"containerPort": 83}, {"hostPort": 84}]}],
        },
        [
            ("containers[0].ports[0].containerPort", 80),
            ("containers[0].ports[1].hostPort", 81),
            ("initContainers[0].ports[0].containerPort", 82),
            ("ephemeralContainers[0].ports[1].hostPort", 84),
        ],
    ),
    (
        Control.HOST_PROBES_AND_HOST_LIFECYCLE,
        {
            "containers": [
                {
                    "livenessProbe": {"httpGet": {"host": ""}, "tcpSocket": {"host": None}, "exec": {}},
                    "readinessProbe": None,
                    "startupProbe": {"httpGet": None},
                    "lifecycle": {"preStop": None, "postStart": {"httpGet": {"port": 80}}},
                }
            ]
        },
        [],
    ),
    *(
        (
            Control.HOST_PROBES_AND_HOST_LIFECYCLE,
            {"containers": [{probe: {action: {"host": "a"}}}]},
            [(f"containers[0].{probe}.{action}.host", "a")],
        )
        for probe in ("livenessProbe", "readinessProbe", "startupProbe")
        for action in ("httpGet", "tcpSocket")
    ),
    *(
        (
            Control.HOST_PROBES_AND_HOST_LIFECYCLE,
            {"containers": [{"lifecycle": {hook: {action: {"host": "127.0.0.1"}}}}]},
            [(f"containers[0].lifecycle.{hook}.{action}.host", "127.0.0.1")],
        )
        for hook in ("postStart", "preStop")
        for action in ("httpGet", "tcpSocket")
    ),
    (Control.PRIVILEGED, containers(privileged=False), []),
    (Control.PRIVILEGED, containers(privileged=None), []),
    (Control.PRIVILEGED, containers(privileged=True), [(f"{FIRST}.privileged", True)]),
    (Control.PROC_MOUNT, containers(procMount="Default"), []),
    (Control.PROC_MOUNT, containers(procMount=None), []),
    (Control.PROC_MOUNT, containers(procMount="Unmasked"), [(f"{FIRST}.procMount", "Unmasked")]),
    (Control.PROC_MOUNT, containers(procMount=""), [(f"{FIRST}.procMount", "")]),
    (Control.PROC_MOUNT, containers(procMount="Unmasked") | {"hostUsers": False}, []),
    (
        Control.PROC_MOUNT,
        containers(procMount="Unmasked") | {"hostUsers": True},
        [(f"{FIRST}.procMount", "Unmasked")],
    ),
    (
        Control.PROC_MOUNT_RESTRICTED,
        containers(procMount="Unmasked") | {"hostUsers": False},
        [(f"{FIRST}.procMount", "Unmasked")],
    ),
    (Control.SE_LINUX_OPTIONS, {"securityContext": {"seLinuxOptions": None}}, []),
    *(
        (Control.SE_LINUX_OPTIONS, containers(seLinuxOptions={"type": name, "user": "", "role": None}), [])
        for name in (None, *baseline.SELINUX_TYPES)
    ),
    (
        Control.SE_LINUX_OPTIONS,
        containers(seLinuxOptions={"type": "spc_t", "user": "u"})
        | {"securityContext": {"seLinuxOptions": {"role": "r"}}},
        [
            (f"{FOR_ALL}.seLinuxOptions.role", "r"),
            (f"{FIRST}.seLinuxOptions.type", "spc_t"),
            (f"{FIRST}.seLinuxOptions.user", "u"),
        ],
    ),
    (Control.SYSCTLS, {"securityContext": {"sysctls": [{"name": name} for name in sorted(baseline.SYSCTLS)]}}, []),
    (Control.SYSCTLS, {"securityContext": {"sysctls": None}}, []),
    (
        Control.SYSCTLS,
        {"securityContext": {"sysctls": [{"name": "kernel.msgmax"}, {"name": "net/ipv4/tcp_rmem"}, {}, None]}},
        [
            (f"{FOR_ALL}.sysctls[0].name", "kernel.msgmax"),
            (f"{FOR_ALL}.sysctls[1].name", "net/ipv4/tcp_rmem"),
            (f"{FOR_ALL}.sysctls[2].name", ""),
            (f"{FOR_ALL}.sysctls[3].name", ""),
        ],
    ),
    (Control.WINDOWS_HOST_PROCESS, containers(windowsOptions={"hostProcess": False}), []),
    (Control.WINDOWS_HOST_PROCESS, containers(windowsOptions=None), []),
    (
        Control.WINDOWS_HOST_PROCESS,
        containers(windowsOptions={"hostProcess": True})
        | {"securityContext": {"windowsOptions": {"hostProcess": True}}, "os": {"name": "windows"}},
        [(f"{FOR_ALL}.windowsOptions.hostProcess", True), (f"{FIRST}.windowsOptions.hostProcess", True)],
    ),
    (Control.ALLOW_PRIVILEGE_ESCALATION, containers(allowPrivilegeEscalation=False), []),
    (
        Control.ALLOW_PRIVILEGE_ESCALATION,
        {"containers": [secured(allowPrivilegeEscalation=True), secured(), {"securityContext": None}, None]},
        [
            (f"containers[{index}].securityContext.allowPrivilegeEscalation", value)
            for index, value in enumerate([True, None, None, None])
        ],
    ),
    (Control.ALLOW_PRIVILEGE_ESCALATION, {"containers": [{}], "os": {"name": "windows"}}, []),
    (
        Control.ALLOW_PRIVILEGE_ESCALATION,
        {"containers": [{}], "os": {"name": "Windows"}},
        [(f"{FIRST}.allowPrivilegeEscalation", None)],
    ),
    (Control.CAPABILITIES_RESTRICTED, containers(capabilities={"drop": ["KILL", "ALL"]}), []),
    (Control.CAPABILITIES_RESTRICTED, containers(capabilities={"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}), []),
    (Control.CAPABILITIES_RESTRICTED, {"containers": [{}], "os": {"name": "windows"}}, []),
    (Control.CAPABILITIES_RESTRICTED, {"containers": [{}]}, [(f"{FIRST}.capabilities.drop", None)]),
    (
        Control.CAPABILITIES_RESTRICTED,
        containers(capabilities={"drop": ["all", None], "add": ["KILL", None]}),
        [
            (f"{FIRST}.capabilities.drop", ["all", None]),
            (f"{FIRST}.capabilities.add[0]", "KILL"),
            (f"{FIRST}.capabilities.add[1]", ""),
        ],
    ),
    (
        Control.RESTRICTED_VOLUMES,
        {
            "volumes": [
                {"name": "a"},
                {"name": "b", "nfs": None, "csi": {}},
                *({"name": sort, sort: {}} for sort in ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral")),
                *({"name": sort, sort: {}} for sort in ("image", "persistentVolumeClaim", "projected", "secret")),
            ]
        },
        [],
    ),
    (
        Control.RESTRICTED_VOLUMES,
        {"volumes": [{"name": "a", "hostPath": {"path": "/"}}, {"nfs": {}, "emptyDir": {}}, {"sortOfTomorrow": {}}]},
        [("volumes[0].hostPath", {"path": "/"}), ("volumes[1].nfs", {}), ("volumes[2].sortOfTomorrow", {})],
    ),
    (Control.RUN_AS_NON_ROOT, containers(runAsNonRoot=True), []),
    (Control.RUN_AS_NON_ROOT, {"containers": [{}], "securityContext": {"runAsNonRoot": True}}, []),
    (Control.RUN_AS_NON_ROOT, {"containers": [{}], "hostUsers": False}, []),
    (Control.RUN_AS_NON_ROOT, {"containers": [{}], "os": {"name": "windows"}}, [(f"{FIRST}.runAsNonRoot", None)]),
    (
        Control.RUN_AS_NON_ROOT,
        {"containers": [secured(runAsNonRoot=False), {}], "securityContext": {"runAsNonRoot": True}},
        [(f"{FIRST}.runAsNonRoot", False)],
    ),
    (
        Control.RUN_AS_NON_ROOT,
        {"containers": [secured(runAsNonRoot=True), {}], "securityContext": {"runAsNonRoot": False}},
        [(f"{FOR_ALL}.runAsNonRoot", False)],
    ),
    (
        Control.RUN_AS_NON_ROOT,
        {"containers": [secured(runAsNonRoot=True), {}], "securityContext": None},
        [("containers[1].securityContext.runAsNonRoot", None)],
    ),
    (Control.RUN_AS_USER, containers(runAsUser=1) | {"securityContext": {"runAsUser": None}}, []),
    (Control.RUN_AS_USER, containers(runAsUser=0) | {"hostUsers": False}, []),
    (
        Control.RUN_AS_USER,
        containers(runAsUser=0) | {"securityContext": {"runAsUser": 0}},
        [(f"{FOR_ALL}.runAsUser", 0), (f"{FIRST}.runAsUser", 0)],
    ),
    (Control.SECCOMP_PROFILE_RESTRICTED, containers(seccompProfile={"type": "Localhost"}), []),
    (
        Control.SECCOMP_PROFILE_RESTRICTED,
        {"containers": [{}], "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}},
        [],
    ),
    (Control.SECCOMP_PROFILE_RESTRICTED, {"containers": [{}], "os": {"name": "windows"}}, []),
    (
        Control.SECCOMP_PROFILE_RESTRICTED,
        {"containers": [secured(seccompProfile={"type": "RuntimeDefault"}), {}]},
        [("containers[1].securityContext.seccompProfile.type", None)],
    ),
    (
        Control.SECCOMP_PROFILE_RESTRICTED,
        {
            "containers": [secured(seccompProfile={"type": "Unconfined"}), {}],
            "securityContext": {"seccompProfile": {"type": "Unconfined"}},
        },
        [(f"{FOR_ALL}.seccompProfile.type", "Unconfined"), (f"{FIRST}.seccompProfile.type", "Unconfined")],
    ),
]


@pytest.mark.parametrize(("control", "spec", "at"), CASES)
def test_a_control_finds_each_field_that_it_forbids_and_no_other(control, spec, at):
    assert found(control, template(spec)) == at


@pytest.mark.parametrize(
    ("annotation", "value", "is_bad"),
    [
        ("container.apparmor.security.beta.kubernetes.io/a", "runtime/default", False),
        ("container.apparmor.security.beta.kubernetes.io/a", "localhost/", False),
        ("container.apparmor.security.beta.kubernetes.io/a", "", False),
        ("container.apparmor.security.beta.kubernetes.io/a", None, False),
        ("container.apparmor.security.beta.kubernetes.io/a", "unconfined", True),
        ("container.apparmor.security.beta.kubernetes.io/", "runtime/Default", True),
        ("Container.apparmor.security.beta.kubernetes.io/a", "unconfined", False),
        ("container.seccomp.security.alpha.kubernetes.io/a", "unconfined", False),
    ],
)
def test_a_profile_may_also_be_asked_for_by_annotation(annotation, value, is_bad):
    at = [(f"metadata.annotations[{annotation}]", value)] if is_bad else []

    assert found(Control.APP_ARMOR_PROFILE, template({}, {annotation: value})) == at


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("control", "context"),
    [
        (Control.APP_ARMOR_PROFILE, {"appArmorProfile": {"type": "Unconfined"}}),
        (Control.CAPABILITIES_BASELINE, {"capabilities": {"add": ["NET_RAW"]}}),
        (Control.PRIVILEGED, {"privileged": True}),
        (Control.PROC_MOUNT, {"procMount": "Unmasked"}),
        (Control.SE_LINUX_OPTIONS, {"seLinuxOptions": {"user": "u"}}),
        (Control.SECCOMP_PROFILE_BASELINE, {"seccompProfile": {"type": "Unconfined"}}),
        (Control.WINDOWS_HOST_PROCESS, {"windowsOptions": {"hostProcess": True}}),
        (Control.ALLOW_PRIVILEGE_ESCALATION, {}),
        (Control.CAPABILITIES_RESTRICTED, {}),
        (Control.PROC_MOUNT_RESTRICTED, {"procMount": "Unmasked"}),
        (Control.RUN_AS_NON_ROOT, {}),
        (Control.RUN_AS_USER, {"runAsUser": 0}),
        (Control.SECCOMP_PROFILE_RESTRICTED, {}),
    ],
)
def test_a_control_looks_at_every_container_of_every_kind(control, context, kind):
    (one,) = of_violations(control, {kind: [secured(**CONTEXT), secured(**context)]}, 1)

    assert one.startswith(f"{kind}[1].securityContext.")


def of_violations(control: Control, spec: dict[str, Any], count: int) -> list[str]:
    where = [path for path, _ in found(control, template(spec))]
    assert len(where) == count
    return where


def test_a_template_without_anything_breaks_no_control_of_either_level():
    made = of_template(Path(), {})

    assert [one for level in Level for check in controls(level).values() for one in check(made)] == []


def test_every_control_belongs_to_one_level():
    assert {*BASELINE, *RESTRICTED} == set(Control)
    assert not {*BASELINE} & {*RESTRICTED}


def test_restricted_asks_for_baseline_too_but_for_what_it_makes_stricter():
    assert set(controls(Level.BASELINE)) == set(BASELINE)
    assert set(controls(Level.RESTRICTED)) == set(Control) - set(STRICTER)


def test_where_only_the_stricter_control_is_allowed_the_one_of_baseline_is_asked():
    allowed = [Control.RESTRICTED_VOLUMES, Control.SECCOMP_PROFILE_RESTRICTED, Control.SECCOMP_PROFILE_BASELINE]
    asked = set(controls(Level.RESTRICTED, allowed))

    assert asked & {*allowed, Control.HOST_PATH_VOLUMES} == {Control.HOST_PATH_VOLUMES}
    assert asked | set(allowed) == set(Control) - {Control.CAPABILITIES_BASELINE, Control.PROC_MOUNT}
