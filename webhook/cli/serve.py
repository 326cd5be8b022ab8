"""`rayjob-webhook serve`: answers the API server over TLS."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click

from webhook.serving.run import BadCertificate, run
from webhook.serving.settings import BadSettings, settings


@click.command("serve")
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [env: RAYJOB_WEBHOOK_HOST; default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on.  [env: RAYJOB_WEBHOOK_PORT; default: 8443]")
@click.option(
    "--cert-dir",
    type=click.Path(path_type=Path),
    help="Folder of tls.crt and tls.key.  [env: RAYJOB_WEBHOOK_CERT_DIR; default: /etc/rayjob-webhook/tls]",
)
def command(host: str | None, port: int | None, cert_dir: Path | None) -> None:
    """Serves /mutate and /validate over TLS, and /healthz and /readyz."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        chosen = settings(host=host, port=port, cert_dir=cert_dir)
    except BadSettings as error:
        raise click.UsageError(str(error)) from None
    try:
        asyncio.run(run(chosen))
    except BadCertificate as error:
        raise click.UsageError(str(error)) from None
