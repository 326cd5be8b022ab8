"""Pod templates that Pod Security judges one way or the other: a compliant one, and what may be changed in it."""

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

Raw: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[random.Random, Raw], None]

SEED = 36  # of Kubernetes 1.36: any will do, as long as it stays
WINDOWS = "windows"

CONTEXT: Raw = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
CAPABILITIES: Sequence[list[str] | None] = [
    [],
    None,
    ["NET_BIND_SERVICE"],
    ["CHOWN", "KILL"],
    ["NET_RAW"],
    ["NET_ADMIN", "CHOWN"],
    ["SYS_PTRACE"],
    ["net_bind_service"],
    ["CAP_NET_BIND_SERVICE"],
    [""],
    ["ALL"],
    ["SYS_ADMIN"],
    ["NET_BIND_SERVICE", "SETUID"],
]
DROPS = [["ALL"], ["all"], [], None, ["CAP_ALL"], ["NET_RAW"], ["KILL", "ALL"]]
PROFILES = [
    {"type": "RuntimeDefault"},
    {"type": "Localhost", "localhostProfile": "a/b.json"},
    {"type": "Unconfined"},
    None,
]
ANNOTATIONS = ["runtime/default", "localhost/mine", "unconfined", ""]
SELINUX: Sequence[Raw | None] = [
    {},
    None,
    {"type": ""},
    {"type": "container_t"},
    {"type": "container_init_t"},
    {"type": "container_kvm_t"},
    {"type": "container_engine_t", "level": "s0:c1,c2"},
    {"type": "spc_t"},
    {"type": "Container_t"},
    {"user": "system_u"},
    {"role": "system_r"},
    {"user": "", "role": ""},
    {"type": "container_t", "user": "u", "role": "r"},
]
SYSCTLS = [
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
    "kernel.msgmax",
    "kernel/shm_rmid_forced",
    "net.core.somaxconn",
    "net.ipv4.ip_forward",
]
VOLUMES: Sequence[Raw] = [
    {},
    {"hostPath": None},
    {"hostPath": {"path": "/etc"}},
    {"hostPath": {"path": "/etc", "type": "Directory"}, "emptyDir": None},
    {"emptyDir": {}},
    {"emptyDir": None},
    {"emptyDir": {"medium": "Memory"}},
    {"configMap": {"name": "a"}},
    {"secret": {"secretName": "a"}},
    {"downwardAPI": {"items": []}},
    {"projected": {"sources": []}},
    {"csi": {"driver": "a"}},
    {"persistentVolumeClaim": {"claimName": "a"}},
    {
        "ephemeral": {
            "volumeClaimTemplate": {
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
            }
        }
    },
    {"image": {"reference": "a", "pullPolicy": "Always"}},
    {"nfs": {"server": "a", "path": "/"}},
    {"awsElasticBlockStore": {"volumeID": "a"}},
    {"azureDisk": {"diskName": "a", "diskURI": "/subscriptions/a"}},
    {"azureFile": {"secretName": "a", "shareName": "b"}},
    {"cephfs": {"monitors": ["a"]}},
    {"cinder": {"volumeID": "a"}},
    {"fc": {"targetWWNs": ["a"], "lun": 1}},
    {"flexVolume": {"driver": "a/b"}},
    {"flocker": {"datasetName": "a"}},
    {"gcePersistentDisk": {"pdName": "a"}},
    {"gitRepo": {"repository": "a"}},
    {"glusterfs": {"endpoints": "a", "path": "b"}},
    {"iscsi": {"targetPortal": "1.2.3.4", "iqn": "iqn.2000-01.com.example:a", "lun": 0}},
    {"photonPersistentDisk": {"pdID": "a"}},
    {"portworxVolume": {"volumeID": "a"}},
    {"quobyte": {"registry": "a:1", "volume": "b"}},
    {"rbd": {"monitors": ["a"], "image": "b"}},
    {"scaleIO": {"gateway": "a", "secretRef": {"name": "b"}, "system": "c", "volumeName": "d"}},
    {"storageos": {"volumeName": "a"}},
    {"vsphereVolume": {"volumePath": "a"}},
]
HOSTS = ["", None, "example", "127.0.0.1"]


def templates(count: int) -> Iterator[Raw]:
    """Templates, the same in every run: each sort of volume and each sysctl alone, and so many with other changes."""
    chance = random.Random(SEED)  # noqa: S311 (a test that repeats, not a secret)
    yield compliant(chance)
    for volume in VOLUMES:
        template = compliant(chance)
        template["spec"]["volumes"] = [{"name": "v", **copy.deepcopy(volume)}]
        yield template
    for name in SYSCTLS:
        template = compliant(chance)
        template["spec"].setdefault("securityContext", {})["sysctls"] = [{"name": name, "value": "1"}]
        yield template
    for index in range(count):
        template = compliant(chance)
        # Every change has its turns as the first one, whatever chance says.
        changes = [CHANGES[index % len(CHANGES)], *chance.choices(CHANGES, k=chance.choice([0, 0, 0, 1, 2, 5]))]
        for change in changes:
            change(chance, template)
        yield template


