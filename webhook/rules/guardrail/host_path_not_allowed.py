"""Which paths of the node a pod may have as a volume."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from webhook.rayjob.job import Job
from webhook.rayjob.pods import Pod, pods
from webhook.rules.example import head
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

MOUNTED_BY_KUBERAY = frozenset({"shared-mem", "ray-logs"})
"""KubeRay mounts a volume of these names for writing, whoever defined it (v1.7.0, common/pod.go, addEmptyDir)."""


def _clean(path: str) -> str:
    parts = _parts(path)
    if parts is None or path != "/" + "/".join(parts):
        raise ValueError("must be an absolute path as short as it can be: no . or .., no // and no / at its end")
    return path


class AllowedHostPath(Parameters):
    """A path of the node that pods may have, and everything below it."""

    path: Annotated[str, AfterValidator(_clean)] = Field(
        description="An absolute path; it allows itself and what is below it: /data allows /data/a, and not /database"
    )
    read_only: bool = Field(default=False, description="Whether every mount of such a volume must be readOnly")


class HostPathNotAllowed(Parameters):
    """Which paths are allowed."""

    allowed: tuple[AllowedHostPath, ...] = Field(
        default=(),
        description="The paths of the node that pods may have as volumes; without any, no hostPath is allowed",
    )

    def matching(self, path: str) -> tuple[AllowedHostPath, ...]:
        """What allows a path of the node."""
        parts = _parts(path)
        if parts is None:
            return ()
        return tuple(one for one in self.allowed if parts[: len(within := _parts(one.path) or ())] == within)


# Of which pods are made.
TEMPLATES = (
    "spec.rayClusterSpec.headGroupSpec.template",
    "spec.rayClusterSpec.workerGroupSpecs[].template",
    "spec.submitterPodTemplate",
)


def _parts(path: str) -> tuple[str, ...] | None:
    r"""The components of an absolute path; None where it climbs, is relative, or has another system's ``\``."""
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    return None if not path.startswith("/") or ".." in parts or "\\" in path else parts


def _volumes(path: str) -> dict[str, object]:
    return {"name": "node", "hostPath": {"path": path}}


def _head(path: str, **mount: object) -> dict[str, object]:
    group = head(volumeMounts=[{"name": "node", "mountPath": "/node", **mount}])
    group["template"]["spec"]["volumes"] = [_volumes(path)]
    return {"spec": {"rayClusterSpec": {"headGroupSpec": group}}}


@guardrail(
    "A pod has a path of its node that is not allowed",
    parameters=HostPathNotAllowed,
    reads=("|".join(f"{template}.spec.volumes[].hostPath" for template in TEMPLATES),),
    examples=(
        fails(_head("/data"), "spec.rayClusterSpec.headGroupSpec.template.spec.volumes[0].hostPath.path"),
        passes(_head("/data/imagenet"), given={"allowed": [{"path": "/data"}]}),
        fails(
            _head("/database"),
            "spec.rayClusterSpec.headGroupSpec.template.spec.volumes[0].hostPath.path",
            given={"allowed": [{"path": "/data"}]},
        ),
        passes(_head("/data", readOnly=True), given={"allowed": [{"path": "/data", "readOnly": True}]}),
        fails(
            _head("/data"),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].volumeMounts[0].readOnly",
            given={"allowed": [{"path": "/data", "readOnly": True}]},
        ),
    ),
)
def host_path_not_allowed(job: Job, params: HostPathNotAllowed) -> Iterator[Finding]:
    """A volume is a path of the node (hostPath) that the policy's `allowed` does not have, or may be written to.

    Why: who has a path of the node reads what other jobs and the kubelet left there, and whoever writes to the right
    one is root on the node.

    Instead: take a persistentVolumeClaim, an emptyDir, or one of the allowed paths; mount it readOnly where it must be.
    """
    for made in pods(job):
        yield from _found(made, params)


def _found(made: Pod, params: HostPathNotAllowed) -> Iterator[Finding]:
    only_read: set[str] = set()
    for place, volume in made.volumes():
        source = volume.get("hostPath")
        if source is None:
            continue
        name, path = volume.get("name") or "", source.get("path")
        matching = params.matching(path or "")
        if not matching:
            at, must = place / "hostPath" / "path", _must(params)
            yield required(at, must) if path is None else invalid(at, path, must)
        elif all(one.read_only for one in matching):
            only_read.add(name)
            if made.is_ray and name in MOUNTED_BY_KUBERAY:
                must = "must be another name, because KubeRay mounts a volume of this name for writing"
                yield invalid(place / "name", name, must)
    yield from _written(made, only_read)


def _written(made: Pod, only_read: set[str]) -> Iterator[Finding]:
    for container in made.containers:
        for index, mount in enumerate(container.spec.get("volumeMounts") or ()):
            own = mount or {}
            if (own.get("name") or "") in only_read and own.get("readOnly") is not True:
                path, must = (
                    container.path / "volumeMounts" / index / "readOnly",
                    "must be true for this path of the node",
                )
                value = own.get("readOnly")
                yield required(path, must) if value is None else invalid(path, value, must)


def _must(params: HostPathNotAllowed) -> str:
    if not params.allowed:
        return "a pod must have no path of its node"
    paths = " or ".join(one.path for one in params.allowed)
    return f"must be {paths}, or below, without '..'"
