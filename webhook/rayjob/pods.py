"""The pods that KubeRay makes of a RayJob, as far as their author decides what may run on a node.

Besides what the templates say, KubeRay adds containers: an autoscaler, a submitter, a collector of logs. What it copies
from the Ray container (its own init containers have the Ray container's securityContext) is not told twice.

Source: KubeRay v1.4.2 to v1.7.0, common/pod.go (DefaultHeadPodTemplate, mergeAutoscalerOverrides, addEmptyDir) and
common/job.go (GetSubmitterTemplate).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from webhook.rayjob import pod
from webhook.rayjob.job import CLUSTER, HEAD, SUBMITTER, WORKERS, Job
from webhook.rayjob.path import Path, field

AUTOSCALER = CLUSTER / "autoscalerOptions"

COLLECTOR = CLUSTER / "historyServerOptions" / "collectorOptions"
SUBMISSION_MODE = field("spec.submissionMode")

UNSETTABLE: Mapping[Path, str] = {SUBMISSION_MODE: "ray-job-submitter", COLLECTOR: "ray-history-collector"}
"""The fields that add a container without a place for its securityContext, and the container's name."""

Context: TypeAlias = pod.SecurityContext | pod.PodSecurityContext


class Sort(StrEnum):
    """The list of a pod's spec that a container stands in."""

    MAIN = "containers"
    INIT = "initContainers"
    EPHEMERAL = "ephemeralContainers"


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod; ``path`` is where its fields stand, or below one of `UNSETTABLE`."""

    path: Path
    spec: pod.Container
    sort: Sort = Sort.MAIN

    @property
    def context(self) -> pod.SecurityContext:
        """Its own securityContext."""
        return self.spec.get("securityContext") or {}


@dataclass(frozen=True)
class Pod:
    """A pod; ``path`` is the template's, below which its spec and metadata stand. ``is_ray`` says who runs in it."""

    path: Path
    metadata: pod.EmbeddedObjectMeta
    spec: pod.PodSpec
    containers: tuple[Container, ...]
    is_ray: bool = True

    @property
    def context(self) -> pod.PodSecurityContext:
        """What holds for the containers that do not say so themselves."""
        return self.spec.get("securityContext") or {}

    @cached_property
    def contexts(self) -> tuple[tuple[Path, Context], ...]:
        """Every securityContext that says something, with its place, the pod's first."""
        return tuple(self._contexts())

    def _contexts(self) -> Iterator[tuple[Path, Context]]:
        if self.context:
            yield self.path / "spec" / "securityContext", self.context
        for container in self.containers:
            if container.context:
                yield container.path / "securityContext", container.context

    def volumes(self) -> Iterator[tuple[Path, pod.Volume]]:
        """Every volume with its place."""
        for index, volume in enumerate(self.spec.get("volumes") or ()):
            yield self.path / "spec" / "volumes" / index, volume or {}


def pods(job: Job) -> Iterator[Pod]:
    """The head's pod, one of each worker group in order, the submitter's."""
    collector = tuple(_collector(job))
    yield of_template(HEAD / "template", job.head.get("template") or {}, (*_beside_head(job), *collector))
    for index, group in enumerate(job.workers):
        yield of_template(WORKERS / index / "template", group.get("template") or {}, collector)
    template = job.spec.get("submitterPodTemplate")
    if template is not None:
        yield of_template(SUBMITTER, template, is_ray=False)
    elif job.submission_mode == "K8sJobMode":
        # KubeRay's own, with the head's image and nothing that restricts it.
        yield Pod(SUBMITTER, {}, {}, (Container(SUBMITTER / "spec" / "containers" / 0, {}),), is_ray=False)


def of_template(
    path: Path, template: pod.PodTemplateSpec, added: tuple[Container, ...] = (), *, is_ray: bool = True
) -> Pod:
    """The pod of a template as it stands, with the containers that KubeRay adds to it."""
    spec = template.get("spec") or {}
    containers = (*_containers(path / "spec", spec), *added)
    return Pod(path, template.get("metadata") or {}, spec, containers, is_ray)


def _containers(path: Path, spec: pod.PodSpec) -> Iterator[Container]:
    for sort, containers in (
        (Sort.MAIN, spec.get("containers")),
        (Sort.INIT, spec.get("initContainers")),
        (Sort.EPHEMERAL, spec.get("ephemeralContainers")),
    ):
        for index, container in enumerate(containers or ()):
            yield Container(path / sort.value / index, container or {}, sort)


def _beside_head(job: Job) -> Iterator[Container]:
    if job.autoscales:
        options = job.cluster.get("autoscalerOptions") or {}
        context, mounts = options.get("securityContext") or {}, options.get("volumeMounts") or []
        yield Container(AUTOSCALER, {"securityContext": context, "volumeMounts": mounts})
    if job.submission_mode == "SidecarMode":
        yield Container(SUBMISSION_MODE, {})


def _collector(job: Job) -> Iterator[Container]:
    if (job.cluster.get("historyServerOptions") or {}).get("collectorOptions") is not None:
        yield Container(COLLECTOR, {})
