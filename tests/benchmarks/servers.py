"""The two servers that are compared, each alone on its core, with the same certificate."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.polling import until
from tests.e2e.process import Process, free_ports, running
from tests.e2e.server import ServerFailedError, running_server

_READY_SECONDS = 30
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is ready; `ca` is the certificate that its clients trust."""

    name: str
    url: str
    ca: Path
    process: Process

    def cpu_seconds(self) -> float:
        """Give the time that all its threads have spent so far, in steps of a kernel tick (10 ms)."""
        stat = Path(f"/proc/{self.process.child.pid}/stat").read_text(encoding="utf-8")
        # The program's name, in parentheses, may hold anything; after it, utime and stime are the 12th and 13th.
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the programs run: the servers on one core, one of them busy at a time, the load generator on the other."""

    server: int
    load: int

    @classmethod
    def of_this_process(cls) -> "Cores":
        """Take the first two cores that we may use; where there is only one, it has to do for both."""
        mine = sorted(os.sched_getaffinity(0))
        return cls(mine[0], mine[1 % len(mine)])


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Start programs on one core while the block lasts; they stay there, and so do their threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running_ours(folder: Path, cores: Cores, *options: str | Path) -> Iterator[Server]:
    """Run ours while the block lasts.

    Args:
        folder: an empty one, for certificates and log.
        cores: of which the servers' is taken.
        options: of `serve`.

    Raises:
        ServerFailedError: it ended before it was ready.
        DeadlinePassedError: it was not ready in time.
    """
    with ExitStack() as stack:
        with on_core(cores.server):
            webhook = stack.enter_context(running_server(folder, *options))
        yield Server("ours", webhook.url, folder / "certificates" / "ca.crt", webhook.process)


@contextmanager
def running_servers(folder: Path, programs: Path, cores: Cores) -> Iterator[tuple[Server, Server]]:
    """Run ours and the Go webhook while the block lasts.

    Args:
        folder: an empty one, for certificates and logs.
        programs: the folder of the Go webhook.
        cores: of which the servers' is taken.

    Raises:
        ServerFailedError: one ended before it was ready.
        DeadlinePassedError: one was not ready in time.
    """
    certificates = folder / "certificates"
    with ExitStack() as stack:
        ours = stack.enter_context(running_ours(folder, cores))
        with on_core(cores.server):
            (port,) = free_ports(1)
            process = stack.enter_context(
                running(
                    [programs / "server", "-port", str(port), "-cert-dir", certificates],
                    log=folder / "go.log",
                    environ={**os.environ, "GOMAXPROCS": "1"},
                )
            )
        go = Server("go", f"https://127.0.0.1:{port}", certificates / "ca.crt", process)
        until(lambda: _is_heard(go, port), what=go.url, seconds=_READY_SECONDS, seen=process.tail)
        yield ours, go


def _is_heard(server: Server, port: int) -> bool:
    if server.process.is_over():
        raise ServerFailedError(server.process.tail())
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
