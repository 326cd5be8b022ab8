"""A run of the server: uvicorn over TLS, set up for one caller that keeps its connections, until a signal ends it."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from certs.client_ca import ClientCAError
from certs.pair import PairError
from certs.reload import Rotating, State
from webhook.policy.node import BadPolicy
from webhook.policy.target import BadTarget
from webhook.serving import enforced as enforced_policy
from webhook.serving.app import Admission, operations
from webhook.serving.callers import acquainted
from webhook.serving.enforced import Enforced
from webhook.serving.event import Event
from webhook.serving.journal import Journal
from webhook.serving.lifecycle import Lifecycle
from webhook.serving.load import Load
from webhook.serving.metrics import Metrics
from webhook.serving.renewal import expired, follow
from webhook.serving.settings import Settings

if TYPE_CHECKING:
    from webhook.serving.tracing import Tracing

log = logging.getLogger(__name__)

# The API server drops an idle connection after 90 s (Go's default); whoever closes first loses the request that the
# other is just sending, so it must not be us.
KEEP_ALIVE_SECONDS = 100

# What may still run when the time to drain is over gets this long to finish. A review takes a millisecond; but a caller
# that keeps an idle connection and never reads from it would hold up the end for as long as it likes.
FINISH_SECONDS = 3

# How often the certificate's folder is looked into, and the file of the callers' CA. The kubelet takes up to a minute
# to bring a new Secret there, and a new certificate comes weeks before the old one expires.
REFRESH_SECONDS = 10

POLICY_SECONDS = 5  # how often the files of the policy are looked into: its owner watches

JOURNAL_SECONDS = 0.1  # how late a decision may stand in the journal

BACKLOG = 2048  # connections that the kernel holds while we are busy with others

GARBAGE_THRESHOLD = 5000  # allocations between collections: a 40 KB review makes some 2 000 objects that live briefly


class CannotServe(Exception):
    """There is no certificate to serve with, no CA to judge callers by, no policy, or no address to listen on."""


async def run(settings: Settings) -> None:
    """Serves until SIGTERM, after which it drains, or SIGINT.

    Raises:
        CannotServe: if the folder holds no certificate that could be served, the file no CA that callers could be
            judged by, the policy cannot be enforced, traces cannot be made, or an address cannot be listened on.
    """
    now = datetime.now(UTC)
    try:
        certificate = Rotating(settings.cert_dir, now, settings.client_ca)
        enforced = Enforced(settings.policy, settings.kuberay, now)
    except (PairError, ClientCAError, BadPolicy, BadTarget) as error:
        raise CannotServe(str(error)) from None
    lifecycle, load = Lifecycle(settings.drain_seconds), Load(settings.concurrency)
    metrics, journal = Metrics(enforced.policy.rule_ids), Journal(_print)
    tracing = _tracing() if settings.tracing else None
    record = _recorder(metrics.record, journal.record, *([tracing.record] if tracing else []))
    unready = partial(_unready, lifecycle, certificate)
    protocol = acquainted(settings.client_names, record) if settings.client_names else HttpToolsProtocol
    probed_here = settings.metrics_port is None
    admission = Admission(enforced.policy, lifecycle, load, record, unready if probed_here else None)
    webhook = _Server(_configured(admission, certificate.context, protocol))
    load.watch(webhook.server_state.tasks)
    metrics.watch(lambda: load.in_flight, lambda: certificate.served, enforced)

    def changed(state: State) -> None:
        metrics.policy_changed(state, enforced.policy.rule_ids)
        admission.enforce(enforced.policy)

    servers = {webhook: _listener(settings.host, settings.port)}
    if settings.metrics_port is not None:
        probed = _Server(_configured(operations(metrics, enforced, unready)))
        servers[probed] = _listener(settings.host, settings.metrics_port)
    lifecycle.follow_signals()
    _settle_memory()
    for listener in servers.values():
        log.info("listening on %s port %s", *listener.getsockname()[:2])
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follow(certificate, REFRESH_SECONDS, metrics.reloaded))
        enforcing = tasks.create_task(enforced_policy.follow(enforced, POLICY_SECONDS, changed))
        writing = tasks.create_task(_flush(journal))
        serving = [tasks.create_task(server.serve([listener])) for server, listener in servers.items()]
        await lifecycle.stopped()
        for server in servers:
            server.should_exit = True
        await asyncio.wait(serving)
        for task in (following, enforcing, writing):
            task.cancel()
    journal.flush()
    if tracing:
        tracing.close()


def _recorder(*sinks: Callable[[Event], None]) -> Callable[[Event], None]:
    def record(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return record


def _unready(lifecycle: Lifecycle, certificate: Rotating) -> str | None:
    return "draining" if lifecycle.draining else expired(certificate, datetime.now(UTC))


def _tracing() -> Tracing:
    try:
        from webhook.serving.tracing import Tracing  # noqa: PLC0415 (nobody else shall need it, nor wait for it)

        return Tracing()
    except ModuleNotFoundError as missing:
        raise CannotServe(f"--tracing: needs the extra `tracing` of rayjob-webhook: {missing}") from None
    except ValueError as error:
        raise CannotServe(f"--tracing: must be told by its OTEL_* variables what makes sense: {error}") from None


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotServe(f"{host} port {port}: {error.strerror or error}") from None


async def _flush(journal: Journal) -> None:
    while True:
        await asyncio.sleep(JOURNAL_SECONDS)
        journal.flush()


def _print(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


class _Server(uvicorn.Server):
    """A server that a Lifecycle ends, not a signal by itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _configured(
    app: FastAPI, context: ssl.SSLContext | None = None, protocol: type[HttpToolsProtocol] = HttpToolsProtocol
) -> uvicorn.Config:
    """A server's set-up, over TLS where there is a context.

    uvicorn's access log would cost a third of the throughput, and says less than the API server's audit log.
    """
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        ssl_context_factory=None if context is None else lambda _config, _default: context,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
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
