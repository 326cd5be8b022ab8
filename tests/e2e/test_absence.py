"""What a run says where there is no control plane, or no cert-manager."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Absence:
    """A test that needs something, the variable by which it is hidden, and what the run says then."""

    test: str
    variable: str
    heading: str
    reason: str


CONTROL_PLANE = Absence(
    "tests/e2e/test_controlplane.py::test_the_api_server_is_ready",
    "KUBEBUILDER_ASSETS",
    "CONTROL PLANE NOT AVAILABLE",
    "KUBEBUILDER_ASSETS={}: must hold kube-apiserver, etcd and kubectl",
)
CERT_MANAGER = Absence(
    "tests/e2e/test_cert_manager.py::test_its_crds_are_at_hand",
    "PATH",
    "CERT-MANAGER NOT AVAILABLE",
    "there is no Go to build it with",
)


@pytest.mark.parametrize("absence", [CONTROL_PLANE, CERT_MANAGER], ids=lambda absence: absence.heading)
@pytest.mark.parametrize(
    ("setting", "code", "tally"), [("", pytest.ExitCode.OK, "1 skipped"), ("required", 1, "1 error")]
)
def test_the_end_to_end_tests_are_skipped_loudly_or_fail_where_they_are_required(
    tmp_path: Path, absence: Absence, setting: str, code: int, tally: str
) -> None:
    environ = {**os.environ, absence.variable: str(tmp_path), "RAYJOB_WEBHOOK_E2E": setting}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", absence.test]

    run = subprocess.run(command, cwd=_ROOT, env=environ, capture_output=True, text=True, check=False)

    lines = [line for line in run.stdout.splitlines() if line]
    found = next(number for number, line in enumerate(lines) if line.strip("= ") == absence.heading)
    assert lines[found + 1] == f"1 end-to-end tests did not run, because {absence.reason.format(tmp_path)}"
    assert (run.returncode, lines[-1].strip("= ").partition(" in ")[0]) == (code, tally)
