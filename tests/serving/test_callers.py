"""Who is served where callers need a certificate: the real server, and callers of all kinds."""

import ssl
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from certs.authority import Authority
from tests.certs.callers import issue
from tests.e2e.server import running_server
from tests.serving.test_endpoints import JSON, review
from webhook.rules.example import merged
from webhook.serving.callers import names_of

NOW = datetime.now(UTC)
CLIENTS = Authority.create(common_name="clients", now=NOW)
REVIEW = orjson.dumps(review(merged({"metadata": {"namespace": "n"}})))
NAMES = "kube-apiserver, api.example.org"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that lets in two names."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "client-ca.crt").write_bytes(CLIENTS.certificate_pem)
    with running_server(folder, "--client-ca", folder / "client-ca.crt", "--client-names", NAMES) as running:
        yield running


@contextmanager
def calling(server, certificate=None, version=ssl.TLSVersion.TLSv1_3):
    trust = ssl.create_default_context(cadata=server.ca_pem.decode())
    trust.minimum_version = trust.maximum_version = version
    if certificate:
        trust.load_cert_chain(*certificate)
    with httpx.Client(verify=trust, base_url=server.url, trust_env=False) as client:
        yield client


def counted(server, decision):
    """How many calls of /validate ended so."""
    text = httpx.get(f"{server.operations_url}/metrics", trust_env=False).text
    wanted = {"endpoint": "validate", "decision": decision}
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "rayjob_webhook_reviews_total" and wanted.items() <= sample.labels.items()
    )


VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@VERSIONS
@pytest.mark.parametrize(
    "names",
    [("kube-apiserver",), ("api.example.org",), ("", "api.example.org"), ("other", "another", "kube-apiserver")],
)
def test_a_name_of_the_list_is_served_be_it_the_common_name_or_a_dns_name(server, tmp_path, names, version):
    before = counted(server, "allowed")

    with calling(server, issue(tmp_path, CLIENTS, NOW, *names), version) as client:
        answers = [client.post("/validate", content=REVIEW, headers=JSON) for _ in range(2)]

    assert [answer.json()["response"]["allowed"] for answer in answers] == [True, True]
    assert counted(server, "allowed") == before + 2


@VERSIONS
@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("somebody",), "'somebody'"),
        (("Kube-APIserver", "www.api.example.org"), "'Kube-APIserver, www.api.example.org'"),
        (("",), "'nobody'"),
        (("é\n" + "n" * 61,), "'\\xe9\\n" + "n" * 61 + "'"),
    ],
)
def test_another_name_gets_403_and_a_closed_connection_and_is_counted_as_refused(
    server, tmp_path, names, told, version
):
    before = counted(server, "refused")

    with calling(server, issue(tmp_path, CLIENTS, NOW, *names), version) as client:
        answer = client.post("/validate", content=REVIEW, headers=JSON)

    assert (answer.status_code, answer.headers["connection"], answer.json()) == (
        403,
        "close",
        {
            "apiVersion": "v1",
            "kind": "Status",
            "status": "Failure",
            "message": f"must be called by one of --client-names, is called by {told}",
            "reason": "Forbidden",
            "code": 403,
        },
    )
    assert counted(server, "refused") == before + 1


def test_another_name_learns_nothing_of_what_is_served_and_makes_no_series(server, tmp_path):
    before = counted(server, "refused")

    with calling(server, issue(tmp_path, CLIENTS, NOW, "somebody")) as client:
        codes = [client.get(path).status_code for path in ("/", "/readyz", "/validates/", "/metrics")]

    assert codes == [403] * 4
    assert counted(server, "refused") == before


@VERSIONS
def test_without_a_certificate_of_the_ca_there_is_no_connection(server, tmp_path, version):
    stranger = issue(tmp_path, Authority.create(common_name="clients", now=NOW), NOW, "kube-apiserver")

    for certificate in (None, stranger):
        with (
            calling(server, certificate, version) as client,
            pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)),
        ):
            client.post("/validate", content=REVIEW, headers=JSON)


def test_probes_and_prometheus_need_no_certificate_on_their_port(server):
    assert httpx.get(f"{server.operations_url}/readyz", trust_env=False).text == "ok"


def test_without_names_every_certificate_of_the_ca_is_served(tmp_path):
    (tmp_path / "client-ca.crt").write_bytes(CLIENTS.certificate_pem)
    environ = {"RAYJOB_WEBHOOK_CLIENT_CA": str(tmp_path / "client-ca.crt")}

    with (
        running_server(tmp_path, environ=environ) as server,
        calling(server, issue(tmp_path, CLIENTS, NOW, "somebody")) as client,
    ):
        assert client.post("/validate", content=REVIEW, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ({}, []),
        ({"subject": ((("organizationName", "system:masters"),), (("commonName", "a"),))}, ["a"]),
        ({"subject": ((("commonName", "a"), ("commonName", "b")),)}, ["a", "b"]),
        ({"subject": (), "subjectAltName": (("DNS", "c"), ("IP Address", "10.0.0.1"), ("URI", "d"))}, ["c"]),
    ],
)
def test_a_caller_goes_by_common_names_and_dns_names_and_nothing_else(raw, names):
    assert list(names_of(raw)) == names
