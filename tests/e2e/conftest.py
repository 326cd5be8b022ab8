"""The fixtures of the end-to-end tests: a cluster, the webhook in it, a namespace to work in.

Where there is no control plane, or no cert-manager, the tests that need it are skipped, and a section at the end of the
run says so loudly; with `RAYJOB_WEBHOOK_E2E=required`, as in CI, they fail instead.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.e2e import audit_log
from tests.e2e.apiserver import running_cluster
from tests.e2e.binaries import NoControlPlaneError, find
from tests.e2e.cert_manager import Installation, NoCertManagerError, find_cert_manager, running_cert_manager
from tests.e2e.crd import find_crds, install_crd
from tests.e2e.kubectl import Cluster
from tests.e2e.registration import registered
from tests.e2e.server import WebhookServer, running_server

_MANIFESTS = Path(__file__).parents[2] / "manifests/base"
_CONTROL_PLANE = "CONTROL PLANE NOT AVAILABLE"
_CERT_MANAGER = "CERT-MANAGER NOT AVAILABLE"
_REASONS = pytest.StashKey[dict[str, str]]()
"""What is not available, and why."""


@pytest.fixture(scope="session")
def audit_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the control plane keeps its audit log."""
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest, audit_folder: Path) -> Iterator[Cluster]:
    """A control plane for the whole run."""
    try:
        binaries = find(os.environ, _teller(request.config))
    except NoControlPlaneError as missing:
        _do_without(request.config, _CONTROL_PLANE, str(missing))
    with running_cluster(binaries, *audit_log.keep(audit_folder)) as running:
        yield running


@pytest.fixture(scope="session")
def cert_manager_installation(request: pytest.FixtureRequest) -> Installation:
    """What there is to run as cert-manager; it is not running."""
    try:
        return find_cert_manager(os.environ, _teller(request.config))
    except NoCertManagerError as missing:
        _do_without(request.config, _CERT_MANAGER, str(missing))


@pytest.fixture(scope="session")
def cert_manager(cluster: Cluster, cert_manager_installation: Installation) -> Iterator[None]:
    """The real cert-manager, at work in the cluster until the end of the run."""
    with running_cert_manager(cluster, cert_manager_installation):
        yield


@pytest.fixture(scope="module")
def rayjob_crd(cluster: Cluster, request: pytest.FixtureRequest) -> str:
    """The RayJob's CRD, in force; the value is its flavour.

    It is KubeRay's where that is at hand, else ours. A module that wants a certain one, or each, says so with
    `pytest.mark.parametrize("rayjob_crd", ["ours", "kuberay"], indirect=True)`.
    """
    crds = find_crds()
    flavour: str = getattr(request, "param", next(iter(crds), "ours"))
    if flavour not in crds:
        pytest.skip(f"the CRD {flavour} is not here")
    install_crd(cluster, crds[flavour])
    return flavour


@pytest.fixture(scope="session")
def webhook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebhookServer]:
    """The server with its default policy, for the whole run; by itself nobody calls it."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def webhook(
    cluster: Cluster,
    rayjob_crd: str,  # noqa: ARG001 - the probe of the registration is a RayJob
    webhook_server: WebhookServer,
) -> Iterator[WebhookServer]:
    """The server, called by the cluster for every RayJob while this module's tests run."""
    with registered(cluster, _MANIFESTS, webhook_server.url, webhook_server.ca_pem):
        yield webhook_server


@pytest.fixture(scope="module")
def namespace(cluster: Cluster, request: pytest.FixtureRequest) -> str:
    """A namespace for one module, new in every run: nothing empties a namespace here."""
    topic = request.path.stem.removeprefix("test_").replace("_", "-")
    name = f"{topic}-{secrets.token_hex(3)}"
    cluster.kubectl("create", "namespace", name, check=True)
    return name


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly what did not run, and why."""
    for missing, reason in config.stash.get(_REASONS, {}).items():
        reports = [*terminalreporter.getreports("skipped"), *terminalreporter.getreports("error")]
        count = sum(missing in str(report.longrepr) for report in reports)
        terminalreporter.section(missing, red=True, bold=True)
        terminalreporter.write_line(f"{count} end-to-end tests did not run, because {reason}", red=True, bold=True)


def _do_without(config: pytest.Config, missing: str, reason: str) -> NoReturn:
    config.stash.setdefault(_REASONS, {})[missing] = reason
    if os.environ.get("RAYJOB_WEBHOOK_E2E") == "required":
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
