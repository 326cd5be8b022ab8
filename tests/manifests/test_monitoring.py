"""What is alerted on and shown: it names series that the servers expose, and tells what it is meant to tell."""

import json
import re
import subprocess
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from certs.rotation import RENEW_LEAF
from tests.manifests.kustomize import MANIFESTS
from webhook.rules.register import RULES
from webhook.serving.metrics import Metrics

MONITORING = MANIFESTS / "components/monitoring"
ALERTS = yaml.safe_load((MONITORING / "92-alerts.yaml").read_text(encoding="utf-8"))["spec"]
DASHBOARD = json.loads((MONITORING / "93-dashboard.json").read_text(encoding="utf-8"))
RULES_BY_ALERT = {rule["alert"]: rule for group in ALERTS["groups"] for rule in group["rules"]}

DAY = 86_400


QUERIES = [rule["expr"] for rule in RULES_BY_ALERT.values()]
QUERIES += [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_selects_series_that_the_servers_expose(query):
    exposition = Metrics(rule.id for rule in RULES).exposition().decode()
    samples = [sample for family in text_string_to_metric_families(exposition) for sample in family.samples]

    for name, labels in re.findall(r"\b(rayjob_webhook_\w+)(?:\{([^}]*)\})?", query):
        matchers = re.findall(r'(\w+)(=~|=)"([^"]*)"', labels)
        assert [
            sample
            for sample in samples
            if sample.name == name
            and all(re.fullmatch(value, sample.labels.get(label, "")) for label, _, value in matchers)
        ], (name, labels)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_groups_by_labels_that_its_series_have(query):
    exposition = Metrics(rule.id for rule in RULES).exposition().decode()
    families = text_string_to_metric_families(exposition)
    ours = {label for family in families for sample in family.samples for label in sample.labels}
    scraped = {"instance", "name", "error_type", "le"}  # Prometheus' own, and the API server's

    grouped = {label for labels in re.findall(r"\bby \(([^)]*)\)", query) for label in labels.split(", ")}

    assert grouped <= ours | scraped


@pytest.mark.parametrize("alert", RULES_BY_ALERT)
def test_an_alert_says_how_bad_it_is_and_the_readme_what_to_do(alert):
    readme = (MANIFESTS / "README.md").read_text(encoding="utf-8")

    assert RULES_BY_ALERT[alert]["labels"]["severity"] in {"info", "warning", "critical"}
    assert RULES_BY_ALERT[alert]["annotations"].keys() == {"summary", "description"}
    assert f"| `{alert}` |" in readme


def test_a_renewal_that_fails_is_told_before_and_after_it_is_too_late():
    days = {
        alert: int(re.findall(r"< (\d+) \* 86400", rule["expr"])[0])
        for alert, rule in RULES_BY_ALERT.items()
        if "expiry" in rule["expr"]
    }

    assert days == {
        "RayJobWebhookCertificateNotRenewed": 21,
        "RayJobWebhookCertificateExpires": 3,
        "RayJobWebhookClientCAExpires": 14,
    }
    assert max(days.values()) < RENEW_LEAF.days


def test_the_panels_of_the_dashboard_neither_overlap_nor_lack_a_title():
    panels = DASHBOARD["panels"]
    cells = [
        (x, y)
        for panel in panels
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] and panel["description"] for panel in panels)
    assert {panel["datasource"]["uid"] for panel in panels} == {"${datasource}"}


