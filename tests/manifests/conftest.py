"""The programs that read the manifests: kubectl and helm, built as for the end-to-end tests, and promtool.

Where one is missing the tests that need it are skipped, and a section at the end of the run says so loudly; with
`RAYJOB_WEBHOOK_E2E=required`, as in CI, the two that Go builds must be there.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from tests.e2e.binaries import NoControlPlaneError, find
from tests.manifests.chart import NoHelmError, find_helm

_MISSING = pytest.StashKey[dict[str, str]]()
"""What is missing, and why."""


@pytest.fixture(scope="session")
def kubectl(request: pytest.FixtureRequest) -> Path:
    """The kubectl of the control plane's own release; no control plane runs."""
    try:
        return find(os.environ, _teller(request.config)).kubectl
    except NoControlPlaneError as missing:
        _do_without(request.config, "KUBECTL NOT AVAILABLE", str(missing))


@pytest.fixture(scope="session")
def helm(request: pytest.FixtureRequest) -> Path:
    """Helm, of the release that tests/manifests/helm/go.mod pins."""
    try:
        return find_helm(os.environ, _teller(request.config))
    except NoHelmError as missing:
        _do_without(request.config, "HELM NOT AVAILABLE", str(missing))


@pytest.fixture(scope="session")
def promtool(request: pytest.FixtureRequest) -> Path:
    """Prometheus' own judge of rules, as Debian ships it."""
    found = shutil.which("promtool")
    if not found:
        reason = "there is none on the PATH; Debian has it in its package prometheus"
        _do_without(request.config, "PROMTOOL NOT AVAILABLE", reason, may_fail=False)
    return Path(found)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly what did not run, and why."""
    for missing, reason in config.stash.get(_MISSING, {}).items():
        reports = [*terminalreporter.getreports("skipped"), *terminalreporter.getreports("error")]
        count = sum(missing in str(report.longrepr) for report in reports)
        terminalreporter.section(missing, red=True, bold=True)
        terminalreporter.write_line(
            f"{count} tests of the manifests did not run, because {reason}", red=True, bold=True
        )


def _do_without(config: pytest.Config, missing: str, reason: str, *, may_fail: bool = True) -> NoReturn:
    config.stash.setdefault(_MISSING, {})[missing] = reason
    if may_fail and os.environ.get("RAYJOB_WEBHOOK_E2E") == "required":
        pytest.fail(f"{missing}: {reason}", pytrace=False)
    pytest.skip(f"{missing}: {reason}")


def _teller(config: pytest.Config) -> Callable[[str], None]:
    """Write to the terminal past pytest's capture: a build of minutes must not look like a hang."""
    capture = config.pluginmanager.getplugin("capturemanager")
    reporter = config.pluginmanager.getplugin("terminalreporter")

    def say(line: str) -> None:
        if capture and reporter:
            with capture.global_and_fixture_disabled():
                reporter.write_line(line)

    return say
