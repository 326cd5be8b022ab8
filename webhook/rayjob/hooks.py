"""What is done in a container, or asked of it, besides its command: its probes, and the hooks of its life.

Source: Probe and LifecycleHandler of k8s.io/api.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from webhook.rayjob.path import Path
from webhook.rayjob.pod import Container, LifecycleHandler, Probe

Hook: TypeAlias = Probe | LifecycleHandler


def hooks(path: Path, container: Container) -> Iterator[tuple[Path, Hook]]:
    """Every probe and hook of a container, which stands at the path, with its place."""
    lifecycle = container.get("lifecycle")
    if lifecycle:
        place = path / "lifecycle"
        yield place / "postStart", lifecycle.get("postStart") or {}
        yield place / "preStop", lifecycle.get("preStop") or {}
    if (liveness := container.get("livenessProbe")) is not None:
        yield path / "livenessProbe", liveness
    if (readiness := container.get("readinessProbe")) is not None:
        yield path / "readinessProbe", readiness
    if (startup := container.get("startupProbe")) is not None:
        yield path / "startupProbe", startup
