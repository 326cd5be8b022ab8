"""Only the API server is let in: a real one, set up as the README says, and the controls."""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from certs.authority import Authority, service_names
from certs.pair import write
from tests.certs.callers import issue
from tests.e2e.apiserver import running_cluster
from tests.e2e.binaries import find
from tests.e2e.crd import find_crds, install_crd
from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.process import free_ports
from tests.e2e.registration import PROBE
from tests.e2e.server import serving
from tests.e2e.service import at_port, expose_loopback
from tests.manifests.test_readme import FENCED

pytestmark = pytest.mark.e2e

MANIFESTS = Path(__file__).parents[2] / "manifests/base"
NAMESPACE = "rayjob-webhook-system"
NAMES = service_names("rayjob-webhook", NAMESPACE)
NOW = datetime.now(UTC)
STRANGER = f"stranger.{NAMESPACE}.svc"
CLIENTS, OTHERS, SERVER = (Authority.create(common_name=name, now=NOW) for name in ("clients", "others", "server"))
SECONDS = 60
"""For what takes the API server a second where nothing else runs."""

NO_HANDSHAKE = '/validate?timeout=5s": EOF'
"""The event loop ends a connection without OpenSSL's last words, which would say why."""


def admission_configuration(folder: Path, port: int) -> Path:
    """Write what the README says, but for its places, and with the port, which there is the one that needs no word."""
    wanted = ("kind: AdmissionConfiguration", "kind: Config\nusers:")
    admission, kubeconfig = (text for word in wanted for _, text in FENCED if word in text)
    certificate, key = issue(folder, CLIENTS, NOW, "kube-apiserver")
    places = {
        "/etc/kubernetes/webhooks.kubeconfig": folder / "webhooks.kubeconfig",
        "/etc/kubernetes/pki/rayjob-webhook-client.crt": certificate,
        "/etc/kubernetes/pki/rayjob-webhook-client.key": key,
        f"{NAMES[0]}\n": f"{NAMES[0]}:{port}\n",
    }
    for place, here in places.items():
        assert place in admission + kubeconfig
        admission, kubeconfig = (text.replace(place, str(here)) for text in (admission, kubeconfig))
    (folder / "webhooks.kubeconfig").write_text(kubeconfig, encoding="utf-8")
    (folder / "admission.yaml").write_text(admission, encoding="utf-8")
    return folder / "admission.yaml"


@dataclass(frozen=True, slots=True)
class Site:
    """An API server that presents a certificate to our webhook, which it calls at a port of loopback."""

    cluster: Cluster
    port: int
    folder: Path

    def register(self, service: str = "rayjob-webhook") -> None:
        """Have the webhook called by a Service of this name."""
        expose_loopback(self.cluster, NAMESPACE, service)
        documents = [
            yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(MANIFESTS.glob("*-webhook.yaml"))
        ]
        for document in documents:
            (webhook,) = document["webhooks"]
            webhook["clientConfig"]["service"] |= {"name": service}
        moved = [at_port(document, self.port) for document in documents]
        for document in moved:
            document["webhooks"][0]["clientConfig"]["caBundle"] = base64.b64encode(SERVER.certificate_pem).decode()
        self.cluster.apply_yaml(yaml.safe_dump_all(moved))

    @contextmanager
    def answering(self, folder: Path, trusted: Authority, *options: str) -> Iterator[Path]:
        """Run the webhook, for callers of a CA, in the file that is yielded."""
        client_ca = folder / "client-ca.crt"
        client_ca.write_bytes(trusted.certificate_pem)
        options = ("--port", str(self.port), "--client-ca", str(client_ca), *options)
        with serving(self.folder, folder / "log", *options, name=NAMES[0]):
            yield client_ca

    def wait_until_told(self, text: str, job: str = PROBE) -> None:
        """Create a RayJob, dry, until what is said of it has this text."""
        seen = ""

        def is_told() -> bool:
            nonlocal seen
            options = ("--dry-run=server", "--namespace=default", "--output=yaml")
            result = self.cluster.kubectl("create", *options, "-f", "-", stdin=job)
            seen = result.stdout + result.stderr
            return text in seen

        until(is_told, what=repr(text), seconds=SECONDS, seen=lambda: seen)


@pytest.fixture(scope="module")
def site(
    cluster: Cluster,  # noqa: ARG001 (another one; but where it cannot run, this cannot either, and it says so)
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    write(folder, SERVER.issue([*NAMES, STRANGER], [], NOW), SERVER)
    (port,) = free_ports(1)
    flag = f"--admission-control-config-file={admission_configuration(folder, port)}"
    with running_cluster(find(os.environ, print), flag) as presenting:
        install_crd(presenting, next(iter(find_crds().values())))
        presenting.kubectl("create", "namespace", NAMESPACE, check=True)
        site = Site(presenting, port, folder)
        site.register()
        yield site


def test_an_api_server_that_presents_its_certificate_is_let_in(site: Site, tmp_path: Path) -> None:
    with site.answering(tmp_path, CLIENTS, "--client-names", "somebody,kube-apiserver"):
        site.wait_until_told("shutdownAfterJobFinishes: true")
        site.wait_until_told("[missing-entrypoint]", PROBE.replace("python probe.py", "' '"))


def test_under_another_name_it_is_not_and_its_users_are_told_so(site: Site, tmp_path: Path) -> None:
    with site.answering(tmp_path, CLIENTS, "--client-names", "somebody"):
        site.wait_until_told("must be called by one of --client-names, is called by 'kube-apiserver'")


def test_it_is_let_in_as_soon_as_its_ca_is_in_the_file(site: Site, tmp_path: Path) -> None:
    with site.answering(tmp_path, OTHERS) as client_ca:
        site.wait_until_told(NO_HANDSHAKE)
        client_ca.write_bytes(OTHERS.certificate_pem + CLIENTS.certificate_pem)
        site.wait_until_told("shutdownAfterJobFinishes: true")


def test_a_webhook_that_its_kubeconfig_does_not_name_gets_no_certificate(site: Site, tmp_path: Path) -> None:
    site.register("stranger")
    with site.answering(tmp_path, CLIENTS):
        site.wait_until_told(NO_HANDSHAKE)
