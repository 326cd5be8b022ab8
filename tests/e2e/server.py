"""The webhook's own console script, running as a cluster would run it."""

import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.e2e.polling import until
from tests.e2e.process import Process, running

_SCRIPT = Path(sys.executable).with_name("rayjob-webhook")
_READY_SECONDS = 30
_LISTENING = re.compile(r"listening on 127\.0\.0\.1 port (\d+)")
_PORTS = 2
"""The one that admits, and the one for probes and metrics; the server tells them in this order."""

_DRAIN_SECONDS = 30
"""How long the server may take to end after SIGTERM: the grace that a kubelet gives."""


class ServerFailedError(Exception):
    """The server ended before it was ready, or got no certificate; the message holds what it printed."""


@dataclass(frozen=True, slots=True)
class WebhookServer:
    """A server that is ready."""

    url: str
    """Where it admits: `https://127.0.0.1:PORT`, without a path."""

    ca_pem: bytes
    process: Process
    operations_url: str
    """Where it tells how it is, and its metrics: `http://127.0.0.1:PORT`, without a path."""


@contextmanager
def running_server(
    folder: Path, *options: str | Path, environ: Mapping[str, str] | None = None
) -> Iterator[WebhookServer]:
    """Run `rayjob-webhook serve` on loopback while the block lasts, with a certificate of `rayjob-webhook certs issue`.

    Args:
        folder: an empty one, for the certificates and the log.
        options: further ones of `serve`.
        environ: its RAYJOB_WEBHOOK_* settings. Of our environment the rest is passed on: coverage measures by it.

    Raises:
        ServerFailedError: it ended before it was ready.
        DeadlinePassedError: it was not ready in time.
    """
    certificates = folder / "certificates"
    certificates.mkdir()
    _issue(certificates, _inherited(environ))
    with serving(certificates, folder / "server.log", *options, environ=environ) as server:
        yield server


@contextmanager
def serving(
    certificates: Path,
    log: Path,
    *options: str | Path,
    environ: Mapping[str, str] | None = None,
    name: str = "127.0.0.1",
) -> Iterator[WebhookServer]:
    """Run `rayjob-webhook serve` on loopback while the block lasts, with the certificate that a folder holds.

    Args:
        certificates: the folder with tls.crt, tls.key and ca.crt.
        log: the file that gets what the server prints.
        options: further ones of `serve`.
        environ: as above.
        name: the one that the certificate must be for, by which alone it counts as ready.

    Raises:
        ServerFailedError: it ended before it was ready.
        DeadlinePassedError: it was not ready in time.
    """
    command: list[str | Path] = [_SCRIPT, "serve", "--host", "127.0.0.1", "--port", "0", "--metrics-port", "0"]
    command += ["--cert-dir", certificates, "--drain-seconds", "0", *options]
    trust = ssl.create_default_context(cafile=certificates / "ca.crt")
    with running(command, log=log, environ=_inherited(environ), drain_seconds=_DRAIN_SECONDS) as process:

        def is_ready() -> bool:
            if process.is_over():
                raise ServerFailedError(process.tail())
            ports = _ports(log)
            return len(ports) == _PORTS and _is_trusted(ports[0], trust, name) and _says_ready(ports[1])

        until(is_ready, what="the webhook to be ready", seconds=_READY_SECONDS, seen=process.tail)
        admission, operations = _ports(log)
        ca_pem = (certificates / "ca.crt").read_bytes()
        yield WebhookServer(f"https://127.0.0.1:{admission}", ca_pem, process, f"http://127.0.0.1:{operations}")


def _ports(log: Path) -> list[int]:
    return [int(port) for port in _LISTENING.findall(log.read_text(encoding="utf-8"))]


def _is_trusted(port: int, trust: ssl.SSLContext, name: str) -> bool:
    """Tell whether its certificate is good; whether it asks for one of ours is not awaited."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as plain, trust.wrap_socket(plain, server_hostname=name):
            return True
    except OSError:
        return False


def _says_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _inherited(environ: Mapping[str, str] | None) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RAYJOB_WEBHOOK_")}
    return {**inherited, **(environ or {})}


def _issue(certificates: Path, environ: Mapping[str, str]) -> None:
    names = ["--dns-name", "localhost", "--ip-address", "127.0.0.1"]
    finished = subprocess.run(
        [_SCRIPT, "certs", "issue", "--dir", certificates, *names],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise ServerFailedError(f"certs issue: exit code {finished.returncode}\n{finished.stdout}{finished.stderr}")
