"""Traces, as a collector gets them from the real server; and what becomes of reviews where there is none."""

import logging
import os
import ssl
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import version
from threading import Event as Flag

import httpx
import orjson
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.e2e.polling import until
from tests.e2e.process import free_ports
from tests.e2e.server import ServerFailedError, running_server
from tests.serving.collector import attributes, collecting
from tests.serving.test_endpoints import JSON, review
from webhook.admission.decide import Verdict
from webhook.admission.review import RAYJOB, Operation, Request
from webhook.rayjob.path import field
from webhook.rules.example import merged
from webhook.rules.finding import required
from webhook.serving import tracing as tracing_module
from webhook.serving.event import Event, Outcome
from webhook.serving.tracing import RULES, Tracing

SECONDS = 60
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "10"}  # milliseconds; 5 s if not said
TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
SAMPLED = f"00-{TRACE}-{CALLER}-01"


@contextmanager
def traced(folder, *options, **variables):
    """The real server with traces, and a client that trusts it."""
    environ = {"RAYJOB_WEBHOOK_TRACING": "true", **SOON, **variables}
    with running_server(folder, *options, environ=environ) as server:
        trust = ssl.create_default_context(cadata=server.ca_pem.decode())
        with httpx.Client(verify=trust, base_url=server.url, trust_env=False, headers=JSON) as client:
            yield server, client


@pytest.fixture(scope="module")
def collector():
    with collecting() as running:
        yield running


@pytest.fixture(scope="module")
def client(collector, tmp_path_factory):
    folder = tmp_path_factory.mktemp("traced")
    with traced(folder, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_RESOURCE_ATTRIBUTES="k8s.pod.name=a") as (
        _,
        it,
    ):
        yield it


@pytest.fixture
def sent(client, collector):
    """Sends one call, and returns its one span."""

    def send(path, body, **headers):
        before = len(collector.spans)
        client.post(path, content=body, headers=headers)
        until(lambda: len(collector.spans) > before, what="the span", seconds=SECONDS, seen=lambda: str(collector))
        (span,) = collector.spans[before:]
        return span

    return send


def test_a_review_is_one_span_below_the_one_of_the_api_server_that_asked(sent, collector):
    bad = merged({"metadata": {"namespace": "team"}, "spec": {"ttlSecondsAfterFinished": -1, "entrypoint": " "}})

    span = sent("/validate", orjson.dumps(review(bad, namespace="team")), traceparent=SAMPLED)

    assert (span.name, span.kind, span.status.code) == ("/validate", Span.SPAN_KIND_SERVER, Status.STATUS_CODE_UNSET)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, CALLER)
    assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < SECONDS * 10**9
    assert attributes(span) == {
        "rayjob_webhook.endpoint": "validate",
        "rayjob_webhook.decision": "denied",
        "rayjob_webhook.operation": "CREATE",
        "rayjob_webhook.namespace": "team",
        "rayjob_webhook.uid": "the-uid",
        "rayjob_webhook.rules": ["missing-entrypoint", "negative-ttl"],
    }
    assert collector.resources[-1] == {
        "service.name": "rayjob-webhook",
        "service.version": version("rayjob-webhook"),
        "k8s.pod.name": "a",
    }


def test_nothing_that_an_author_wrote_leaves_with_a_span(sent, collector):
    job = merged({"spec": {"entrypoint": "hunter2", "shutdownAfterJobFinishes": "hunter2"}})
    body = orjson.dumps(review(job, userInfo={"username": "hunter2"}))

    sent("/validate", body, traceparent=SAMPLED, authorization="hunter2")

    assert b"hunter2" not in collector.requests[-1].SerializeToString()


def test_a_call_without_a_traceparent_or_with_nonsense_there_begins_a_trace(sent):
    body = orjson.dumps(review(merged({})))

    spans = [
        sent("/mutate", body),
        sent("/mutate", body, traceparent=b"\xff\xff"),
        sent("/mutate", body, traceparent=""),
    ]

    assert [span.parent_span_id for span in spans] == [b""] * 3
    assert len({span.trace_id for span in spans}) == 3
    assert attributes(spans[0])["rayjob_webhook.decision"] == "completed"


def test_what_is_no_review_is_a_span_as_well(sent):
    assert attributes(sent("/validate", b"{")) == {
        "rayjob_webhook.endpoint": "validate",
        "rayjob_webhook.decision": "refused",
    }


def test_a_call_that_the_api_server_does_not_sample_is_no_span(client, sent):
    body, unsampled = orjson.dumps(review(merged({}))), SAMPLED.removesuffix("01") + "00"

    client.post("/validate", content=body, headers={"traceparent": unsampled})
    span = sent("/validate", orjson.dumps(review(merged({}), uid="sampled")), traceparent=SAMPLED)

    assert attributes(span)["rayjob_webhook.uid"] == "sampled"


REQUEST = Request("u" * 999, RAYJOB, Operation.UPDATE, namespace="n" * 999)
MANY = Verdict(denials=tuple(required(field("spec.a"), "").of(f"rule-{index:02}") for index in (*range(99), 0)))


@pytest.fixture
def recorded():
    """What a call leaves behind, as its span."""

    def record(event):
        exporter = InMemorySpanExporter()
        tracing = Tracing(exporter)
        tracing.record(event)
        tracing.close()
        (span,) = exporter.get_finished_spans()
        return span

    return record


