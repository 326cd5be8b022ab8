"""A server that is asked for ten times as much as it takes at once sheds load, and no admission is lost by that.

What is shed is answered 503 with `Retry-After: 1`. The API server (client-go's rest/with_retry.go) then calls again a
second later, up to ten times, for as long as the webhook's timeoutSeconds last. Figures are printed with
`pytest -s tests/e2e/test_overload.py`.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs import secret
from certs.authority import Authority
from tests.e2e.client import connect
from tests.e2e.instance import Instance
from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.route import Route, opened
from tests.e2e.secret_volume import write_files
from tests.e2e.server import serving
from tests.e2e.writers import HANDLED, tell, writing

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("rayjob_crd")]

LIMIT = 4
WRITERS = 10 * LIMIT
ROUNDS = 3
"""Of each writer, before and after: 120 admissions at least, a third of them denials."""

SECONDS = 60


@contextmanager
def occupied(instance: Instance, name: str, ca_pem: bytes) -> Iterator[None]:
    """Have callers that take up all there is, because they do not finish what they say, while the block lasts."""
    trust = ssl.create_default_context(cadata=ca_pem.decode())
    begun = (
        f"POST /validate HTTP/1.1\r\nHost: {name}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n" + "{"
    )
    with ExitStack() as callers:
        for _ in range(LIMIT):
            plain = callers.enter_context(socket.create_connection(("127.0.0.1", instance.port), SECONDS))
            caller = callers.enter_context(trust.wrap_socket(plain, server_hostname=name))
            caller.sendall(begun.encode())
        yield


def test_what_is_shed_is_sent_again_and_costs_no_admission(
    cluster: Cluster,
    namespace: str,
    tmp_path: Path,
) -> None:
    authority = Authority.create(common_name="rayjob-webhook", now=datetime.now(UTC))
    ca_pem, volume, name = authority.certificate_pem, tmp_path / "volume", Route(cluster, namespace, 0).name
    volume.mkdir()
    write_files(volume, secret.of_leaf(authority.issue((name,), (), datetime.now(UTC)), authority))
    with (
        serving(volume, tmp_path / "log", "--concurrency", str(LIMIT), name=name) as server,
        connect(cluster) as client,
    ):
        instance = Instance(server)
        with (
            opened(Route(cluster, namespace, instance.port), client, ca_pem),
            writing(client, namespace, WRITERS) as outcomes,
        ):
            outcomes.wait_for_each(ROUNDS)
            before = instance.reviews("shed")
            with occupied(instance, name, ca_pem):
                until(
                    lambda: instance.reviews("shed") >= before + WRITERS,
                    what="so many calls to be shed as there are writers",
                    seconds=SECONDS,
                    seen=instance.tail,
                )
            outcomes.wait_for_each(ROUNDS)
        shed = instance.reviews("shed")

        tell(f"overload: {shed} calls shed", outcomes)
        assert outcomes.counts.keys() == HANDLED
