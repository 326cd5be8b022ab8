from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from certs.reload import State
from webhook.admission.decide import Verdict
from webhook.admission.review import RAYJOB, Operation, Request
from webhook.rayjob.path import field
from webhook.rules.finding import required
from webhook.serving.event import Event, Outcome
from webhook.serving.metrics import Metrics

REQUEST = Request("uid", RAYJOB, Operation.CREATE)
NO_A = required(field("spec.a"), "say it").of("no-a")


def samples(metrics):
    """Every sample by name and labels, as Prometheus would read it."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_every_series_is_there_from_the_start():
    read = samples(Metrics(["no-a", "no-b"]))

    reviews = [key for key in read if key[0] == "rayjob_webhook_reviews_total"]
    findings = [key for key in read if key[0] == "rayjob_webhook_findings_total"]
    assert len(reviews) == 2 * 5 * len(Outcome)
    assert len(findings) == 2 * 4
    assert all(read[key] == 0 for key in [*reviews, *findings])


def test_nothing_that_a_caller_sends_makes_a_new_series():
    metrics = Metrics(["no-a"])
    before = samples(metrics).keys()

    for index in range(50):
        request = Request(f"uid-{index}", RAYJOB, Operation.CREATE, name=f"job-{index}", namespace=f"team-{index}")
        metrics.record(Event("validate", Outcome.DENIED, 0.001, request, Verdict(denials=(NO_A,))))

    assert samples(metrics).keys() == before


def test_a_call_is_counted_with_its_findings_and_its_time():
    metrics = Metrics(["no-a"])

    metrics.record(Event("validate", Outcome.DENIED, 0.002, REQUEST, Verdict(denials=(NO_A, NO_A), standing=(NO_A,))))
    metrics.record(Event("validate", Outcome.ALLOWED, 0, REQUEST, Verdict(warnings=(NO_A,), audited=(NO_A,))))
    metrics.record(Event("mutate", Outcome.REFUSED, 0))

    read = samples(metrics)
    assert read["rayjob_webhook_reviews_total", "denied", "validate", "CREATE"] == 1
    assert read["rayjob_webhook_reviews_total", "allowed", "validate", "CREATE"] == 1
    assert read["rayjob_webhook_reviews_total", "refused", "mutate", ""] == 1
    assert [
        read["rayjob_webhook_findings_total", action, "no-a"] for action in ("deny", "standing", "warn", "audit")
    ] == [
        2,
        1,
        1,
        1,
    ]
    assert read["rayjob_webhook_decision_seconds_count", "validate"] == 2
    assert read["rayjob_webhook_decision_seconds_sum", "validate"] == 0.002


def test_gauges_are_read_where_their_values_are():
    metrics = Metrics([])
    calls = [1]
    metrics.watch(lambda: len(calls), lambda: datetime(2030, 1, 1, tzinfo=UTC))
    calls.append(2)

    read = samples(metrics)

    assert read["rayjob_webhook_in_flight",] == 2
    assert read["rayjob_webhook_certificate_expiry_timestamp_seconds",] == datetime(2030, 1, 1, tzinfo=UTC).timestamp()


def test_changed_certificates_are_counted_by_what_became_of_them():
    metrics = Metrics([])

    metrics.reloaded(State.SWAPPED)
    metrics.reloaded(State.REFUSED)
    metrics.reloaded(State.REFUSED)

    read = samples(metrics)
    assert read["rayjob_webhook_certificate_reloads_total", "swapped"] == 1
    assert read["rayjob_webhook_certificate_reloads_total", "refused"] == 2
