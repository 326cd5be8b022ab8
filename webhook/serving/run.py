"""A run of the server: uvicorn over TLS, set up for one caller that keeps its connections, until a signal ends it."""

from __future__ import annotations

import asyncio
import gc
import logging
import ssl
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI

from certs.pair import PairError
from certs.reload import Rotating, State
from webhook.policy.policy import shipped
from webhook.serving.app import application
from webhook.serving.settings import Settings

log = logging.getLogger(__name__)

# The API server drops an idle connection after 90 s (Go's default); whoever closes first loses the request that the
# other is just sending, so it must not be us.
KEEP_ALIVE_SECONDS = 100

# How often the certificate's folder is looked into. The kubelet takes up to a minute to bring a new Secret there, and
# a new certificate comes weeks before the old one expires.
REFRESH_SECONDS = 10

GARBAGE_THRESHOLD = 5000  # allocations between collections: a 40 KB review makes some 2 000 objects that live briefly


class BadCertificate(Exception):
    """There is no certificate to serve with."""


async def run(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM.

    Raises:
        BadCertificate: if the folder holds no certificate that could be served.
    """
    try:
        certificate = Rotating(settings.cert_dir, datetime.now(UTC))
    except PairError as error:
        raise BadCertificate(str(error)) from None
    server = uvicorn.Server(_configured(application(shipped(settings.kuberay)), certificate.context, settings))
    _settle_memory()
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follow(certificate, REFRESH_SECONDS))
        await server.serve()
        following.cancel()


def _configured(app: FastAPI, context: ssl.SSLContext, settings: Settings) -> uvicorn.Config:
    """The access log would cost a third of the throughput, and says less than the API server's audit log."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http="httptools",
        ws="none",
        lifespan="off",
        ssl_context_factory=lambda _config, _default: context,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        log_config=None,
    )


def _settle_memory() -> None:
    """Takes what start-up made out of the garbage collector's sight: it stays, and need not be searched again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])


async def follow(certificate: Rotating, seconds: float) -> None:
    """Takes up a renewed certificate soon after it arrives, and goes on with the old one while the new one is bad."""
    while True:
        await asyncio.sleep(seconds)
        outcome = certificate.refresh(datetime.now(UTC))
        if outcome.state is State.SWAPPED:
            log.info("serving a new certificate, valid until %s", certificate.served.pair.not_after)
        elif outcome.state is State.REFUSED:
            log.error("still serving the old certificate: %s", outcome.error)