# In promtool's tests time begins at 0 and goes in steps of 30 s: `0+5x` is a counter that gains 10 a minute as long
# as the scenario takes, `0x50 1x` one that gains 1 after 25 minutes.
HEALTHY = {
    'rayjob_webhook_in_flight{instance="a"}': "0x",
    'rayjob_webhook_in_flight{instance="b"}': "0x",
    'rayjob_webhook_policy_broken{instance="a"}': "0x",
    'rayjob_webhook_certificate_expiry_timestamp_seconds{instance="a"}': f"{60 * DAY}x",
    'rayjob_webhook_certificate_reloads_total{instance="a", outcome="refused"}': "0x10 1x",
    'rayjob_webhook_client_ca_expiry_timestamp_seconds{instance="a"}': f"{10**12}x",
    'rayjob_webhook_client_ca_reloads_total{instance="a", outcome="refused"}': "0x10 1x",
    'rayjob_webhook_panics_total{endpoint="validate"}': "0x",
    'rayjob_webhook_reviews_total{endpoint="validate", operation="CREATE", decision="allowed"}': "0+50x",
    'rayjob_webhook_reviews_total{endpoint="validate", operation="CREATE", decision="denied"}': "0+5x",
    'rayjob_webhook_reviews_total{endpoint="validate", operation="CREATE", decision="failed"}': "0x",
    'rayjob_webhook_reviews_total{endpoint="validate", operation="", decision="refused"}': "0x",
    'rayjob_webhook_reviews_total{endpoint="validate", operation="", decision="shed"}': "0x",
    'rayjob_webhook_decision_seconds_bucket{endpoint="validate", le="0.001"}': "0+55x",
    'rayjob_webhook_decision_seconds_bucket{endpoint="validate", le="+Inf"}': "0+55x",
    'apiserver_request_total{group="ray.io", resource="rayjobs", subresource="", verb="POST", code="201"}': "0+50x",
    'apiserver_admission_webhook_rejection_count{name="validate.rayjob-webhook.ray.io", error_type="no_error"}': (
        "0+5x"
    ),
    'apiserver_admission_webhook_admission_duration_seconds_bucket{name="validate.rayjob-webhook.ray.io", le="0.1"}': (
        "0+55x"
    ),
    'apiserver_admission_webhook_admission_duration_seconds_bucket{name="validate.rayjob-webhook.ray.io", le="+Inf"}': (
        "0+55x"
    ),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Series in the place of healthy ones (None: they are not there), and what is told of them then."""

    alert: str
    series: dict[str, str | None]
    summary: str
    labels: dict[str, str] = field(default_factory=dict)
    description: str | None = None
    minutes: int = 30

    def expected(self) -> list[dict[str, Any]]:
        rule = RULES_BY_ALERT[self.alert]
        description = self.description or rule["annotations"]["description"]
        return [
            {
                "exp_labels": {**rule["labels"], **self.labels},
                "exp_annotations": {"summary": self.summary, "description": description},
            }
        ]


VALIDATE = 'rayjob_webhook_reviews_total{endpoint="validate", operation="CREATE", decision="%s"}'
SHED = 'rayjob_webhook_reviews_total{endpoint="validate", operation="", decision="shed"}'
REFUSED = 'rayjob_webhook_reviews_total{endpoint="validate", operation="", decision="refused"}'
EXPIRY = 'rayjob_webhook_certificate_expiry_timestamp_seconds{instance="a"}'
CREATED = 'apiserver_request_total{group="ray.io", resource="rayjobs", subresource="", verb="POST", code="201"}'
NOBODY_ASKS = dict.fromkeys((series for series in HEALTHY if "validate" in series), "0x")
IN_FLIGHT = 'rayjob_webhook_in_flight{instance="%s"}'

TROUBLES = (
    Trouble(
        "RayJobWebhookDown", {IN_FLIGHT % "a": None, IN_FLIGHT % "b": None}, "No server of rayjob-webhook is scraped."
    ),
    Trouble("RayJobWebhookNotRedundant", {IN_FLIGHT % "b": None}, "One server of rayjob-webhook is left."),
    Trouble(
        "RayJobWebhookUnreachable",
        {
            'apiserver_admission_webhook_rejection_count{name="validate.rayjob-webhook.ray.io", '
            'error_type="calling_webhook_error"}': "0+15x"
        },
        "The API server cannot call rayjob-webhook (calling_webhook_error).",
        {"name": "validate.rayjob-webhook.ray.io", "error_type": "calling_webhook_error"},
        "500m writes of RayJobs a second are refused for it.",
    ),
    Trouble(
        "RayJobWebhookFailsOpen",
        {'apiserver_admission_webhook_fail_open_count{name="mutate.rayjob-webhook.ray.io"}': "0+1x"},
        "RayJobs pass without their defaults.",
        {"name": "mutate.rayjob-webhook.ray.io"},
    ),
    Trouble(
        "RayJobWebhookBypassed",
        {**NOBODY_ASKS, CREATED: "0+10x"},
        "RayJobs are created, and rayjob-webhook is not asked.",
        description=(
            "300 were created within 15 minutes. The validating configuration is gone or does not match, or they are "
            "in a namespace that it leaves out."
        ),
    ),
    Trouble(
        "RayJobWebhookNoTraffic",
        {**NOBODY_ASKS, CREATED: None},
        "Nobody has asked rayjob-webhook anything for 36 hours.",
        minutes=38 * 60,
    ),
    Trouble(
        "RayJobWebhookCrashes",
        {'rayjob_webhook_panics_total{endpoint="validate"}': "0x50 1x"},
        "A review crashed in /validate.",
        {"endpoint": "validate"},
    ),
    Trouble("RayJobWebhookErrors", {VALIDATE % "failed": "0+5x"}, "8.333% of all reviews crash."),
    Trouble(
        "RayJobWebhookRefusesCalls",
        {REFUSED: "0+1x"},
        "/validate gets calls that are no reviews.",
        {"endpoint": "validate"},
    ),
    Trouble(
        "RayJobWebhookSheds",
        {SHED: "0+15x"},
        "Calls are put off, because too many come at once.",
        description="500m a second are told to call again; what takes too long is refused.",
    ),
    Trouble(
        "RayJobWebhookSlow",
        {
            'rayjob_webhook_decision_seconds_bucket{endpoint="validate", le="0.001"}': "0x",
            'rayjob_webhook_decision_seconds_bucket{endpoint="validate", le="0.5"}': "0+55x",
        },
        "One in a hundred decisions of /validate takes 495ms.",
        {"endpoint": "validate"},
    ),
    Trouble(
        "RayJobWebhookSlowToReach",
        {
            'apiserver_admission_webhook_admission_duration_seconds_bucket{name="validate.rayjob-webhook.ray.io", '
            'le="0.1"}': "0x",
            'apiserver_admission_webhook_admission_duration_seconds_bucket{name="validate.rayjob-webhook.ray.io", '
            'le="2.5"}': "0+55x",
        },
        "One in a hundred calls of validate.rayjob-webhook.ray.io takes 2.476s.",
        {"name": "validate.rayjob-webhook.ray.io"},
    ),
    Trouble(
        "RayJobWebhookCertificateNotRenewed",
        {EXPIRY: f"{20 * DAY}x"},
        "The certificate that a serves expires in 19d 22h 0m 0s.",
        {"instance": "a"},
        minutes=120,
    ),
    Trouble(
        "RayJobWebhookCertificateExpires",
        {EXPIRY: f"{2 * DAY}x"},
        "The certificate that a serves expires in 1d 23h 30m 0s.",
        {"instance": "a"},
    ),
    Trouble(
        "RayJobWebhookCertificateRefused",
        {'rayjob_webhook_certificate_reloads_total{instance="a", outcome="refused"}': "0+3x"},
        "a refuses the certificate in its Secret and goes on with the old one.",
        {"instance": "a", "outcome": "refused"},
    ),
    Trouble(
        "RayJobWebhookPolicyRefused",
        {'rayjob_webhook_policy_broken{instance="a"}': "1x"},
        "a refuses the policy in its ConfigMap and goes on with the old one.",
        {"instance": "a"},
    ),
    Trouble(
        "RayJobWebhookClientCAExpires",
        {'rayjob_webhook_client_ca_expiry_timestamp_seconds{instance="a"}': f"{10 * DAY}x"},
        "The CA by which a knows its callers ends in 9d 23h 30m 0s.",
        {"instance": "a"},
    ),
    Trouble(
        "RayJobWebhookClientCARefused",
        {'rayjob_webhook_client_ca_reloads_total{instance="a", outcome="refused"}': "0+3x"},
        "a refuses the new CA of its callers and goes on with the old one.",
        {"instance": "a", "outcome": "refused"},
    ),
)


def test_promtool_finds_no_fault_with_the_alerts(promtool, tmp_path):
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump(ALERTS), encoding="utf-8")

    checked = subprocess.run(
        [promtool, "check", "rules", "--lint-fatal", rules], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")
    assert f"SUCCESS: {len(RULES_BY_ALERT)} rules found" in checked.stdout


def test_every_alert_has_its_trouble():
    assert [trouble.alert for trouble in TROUBLES] == list(RULES_BY_ALERT)


def test_nobody_is_alerted_while_all_is_well_and_everybody_is_told_what_is_not(promtool, tmp_path):
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(ALERTS), encoding="utf-8")
    silent = [
        {"eval_time": f"{minutes}m", "alertname": alert, "exp_alerts": []}
        for alert in RULES_BY_ALERT
        for minutes in (0, 30, 120, 40 * 60)
        if (alert, minutes) != ("RayJobWebhookDown", 0)
    ]
    tests = [scenario("all is well", {}, silent, minutes=40 * 60)]
    for trouble in TROUBLES:
        told = {"eval_time": f"{trouble.minutes}m", "alertname": trouble.alert, "exp_alerts": trouble.expected()}
        tests.append(scenario(trouble.alert, trouble.series, [told], minutes=trouble.minutes))
    file = tmp_path / "tests.yaml"
    file.write_text(
        yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "5m", "tests": tests}), encoding="utf-8"
    )

    tested = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, check=False)

    assert (tested.returncode, tested.stderr) == (0, ""), tested.stdout


def scenario(name: str, series: dict[str, str | None], alerts: list[dict[str, Any]], *, minutes: int) -> dict[str, Any]:
    samples = 2 * minutes
    changed = {**HEALTHY, **series}
    return {
        "name": name,
        "interval": "30s",
        "input_series": [
            {"series": one, "values": f"{values}{samples}"} for one, values in changed.items() if values is not None
        ],
        "alert_rule_test": alerts,
    }
