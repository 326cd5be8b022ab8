"""A RayJob as rules and defaults read it: typed views of the parsed JSON, whose types are settled.

A field that is null is absent (Kubernetes' API drops nulls), so every view is read with ``.get``; an absent object
reads as an empty one. Nothing here copies or changes what the author wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from enum import StrEnum
from functools import cached_property
from typing import Any

from webhook.rayjob import model, pod
from webhook.rayjob.crd_defaults import defaulted
from webhook.rayjob.departure import UNDECODABLE, Departure
from webhook.rayjob.kuberay import NEWEST, Release
from webhook.rayjob.path import Path, field
from webhook.rayjob.reading import MISTAKES, readable, settle, without_undecodable

CLUSTER = field("spec.rayClusterSpec")
HEAD = CLUSTER / "headGroupSpec"
WORKERS = CLUSTER / "workerGroupSpecs"
HEAD_CONTAINER = HEAD / "template" / "spec" / "containers" / 0
SUBMITTER = field("spec.submitterPodTemplate")

AUTOSCALER_V2 = "RAY_enable_autoscaler_v2"  # what turns autoscaler v2 on in the head's environment, option or not


class Owner(StrEnum):
    """Whose pods a template makes."""

    HEAD = "head"
    WORKER = "worker"
    SUBMITTER = "submitter"


@dataclass(frozen=True, slots=True)
class Template:
    """A pod template with its place; ``group`` is the worker group's index, None for head and submitter."""

    owner: Owner
    path: Path
    spec: pod.PodSpec
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """A container with its place; ``main`` is true for the one of `containers` at index 0, the Ray container."""

    template: Template
    path: Path
    spec: pod.Container
    main: bool


