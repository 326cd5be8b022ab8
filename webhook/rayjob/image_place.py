"""Every place at which a RayJob names an image.

Where it names none, KubeRay takes that of a Ray container, which has its own place: for the autoscaler, the submitter,
and what it starts before Ray.

Source: KubeRay v1.7.0, common/pod.go and common/job.go; Ray's runtime environment (`image_uri`, and `container` before
it), which a worker process is started in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from webhook.rayjob import runtime_env
from webhook.rayjob.job import CLUSTER, Job
from webhook.rayjob.path import Path, field

AUTOSCALER = CLUSTER / "autoscalerOptions" / "image"
COLLECTOR = CLUSTER / "historyServerOptions" / "collectorOptions" / "image"
RUNTIME_ENV = field("spec.runtimeEnv")
RUNTIME_ENV_YAML = field("spec.runtimeEnvYAML")


@dataclass(frozen=True, slots=True)
class ImagePlace:
    """Where an image is named; ``text`` is None where one must be and is not.

    ``key`` is the field of the runtime environment that names it, where ``path`` is that of the whole text, which
    may hold secrets; else it is empty.
    """

    path: Path
    text: str | None
    key: str = ""


def image_places(job: Job) -> Iterator[ImagePlace]:
    """Every place, whether KubeRay looks at it in this job or not: another update may make it do so."""
    for container in job.containers:
        yield ImagePlace(container.path / "image", container.spec.get("image"))
    for template in job.templates:
        for index, volume in enumerate(template.spec.get("volumes") or ()):
            source = (volume or {}).get("image")
            if source is not None:
                yield ImagePlace(template.path / "volumes" / index / "image" / "reference", source.get("reference"))
    collector = (job.cluster.get("historyServerOptions") or {}).get("collectorOptions") or {}
    autoscaler = job.cluster.get("autoscalerOptions") or {}
    for path, text in ((AUTOSCALER, autoscaler.get("image")), (COLLECTOR, collector.get("image"))):
        if text is not None:
            yield ImagePlace(path, text)
    yield from _of_runtime_env(RUNTIME_ENV, job.spec.get("runtimeEnv"))
    yield from _of_runtime_env(RUNTIME_ENV_YAML, job.spec.get("runtimeEnvYAML"))


def _of_runtime_env(path: Path, text: str | None) -> Iterator[ImagePlace]:
    if not text or not ("image" in text or "\\" in text):  # in YAML, only an escape spells a key in another way
        return
    found = runtime_env.parse(text)
    if isinstance(found, dict):
        container = found.get("container")
        nested = container.get("image") if isinstance(container, dict) else None
        for key, named in (("image_uri", found.get("image_uri")), ("container.image", nested)):
            if isinstance(named, str):
                yield ImagePlace(path, named, key)
