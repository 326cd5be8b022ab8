"""A server that the API server does not trust has no say, and nothing is admitted that it should have judged.

What fails is told in the words of Go's x509. It is the leaf that fails and nothing else, because the same API server,
which trusts the same CA throughout, takes the word of a server of ours before and after.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from certs import secret
from certs.authority import LEAF_LIFETIME, Authority, Leaf
from tests.certs import handshake
from tests.e2e.admissions import ADMITTED, DENIED, sending
from tests.e2e.client import connect
from tests.e2e.instance import Instance
from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.route import Route, opened
from tests.e2e.secret_volume import write_files
from tests.e2e.server import serving

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("rayjob_crd")]

SECONDS = 60
NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Caller:
    """An API server that trusts one CA, and calls a server of ours whose leaf that CA has signed."""

    route: Route
    client: httpx.Client
    authority: Authority

    def call(self, port: int) -> list[str]:
        """Have it call another server for a while; return what became of a good job and a bad one meanwhile."""
        send = sending(self.client, self.route.namespace)
        sent: list[str] = []

        def sends(wanted: Callable[[str], bool]) -> bool:
            sent[:] = sorted([send(), send()])
            return all(map(wanted, sent))

        def wait(what: str, wanted: Callable[[str], bool]) -> None:
            until(lambda: sends(wanted), what=what, seconds=SECONDS, seen=lambda: str(sent))

        Route(self.route.cluster, self.route.namespace, port).trust(self.authority.certificate_pem)
        wait("the other server to be called", lambda outcome: f":{port}/validate" in outcome)
        found = list(sent)
        self.route.trust(self.authority.certificate_pem)
        wait("the server of ours to be called again", lambda outcome: outcome in {ADMITTED, DENIED})
        return found


@pytest.fixture(scope="module")
def caller(
    cluster: Cluster,
    rayjob_crd: str,  # noqa: ARG001 (it is in force)
    namespace: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Caller]:
    volume, log = tmp_path_factory.mktemp("volume"), tmp_path_factory.mktemp("log") / "server.log"
    authority, name = create(), Route(cluster, namespace, 0).name
    write_files(volume, secret.of_leaf(authority.issue((name,), (), NOW), authority))
    with serving(volume, log, name=name) as server, connect(cluster) as client:
        route = Route(cluster, namespace, Instance(server).port)
        with opened(route, client, authority.certificate_pem):
            yield Caller(route, client, authority)


def create() -> Authority:
    """Another CA each time, always under the same name, long valid."""
    return Authority.create(common_name="rayjob-webhook", now=NOW - 2 * LEAF_LIFETIME)


@contextmanager
def shaking_hands(folder: Path, leaf: Leaf) -> Iterator[int]:
    """Have a server that serves any leaf, which ours would not; whoever trusts it finds that it cannot POST."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        context = handshake.serving(folder, leaf.certificate_pem, leaf.key_pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("issue", "fault"),
    [
        pytest.param(
            lambda authority, name: authority.issue((f"not-{name}",), (), NOW),
            r"certificate is valid for not-{name}, not {name}",
            id="a leaf for another name",
        ),
        pytest.param(
            lambda _, name: create().issue((name,), (), NOW),
            r"certificate signed by unknown authority \(possibly because of .+ "
            r'while trying to verify candidate authority certificate "rayjob-webhook"\)',
            id="a leaf of another CA",
        ),
        pytest.param(
            lambda authority, name: authority.issue((name,), (), NOW - 2 * LEAF_LIFETIME),
            rf"certificate has expired or is not yet valid: current time \S+ is after {NOW - LEAF_LIFETIME:%FT%TZ}",
            id="a leaf that has expired",
        ),
    ],
)
def test_no_job_passes_a_server_with(
    caller: Caller, tmp_path: Path, issue: Callable[[Authority, str], Leaf], fault: str
) -> None:
    with shaking_hands(tmp_path, issue(caller.authority, caller.route.name)) as port:
        bad, good = caller.call(port)

    url = f"https://{caller.route.name}:{port}/validate?timeout=5s"
    called = re.escape(
        f'failed calling webhook "validate.rayjob-webhook.ray.io": failed to call webhook: Post "{url}": '
    )
    x509 = f"tls: failed to verify certificate: x509: {fault.replace('{name}', re.escape(caller.route.name))}"
    assert re.fullmatch(f"a good job is refused: Internal error occurred: {called}{x509}", good)
    assert re.fullmatch(f"a bad job is not denied: Internal error occurred: {called}{x509}", bad)