@dataclass(frozen=True)
class Job:
    """A RayJob: ``raw`` without what cannot be read, and its ``departures`` from what the target's KubeRay takes.

    ``namespace`` is the request's where the object names none; ``from_file`` says that no API server has pruned or
    defaulted the object yet. ``old`` is the stored object at an update, without what cannot be read. ``undefaulted`` is
    ``raw`` without the CRD's defaults, where `with_crd_defaults` put them in: see `written`.

    ``metadata`` and ``spec`` are the object's; ``cluster`` is the spec of the RayCluster to create, ``head`` its head
    group and ``workers`` its worker groups in order. Each is empty where it is absent. They are made with the object:
    nearly every rule reads them, and a property that is made when first read costs ten times as much on Python 3.11.
    """

    raw: model.RayJob
    namespace: str = ""
    from_file: bool = False
    departures: tuple[Departure, ...] = ()
    old: model.RayJob | None = None
    undefaulted: model.RayJob | None = None
    metadata: model.ObjectMeta = dataclass_field(init=False)
    spec: model.RayJobSpec = dataclass_field(init=False)
    cluster: model.RayClusterSpec = dataclass_field(init=False)
    head: model.HeadGroupSpec = dataclass_field(init=False)
    workers: tuple[model.WorkerGroupSpec, ...] = dataclass_field(init=False)

    def __post_init__(self) -> None:
        spec = self.raw.get("spec") or {}
        cluster = spec.get("rayClusterSpec") or {}
        self.__dict__.update(
            metadata=self.raw.get("metadata") or {},
            spec=spec,
            cluster=cluster,
            head=cluster.get("headGroupSpec") or {},
            workers=tuple([group or {} for group in cluster.get("workerGroupSpecs") or ()]),
        )

    @classmethod
    def of(
        cls,
        raw: dict[str, Any],
        *,
        namespace: str = "",
        from_file: bool = False,
        old: dict[str, Any] | None = None,
        release: Release = NEWEST,
    ) -> Job:
        """The RayJob in a JSON object of any shape; `raw` and `old` are not changed."""
        settled, departures = settle(raw, release)
        return cls(settled, namespace, from_file, departures, None if old is None else readable(old))

    def with_crd_defaults(self, release: Release) -> Job:
        """The RayJob as an API server with a release's CRD would pass it on; for one that comes from a file.

        No default takes the place of what could not be read.
        """
        if self.unreadable:
            return self
        filled = without_undecodable(defaulted(self.raw, release), self.departures)
        return replace(self, raw=filled, undefaulted=self.raw)

    @property
    def written(self) -> model.RayJob:
        """What the author of a file wrote; what an API server sends has the CRD's defaults in it already."""
        return self.raw if self.undefaulted is None else self.undefaulted

    @property
    def unreadable(self) -> bool:
        """Whether there are so many departures that nothing else was read."""
        return len(self.departures) > MISTAKES

    @cached_property
    def mistyped(self) -> tuple[Departure, ...]:
        """The departures whose values no decoder takes; they are null in ``raw``."""
        return tuple(departure for departure in self.departures if departure.sort in UNDECODABLE)

    @cached_property
    def head_container(self) -> pod.Container:
        """The Ray container of the head: the one at index 0, whatever its name."""
        return main_container(self.head.get("template"))

    @cached_property
    def head_env(self) -> Mapping[str, int]:
        """Where each name stands first in the env of the head's Ray container."""
        return first_by_name(self.head_container.get("env"))

    @property
    def autoscales(self) -> bool:
        """Whether the autoscaler is on."""
        return self.cluster.get("enableInTreeAutoscaling") is True

    @cached_property
    def env_asks_for_autoscaler_v2(self) -> bool:
        """Whether the head's environment turns autoscaler v2 on: by a literal 1 or true, in the first such entry."""
        place = self.head_env.get(AUTOSCALER_V2)
        if place is None:
            return False
        entry = (self.head_container.get("env") or [])[place] or {}
        return entry.get("value") in {"1", "true"}

    @property
    def asks_for_autoscaler_v2(self) -> bool:
        """Whether option or environment turns autoscaler v2 on, in a job that may autoscale or not."""
        version = (self.cluster.get("autoscalerOptions") or {}).get("version")
        return version == "v2" or self.env_asks_for_autoscaler_v2

    @property
    def uses_embedded_storage(self) -> bool:
        """Whether the head's state is kept in rocksdb; whatever else `backend` says, KubeRay takes it for Redis."""
        return (self.cluster.get("gcsFaultToleranceOptions") or {}).get("backend") == "rocksdb"

    @property
    def selects_cluster(self) -> bool:
        """Whether the job runs on a RayCluster that is there already (clusterSelector mode)."""
        return bool(self.spec.get("clusterSelector"))

    @property
    def submission_mode(self) -> str:
        """How the job is submitted; absent is KubeRay's default, an empty text stays empty."""
        mode = self.spec.get("submissionMode")
        return "K8sJobMode" if mode is None else mode

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        """Every pod template that is there: head, worker groups in order, submitter."""
        return tuple(self._templates())

    def _templates(self) -> Iterator[Template]:
        if (head := self.head.get("template")) is not None:
            yield Template(Owner.HEAD, HEAD / "template" / "spec", head.get("spec") or {})
        for index, group in enumerate(self.workers):
            if (worker := group.get("template")) is not None:
                yield Template(Owner.WORKER, WORKERS / index / "template" / "spec", worker.get("spec") or {}, index)
        if (submitter := self.spec.get("submitterPodTemplate")) is not None:
            yield Template(Owner.SUBMITTER, SUBMITTER / "spec", submitter.get("spec") or {})

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """Every container of every template: main ones, then init, then ephemeral, each kind in order."""
        return tuple(self._containers())

    def _containers(self) -> Iterator[Container]:
        for template in self.templates:
            for index, container in enumerate(template.spec.get("containers") or ()):
                yield Container(template, template.path / "containers" / index, container or {}, main=index == 0)
            for index, container in enumerate(template.spec.get("initContainers") or ()):
                yield Container(template, template.path / "initContainers" / index, container or {}, main=False)
            for index, ephemeral in enumerate(template.spec.get("ephemeralContainers") or ()):
                yield Container(template, template.path / "ephemeralContainers" / index, ephemeral or {}, main=False)


def main_container(template: pod.PodTemplateSpec | None) -> pod.Container:
    """The Ray container of a template: the one at index 0, whatever its name; empty where there is none."""
    containers = ((template or {}).get("spec") or {}).get("containers")
    return (containers[0] or {}) if containers else {}


def first_by_name(env: Sequence[pod.EnvVar] | None) -> Mapping[str, int]:
    """Where each name stands first in a list of environment variables (a missing name is an empty one)."""
    places: dict[str, int] = {}
    for index, entry in enumerate(env or ()):
        places.setdefault((entry or {}).get("name") or "", index)
    return places
