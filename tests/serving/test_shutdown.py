"""How the real server ends."""

import signal
import ssl

import httpx
import pytest

from tests.e2e.polling import until
from tests.e2e.server import running_server


@pytest.fixture
def draining(tmp_path):
    """A server that got SIGTERM and has a minute to drain, and a client whose connection it knows."""
    with running_server(tmp_path, "--drain-seconds", "60") as server:
        trust = ssl.create_default_context(cadata=server.ca_pem.decode())
        with httpx.Client(verify=trust, base_url=server.url, trust_env=False) as client:
            assert "connection" not in refused(client).headers
            server.process.child.send_signal(signal.SIGTERM)
            until(
                lambda: probe(server, "readyz").status_code == 503,
                what="draining",
                seconds=30,
                seen=server.process.tail,
            )
            yield server, client


def probe(server, path):
    return httpx.get(f"{server.operations_url}/{path}", trust_env=False)


def refused(client):
    return client.post("/validate", content=b"{", headers={"content-type": "application/json"})


def test_a_draining_server_is_not_ready_but_answers_on_and_asks_to_close(draining):
    server, client = draining

    answer = refused(client)

    assert (answer.status_code, answer.headers["connection"]) == (400, "close")
    assert probe(server, "healthz").text == "ok"
    assert probe(server, "readyz").text == "draining"


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_now(draining, second):
    server, _client = draining

    server.process.child.send_signal(second)

    assert server.process.child.wait(30) == 0


def test_an_interrupt_ends_it_now(tmp_path):
    with running_server(tmp_path, "--drain-seconds", "60") as server:
        server.process.child.send_signal(signal.SIGINT)

        assert server.process.child.wait(30) == 0


def test_after_the_time_to_drain_it_ends_by_itself(tmp_path):
    with running_server(tmp_path) as server:
        server.process.child.send_signal(signal.SIGTERM)

        assert server.process.child.wait(30) == 0
