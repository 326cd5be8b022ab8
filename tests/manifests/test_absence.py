"""What a run says where a program that reads the manifests is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MISSING = {
    "HELM": ("PATH", "test_chart.py::test_helm_lint_finds_no_fault"),
    "KUBECTL": ("KUBEBUILDER_ASSETS", "test_readme.py::test_the_kustomization_that_it_shows_can_be_rendered"),
    "PROMTOOL": ("PATH", "test_monitoring.py::test_promtool_finds_no_fault_with_the_alerts"),
}
"""The variable by which each is hidden, and a test that needs it."""


@pytest.mark.parametrize(
    ("program", "setting", "tally"),
    [
        ("HELM", "", "1 skipped"),
        ("HELM", "required", "1 error"),
        ("KUBECTL", "", "1 skipped"),
        ("KUBECTL", "required", "1 error"),
        ("PROMTOOL", "required", "1 skipped"),  # there is not always a Debian to have it of
    ],
)
def test_it_is_told_loudly(tmp_path: Path, program: str, setting: str, tally: str) -> None:
    variable, test = MISSING[program]
    environ = {**os.environ, variable: str(tmp_path), "RAYJOB_WEBHOOK_E2E": setting}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"tests/manifests/{test}"]

    run = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)

    lines = [line.strip("= ") for line in run.stdout.splitlines() if line]
    assert lines[lines.index(f"{program} NOT AVAILABLE") + 1].startswith(
        "1 tests of the manifests did not run, because "
    )
    assert lines[-1].partition(" in ")[0] == tally
