"""RayJobs of every kind that KubeRay's CRD takes, some odd, always the same ones."""

import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from webhook.rules.example import merged

Raw: TypeAlias = dict[str, Any]

SEED = 6  # any will do, as long as it stays

IMAGES = (
    "registry.example.com/team/ray:2.52.0",
    "registry.example.com.evil.io/ray:2.52.0",
    "rayproject/ray:latest",
    "rayproject/ray",
    "Registry.example.com/team/ray:2.52.0",
    "registry.example.com/team/ray@sha256:" + "0123456789abcdef" * 4,
    "",
)
QUANTITIES = ("1", "500m", "0.5", "4", "1e1", "2k", "-1", 2)
MEMORY = ("1Gi", "4Gi", "4G", "4294967296", "0.5Ti", "512Mi")
LABELS: tuple[Raw | None, ...] = (
    None,
    {},
    {"team": "a"},
    {"team": "A-very-long-team"},
    {"team": "a", "app.kubernetes.io/name": "train", "replicas": "3"},
    {"cost": "12", "replicas": "0x3"},
    {"replicas": "three", "tier": "gold"},
)
ANNOTATIONS: tuple[Raw | None, ...] = (
    None,
    {"expires": "2026-01-31T12:34:56Z", "count": "+3"},
    {"expires": "2026-01-31t12:34:56z"},
    {"expires": "soon", "note": "é 😀 \u202e"},
    {"budget": "1h30m", "ratio": "1.5", "count": " 3"},
    {"budget": " 1h", "ratio": "1e400", "expires": "2016-12-31T23:59:60Z"},
    {"budget": "1d", "ratio": "1.5.1", "expires": "2030-01-01T00:00:00+02:00"},
)
ENTRYPOINTS = ("python train.py", "python  -m train --lr=0.1", "sudo python train.py", "echo é", "", " ", "a" * 300)
COMMANDS: tuple[list[str] | None, ...] = (None, [], ["python"], ["sh", "-c", "sleep 1"])


def _container(draw: random.Random, name: str) -> Raw:
    container: Raw = {"name": name, "image": draw.choice(IMAGES)}
    if draw.random() < 0.7:
        limits = {"cpu": draw.choice(QUANTITIES), "memory": draw.choice(MEMORY)}
        if draw.random() < 0.4:
            limits["nvidia.com/gpu"] = draw.choice(("1", 1, "8"))
        container["resources"] = draw.choice(({"limits": limits}, {"limits": limits, "requests": limits}, {}))
    if draw.random() < 0.4:
        container["env"] = [
            {"name": name, "value": draw.choice(("1", "", "secret"))}
            for name in draw.sample(("HOME", "AWS_SECRET_ACCESS_KEY", "RAY_LOG", "A"), draw.randint(0, 3))
        ]
    if draw.random() < 0.3:
        container["securityContext"] = draw.choice(({}, {"privileged": True}, {"privileged": False}, {"runAsUser": 0}))
    if (command := draw.choice(COMMANDS)) is not None:
        container["command"] = command
    return container


def _template(draw: random.Random) -> Raw:
    names = ("ray", "sidecar", "logs")[: draw.choice((1, 1, 1, 2, 3))]
    spec: Raw = {"containers": [_container(draw, name) for name in names]}
    if draw.random() < 0.3:
        spec["nodeSelector"] = draw.choice(({}, {"gpu": "a100"}, {"zone": "a", "gpu": "t4"}))
    if draw.random() < 0.2:
        spec["tolerations"] = draw.choice(([], [{"key": "gpu", "operator": "Exists"}]))
    return {"spec": spec}


def _group(draw: random.Random, name: str) -> Raw:
    group: Raw = {
        "groupName": name,
        "template": _template(draw),
        "rayStartParams": draw.choice(({}, {"num-cpus": "4"})),
    }
    for field, values in (("replicas", (0, 1, 2, 5)), ("minReplicas", (0, 1)), ("maxReplicas", (1, 4, 10, 2147483647))):
        if draw.random() < 0.7:
            group[field] = draw.choice(values)
    return group


def _job(draw: random.Random, name: str) -> Raw:
    metadata: Raw = {"name": name, "labels": draw.choice(LABELS), "annotations": draw.choice(ANNOTATIONS)}
    cluster: Raw = {"headGroupSpec": {"rayStartParams": {}, "template": _template(draw)}}
    names = draw.choice(((), ("a",), ("a", "b"), ("small", "small"), ("a", "b", "c", "d")))
    if names or draw.random() < 0.5:
        cluster["workerGroupSpecs"] = [_group(draw, group) for group in names]
    if draw.random() < 0.5:
        cluster["rayVersion"] = draw.choice(("2.52.0", "2.9", "nightly", ""))
    spec: Raw = {"entrypoint": draw.choice(ENTRYPOINTS), "rayClusterSpec": cluster}
    optional: dict[str, tuple[object, ...]] = {
        "shutdownAfterJobFinishes": (True, False),
        "ttlSecondsAfterFinished": (0, 60, 3600, 2147483647),
        "submissionMode": ("K8sJobMode", "HTTPMode", "SidecarMode"),
        "suspend": (True, False),
        "backoffLimit": (0, 3),
        "runtimeEnvYAML": ("pip: [a, b]\n", "", "working_dir: https://example.com/a.zip\n"),
        "metadata": ({"run": "1"}, {}),
        "entrypointNumCpus": (0, 0.5, 1.5, 2),
        "activeDeadlineSeconds": (1, 86400),
    }
    for field, values in optional.items():
        if draw.random() < 0.5:
            spec[field] = draw.choice(values)
    return merged(
        {"metadata": metadata}, into={"apiVersion": "ray.io/v1", "kind": "RayJob", "metadata": {}, "spec": spec}
    )


def jobs(count: int) -> Iterator[Raw]:
    """Yield so many RayJobs, without a namespace."""
    for number in range(count):
        yield _job(random.Random(SEED * 1000 + number), f"job-{number}")  # noqa: S311 (not for secrets)


def probe(name: str) -> Raw:
    """A RayJob to which every rule of the tests applies."""
    return {**next(jobs(1)), "metadata": {"name": name, "labels": {"team": "a"}}}
