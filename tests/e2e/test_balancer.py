"""A connection gets one of the endpoints there are, and both of its ends see what the other one does."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.e2e.balancer import balancing
from tests.e2e.polling import until
from tests.e2e.process import free_ports

HANG_SECONDS = 30


def heard(connection: socket.socket) -> bytes:
    """All that the other end says, until it says no more."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


@contextmanager
def answering(word: bytes) -> Iterator[int]:
    """Have a server that waits for each caller's last byte, and answers with its word and with what it got."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as threads:

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(HANG_SECONDS)
                    said = heard(connection)
                    if not said:
                        return
                    connection.sendall(word + said)

        serving = threads.submit(serve)
        port = listener.getsockname()[1]
        try:
            yield port
        finally:
            socket.create_connection(("127.0.0.1", port)).close()
            serving.result(HANG_SECONDS)


def ask(port: int, said: bytes = b"!") -> bytes:
    """Say something, and that it is all; return the whole answer."""
    with socket.create_connection(("127.0.0.1", port), HANG_SECONDS) as connection:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        return heard(connection)


def test_connections_go_to_the_endpoints_by_turns() -> None:
    with answering(b"a") as first, answering(b"b") as second, balancing(first, second) as balancer:
        answers = [ask(balancer.port) for _ in range(4)]

    assert answers == [b"a!", b"b!", b"a!", b"b!"]
    assert balancer.dialled == {first: 2, second: 2}


def test_a_long_message_arrives_whole() -> None:
    said = bytes(range(256)) * 8192
    with answering(b"a") as port, balancing(port) as balancer:
        assert ask(balancer.port, said) == b"a" + said


def test_other_endpoints_are_for_later_connections_only() -> None:
    with (
        answering(b"a") as first,
        answering(b"b") as second,
        balancing(first) as balancer,
        socket.create_connection(("127.0.0.1", balancer.port), HANG_SECONDS) as kept,
    ):
        until(lambda: balancer.dialled.total() == 1, what="the connection", seconds=HANG_SECONDS, seen=str)
        balancer.endpoints = (second,)
        later = ask(balancer.port)
        kept.sendall(b"!")
        kept.shutdown(socket.SHUT_WR)
        earlier = heard(kept)

    assert (earlier, later) == (b"a!", b"b!")


@pytest.mark.parametrize("endpoints", [(), free_ports(1)], ids=["no endpoint", "an endpoint where nobody listens"])
def test_who_cannot_be_passed_on_is_hung_up_on(endpoints: tuple[int, ...]) -> None:
    with (
        balancing(*endpoints) as balancer,
        socket.create_connection(("127.0.0.1", balancer.port), HANG_SECONDS) as caller,
    ):
        assert caller.recv(1) == b""


def test_at_the_end_no_connection_is_left() -> None:
    with answering(b"a") as port:
        with balancing(port) as balancer:
            caller = socket.create_connection(("127.0.0.1", balancer.port), HANG_SECONDS)
            until(lambda: balancer.dialled.total() == 1, what="the connection", seconds=HANG_SECONDS, seen=str)
        with caller:
            assert caller.recv(1) == b""
