import math
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from certs.authority import LEAF_LIFETIME, Authority
from certs.pair import write
from certs.reload import Rotating, State
from webhook.admission.decide import Exempt, Verdict
from webhook.admission.review import RAYJOB, Operation, Request
from webhook.policy.exemption import ExemptionPart
from webhook.policy.target import Said
from webhook.rayjob.path import field
from webhook.rules.finding import required
from webhook.rules.rule import Action
from webhook.serving.enforced import Enforced
from webhook.serving.event import Event, Outcome
from webhook.serving.metrics import Metrics
from webhook.serving.renewal import Renewed

NOW = datetime.now(UTC).replace(microsecond=0)  # a certificate has whole seconds
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
    panics = [key for key in read if key[0] == "rayjob_webhook_panics_total"]
    assert len(reviews) == 2 * 5 * len(Outcome)
    assert len(panics) == 2
    assert len(findings) == 2 * 5
    assert all(read[key] == 0 for key in [*reviews, *findings, *panics])


def test_a_new_policy_brings_the_series_of_its_rules_and_keeps_the_old():
    metrics = Metrics(["no-a"])
    metrics.record(Event("validate", Outcome.DENIED, 0, REQUEST, Verdict(denials=(NO_A,))))

    metrics.policy_changed(State.SWAPPED, ["no-a", "own"])
    metrics.policy_changed(State.REFUSED, ["no-a", "own"])

    read = samples(metrics)
    assert (
        read["rayjob_webhook_findings_total", "deny", "no-a"],
        read["rayjob_webhook_findings_total", "deny", "own"],
    ) == (1, 0)
    assert read["rayjob_webhook_policy_reloads_total", "swapped"] == 1
    assert read["rayjob_webhook_policy_reloads_total", "refused"] == 1


def test_a_finding_that_an_exemption_covers_is_counted_as_exempt():
    part = ExemptionPart.of({"match": {"namespaces": ["a"]}, "rules": ["no-a"], "reason": "x", "expires": "2026-12-31"})
    metrics = Metrics(["no-a"])

    metrics.record(
        Event("validate", Outcome.ALLOWED, 0, REQUEST, Verdict(exempt=(Exempt(NO_A, Action.DENY, part, False),)))
    )

    read = samples(metrics)
    assert read["rayjob_webhook_findings_total", "exempt", "no-a"] == 1
    assert read["rayjob_webhook_findings_total", "deny", "no-a"] == 0


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
    metrics.record(Event("mutate", Outcome.FAILED, 0))

    read = samples(metrics)
    assert read["rayjob_webhook_reviews_total", "denied", "validate", "CREATE"] == 1
    assert read["rayjob_webhook_reviews_total", "allowed", "validate", "CREATE"] == 1
    assert read["rayjob_webhook_reviews_total", "refused", "mutate", ""] == 1
    assert read["rayjob_webhook_reviews_total", "failed", "mutate", ""] == 1
    assert (read["rayjob_webhook_panics_total", "mutate"], read["rayjob_webhook_panics_total", "validate"]) == (1, 0)
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


def served(folder, authority, clients=None):
    """What serves a certificate of the authority, to callers of a CA."""
    write(folder, authority.issue(["localhost"], [], now=NOW), authority)
    return Rotating(folder, NOW, clients).served


def test_gauges_are_read_where_their_values_are(tmp_path):
    authority = Authority.create(common_name="test", now=NOW)
    metrics = Metrics([])
    calls = [1]
    serving = [served(tmp_path, authority)]
    enforced = Enforced((), Said(), NOW)
    metrics.watch(lambda: len(calls), lambda: serving[-1], enforced)
    calls.append(2)
    before = samples(metrics)
    serving.append(served(tmp_path, authority, tmp_path / "ca.crt"))
    after = samples(metrics)

    assert before["rayjob_webhook_in_flight",] == 2
    assert before["rayjob_webhook_policy_loaded_timestamp_seconds",] == NOW.timestamp()
    assert before["rayjob_webhook_policy_broken",] == 0
    assert (
        before["rayjob_webhook_certificate_expiry_timestamp_seconds",]
        == serving[0].pair.not_after.timestamp()
        == (NOW + LEAF_LIFETIME).timestamp()
    )
    assert before["rayjob_webhook_client_ca_expiry_timestamp_seconds",] == math.inf
    assert (
        after["rayjob_webhook_client_ca_expiry_timestamp_seconds",]
        == authority.certificate.not_valid_after_utc.timestamp()
    )


@pytest.mark.parametrize(
    ("renewed", "series"),
    [
        (Renewed.CERTIFICATE, "rayjob_webhook_certificate_reloads_total"),
        (Renewed.CLIENT_CA, "rayjob_webhook_client_ca_reloads_total"),
    ],
)
def test_changed_files_are_counted_by_what_became_of_them(renewed, series):
    metrics = Metrics([])
    zero = {key: value for key, value in samples(metrics).items() if "reloads" in key[0]}

    metrics.reloaded(renewed, State.SWAPPED)
    metrics.reloaded(renewed, State.REFUSED)
    metrics.reloaded(renewed, State.REFUSED)

    read = samples(metrics)
    assert {*zero.values()} == {0}
    assert {key: read[key] for key in zero} == {**zero, (series, "swapped"): 1, (series, "refused"): 2}