def ephemeral_containers(count: int) -> Iterator[list[Raw]]:
    """So many lists of containers for debugging, whose securityContexts differ."""
    chance = random.Random(SEED)  # noqa: S311 (the same)
    for index in range(count):
        container = {"name": f"debug-{index}", "image": "a", "securityContext": copy.deepcopy(CONTEXT)}
        template = {"metadata": {}, "spec": {"containers": [container]}}
        OF_CONTEXTS[index % len(OF_CONTEXTS)](chance, template)
        yield [template["spec"]["containers"][0]]


def compliant(chance: random.Random) -> Raw:
    """A template of one to three containers that keeps to *restricted*, by the pod's context or by each container's."""
    names = iter(["main", "side", "init"])
    spec: Raw = {"restartPolicy": "Never"}
    for kind, count in (("containers", chance.choice([1, 2])), ("initContainers", chance.choice([0, 1]))):
        spec[kind] = [
            {"name": next(names), "image": "a", "securityContext": copy.deepcopy(CONTEXT)} for _ in range(count)
        ]
    if chance.random() < 0.3:
        spec["securityContext"] = {name: copy.deepcopy(CONTEXT[name]) for name in ("runAsNonRoot", "seccompProfile")}
        for container in _containers(spec):
            for name in spec["securityContext"]:
                del container["securityContext"][name]
    return {"metadata": {}, "spec": spec}


def _containers(spec: Raw) -> list[Raw]:
    return [*spec["containers"], *(spec.get("initContainers") or ())]


def _container(chance: random.Random, template: Raw) -> Raw:
    container: Raw = chance.choice(_containers(template["spec"]))
    return container


def _context(chance: random.Random, template: Raw) -> Raw:
    """The securityContext of a container, and of those that have none a new one."""
    container = _container(chance, template)
    container["securityContext"] = container.get("securityContext") or {}
    context: Raw = container["securityContext"]
    return context


def _any_context(chance: random.Random, template: Raw) -> Raw:
    """The securityContext of a container, or of the pod."""
    if chance.random() < 0.5:
        return _context(chance, template)
    template["spec"]["securityContext"] = template["spec"].get("securityContext") or {}
    context: Raw = template["spec"]["securityContext"]
    return context


def _privileged(chance: random.Random, template: Raw) -> None:
    context = _context(chance, template)
    context["privileged"] = chance.choice([True, True, False, None])
    if context["privileged"]:
        context.pop("allowPrivilegeEscalation", None)  # the API server refuses the one beside the other


def _escalation(chance: random.Random, template: Raw) -> None:
    _context(chance, template)["allowPrivilegeEscalation"] = chance.choice([True, False, None])


def _no_context(chance: random.Random, template: Raw) -> None:
    _container(chance, template)["securityContext"] = chance.choice([None, {}])


def _capabilities(chance: random.Random, template: Raw) -> None:
    context = _context(chance, template)
    context["capabilities"] = chance.choice([{"drop": ["ALL"], "add": chance.choice(CAPABILITIES)}] * 8 + [None, {}])


def _drop(chance: random.Random, template: Raw) -> None:
    _context(chance, template)["capabilities"] = {"drop": chance.choice(DROPS)}


def _proc_mount(chance: random.Random, template: Raw) -> None:
    mount = chance.choice(["Default", "Unmasked", "Unmasked", None])
    _context(chance, template)["procMount"] = mount
    if mount == "Unmasked":
        template["spec"]["hostUsers"] = False  # or else the API server takes no such mount


def _host_users(chance: random.Random, template: Raw) -> None:
    template["spec"]["hostUsers"] = chance.choice([False, False, True, None])


def _non_root(chance: random.Random, template: Raw) -> None:
    _any_context(chance, template)["runAsNonRoot"] = chance.choice([True, False, None])


def _user(chance: random.Random, template: Raw) -> None:
    _any_context(chance, template)["runAsUser"] = chance.choice([0, 0, 1, 1000, None])


def _seccomp(chance: random.Random, template: Raw) -> None:
    _any_context(chance, template)["seccompProfile"] = copy.deepcopy(chance.choice(PROFILES))


def _apparmor(chance: random.Random, template: Raw) -> None:
    profile = copy.deepcopy(chance.choice(PROFILES))
    if profile and profile.get("localhostProfile"):
        profile["localhostProfile"] = "mine"
    _any_context(chance, template)["appArmorProfile"] = profile


