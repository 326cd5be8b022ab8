"""What a Pod makes of the image: its own command and its other programs, confined, with a Secret and free ports."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.e2e.polling import until
from tests.e2e.process import Process, running
from tests.image.builder import Image
from tests.image.confinement import Confinement


class EndedError(Exception):
    """The image's command ended before it was ready; the message holds what it printed."""


@dataclass(frozen=True, slots=True)
class Container:
    """What a Pod makes of the image: a Secret is mounted, the ports are free ones, and nothing can be written."""

    image: Image
    confinement: Confinement
    environ: dict[str, str]
    url: str
    probes: str
    trust: ssl.SSLContext

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the image's programs to its end."""
        command = self.confinement.command([self.image.program(name), *arguments])
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False, timeout=60)

    def healthcheck(self) -> int:
        """Give the exit code of the image's own."""
        name, *arguments = self.image.stage.command("HEALTHCHECK")
        return self.run(name, *arguments).returncode

    def files(self) -> dict[Path, tuple[int, int]]:
        """Give the time and size of everything that the image and its Secret consist of."""
        stats = {path: path.lstat() for path in self.image.root.rglob("*")}
        return {path: (one.st_mtime_ns, one.st_size) for path, one in stats.items()}

    @contextmanager
    def started(self, log: Path) -> Iterator[Process]:
        """Run the image's own command until the block ends, from when it is ready.

        Raises:
            EndedError: it ended before.
            DeadlinePassedError: it was not ready in time.
        """
        entry, *arguments = self.image.stage.command("ENTRYPOINT") + self.image.stage.command("CMD")
        command = self.confinement.command([self.image.program(entry), *arguments])
        with running(command, log=log, environ=self.environ, drain_seconds=30) as process:

            def is_ready() -> bool:
                if process.is_over():
                    raise EndedError(process.tail())
                try:
                    return httpx.get(f"{self.probes}/readyz", trust_env=False).status_code == httpx.codes.OK
                except httpx.TransportError:
                    return False

            until(is_ready, what="the image's command", seconds=60, seen=process.tail)
            yield process
