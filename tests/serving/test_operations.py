"""The second port, for those who run the server."""

import os
import re
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from certs.authority import Authority
from certs.pair import write
from tests.e2e.polling import until
from tests.e2e.process import running
from tests.e2e.server import running_server
from tests.serving.test_endpoints import JSON, review
from webhook.rules.example import merged

NOW = datetime.now(UTC)
SCRIPT = Path(sys.executable).with_name("rayjob-webhook")
PATHS = ("/healthz", "/readyz", "/metrics")


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """A server's admission port, as a client, and its metrics port, as a URL, and its journal."""
    with (
        running_server(tmp_path_factory.mktemp("server")) as server,
        httpx.Client(base_url=server.url, verify=False, trust_env=False) as client,  # noqa: S501 (not the subject)
    ):
        yield client, server.operations_url, server.process.log


def test_probes_and_metrics_are_served_in_plain_http(ports):
    client, url, _log = ports
    client.post("/validate", content=orjson.dumps(review(merged({"metadata": {"namespace": "n"}}))), headers=JSON)

    assert httpx.get(f"{url}/healthz", trust_env=False).text == "ok"
    assert httpx.get(f"{url}/readyz", trust_env=False).text == "ok"
    metrics = httpx.get(f"{url}/metrics", trust_env=False)
    names = {family.name for family in text_string_to_metric_families(metrics.text)}
    assert metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert names == {
        "rayjob_webhook_reviews",
        "rayjob_webhook_findings",
        "rayjob_webhook_decision_seconds",
        "rayjob_webhook_panics",
        "rayjob_webhook_in_flight",
        "rayjob_webhook_certificate_expiry_timestamp_seconds",
        "rayjob_webhook_certificate_reloads",
        "rayjob_webhook_client_ca_expiry_timestamp_seconds",
        "rayjob_webhook_client_ca_reloads",
        "rayjob_webhook_policy_broken",
        "rayjob_webhook_policy_loaded_timestamp_seconds",
        "rayjob_webhook_policy_reloads",
    }
    assert 'rayjob_webhook_reviews_total{decision="allowed",endpoint="validate",operation="CREATE"} 1.0' in metrics.text


def test_nothing_is_admitted_there(ports):
    _client, url, _log = ports

    assert httpx.post(f"{url}/validate", trust_env=False).status_code == 404


def test_a_probe_takes_only_get(ports):
    _client, url, _log = ports

    assert httpx.post(f"{url}/readyz", trust_env=False).status_code == 405


def test_without_a_port_for_them_the_probes_are_where_reviews_are(tmp_path):
    log = tmp_path / "log"
    authority = Authority.create(common_name="test", now=NOW)
    write(tmp_path / "tls", authority.issue([], ["127.0.0.1"], NOW), authority)
    command = [SCRIPT, "serve", "--port", "0", "--cert-dir", tmp_path / "tls", "--drain-seconds", "0"]
    trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())

    with running(command, log=log, environ={**os.environ}, drain_seconds=30) as process:
        until(lambda: "listening on" in log.read_text(), what="the server", seconds=30, seen=process.tail)
        (port,) = re.findall(r"listening on 127\.0\.0\.1 port (\d+)", log.read_text())
        answers = {path: httpx.get(f"https://127.0.0.1:{port}{path}", verify=trust, trust_env=False) for path in PATHS}

    assert {path: (answer.status_code, answer.text[:2]) for path, answer in answers.items()} == {
        "/healthz": (200, "ok"),
        "/readyz": (200, "ok"),
        "/metrics": (404, '{"'),
    }


def test_each_decision_is_a_line_in_the_journal(ports):
    client, _url, log = ports
    client.post("/validate", content=orjson.dumps(review(merged({}), uid="journaled")), headers=JSON)

    def told():
        lines = [orjson.loads(line) for line in log.read_bytes().splitlines() if line.startswith(b"{")]
        return [(line["decision"], line["name"]) for line in lines if line["uid"] == "journaled"]

    until(told, what="the line", seconds=30, seen=log.read_text)
    assert told() == [("allowed", "example")]
