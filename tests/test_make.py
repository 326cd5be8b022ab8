"""`make run` as a newcomer runs it."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.e2e.polling import until
from tests.e2e.process import free_ports, running

ROOT = Path(__file__).parent.parent


@pytest.fixture
def set_up() -> None:
    """`make run` must find its environment complete: to make it anew would pull it from under this very run."""
    stale = subprocess.run(["make", "--question", "setup"], cwd=ROOT, check=False, capture_output=True, timeout=60)
    assert stale.returncode == 0, "the environment is older than pyproject.toml: run `make setup`"


@pytest.mark.usefixtures("set_up")
def test_make_run_serves_and_every_command_that_it_prints_works(tmp_path):
    (port,) = free_ports(1)
    log = tmp_path / "log"
    command: list[str | Path] = ["make", "--directory", ROOT, "run", f"PORT={port}", f"RUN={tmp_path}/run"]

    with running(command, log=log, environ=os.environ, drain_seconds=30) as process:
        until(lambda: "listening on 127.0.0.1" in log.read_text(), what="make run", seconds=60, seen=process.tail)
        printed = [line.strip() for line in log.read_text().splitlines() if line.startswith("  ")]
        done = [
            subprocess.run(shlex.split(line), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
            for line in printed
        ]

    mutated, validated, checked, diff = done
    assert [(one.returncode, one.stderr) for one in done] == [(0, ""), (0, ""), (1, ""), (0, "")]
    assert '"patchType":"JSONPatch"' in mutated.stdout
    assert '"allowed":true' in validated.stdout
    assert checked.stdout.endswith("2 RayJobs: 1 passed, 1 denied\n")
    assert "+  runtimeEnvYAML: |" in diff.stdout
