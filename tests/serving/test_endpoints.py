"""What an API server, a probe and anybody else get from the real server over TLS."""

import base64
import json
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse

import httpx
import orjson
import pytest

from tests.patching import apply_rfc6902
from webhook.rules.example import merged
from webhook.serving.endpoint import BODY_BYTES

JSON = {"content-type": "application/json"}


def review(raw, **asked):
    question = {
        "uid": "the-uid",
        "kind": {"group": "ray.io", "version": "v1", "kind": "RayJob"},
        "operation": "CREATE",
        "namespace": "default",
        "object": raw,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": question | asked}


def post(client, path, body, **headers):
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return client.post(path, content=content, headers=JSON | headers)


def test_a_good_rayjob_is_admitted(client):
    answer = post(client, "/validate", review(merged({})))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": {"uid": "the-uid", "allowed": True},
    }


def test_a_bad_rayjob_is_denied_with_http_200(client):
    answer = post(client, "/validate", review(merged({"spec": {"ttlSecondsAfterFinished": -1}})))

    assert answer.status_code == 200
    assert answer.json()["response"]["allowed"] is False
    assert answer.json()["response"]["status"]["details"]["causes"] == [
        {
            "reason": "FieldValueInvalid",
            "message": "Invalid value: -1: must be 0 or more (seconds) [negative-ttl]",
            "field": "spec.ttlSecondsAfterFinished",
        }
    ]


def test_a_silent_rayjob_is_completed(client):
    raw = merged({})

    response = post(client, "/mutate", review(raw)).json()["response"]

    completed = apply_rfc6902(raw, json.loads(base64.b64decode(response["patch"])))
    assert response["warnings"] == [
        "Defaulted: dashboard-host=0.0.0.0, shutdownAfterJobFinishes=true, ttlSecondsAfterFinished=3600"
    ]
    assert completed["spec"]["ttlSecondsAfterFinished"] == 3600


def test_mutate_leaves_alone_what_it_cannot_read(client):
    response = post(client, "/mutate", review(merged({"spec": {"suspend": "yes"}}))).json()["response"]

    assert response == {"uid": "the-uid", "allowed": True}


def test_a_deletion_and_a_status_pass(client):
    deletion = post(client, "/validate", review(None, operation="DELETE", oldObject={"spec": 1}))
    status = post(client, "/validate", review({"spec": 1}, operation="UPDATE", subResource="status"))

    assert deletion.json()["response"] == status.json()["response"] == {"uid": "the-uid", "allowed": True}


def told(answer):
    """A refusal as code, reason and message, after a look at its form."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert (body["apiVersion"], body["kind"], body["status"]) == ("v1", "Status", "Failure")
    assert body["code"] == answer.status_code
    return answer.status_code, body["reason"], body["message"]


@pytest.mark.parametrize("path", ["/validate", "/mutate"])
def test_a_bad_caller_is_told_what_is_wrong(client, path):
    assert told(post(client, path, b"{"))[:2] == (400, "BadRequest")
    assert told(post(client, path, b""))[:2] == (400, "BadRequest")
    assert told(client.post(path, content=b"{}", headers={"content-type": "text/plain"})) == (
        415,
        "UnsupportedMediaType",
        "Content-Type must be application/json",
    )
    assert told(client.post(path, content=b"{}"))[0] == 415
    assert told(client.get(path)) == (405, "MethodNotAllowed", "must be a POST")
    assert client.get(path).headers["allow"] == "POST"


def test_a_content_type_may_have_parameters_and_capitals(client):
    headers = {"content-type": "Application/JSON; charset=utf-8"}

    assert client.post("/validate", content=orjson.dumps(review(merged({}))), headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/validate/",
        "/validate/team",
        "/mutate/x/y",
        "/docs",
        "/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
        "/policy",
    ],
)
def test_nothing_else_is_served(client, path):
    asked = [client.get(path), client.post(path, content=b"{}", headers=JSON)]

    assert [told(answer) for answer in asked] == [(404, "NotFound", "Not Found")] * 2


def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read(client):
    assert told(post(client, "/validate", b" " * (BODY_BYTES + 1))) == (
        413,
        "RequestEntityTooLarge",
        f"the body must have no more than {BODY_BYTES} bytes",
    )
    assert told(post(client, "/validate", b" " * BODY_BYTES))[0] == 400


def test_a_chunked_body_over_the_limit_is_refused(client):
    chunks = (b" " * 65_536 for _ in range(BODY_BYTES // 65_536 + 2))

    assert client.post("/validate", content=chunks, headers=JSON).status_code == 413


def test_a_chunked_body_is_read_whole(client):
    body = orjson.dumps(review(merged({})))
    chunks = (body[start : start + 100] for start in range(0, len(body), 100))

    assert client.post("/validate", content=chunks, headers=JSON).json()["response"]["allowed"] is True


def test_reviews_are_answered_side_by_side(client):
    def ask(index):
        return post(client, "/validate", review(merged({}), uid=f"uid-{index}")).json()["response"]["uid"]

    with ThreadPoolExecutor(8) as callers:
        assert list(callers.map(ask, range(200))) == [f"uid-{index}" for index in range(200)]


def connected(server, **options):
    """A TLS connection of one's own to the server."""
    trust = ssl.create_default_context(cadata=server.ca_pem.decode())
    for name, value in options.items():
        setattr(trust, name, value)
    host, port = server.url.removeprefix("https://").split(":")
    plain = socket.create_connection((host, int(port)), timeout=30)
    try:
        return trust.wrap_socket(plain, server_hostname=host)
    except ssl.SSLError:
        plain.close()
        raise


def test_a_connection_serves_many_requests_and_survives_what_is_wrong_in_them(server):
    with connected(server) as connection:
        for body, code in ((b"{", 400), (orjson.dumps(review(merged({}))), 200)):
            head = b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            connection.sendall(head % len(body) + body)
            answer = HTTPResponse(connection)
            answer.begin()
            assert (answer.status, answer.will_close) == (code, False)
            answer.read()


def test_a_client_that_goes_away_in_the_middle_of_a_body_harms_nobody(server, client):
    with connected(server) as connection:
        connection.sendall(
            b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        )

    assert post(client, "/validate", review(merged({}))).status_code == 200


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\xff\xff garbage", b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 1000])
def test_what_is_no_tls_harms_nobody(server, client, garbage):
    host, port = server.url.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as plain:
        plain.sendall(garbage)
        plain.shutdown(socket.SHUT_WR)
        while plain.recv(4096):
            pass

    assert post(client, "/validate", review(merged({}))).status_code == 200


def test_tls_below_1_2_is_refused(server):
    with pytest.warns(DeprecationWarning, match="TLSv1_1"), pytest.raises(ssl.SSLError):
        connected(server, maximum_version=ssl.TLSVersion.TLSv1_1)


def test_whoever_does_not_trust_the_ca_gets_nothing(server):
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{server.url}/validate", trust_env=False)


def test_answers_tell_nothing_of_the_server(client):
    answer = post(client, "/validate", review(merged({})))

    assert "server" not in answer.headers
    assert "date" not in answer.headers
