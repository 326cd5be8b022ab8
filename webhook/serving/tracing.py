"""Traces: one span for each review, sent to an OpenTelemetry collector; names of fields and rules, never the object.

Imported only where it is asked for: what it needs is the extra `tracing`. Everything else is OpenTelemetry's own to
say, by its standard variables: OTEL_EXPORTER_OTLP_ENDPOINT and its kin, OTEL_TRACES_SAMPLER, OTEL_BSP_MAX_QUEUE_SIZE,
OTEL_RESOURCE_ATTRIBUTES.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from threading import Thread
from time import time_ns

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from webhook.serving.event import Event, Outcome

log = logging.getLogger(__name__)

CLOSE_SECONDS = 2  # what the last spans get to be sent, within the grace period of a Pod
RULES = 20  # of a review; the answer lists more
TEXT_CHARACTERS = 253  # of what a caller chooses

_NAME = "rayjob-webhook"
_PARENT = frozenset({"traceparent", "tracestate"})


class Tracing:
    """Makes a span of each call, to be sent by a thread of its own.

    What cannot be sent waits in a queue that is bounded, and then is lost: a review waits for nothing.
    """

    __slots__ = ("_exporter", "_propagator", "_provider", "_tracer")

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        """Begin to send spans with `exporter`, or where the variables say.

        Raises:
            ValueError: if a variable does not make sense.
        """
        self._exporter = _Reporting(exporter or OTLPSpanExporter())
        own = Resource({"service.name": _NAME, "service.version": version(_NAME)})
        self._provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer(_NAME)
        self._propagator = TraceContextTextMapPropagator()

    def record(self, event: Event) -> None:
        """Takes a call; its span lasts as long as it took to decide, and ends now."""
        end = time_ns()
        span = self._tracer.start_span(
            f"/{event.endpoint}",
            context=self._propagator.extract(_parent(event.headers)),
            kind=SpanKind.SERVER,
            start_time=end - round(event.seconds * 1e9),
        )
        if span.is_recording():
            span.set_attributes(dict(_attributes(event)))
            if event.outcome is Outcome.FAILED:
                span.set_status(StatusCode.ERROR)
        span.end(end)

    def close(self) -> None:
        """Sends what has gathered, as far as that goes fast."""
        # A thread that nobody waits for in the end: a collector that does not answer would hold it up for 30 s.
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
        self._exporter.release()


class _Reporting(SpanExporter):
    """Exports as another does, and tells when that begins to fail and when it succeeds again, each time once.

    OpenTelemetry itself would log every batch and every lost span.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._fails = False
        self._said = _LastWords()
        self._logger = logging.getLogger("opentelemetry")
        self._logger.addHandler(self._said)
        self._logger.propagate = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Sends a batch; called in the thread that sends."""
        result = self._exporter.export(spans)
        fails = result is not SpanExportResult.SUCCESS
        if fails and not self._fails:
            log.warning("spans are lost until the collector takes them: %s", self._said.text)
        elif self._fails and not fails:
            log.info("the collector takes spans again")
        self._fails = fails
        return result

    def shutdown(self) -> None:
        """Ends a batch that is just being sent."""
        self._exporter.shutdown()

    def release(self) -> None:
        """Lets OpenTelemetry log as it would without us."""
        self._logger.removeHandler(self._said)
        self._logger.propagate = True


class _LastWords(logging.Handler):
    """Keeps the last thing that was said, instead of writing each."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._record: logging.LogRecord | None = None

    @property
    def text(self) -> str:
        """What it was, on one line."""
        return "no reason is given" if self._record is None else " ".join(self._record.getMessage().split())

    def emit(self, record: logging.LogRecord) -> None:
        self._record = record


def _parent(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by which an API server with APIServerTracing says which of its spans called us."""
    decoded = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    return {name: value for name, value in decoded if name in _PARENT}


def _attributes(event: Event) -> Iterator[tuple[str, str | Sequence[str]]]:
    yield "rayjob_webhook.endpoint", event.endpoint
    yield "rayjob_webhook.decision", event.outcome.value
    if event.profile:
        yield "rayjob_webhook.profile", event.profile
    if event.request is not None:
        yield "rayjob_webhook.operation", event.request.operation.value
        yield "rayjob_webhook.namespace", event.request.namespace[:TEXT_CHARACTERS]
        yield "rayjob_webhook.uid", event.request.uid[:TEXT_CHARACTERS]
    if (verdict := event.verdict) is not None:
        findings = chain.from_iterable(verdict.told.values())
        rules = tuple(dict.fromkeys(finding.rule for finding in findings))
        if rules:
            yield "rayjob_webhook.rules", rules[:RULES]
