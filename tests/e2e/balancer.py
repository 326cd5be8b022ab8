"""One address for several servers on loopback, as a Service is one for its Pods: a stand-in for kube-proxy.

It knows connections, not requests: whoever keeps one keeps its server, also one that is no endpoint any more.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_CHUNK_BYTES = 65536
_BACKLOG = 256  # connections that the kernel holds, so that a burst is not mistaken for a fault of the servers


@dataclass(slots=True)
class Balancer:
    """It passes each new connection on to one of the endpoints, by turns."""

    port: int
    endpoints: tuple[int, ...]
    """The servers' ports; replaced at any time, for all connections after that. Where there are none, it hangs up."""

    dialled: Counter[int] = field(default_factory=Counter)
    """How many connections were passed on, by endpoint."""

    async def balance(self, listener: socket.socket) -> None:
        """Accept connections until it is cancelled; then all of them are closed."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as connections:
            while True:
                caller, _ = await loop.sock_accept(listener)
                connections.create_task(self._pass_on(caller))

    async def _pass_on(self, caller: socket.socket) -> None:
        with caller, socket.socket() as server:
            if not (endpoints := self.endpoints):
                return
            endpoint = endpoints[self.dialled.total() % len(endpoints)]
            self.dialled[endpoint] += 1
            for end in (caller, server):
                end.setblocking(False)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                await asyncio.get_running_loop().sock_connect(server, ("127.0.0.1", endpoint))
            except ConnectionError:
                return  # nobody listens: the caller gets to know it by the end of its own connection
            await asyncio.gather(_carry(caller, server), _carry(server, caller))


@contextmanager
def balancing(*endpoints: int) -> Iterator[Balancer]:
    """Run a balancer on a free port of loopback while the block lasts."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener,
        asyncio.Runner() as runner,
        ThreadPoolExecutor(1) as threads,
    ):
        listener.setblocking(False)
        balancer = Balancer(listener.getsockname()[1], endpoints)
        loop = runner.get_loop()
        balance = loop.create_task(balancer.balance(listener))
        running = threads.submit(loop.run_until_complete, balance)
        try:
            yield balancer
        finally:
            loop.call_soon_threadsafe(balance.cancel)
            with suppress(asyncio.CancelledError):
                running.result()


async def _carry(source: socket.socket, sink: socket.socket) -> None:
    """Carry bytes one way until their end, which is carried too; a broken connection breaks the other one."""
    loop = asyncio.get_running_loop()
    try:
        while chunk := await loop.sock_recv(source, _CHUNK_BYTES):
            await loop.sock_sendall(sink, chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
