"""The environment variables that a RayJob's author gives to containers, those that KubeRay adds included.

Source: mergeAutoscalerOverrides and BuildCollectorContainer of KubeRay's operator.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import CLUSTER, Job
from webhook.rayjob.path import Path
from webhook.rayjob.pod import EnvVar

AUTOSCALER = CLUSTER / "autoscalerOptions" / "env"
COLLECTOR = CLUSTER / "historyServerOptions" / "collectorOptions" / "env"


def variables(job: Job) -> Iterator[tuple[Path, EnvVar]]:
    """Every variable with its place: of the templates' containers of every kind, the autoscaler's, the collector's."""
    for container in job.containers:
        entries = container.spec.get("env")
        if entries:
            place = container.path / "env"
            yield from ((place / index, entry or {}) for index, entry in enumerate(entries))
    for index, entry in enumerate((job.cluster.get("autoscalerOptions") or {}).get("env") or ()):
        yield AUTOSCALER / index, entry or {}
    collector = (job.cluster.get("historyServerOptions") or {}).get("collectorOptions") or {}
    for index, entry in enumerate(collector.get("env") or ()):
        yield COLLECTOR / index, entry or {}