def test_no_caller_makes_a_span_without_end(recorded):
    span = recorded(Event("validate", Outcome.DENIED, 0, REQUEST, MANY, "strict"))

    assert dict(span.attributes) == {
        "rayjob_webhook.endpoint": "validate",
        "rayjob_webhook.decision": "denied",
        "rayjob_webhook.profile": "strict",
        "rayjob_webhook.operation": "UPDATE",
        "rayjob_webhook.namespace": "n" * 253,
        "rayjob_webhook.uid": "u" * 253,
        "rayjob_webhook.rules": tuple(f"rule-{index:02}" for index in range(RULES)),
    }


def test_a_span_takes_as_long_as_the_decision_did_and_a_crash_is_an_error(recorded):
    span = recorded(Event("mutate", Outcome.FAILED, 0.25))

    assert span.end_time - span.start_time == 250_000_000
    assert not span.status.is_ok


def test_where_nobody_collects_every_review_is_answered_and_the_log_says_so_once(tmp_path):
    (nowhere,) = free_ports(1)
    body = orjson.dumps(review(merged({})))
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{nowhere}", "OTEL_EXPORTER_OTLP_TIMEOUT": "0.1"}
    queue = {"OTEL_BSP_MAX_QUEUE_SIZE": "4", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2"}

    with traced(tmp_path, **variables, **queue) as (server, client):
        codes = {client.post("/validate", content=body).status_code for _ in range(200)}
        lost = "spans are lost until the collector takes them: "
        until(lambda: lost in server.process.log.read_text(), what=lost, seconds=SECONDS, seen=server.process.tail)
        codes |= {client.post("/validate", content=body).status_code for _ in range(50)}

    told = [line for line in server.process.log.read_text().splitlines() if " WARNING " in line or " ERROR " in line]
    assert codes == {200}
    assert [line.partition(lost)[1] for line in told] == [lost]


def test_a_collector_that_answers_again_is_told_once_and_gets_what_comes_then(tmp_path):
    body = orjson.dumps(review(merged({})))
    with collecting() as collector, traced(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as (server, client):

        def log():
            return server.process.log.read_text()

        collector.code = 400  # which is not tried again
        client.post("/validate", content=body)
        until(lambda: "spans are lost" in log(), what="the loss", seconds=SECONDS, seen=server.process.tail)
        client.post("/validate", content=body)
        until(lambda: collector.asked == 2, what="the second call", seconds=SECONDS, seen=server.process.tail)
        collector.code = 200
        client.post("/validate", content=body)
        until(lambda: "takes spans again" in log(), what="the end of it", seconds=SECONDS, seen=server.process.tail)

    assert len(collector.spans) == 1
    assert log().count("spans are lost") == log().count("takes spans again") == 1


def test_the_last_spans_are_sent_before_the_end(tmp_path):
    body = orjson.dumps(review(merged({})))
    variables = {"OTEL_BSP_SCHEDULE_DELAY": "600000"}
    with collecting() as collector:
        with traced(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **variables) as (_, client):
            client.post("/validate", content=body)
            before = len(collector.spans)

        assert (before, len(collector.spans)) == (0, 1)


class Stuck(SpanExporter):
    """One that never comes to an end by itself."""

    def __init__(self):
        self.free = Flag()

    def export(self, _spans):
        self.free.wait()
        return SpanExportResult.SUCCESS


def test_a_collector_that_does_not_answer_does_not_hold_up_the_end(monkeypatch):
    monkeypatch.setattr(tracing_module, "CLOSE_SECONDS", 0.01)
    exporter = Stuck()
    tracing = Tracing(exporter)
    tracing.record(Event("validate", Outcome.ALLOWED, 0))

    tracing.close()

    assert not exporter.free.is_set()
    exporter.free.set()


class Failing(SpanExporter):
    def export(self, _spans):
        return SpanExportResult.FAILURE


def test_a_loss_without_a_reason_is_told_without_one_and_the_log_is_left_as_it_was(caplog):
    logger = logging.getLogger("opentelemetry")
    before = ([*logger.handlers], logger.propagate)
    tracing = Tracing(Failing())
    tracing.record(Event("validate", Outcome.ALLOWED, 0))

    tracing.close()

    assert caplog.messages == ["spans are lost until the collector takes them: no reason is given"]
    assert (logger.handlers, logger.propagate) == before


@pytest.fixture
def without_the_extra(tmp_path):
    """An environment in which it seems not to be installed; the API alone always is, because FastAPI asks for it."""
    (tmp_path / "path").mkdir()
    (tmp_path / "path/sitecustomize.py").write_text("import sys; sys.modules['opentelemetry.sdk'] = None")
    return {"PYTHONPATH": f"{tmp_path}/path:{os.environ.get('PYTHONPATH', '')}"}


def test_without_the_extra_a_server_starts_that_is_not_to_trace(tmp_path, without_the_extra):
    with running_server(tmp_path, environ=without_the_extra) as server:
        assert httpx.get(f"{server.operations_url}/readyz", trust_env=False).text == "ok"


def test_without_the_extra_a_server_that_is_to_trace_says_what_is_missing(tmp_path, without_the_extra):
    with (
        pytest.raises(
            ServerFailedError,
            match="--tracing: needs the extra `tracing` of rayjob-webhook: ",
        ),
        running_server(tmp_path, "--tracing", environ=without_the_extra),
    ):
        pass


def test_variables_that_make_no_sense_end_the_start(tmp_path):
    with (
        pytest.raises(ServerFailedError, match=r"--tracing: must be told by its OTEL_\* variables what makes sense: "),
        running_server(tmp_path, "--tracing", environ={"OTEL_BSP_SCHEDULE_DELAY": "-1"}),
    ):
        pass


def test_nothing_of_it_is_imported_where_nobody_traces():
    extra = ("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto", "google.protobuf", "requests")
    check = f"import sys, webhook.cli.serve; print([name for name in {extra} if name in sys.modules])"

    assert subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout == "[]\n"
