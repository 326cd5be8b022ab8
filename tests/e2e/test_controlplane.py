"""The control plane itself: that it is real, and does what our design takes for granted."""

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from certs.authority import Authority
from tests.e2e.kubectl import Cluster, Result
from tests.e2e.polling import DeadlinePassedError
from tests.e2e.registration import PROBE, registered

pytestmark = pytest.mark.e2e

only_kuberay = pytest.mark.parametrize("rayjob_crd", ["kuberay"], indirect=True)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook that allows everything and keeps what it was asked, in order: the path and the review."""

    url: str
    ca_pem: bytes
    seen: list[tuple[str, Any]]


def test_the_api_server_is_ready(cluster: Cluster) -> None:
    assert cluster.kubectl("get", "--raw", "/readyz") == Result(0, "ok", "")


def test_kubectl_and_the_api_server_are_of_one_release(cluster: Cluster) -> None:
    versions = json.loads(cluster.kubectl("version", "--output=json", check=True).stdout)

    assert versions["clientVersion"]["gitVersion"] == versions["serverVersion"]["gitVersion"]


@only_kuberay
def test_kuberays_crd_refuses_the_field_runtime_env(cluster: Cluster, rayjob_crd: str, namespace: str) -> None:
    job = yaml.safe_load(PROBE)
    job["spec"]["runtimeEnv"] = "pip: [requests]"

    assert rayjob_crd == "kuberay"
    assert cluster.kubectl("apply", "-n", namespace, "-f", "-", stdin=yaml.safe_dump(job)) == Result(
        1,
        "",
        'Error from server (BadRequest): error when creating "STDIN": RayJob in version "v1" cannot be handled as a '
        'RayJob: strict decoding error: unknown field "spec.runtimeEnv"\n',
    )


@only_kuberay
def test_a_mutating_webhook_sees_the_defaults_of_kuberays_crd_as_if_the_user_had_written_them(
    cluster: Cluster, rayjob_crd: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    write_configurations(tmp_path)
    with registered(cluster, tmp_path, endpoint.url, endpoint.ca_pem) as webhooks:
        endpoint.seen.clear()
        cluster.kubectl("create", "--dry-run=server", "-f", "-", stdin=PROBE, check=True)
        seen = [(path, review["request"]["object"]["spec"]) for path, review in endpoint.seen]

    defaults = {"backoffLimit": 0, "submissionMode": "K8sJobMode", "ttlSecondsAfterFinished": 0}
    spec = {**yaml.safe_load(PROBE)["spec"], **defaults}
    assert rayjob_crd == "kuberay"
    assert webhooks == ("mutate.rayjob-webhook.test", "validate.rayjob-webhook.test")
    assert seen == [("/mutate?timeout=5s", spec), ("/validate?timeout=5s", spec)]


@pytest.mark.usefixtures("rayjob_crd")
def test_a_webhook_is_called_no_more_once_its_registration_has_ended(
    cluster: Cluster, endpoint: Endpoint, tmp_path: Path
) -> None:
    write_configurations(tmp_path)
    with registered(cluster, tmp_path, endpoint.url, endpoint.ca_pem):
        pass
    endpoint.seen.clear()

    cluster.kubectl("create", "--dry-run=server", "-f", "-", stdin=PROBE, check=True)

    assert endpoint.seen == []


@pytest.mark.usefixtures("rayjob_crd")
@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
def test_a_registration_whose_server_is_not_trusted_is_not_taken_for_one_in_force(
    cluster: Cluster, endpoint: Endpoint, tmp_path: Path, policy: str
) -> None:
    write_configurations(tmp_path, policy)
    stranger = Authority.create(common_name="stranger", now=datetime.now(UTC))

    with (
        pytest.raises(DeadlinePassedError, match="waited 1 s for an answer of mutate"),
        registered(cluster, tmp_path, endpoint.url, stranger.certificate_pem, seconds=1),
    ):
        pytest.fail("an untrusted server was called")


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    authority = Authority.create(common_name="tests", now=datetime.now(UTC))
    leaf = authority.issue([], ["127.0.0.1"], datetime.now(UTC))
    (tmp_path / "tls.pem").write_bytes(leaf.certificate_pem + leaf.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.pem")
    seen: list[tuple[str, Any]] = []

    class Allow(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append((self.path, review))
            response = {"uid": review["request"]["uid"], "allowed": True}
            answer = json.dumps({**review, "request": None, "response": response}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Keep quiet: what was asked stands in `seen`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Allow) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Endpoint(f"https://127.0.0.1:{server.server_port}", authority.certificate_pem, seen)
        finally:
            server.shutdown()
            thread.join()


def write_configurations(folder: Path, failure_policy: str = "Fail") -> None:
    """Write a mutating and a validating configuration as ours are shipped, each into its file."""
    for kind, verb in (("MutatingWebhookConfiguration", "mutate"), ("ValidatingWebhookConfiguration", "validate")):
        service = {"name": "webhook", "namespace": "rayjob-webhook", "path": f"/{verb}"}
        rule = {"apiGroups": ["ray.io"], "apiVersions": ["v1"], "resources": ["rayjobs"], "operations": ["CREATE"]}
        webhook = {
            "name": f"{verb}.rayjob-webhook.test",
            "admissionReviewVersions": ["v1"],
            "clientConfig": {"service": service},
            "failurePolicy": failure_policy,
            "rules": [rule],
            "sideEffects": "None",
            "timeoutSeconds": 5,
        }
        document = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": kind,
            "metadata": {
                "name": "rayjob-webhook-test",
                "annotations": {"cert-manager.io/inject-ca-from": "rayjob-webhook/webhook"},
            },
            "webhooks": [webhook],
        }
        (folder / f"{verb}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
