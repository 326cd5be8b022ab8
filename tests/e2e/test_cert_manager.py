"""The real cert-manager keeps our certificates, and renews them while RayJobs are applied.

Figures are printed with `pytest -s tests/e2e/test_cert_manager.py`.
"""

import base64
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certs.authority import Authority
from tests.e2e.admissions import ADMITTED, DENIED, UNCOMPLETED, UNDENIED, sending
from tests.e2e.cert_manager import Installation, NoCertManagerError, find_cert_manager
from tests.e2e.client import connect
from tests.e2e.handshake import served
from tests.e2e.issuance import injected, renew, set_rotation_policy, stored
from tests.e2e.kubectl import Cluster
from tests.e2e.load import Outcomes, repeating
from tests.e2e.polling import until
from tests.e2e.secret_volume import mounted_secret
from tests.e2e.server import serving
from tests.e2e.service import at_port, expose_loopback

pytestmark = pytest.mark.e2e

MANIFESTS = Path(__file__).parents[2] / "manifests/base"
CONFIGURATIONS = ("mutatingwebhookconfiguration/rayjob-webhook", "validatingwebhookconfiguration/rayjob-webhook")
WRITERS = 8
ROUNDS = 8 * WRITERS
"""So many more outcomes, and what holds now was met by every writer several times."""

TRUSTED = "a new handshake trusts the leaf"
SECONDS = 60
"""For cert-manager, the follower of the Secret and the server's look at it: together 12 s where nothing else runs."""


def issuers_and_certificates(namespace: str) -> str:
    return f"""
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {{name: self-signed, namespace: {namespace}}}
spec: {{selfSigned: {{}}}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {{name: ca, namespace: {namespace}}}
spec:
  secretName: ca
  isCA: true
  commonName: rayjob-webhook
  duration: 87600h
  renewBefore: 8760h
  privateKey: {{algorithm: ECDSA, size: 256, rotationPolicy: Never}}
  usages: [cert sign, crl sign]
  issuerRef: {{name: self-signed}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {{name: ca, namespace: {namespace}}}
spec: {{ca: {{secretName: ca}}}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {{name: webhook, namespace: {namespace}}}
spec:
  secretName: webhook-tls
  dnsNames: [webhook.{namespace}.svc]
  duration: 2160h
  renewBefore: 720h
  privateKey: {{algorithm: ECDSA, size: 256, rotationPolicy: Always}}
  usages: [digital signature, server auth]
  issuerRef: {{name: ca}}
"""


@dataclass(frozen=True, slots=True)
class Webhook:
    """The webhook, served with what cert-manager issued and called by the name of its Service."""

    cluster: Cluster
    client: httpx.Client
    namespace: str
    port: int
    configurations: str
    """Their YAML, without a caBundle."""

    log: Path
    """cert-manager's."""

    def held(self, secret: str) -> x509.Certificate:
        """The certificate of a Secret that must be there."""
        certificate = stored(self.client, self.namespace, secret)
        assert certificate
        return certificate

    def trusted(self) -> list[list[x509.Certificate]]:
        """The CAs of each configuration."""
        return [x509.load_pem_x509_certificates(bundle) for bundle in injected(self.client, "rayjob-webhook")]

    def served(self, *authorities: x509.Certificate) -> x509.Certificate:
        """The leaf that a new handshake gets, trusting these CAs."""
        ca_pem = b"".join(authority.public_bytes(Encoding.PEM) for authority in authorities)
        return x509.load_der_x509_certificate(served(self.port, f"webhook.{self.namespace}.svc", ca_pem))

    def shake_hands(self) -> str:
        """Do as an API server does that has just started and reads the configurations."""
        for authorities in self.trusted():
            try:
                self.served(*authorities)
            except ssl.SSLCertVerificationError as error:
                return f"a new handshake does not trust the leaf: {error.verify_message}"
        return TRUSTED

    @contextmanager
    def under_load(self) -> Iterator[Outcomes]:
        """RayJobs, and new handshakes beside them, because an API server keeps the connections that it has."""
        writers = [sending(self.client, self.namespace) for _ in range(WRITERS)]
        with repeating([self.shake_hands, *writers]) as outcomes:
            outcomes.wait_for_more(ROUNDS)
            yield outcomes
            outcomes.wait_for_more(ROUNDS)

    def wait_until(self, what: str, done: Callable[[], bool]) -> None:
        until(done, what=what, seconds=SECONDS, seen=lambda: self.log.read_text(encoding="utf-8")[-4000:])

    def wait_until_served(self, old: x509.Certificate) -> x509.Certificate:
        """Wait for another leaf than the old one, issued, brought to the server and taken up; return it."""

        def is_served() -> bool:
            new = stored(self.client, self.namespace, "webhook-tls")
            return new not in {None, old} and self.served(*self.trusted()[0]) == new

        self.wait_until("a new leaf to be served", is_served)
        return self.served(*self.trusted()[0])

    def wait_until_trusted(self, old: x509.Certificate) -> x509.Certificate:
        """Wait for another CA than the old one, issued and trusted beside it by both configurations; return it."""

        def is_trusted() -> bool:
            new = stored(self.client, self.namespace, "ca")
            return new not in {None, old} and all({old, new} <= set(authorities) for authorities in self.trusted())

        self.wait_until("a new CA to be trusted beside the old one", is_trusted)
        return self.held("ca")


