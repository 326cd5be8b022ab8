"""The environment variables that a RayJob's author gives to containers, those that KubeRay adds included.

Source: mergeAutoscalerOverrides and BuildCollectorContainer of KubeRay's operator.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import CLUSTER, Job
from webhook.rayjob.path import Path
from webhook.rayjob.pod import EnvFromSource, EnvVar

AUTOSCALER = CLUSTER / "autoscalerOptions"
COLLECTOR = CLUSTER / "historyServerOptions" / "collectorOptions" / "env"


def variables(job: Job) -> Iterator[tuple[Path, int, EnvVar]]:
    """Every variable with its place: of the templates' containers of every kind, the autoscaler's, the collector's.

    The place is the list's, and the index in it: there are hundreds of variables, and few of which anybody tells.
    """
    for container in job.containers:
        entries = container.spec.get("env")
        if entries:
            place = container.path / "env"
            yield from ((place, index, entry or {}) for index, entry in enumerate(entries))
    for index, entry in enumerate((job.cluster.get("autoscalerOptions") or {}).get("env") or ()):
        yield AUTOSCALER / "env", index, entry or {}
    collector = (job.cluster.get("historyServerOptions") or {}).get("collectorOptions") or {}
    for index, entry in enumerate(collector.get("env") or ()):
        yield COLLECTOR, index, entry or {}


def sources(job: Job) -> Iterator[tuple[Path, EnvFromSource]]:
    """Every source of a whole set of variables with its place; what names they have stands elsewhere, but a prefix."""
    for container in job.containers:
        entries = container.spec.get("envFrom")
        if entries:
            place = container.path / "envFrom"
            yield from ((place / index, entry or {}) for index, entry in enumerate(entries))
    for index, entry in enumerate((job.cluster.get("autoscalerOptions") or {}).get("envFrom") or ()):
        yield AUTOSCALER / "envFrom" / index, entry or {}
