"""An endpoint by itself, where the real server cannot be brought to it."""

import asyncio

import orjson
import pytest

from webhook.admission.decide import Verdict
from webhook.serving import endpoint
from webhook.serving.endpoint import Endpoint
from webhook.serving.lifecycle import Lifecycle

SCOPE = {"type": "http", "method": "POST", "path": "/validate", "headers": [(b"content-type", b"application/json")]}
REVIEW = orjson.dumps(
    {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "u",
            "kind": {"group": "ray.io", "version": "v1", "kind": "RayJob"},
            "operation": "CREATE",
            "object": {"metadata": {"name": "hunter2"}},
        },
    }
)


def answered(decide, receive, *, draining=False):
    """What the endpoint sends for a request: status, headers and body."""
    sent = []

    async def send(message):
        sent.append(message)

    async def ask():
        lifecycle = Lifecycle(60)
        if draining:
            lifecycle.drain()
        await Endpoint(decide, lifecycle)(SCOPE, receive, send)

    asyncio.run(ask())
    start, body = sent
    return start["status"], dict(start["headers"]), orjson.loads(body["body"])


def failing(_):
    raise RuntimeError("a fault of ours")


def test_a_crash_of_ours_is_http_500_and_its_trace_is_in_the_log_only(caplog):
    async def receive():
        return {"type": "http.request", "body": REVIEW}

    code, headers, body = answered(failing, receive)

    assert (code, body["reason"], body["message"]) == (500, "InternalError", "the webhook failed; its log says why")
    assert b"connection" not in headers
    assert "RuntimeError: a fault of ours" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_body_that_does_not_arrive_ends_the_connection(monkeypatch):
    monkeypatch.setattr(endpoint, "BODY_SECONDS", 0)

    async def receive():
        await asyncio.Event().wait()

    code, headers, body = answered(failing, receive)

    assert (code, headers[b"connection"], body["reason"]) == (408, b"close", "Timeout")


@pytest.mark.parametrize("message", [{"type": "http.disconnect"}, {"type": "http.request"}])
def test_a_client_that_goes_away_is_answered_to_nobody(message):
    async def receive():
        return message

    assert answered(failing, receive)[0] == 400


def test_while_draining_every_answer_asks_to_close_the_connection():
    async def receive():
        return {"type": "http.request", "body": REVIEW}

    code, headers, body = answered(lambda _: Verdict(), receive, draining=True)

    assert (code, headers[b"connection"], body["response"]["allowed"]) == (200, b"close", True)
