"""The metrics for Prometheus: closed sets of labels, every series there from the start.

A label takes its values from the code (endpoints, operations, rules), never from a caller, so that nobody can make
the series grow; and a series that is there from the start shows its first increase.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

from certs.client_ca import ClientCA
from certs.pair import Pair
from certs.reload import Served, State
from webhook.admission.review import Operation
from webhook.serving.enforced import Enforced
from webhook.serving.event import Event, Outcome
from webhook.serving.renewal import Renewed

ENDPOINTS = ("mutate", "validate")
TOLD = ("deny", "standing", "warn", "audit", "exempt")  # what a finding did

# A decision takes some 100 us for a small RayJob and 1 ms for a large one; the timeout of the configurations is 5 s.
BUCKETS_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)


class Metrics:
    """The series of one server; ``rules`` are the ids of the rules in force."""

    def __init__(self, rules: Iterable[str]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when a series was made is when the server started: half as many series
        self.registry = CollectorRegistry()
        reviews = Counter(
            "rayjob_webhook_reviews",
            "Calls of the admission endpoints, by how they ended",
            ("endpoint", "operation", "decision"),
            registry=self.registry,
        )
        self._finding_counter = Counter(
            "rayjob_webhook_findings",
            "Violations found, by rule and by what they did",
            ("rule", "action"),
            registry=self.registry,
        )
        seconds = Histogram(
            "rayjob_webhook_decision_seconds",
            "Time to decide, from the whole body to the whole answer",
            ("endpoint",),
            buckets=BUCKETS_SECONDS,
            registry=self.registry,
        )
        panics = Counter(
            "rayjob_webhook_panics",
            "Reviews that ended in a fault of ours, whose trace is in the log",
            ("endpoint",),
            registry=self.registry,
        )
        self._in_flight = Gauge("rayjob_webhook_in_flight", "Calls that are being served now", registry=self.registry)
        self._expiry = Gauge(
            "rayjob_webhook_certificate_expiry_timestamp_seconds",
            "When the certificate that is served ends to be valid, in seconds since 1970",
            registry=self.registry,
        )
        self._client_ca_expiry = Gauge(
            "rayjob_webhook_client_ca_expiry_timestamp_seconds",
            "When the last CA ends by which callers are judged, in seconds since 1970; +Inf where none is needed",
            registry=self.registry,
        )
        reloads = Counter(
            "rayjob_webhook_certificate_reloads",
            "Changed certificates that were found, by what became of them",
            ("outcome",),
            registry=self.registry,
        )
        client_ca_reloads = Counter(
            "rayjob_webhook_client_ca_reloads",
            "Changed CAs of callers that were found, by what became of them",
            ("outcome",),
            registry=self.registry,
        )
        policy_reloads = Counter(
            "rayjob_webhook_policy_reloads",
            "Changed policies that were found, by what became of them",
            ("outcome",),
            registry=self.registry,
        )
        self._policy_loaded = Gauge(
            "rayjob_webhook_policy_loaded_timestamp_seconds",
            "When the policy that is in force was read, in seconds since 1970",
            registry=self.registry,
        )
        self._policy_broken = Gauge(
            "rayjob_webhook_policy_broken",
            "1 while the files of the policy hold what cannot be enforced, so that an older one is in force",
            registry=self.registry,
        )
        # Looked up once: a child by its labels costs more than its increase.
        self._reviews = {labels: reviews.labels(*labels) for labels in product(ENDPOINTS, (*Operation, ""), Outcome)}
        self._findings: dict[tuple[str, str], Counter] = {}
        self._know(rules)
        self._seconds = {endpoint: seconds.labels(endpoint) for endpoint in ENDPOINTS}
        self._panics = {endpoint: panics.labels(endpoint) for endpoint in ENDPOINTS}
        self._reloads = {
            (renewed, state): counter.labels(state)
            for renewed, counter in ((Renewed.CERTIFICATE, reloads), (Renewed.CLIENT_CA, client_ca_reloads))
            for state in (State.SWAPPED, State.REFUSED)
        }
        self._policy_reloads = {state: policy_reloads.labels(state) for state in (State.SWAPPED, State.REFUSED)}

    def record(self, event: Event) -> None:
        """Counts a call."""
        operation = event.request.operation if event.request else ""
        self._reviews[event.endpoint, operation, event.outcome].inc()
        self._seconds[event.endpoint].observe(event.seconds)
        if event.outcome is Outcome.FAILED:
            self._panics[event.endpoint].inc()
        if (verdict := event.verdict) is not None:
            exempt = tuple(exempt.finding for exempt in verdict.exempt)
            told = (verdict.denials, verdict.standing, verdict.warnings, verdict.audited, exempt)
            for action, findings in zip(TOLD, told, strict=True):
                for finding in findings:
                    self._findings[finding.rule, action].inc()

    def watch(self, in_flight: Callable[[], int], served: Callable[[], Served], enforced: Enforced) -> None:
        """Takes the gauges' values where they are, each time that they are asked for."""
        self._policy_loaded.set_function(lambda: _seconds_since_1970(enforced.loaded))
        self._policy_broken.set_function(lambda: enforced.broken is not None)
        self._in_flight.set_function(in_flight)
        self._expiry.set_function(lambda: _end_seconds(served().pair))
        self._client_ca_expiry.set_function(lambda: _end_seconds(served().clients))

    def reloaded(self, renewed: Renewed, state: State) -> None:
        """Counts a change that was swapped in or refused."""
        self._reloads[renewed, state].inc()

    def policy_changed(self, state: State, rules: Iterable[str]) -> None:
        """Counts a policy that was swapped in or refused; ``rules`` are those that may find something now."""
        self._policy_reloads[state].inc()
        self._know(rules)

    def _know(self, rules: Iterable[str]) -> None:
        for labels in product(rules, TOLD):
            self._findings.setdefault(labels, self._finding_counter.labels(*labels))

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


def _end_seconds(vouching: Pair | ClientCA | None) -> float:
    return math.inf if vouching is None else _seconds_since_1970(vouching.not_after)


def _seconds_since_1970(when: datetime) -> float:
    return when.timestamp()