def _apparmor_annotation(chance: random.Random, template: Raw) -> None:
    name = f"container.apparmor.security.beta.kubernetes.io/{_container(chance, template)['name']}"
    template["metadata"].setdefault("annotations", {})[name] = chance.choice(ANNOTATIONS)


def _other_annotation(chance: random.Random, template: Raw) -> None:
    name = chance.choice(
        ["seccomp.security.alpha.kubernetes.io/pods", "apparmor.security.beta.kubernetes.io/main", "a"]
    )
    template["metadata"].setdefault("annotations", {})[name] = "unconfined"


def _selinux(chance: random.Random, template: Raw) -> None:
    _any_context(chance, template)["seLinuxOptions"] = copy.deepcopy(chance.choice(SELINUX))


def _sysctls(chance: random.Random, template: Raw) -> None:
    context = template["spec"].setdefault("securityContext", {})
    chosen = chance.sample(SYSCTLS, k=chance.choice([0, 1, 1, 2]))
    context["sysctls"] = [{"name": name, "value": "1"} for name in chosen]


def _volumes(chance: random.Random, template: Raw) -> None:
    chosen = chance.sample(VOLUMES, k=chance.choice([1, 1, 1, 3]))
    template["spec"]["volumes"] = [{"name": f"v{index}", **copy.deepcopy(one)} for index, one in enumerate(chosen)]


def _host_namespace(chance: random.Random, template: Raw) -> None:
    name = chance.choice(["hostNetwork", "hostPID", "hostIPC"])
    template["spec"][name] = chance.choice([True, True, False, None])


def _ports(chance: random.Random, template: Raw) -> None:
    port: Raw = {"containerPort": chance.choice([80, 8080])}
    host = chance.choice([None, 0, 1, 65535, ...])
    if host is not ...:
        port["hostPort"] = host
    if template["spec"].get("hostNetwork") and host:
        port["hostPort"] = port["containerPort"]  # with the node's network the two must be the same
    _container(chance, template)["ports"] = chance.choice([[port], [port], [], None])


def _probe(chance: random.Random, template: Raw) -> None:
    container = template["spec"]["containers"][0]
    name = chance.choice(["livenessProbe", "readinessProbe", "startupProbe"])
    container[name] = {chance.choice(["httpGet", "tcpSocket"]): {"port": 80, "host": chance.choice(HOSTS)}}


def _hook(chance: random.Random, template: Raw) -> None:
    container = template["spec"]["containers"][0]
    name, action = chance.choice(["postStart", "preStop"]), chance.choice(["httpGet", "tcpSocket"])
    container["lifecycle"] = {name: {action: {"port": 80, "host": chance.choice(HOSTS)}}}


def _windows(chance: random.Random, template: Raw) -> None:
    """A pod for Windows, without what Windows does not know; sometimes one that is a process of the node."""
    template["metadata"], spec = {}, template["spec"]
    for name in ("hostPID", "hostIPC", "hostUsers", "hostNetwork", "securityContext"):
        spec.pop(name, None)
    for container in _containers(spec):
        container["securityContext"] = chance.choice([{"runAsNonRoot": True}, {"runAsNonRoot": False}, {}, None])
    spec["os"] = {"name": WINDOWS}
    if chance.random() < 0.6:
        spec["hostNetwork"] = True
        spec["securityContext"] = {"windowsOptions": {"hostProcess": True, "runAsUserName": "a"}}
        if chance.random() < 0.5:
            del spec["securityContext"]
            for container in _containers(spec):
                container["securityContext"] = {"windowsOptions": {"hostProcess": True, "runAsUserName": "a"}}


def _windows_options(chance: random.Random, template: Raw) -> None:
    """Options of Windows in a pod that does not say that it is for Windows."""
    _any_context(chance, template)["windowsOptions"] = chance.choice([{"hostProcess": False}, {}, None])


def _operating_system(chance: random.Random, template: Raw) -> None:
    """Linux said aloud, or nothing."""
    template["spec"]["os"] = chance.choice([{"name": "linux"}, None])


OF_CONTEXTS: Sequence[Change] = (
    _privileged,
    _escalation,
    _no_context,
    _capabilities,
    _drop,
    _non_root,
    _user,
    _seccomp,
    _apparmor,
    _selinux,
)
CHANGES: Sequence[Change] = (
    *OF_CONTEXTS,
    _proc_mount,
    _host_users,
    _apparmor_annotation,
    _other_annotation,
    _sysctls,
    _volumes,
    _volumes,
    _host_namespace,
    _ports,
    _probe,
    _hook,
    _windows,
    _windows_options,
    _operating_system,
)