@pytest.fixture(scope="module")
def webhook(
    cluster: Cluster,
    cert_manager: None,  # noqa: ARG001 (it is at work)
    rayjob_crd: str,  # noqa: ARG001 (it is in force)
    namespace: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Webhook]:
    """From nothing to a webhook that is called; the follower of the Secret stands in for the kubelet."""
    folder, log = tmp_path_factory.mktemp("volume"), tmp_path_factory.mktemp("log") / "server.log"
    cluster.apply_yaml(issuers_and_certificates(namespace))
    expose_loopback(cluster, namespace, "webhook")
    ready = ("--for=condition=Ready", "certificate/webhook", f"--timeout={SECONDS}s", "--namespace", namespace)
    cluster.kubectl("wait", *ready, check=True)
    with (
        mounted_secret(cluster, namespace, "webhook-tls", folder),
        serving(folder, log, name=f"webhook.{namespace}.svc") as server,
        connect(cluster) as client,
    ):
        port = httpx.URL(server.url).port
        assert port
        texts = yaml.safe_dump_all(configurations(namespace, port))
        webhook = Webhook(cluster, client, namespace, port, texts, cluster.home / "cert-manager.log")
        send = sending(client, namespace)
        try:
            cluster.apply_yaml(texts)
            webhook.wait_until("both webhooks to be called", lambda: {send(), send()} == {ADMITTED, DENIED})
            yield webhook
        finally:
            cluster.kubectl("delete", "--ignore-not-found", *CONFIGURATIONS, check=True)
            webhook.wait_until("no webhook to be called", lambda: {send(), send()} == {UNCOMPLETED, UNDENIED})


def configurations(namespace: str, port: int) -> Iterator[dict[str, object]]:
    """The shipped ones, for a Service in this namespace, to be injected from the CA's own Certificate."""
    for path in sorted(MANIFESTS.glob("*-webhook.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        raw["metadata"]["annotations"] = {"cert-manager.io/inject-ca-from": f"{namespace}/ca"}
        for webhook in raw["webhooks"]:
            webhook["clientConfig"]["service"] |= {"name": "webhook", "namespace": namespace}
        yield at_port(raw, port)


def tell(what: str, outcomes: Outcomes) -> None:
    print("", what, *(f"  {count:6} times {outcome}" for outcome, count in outcomes.counts.items()), sep="\n")  # noqa: T201 (the figures are what these tests are for)


def test_its_crds_are_at_hand(cert_manager_installation: Installation) -> None:
    assert (cert_manager_installation.crds / "cert-manager.io_certificates.yaml").is_file()


def test_without_go_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoCertManagerError, match=r"^there is no Go to build it with$"):
        find_cert_manager({"HOME": str(tmp_path), "PATH": ""}, pytest.fail)


def test_what_go_says_of_a_build_that_failed_is_the_reason(tmp_path: Path) -> None:
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho 'no network' >&2\nexit 1\n", encoding="utf-8")
    go.chmod(0o755)

    with pytest.raises(NoCertManagerError, match=r"^go build . failed: no network$"):
        find_cert_manager({"HOME": str(tmp_path), "PATH": str(tmp_path)}, lambda _line: None)


def test_it_issues_a_leaf_for_the_service_under_a_ca_that_both_configurations_trust(webhook: Webhook) -> None:
    authority, leaf = webhook.held("ca"), webhook.held("webhook-tls")

    leaf.verify_directly_issued_by(authority)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.DNSName(f"webhook.{webhook.namespace}.svc")]
    assert isinstance(leaf.public_key(), ec.EllipticCurvePublicKey)
    assert webhook.trusted() == [[authority], [authority]]
    assert webhook.served(authority) == leaf


