import json
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from certs.access import Access, AccessError
from certs.kube import ApiError, Client, ConflictError, configuration, secret
from tests.certs.apiserver import AUTHORITY, serving
from tests.certs.handshake import trusting

SECRET = secret("ray", "tls")
OURS = configuration("ValidatingWebhookConfiguration", "ours")
WORD = "word"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
STORED = {"kind": "Secret", "metadata": {"name": "tls"}, "data": {"key": "AA=="}}


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as here:
        yield here


@pytest.fixture
def trusted(server):
    return Access("127.0.0.1", server.port, trusting(AUTHORITY.certificate_pem), token=WORD)


@pytest.fixture
def client(trusted):
    return Client(trusted)


def status(message):
    return json.dumps({"kind": "Status", "message": message}).encode()


def test_an_object_has_a_path_and_a_name():
    assert (str(SECRET), SECRET.path) == ("Secret ray/tls", "/api/v1/namespaces/ray/secrets/tls")
    assert (str(OURS), OURS.path) == (
        "ValidatingWebhookConfiguration ours",
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/ours",
    )


def test_a_name_stays_within_its_place_in_the_path():
    assert secret("../a", "b/c?d").path == "/api/v1/namespaces/..%2Fa/secrets/b%2Fc%3Fd"


def test_an_object_is_created_read_and_updated(server, client):
    nothing = client.get(SECRET)
    client.create(SECRET, STORED)
    created = client.get(SECRET)
    client.update(SECRET, {**created, "data": {}})
    updated = client.get(SECRET)

    assert nothing is None
    assert (created["data"], created["metadata"]["resourceVersion"]) == ({"key": "AA=="}, "1")
    assert (updated["data"], updated["metadata"]["resourceVersion"]) == ({}, "2")
    assert [(method, path) for method, path, _ in server.seen] == [
        ("GET", "/api/v1/namespaces/ray/secrets/tls"),
        ("POST", "/api/v1/namespaces/ray/secrets?fieldManager=rayjob-webhook-certs"),
        ("GET", "/api/v1/namespaces/ray/secrets/tls"),
        ("PUT", "/api/v1/namespaces/ray/secrets/tls?fieldManager=rayjob-webhook-certs"),
        ("GET", "/api/v1/namespaces/ray/secrets/tls"),
    ]
    assert {(headers["Authorization"], headers["User-Agent"]) for _, _, headers in server.seen} == {
        ("Bearer word", "rayjob-webhook-certs")
    }


def test_without_a_token_there_is_no_header_for_it(server):
    Client(Access("127.0.0.1", server.port, trusting(AUTHORITY.certificate_pem))).get(SECRET)

    assert "Authorization" not in server.seen[0][2]


def test_what_has_changed_since_it_was_read_is_a_conflict(client):
    client.create(SECRET, STORED)
    read = client.get(SECRET)
    client.update(SECRET, read)

    with pytest.raises(ConflictError) as caught:
        client.update(SECRET, read)
    assert str(caught.value) == "Secret ray/tls: must be as it was read, is not: Thing tls has been modified"


def test_what_somebody_else_created_is_a_conflict(client):
    client.create(SECRET, STORED)

    with pytest.raises(ConflictError):
        client.create(SECRET, STORED)


def test_what_is_gone_since_it_was_read_is_a_conflict(client):
    with pytest.raises(ConflictError) as caught:
        client.update(SECRET, STORED)
    assert str(caught.value) == "Secret ray/tls: must exist to be updated, is gone"


def test_a_namespace_must_exist(server, client):
    server.answers["POST", SECRET.collection] = (404, status('namespaces "ray" not found'))

    with pytest.raises(ApiError) as caught:
        client.create(SECRET, STORED)
    assert str(caught.value) == "Secret ray/tls: its namespace must exist, does not"


@pytest.mark.parametrize(
    ("method", "path", "verb"),
    [("GET", SECRET.path, "get"), ("POST", SECRET.collection, "create"), ("PUT", SECRET.path, "update")],
)
def test_what_is_forbidden_is_named_by_its_verb(server, client, method, path, verb):
    server.answers[method, path] = (403, status("no RBAC rule"))
    calls = {
        "get": client.get,
        "create": lambda one: client.create(one, STORED),
        "update": lambda one: client.update(one, STORED),
    }

    with pytest.raises(ApiError) as caught:
        calls[verb](SECRET)
    assert str(caught.value) == f"Secret ray/tls: must be allowed to {verb} secrets, is not: no RBAC rule"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, status("Unauthorized")), "HTTP 401: Unauthorized"),
        ((500, b"<html>"), "HTTP 500: no reason"),
        ((302, b""), "HTTP 302: no reason"),
        ((200, b""), "HTTP 200: no reason"),
        ((200, b"[]"), "HTTP 200: no reason"),
        ((200, b"{}"), "HTTP 200: no reason"),
        ((200, b"null"), "HTTP 200: no reason"),
    ],
)
def test_what_is_no_success_is_told(server, client, answer, said):
    server.answers["GET", SECRET.path] = answer

    with pytest.raises(ApiError) as caught:
        client.get(SECRET)
    assert str(caught.value) == f"Secret ray/tls: get must give an object, gives {said}"


def test_a_server_that_is_not_trusted_gets_no_token(server):
    stranger = Access("127.0.0.1", server.port, ssl.create_default_context(), token=WORD)

    with pytest.raises(ApiError, match=rf"^https://127.0.0.1:{server.port}: must answer, does not: .*VERIFY_FAILED"):
        Client(stranger).get(SECRET)
    assert server.seen == []


def test_nobody_listens():
    with pytest.raises(ApiError, match=r"^https://127.0.0.1:9: must answer, does not: .*refused"):
        Client(Access("127.0.0.1", 9, ssl.create_default_context())).get(SECRET)


def test_a_token_that_has_gone_is_named(server, tmp_path):
    access = Access("127.0.0.1", server.port, trusting(AUTHORITY.certificate_pem), token=tmp_path / "token")

    with pytest.raises(AccessError, match="token: must be a file to read"):
        Client(access).get(SECRET)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_the_clocks_may_differ_by_five_minutes(server, trusted, seconds):
    server.date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert Client(trusted, lambda: NOW).get(SECRET) is None


@pytest.mark.parametrize("seconds", [-301, 301])
def test_the_clocks_may_not_differ_by_more(server, trusted, seconds):
    theirs = NOW + timedelta(seconds=seconds)
    server.date = format_datetime(theirs, usegmt=True)

    with pytest.raises(ApiError) as caught:
        Client(trusted, lambda: NOW).get(SECRET)
    assert str(caught.value) == f"clock: must be within 5 minutes of the API server's ({theirs}), is at {NOW}"


@pytest.mark.parametrize("date", [None, "today", "Sun, 01 Mar 2026 00:00:00 -0000"])
def test_a_server_may_tell_no_time(server, client, date):
    server.date = date

    assert client.get(SECRET) is None
