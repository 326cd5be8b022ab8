"""A program of ours in the background: its log, its port, and its certain end."""

import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

_TAIL_LINES = 30


@dataclass(frozen=True, slots=True)
class Process:
    """A program that runs; all it prints goes to `log`."""

    child: subprocess.Popen[bytes]
    log: Path

    def is_over(self) -> bool:
        """Tell whether it has ended, by itself or otherwise."""
        return self.child.poll() is not None

    def tail(self) -> str:
        """Give the log's last lines, and the exit code if there is one."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
        ending = [f"(exit code {self.child.returncode})"] if self.is_over() else []
        return "\n".join([f"{self.log}:", *lines, *ending])


@contextmanager
def running(
    command: Sequence[str | Path], *, log: Path, environ: Mapping[str, str], drain_seconds: float = 0
) -> Iterator[Process]:
    """Run `command` while the block lasts.

    Args:
        command: the program's path and its arguments.
        log: the file that gets stdout and stderr.
        environ: the whole environment; nothing is inherited.
        drain_seconds: how long a SIGTERM may take before a SIGKILL follows; 0 kills at once, which is right for what
            only has throwaway data.
    """
    with log.open("wb") as sink:
        child = subprocess.Popen(
            [*_tied_to_us(), *command],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=environ,
            # Ctrl-C in a terminal goes to the whole foreground group; the order of ending is ours to keep.
            start_new_session=True,
        )
    try:
        yield Process(child, log)
    finally:
        _end(child, drain_seconds)


def free_ports(count: int) -> tuple[int, ...]:
    """Find different TCP ports on loopback that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return tuple(listener.getsockname()[1] for listener in sockets)


def _tied_to_us() -> tuple[str, ...]:
    """Have the kernel end the program with us, where util-linux is: a killed test run then leaves nothing behind."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


def _end(child: subprocess.Popen[bytes], drain_seconds: float) -> None:
    if drain_seconds:
        child.terminate()
        try:
            child.wait(drain_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
    else:
        child.kill()
    child.wait()
