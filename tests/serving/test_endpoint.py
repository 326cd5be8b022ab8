"""An endpoint by itself, where the real server cannot be brought to it."""

import asyncio
from typing import Any

import orjson
import pytest

from webhook.admission.decide import Verdict
from webhook.defaults.fill import Fill
from webhook.rayjob.path import field
from webhook.rules.finding import required
from webhook.serving import endpoint as endpoint_module
from webhook.serving.endpoint import Endpoint
from webhook.serving.event import Event, Outcome
from webhook.serving.lifecycle import Lifecycle
from webhook.serving.load import Load

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


HEADERS = [(b"content-type", b"application/json")]


SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/validate",
    "query_string": b"",
    "headers": [(b"content-type", b"application/json")],
}


async def whole():
    return {"type": "http.request", "body": REVIEW}


def answered(decide, receive=whole, *, draining=False, served=0, query=b""):
    """What the endpoint sends for a call, as status, headers and body, and what it records of it."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/validate",
        "query_string": query,
        "headers": HEADERS,
    }
    sent: list[dict[str, Any]] = []
    recorded: list[Event] = []

    async def send(message):
        sent.append(message)

    async def ask():
        lifecycle, load = Lifecycle(60), Load(1)
        load.served = served
        if draining:
            lifecycle.drain()
        await Endpoint("validate", decide, lifecycle, load, recorded.append)(scope, receive, send)

    asyncio.run(ask())
    start, body = sent
    (event,) = recorded
    return start["status"], dict(start["headers"]), orjson.loads(body["body"]), event


def failing(_):
    raise RuntimeError("a fault of ours")


def test_a_crash_of_ours_is_http_500_and_its_trace_is_in_the_log_only(caplog):
    code, headers, body, event = answered(failing)

    assert (code, body["reason"], body["message"]) == (500, "InternalError", "the webhook failed; its log says why")
    assert b"connection" not in headers
    assert "RuntimeError: a fault of ours" in caplog.text
    assert "hunter2" not in caplog.text
    assert (event.outcome, event.request, event.verdict) == (Outcome.FAILED, None, None)


@pytest.mark.parametrize("query", [b"timeout=0s", b"a=b&timeout=0s&c=d"])
def test_a_body_that_does_not_arrive_in_the_callers_time_ends_the_connection(query):
    async def never():
        await asyncio.Event().wait()

    code, headers, body, event = answered(failing, never, query=query)

    assert (code, headers[b"connection"], body["reason"]) == (408, b"close", "Timeout")
    assert event == Event("validate", Outcome.REFUSED, 0, headers=HEADERS)


@pytest.mark.parametrize("query", [b"", b"timeout=99s", b"timeout=5m", b"timeout=-1s"])
def test_no_caller_is_waited_for_longer_than_any_api_server_waits(query, monkeypatch):
    monkeypatch.setattr(endpoint_module, "BODY_SECONDS", 0)

    async def never():
        await asyncio.Event().wait()

    assert answered(failing, never, query=query)[0] == 408


@pytest.mark.parametrize("message", [{"type": "http.disconnect"}, {"type": "http.request"}])
def test_a_client_that_goes_away_is_answered_to_nobody(message):
    async def gone():
        return message

    assert answered(failing, gone)[0] == 400


def test_while_draining_every_answer_asks_to_close_the_connection():
    code, headers, body, _event = answered(lambda _: Verdict(), draining=True)

    assert (code, headers[b"connection"], body["response"]["allowed"]) == (200, b"close", True)


def test_a_burst_whose_bodies_are_there_is_answered_whole_however_low_the_limit():
    async def ask():
        load, outcomes = Load(1), []
        endpoint = Endpoint(
            "validate", lambda _: Verdict(), Lifecycle(60), load, lambda event: outcomes.append(event.outcome)
        )

        async def send(_):
            pass

        await asyncio.gather(*(endpoint(SCOPE, whole, send) for _ in range(10)))
        return outcomes, load.served

    assert asyncio.run(ask()) == ([Outcome.ALLOWED] * 10, 0)


def test_a_call_too_many_is_told_to_call_again():
    code, headers, body, event = answered(failing, served=1)

    assert (code, headers[b"retry-after"], body["reason"]) == (503, b"1", "ServiceUnavailable")
    assert event == Event("validate", Outcome.SHED, 0, headers=HEADERS)


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict(), Outcome.ALLOWED),
        (Verdict(fills=(Fill("d", field("spec.a"), 1, ""),)), Outcome.COMPLETED),
        (Verdict(denials=(required(field("spec.a"), "say it").of("r"),)), Outcome.DENIED),
    ],
)
def test_what_became_of_a_call_is_recorded_with_what_was_asked_and_decided(verdict, outcome):
    *_, event = answered(lambda _: verdict)

    assert (event.endpoint, event.outcome, event.verdict, event.headers) == ("validate", outcome, verdict, HEADERS)
    assert event.request is not None
    assert event.request.uid == "u"
    assert event.seconds > 0


def test_a_call_that_the_server_itself_cancels_is_not_answered():
    async def never():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    async def ask():
        endpoint = Endpoint("validate", failing, Lifecycle(60), Load(1), lambda _: None)
        scope = {"method": "POST", "query_string": b"", "headers": [(b"content-type", b"application/json")]}
        call = asyncio.create_task(endpoint(scope, never, send))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    sent: list[Any] = []
    asyncio.run(ask())

    assert sent == []
