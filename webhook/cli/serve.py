"""`rayjob-webhook serve`: answers the API server over TLS."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click
import uvloop

from webhook.cli.policy import POLICY
from webhook.cli.target import targeted
from webhook.policy.target import Said
from webhook.serving.run import CannotServe, run
from webhook.serving.settings import Settings


@click.command("serve")
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",  # a Pod's manifest says 0.0.0.0; nobody else should be heard by accident
    show_default=True,
    envvar="RAYJOB_WEBHOOK_HOST",
    show_envvar=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8443,
    show_default=True,
    envvar="RAYJOB_WEBHOOK_PORT",
    show_envvar=True,
    help="Port to listen on; 0 is any free one.",
)
@click.option(
    "--cert-dir",
    type=click.Path(path_type=Path),
    default=Path("/etc/rayjob-webhook/tls"),
    show_default=True,
    envvar="RAYJOB_WEBHOOK_CERT_DIR",
    show_envvar=True,
    help="Folder of tls.crt and tls.key.",
)
@click.option(
    "--client-ca",
    type=click.Path(path_type=Path),
    envvar="RAYJOB_WEBHOOK_CLIENT_CA",
    show_envvar=True,
    help="File of PEM certificates: only callers with a certificate of one of these CAs are served.",
)
@click.option(
    "--client-names",
    metavar="NAME,...",
    envvar="RAYJOB_WEBHOOK_CLIENT_NAMES",
    show_envvar=True,
    help="With --client-ca: only callers whose certificate is for one of these, as common name or DNS name.",
)
@click.option(
    "--drain-seconds",
    type=click.FloatRange(0, 600),
    default=5,
    show_default=True,
    envvar="RAYJOB_WEBHOOK_DRAIN_SECONDS",
    show_envvar=True,
    help="How long to answer on after SIGTERM.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    default=64,  # of the largest reviews these take half a GiB; of usual ones the last waits some 20 ms
    show_default=True,
    envvar="RAYJOB_WEBHOOK_CONCURRENCY",
    show_envvar=True,
    help="Calls to receive at once; more are told to call again.",
)
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    envvar="RAYJOB_WEBHOOK_METRICS_PORT",
    show_envvar=True,
    help="Port for /metrics, /healthz and /readyz over plain HTTP; if not given, the other port has the probes.",
)
@click.option(
    "--tracing",
    is_flag=True,
    envvar="RAYJOB_WEBHOOK_TRACING",
    show_envvar=True,
    help="Send a span for each review to an OpenTelemetry collector, which the OTEL_EXPORTER_OTLP_* variables name.",
)
@POLICY
@targeted
def command(  # noqa: PLR0913 (a parameter for each option, by name)
    *,
    host: str,
    port: int,
    cert_dir: Path,
    client_ca: Path | None,
    client_names: str | None,
    drain_seconds: float,
    concurrency: int,
    metrics_port: int | None,
    tracing: bool,
    policies: tuple[str, ...],
    kuberay: Said,
) -> None:
    """Serves /mutate and /validate over TLS, and /healthz and /readyz."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    names = _names(client_names)
    if names and client_ca is None:
        raise click.UsageError("--client-names: must come with --client-ca, which vouches for names, comes alone")
    settings = Settings(
        host, port, cert_dir, drain_seconds, concurrency, metrics_port, client_ca, names, tracing, policies, kuberay
    )
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings))
    except CannotServe as error:
        raise click.UsageError(str(error)) from None


def _names(text: str | None) -> frozenset[str]:
    """The names in a list with commas; no list is none, and lets in whoever has a certificate of the CA."""
    if text is None:
        return frozenset()
    names = frozenset(name.strip() for name in text.split(","))
    if "" in names:
        raise click.UsageError(f"--client-names: must be names with commas between them, is {text!r}")
    return names
