"""What a run says where there is no control plane."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_READINESS = "tests/e2e/test_controlplane.py::test_the_api_server_is_ready"


@pytest.mark.parametrize(
    ("setting", "code", "tally"), [("", pytest.ExitCode.OK, "1 skipped"), ("required", 1, "1 error")]
)
def test_the_end_to_end_tests_are_skipped_loudly_or_fail_where_they_are_required(
    tmp_path: Path, setting: str, code: int, tally: str
) -> None:
    environ = {**os.environ, "KUBEBUILDER_ASSETS": str(tmp_path), "RAYJOB_WEBHOOK_E2E": setting}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", _READINESS]

    run = subprocess.run(command, cwd=_ROOT, env=environ, capture_output=True, text=True, check=False)

    lines = [line for line in run.stdout.splitlines() if line]
    heading = next(number for number, line in enumerate(lines) if line.strip("= ") == "CONTROL PLANE NOT AVAILABLE")
    assert lines[heading + 1] == (
        "1 end-to-end tests did not run, because "
        f"KUBEBUILDER_ASSETS={tmp_path}: must hold kube-apiserver, etcd and kubectl"
    )
    assert (run.returncode, lines[-1].strip("= ").partition(" in ")[0]) == (code, tally)
