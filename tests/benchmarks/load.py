"""One load on one server: what the load generator saw, and what it cost the server."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.cases import Case
from tests.benchmarks.servers import Server, on_core

_GRACE_SECONDS = 30
"""What a load may take beyond its time: the handshakes, and one last answer each of which has 10 s."""

_MOST_REQUESTS = 1_000_000


class WrongAnswerError(Exception):
    """A server did not answer as the case says, so what was measured means nothing; the message holds the answer."""


@dataclass(frozen=True, slots=True)
class Load:
    """How hard a server is asked: how many connections are kept busy, for how long, with how many requests at most."""

    connections: int
    seconds: float
    requests: int = _MOST_REQUESTS


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was seen: latencies and CPU time per request in microseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Generator:
    """The load generator, on a core of its own; it finds the reviews' bodies in `folder`."""

    program: Path
    folder: Path
    core: int

    def measure(self, server: Server, case: Case, load: Load) -> Measurement:
        """Put a load on a server.

        Raises:
            WrongAnswerError: an answer was not what the case says, or none came.
        """
        before = server.cpu_seconds()
        with on_core(self.core):
            finished = subprocess.run(
                self._command(server, case, load),
                env={**os.environ, "GOMAXPROCS": "1"},
                capture_output=True,
                text=True,
                check=False,
                timeout=load.seconds + _GRACE_SECONDS,
            )
        cpu_seconds = server.cpu_seconds() - before
        if finished.returncode:
            raise WrongAnswerError(f"{server.name}, {case.name}: {finished.stderr.strip()}")
        seen = json.loads(finished.stdout)
        if seen["errors"] or not seen["requests"]:
            raise WrongAnswerError(f"{server.name}, {case.name}: {seen.get('error', 'no answer came')}")
        return Measurement(
            seen["requests"], seen["per_second"], seen["p50_us"], seen["p99_us"], cpu_seconds / seen["requests"] * 1e6
        )

    def _command(self, server: Server, case: Case, load: Load) -> list[str | Path]:
        body = self.folder / f"{case.name}.json"
        body.write_bytes(case.body)
        return [
            self.program,
            f"-url={server.url}/{case.endpoint}",
            f"-ca={server.ca}",
            f"-body={body}",
            f"-allowed={json.dumps(case.allowed)}",
            f"-patched={json.dumps(case.patched)}",
            f"-connections={load.connections}",
            f"-seconds={load.seconds}",
            f"-requests={load.requests}",
        ]