def test_applying_the_manifests_again_leaves_the_ca_where_it_was_injected(webhook: Webhook) -> None:
    before = webhook.trusted()

    for how in ([], ["--server-side", "--force-conflicts"]):
        webhook.cluster.kubectl("apply", *how, "--filename", "-", stdin=webhook.configurations, check=True)

        assert webhook.trusted() == before


def test_a_renewed_leaf_with_its_new_key_costs_no_admission(webhook: Webhook) -> None:
    old = webhook.held("webhook-tls")
    with webhook.under_load() as outcomes:
        renew(webhook.cluster, webhook.namespace, "webhook")
        new = webhook.wait_until_served(old)

    tell("leaf renewed", outcomes)
    assert outcomes.counts.keys() == {ADMITTED, DENIED, TRUSTED}
    assert new.public_key() != old.public_key()


def test_a_ca_renewed_with_its_key_costs_no_admission_and_is_all_that_the_old_leaf_needs(webhook: Webhook) -> None:
    old, leaf = webhook.held("ca"), webhook.held("webhook-tls")
    set_rotation_policy(webhook.cluster, webhook.namespace, "ca", "Never")
    with webhook.under_load() as outcomes:
        renew(webhook.cluster, webhook.namespace, "ca")
        new = webhook.wait_until_trusted(old)

    tell("CA renewed with its key", outcomes)
    assert outcomes.counts.keys() == {ADMITTED, DENIED, TRUSTED}
    assert new.public_key() == old.public_key()
    assert webhook.served(new) == leaf


def test_a_ca_renewed_with_a_new_key_costs_no_admission_as_long_as_the_old_one_is_trusted_too(webhook: Webhook) -> None:
    old, leaf = webhook.held("ca"), webhook.held("webhook-tls")
    set_rotation_policy(webhook.cluster, webhook.namespace, "ca", "Always")
    with webhook.under_load() as outcomes:
        renew(webhook.cluster, webhook.namespace, "ca")
        new = webhook.wait_until_trusted(old)
        outcomes.wait_for_more(ROUNDS)
        # Who trusts the new CA alone, such as a configuration that is made now, has to wait for the leaf's renewal.
        with pytest.raises(ssl.SSLCertVerificationError):
            webhook.served(new)
        # Renewed by the rough hand this time: a Secret that is lost is issued anew as well.
        webhook.cluster.kubectl("delete", "secret", "webhook-tls", "--namespace", webhook.namespace, check=True)
        new_leaf = webhook.wait_until_served(leaf)

    tell("CA renewed with a new key, then the leaf lost", outcomes)
    assert outcomes.counts.keys() == {ADMITTED, DENIED, TRUSTED}
    assert new.public_key() != old.public_key()
    assert webhook.served(new) == new_leaf


def test_a_configuration_made_anew_is_injected_and_called(webhook: Webhook) -> None:
    send = sending(webhook.client, webhook.namespace)
    webhook.cluster.kubectl("delete", *CONFIGURATIONS, check=True)
    webhook.cluster.apply_yaml(webhook.configurations)

    webhook.wait_until("both webhooks to be called", lambda: {send(), send()} == {ADMITTED, DENIED})

    authority = webhook.held("ca")
    assert webhook.trusted() == [[authority], [authority]]


def test_the_load_notices_a_ca_that_is_not_the_leafs_and_cert_manager_adds_its_own_again(webhook: Webhook) -> None:
    stranger = Authority.create(common_name="stranger", now=datetime.now(UTC))
    bundle = base64.b64encode(stranger.certificate_pem).decode()
    put = [{"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": bundle}]
    wish = ("annotate", *CONFIGURATIONS)
    with webhook.under_load() as outcomes:
        webhook.cluster.kubectl(*wish, "cert-manager.io/inject-ca-from-", check=True)
        for configuration in CONFIGURATIONS:
            webhook.cluster.kubectl("patch", configuration, "--type=json", "-p", json.dumps(put), check=True)
        outcomes.wait_for_more(ROUNDS)
        webhook.cluster.kubectl(*wish, f"cert-manager.io/inject-ca-from={webhook.namespace}/ca", check=True)
        webhook.wait_until("the leaf to be trusted again", lambda: webhook.shake_hands() == TRUSTED)

    tell("negative control: a stranger's CA for a while", outcomes)
    told = " ".join(outcomes.counts)
    assert "tls: failed to verify certificate: x509: certificate signed by unknown authority" in told
    assert "a new handshake does not trust the leaf: unable to get local issuer certificate" in told
    assert webhook.trusted() == [[stranger.certificate, webhook.held("ca")]] * 2
