"""How the server is set up."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from webhook.policy.target import Said


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the server listens (port 0 is any free one), where its certificate lies, whom the jobs are meant for.

    The folder holds tls.crt and tls.key as the kubelet mounts a Secret of type kubernetes.io/tls. ``drain_seconds`` is
    how long it answers on after SIGTERM: the time that endpoints take to change everywhere. ``concurrency`` is how
    many calls are served at once, before more are shed. Metrics and probes are served on ``metrics_port``, if any.
    With ``client_ca``, a file of PEM certificates, only callers are served that have a certificate of one of those CAs;
    with ``client_names`` only those of them whose certificate is for one of these names. With ``tracing`` each review
    makes a span, which is sent where OpenTelemetry's own variables say. ``policy`` names its files and folders, and
    ``kuberay`` what is said of the KubeRay that runs the jobs besides.
    """

    host: str
    port: int
    cert_dir: Path
    drain_seconds: float = 5
    concurrency: int = 64
    metrics_port: int | None = None
    client_ca: Path | None = None
    client_names: frozenset[str] = frozenset()
    tracing: bool = False
    policy: tuple[str, ...] = ()
    kuberay: Said = field(default_factory=Said)
