"""A real Prometheus scrapes webhook and API server, and has an answer to every query of alerts and dashboard."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.process import free_ports, running
from tests.e2e.registration import PROBE, registered
from tests.e2e.server import running_server
from tests.manifests.test_monitoring import ALERTS, QUERIES, RULES_BY_ALERT

pytestmark = pytest.mark.e2e

MANIFESTS = Path(__file__).parents[2] / "manifests/base"
WINDOW = "1m"
"""In the place of what Grafana puts there: at least four times the interval between two scrapes."""

SECONDS = 60
"""For two scrapes, which come every second."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One that has rules and scrapes every second."""

    client: httpx.Client

    def ask(self, query: str) -> list[Any]:
        """Return the samples that a query gives now."""
        answer = self.client.get("/api/v1/query", params={"query": query}).json()
        assert answer["status"] == "success", (query, answer)
        result: list[Any] = answer["data"]["result"]
        return result

    def rules(self) -> dict[str, tuple[str, str]]:
        """Return the health of each rule, and its last error, once it was evaluated."""
        groups = self.client.get("/api/v1/rules").json()["data"]["groups"]
        return {
            rule["name"]: (rule["health"], rule.get("lastError", "")) for group in groups for rule in group["rules"]
        }


@pytest.fixture(scope="module")
def prometheus(
    cluster: Cluster,
    rayjob_crd: str,  # noqa: ARG001 (it is in force)
    namespace: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Prometheus]:
    """It finds a webhook that was out of reach for a while, and now answers good jobs and bad ones."""
    program = shutil.which("prometheus")
    if not program:
        pytest.skip("there is no prometheus on the PATH; Debian has it in its package of that name")
    folder = tmp_path_factory.mktemp("prometheus")
    port, metrics_port, closed_port = free_ports(3)
    with running_server(tmp_path_factory.mktemp("server"), "--metrics-port", str(metrics_port)) as server:
        fail_calls(cluster, namespace, closed_port)
        (folder / "rules.yaml").write_text(yaml.safe_dump(ALERTS), encoding="utf-8")
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(scraping(cluster, metrics_port)), encoding="utf-8")
        command: list[str | Path] = [program, f"--config.file={folder}/prometheus.yaml"]
        command += [f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"]
        with (
            registered(cluster, MANIFESTS, server.url, server.ca_pem),
            running(command, log=folder / "log", environ={"HOME": str(folder)}) as process,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
        ):

            def is_ready() -> bool:
                try:
                    return client.get("/-/ready").is_success
                except httpx.TransportError:
                    return False

            until(is_ready, what="Prometheus to be ready", seconds=SECONDS, seen=process.tail)
            yield Prometheus(client)


def scraping(cluster: Cluster, metrics_port: int) -> dict[str, Any]:
    """Return the configuration: as the ServiceMonitor has it, but for the address; and the API server's own metrics."""
    kubeconfig = yaml.safe_load(cluster.kubeconfig.read_text(encoding="utf-8"))
    api, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
    folder = cluster.kubeconfig.parent
    tls = {
        "ca_file": str(folder / api["certificate-authority"]),
        "cert_file": str(folder / user["client-certificate"]),
        "key_file": str(folder / user["client-key"]),
    }
    webhook = {"job_name": "rayjob-webhook", "static_configs": [{"targets": [f"127.0.0.1:{metrics_port}"]}]}
    address = api["server"].removeprefix("https://")
    apiserver = {"job_name": "apiserver", "scheme": "https", "tls_config": tls}
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [webhook, {**apiserver, "static_configs": [{"targets": [address]}]}],
    }


def send(cluster: Cluster, namespace: str) -> int:
    """Send a good job and a bad one, dry; return how many were admitted."""
    create = ("create", "--dry-run=server", "--namespace", namespace, "-f", "-")
    bad = PROBE.replace("python probe.py", "' '")
    return sum(not cluster.kubectl(*create, stdin=text).code for text in (PROBE, bad))


def fail_calls(cluster: Cluster, namespace: str, closed_port: int) -> None:
    """Have the API server call the webhook where nobody listens, until a job was refused for it."""
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(MANIFESTS.glob("*-webhook.yaml"))]
    for document in documents:
        for webhook in document["webhooks"]:
            webhook["clientConfig"] = {"url": f"https://127.0.0.1:{closed_port}/"}
    cluster.apply_yaml(yaml.safe_dump_all(documents))
    until(
        lambda: send(cluster, namespace) == 0,
        what="a call to fail",
        seconds=SECONDS,
        seen=lambda: "the webhook is not called",
    )


def selectors(query: str) -> set[str]:
    """Return what a query selects, without ranges and offsets."""
    return set(re.findall(r"\b(?:rayjob_webhook|apiserver)_\w+(?:\{[^}]*\})?", query))


def test_every_query_selects_series_that_are_there(cluster: Cluster, namespace: str, prometheus: Prometheus) -> None:
    awaited = {selector for query in QUERIES for selector in selectors(query)}

    def missing() -> list[str]:
        send(cluster, namespace)
        return sorted(selector for selector in awaited if not prometheus.ask(f"count({selector})"))

    until(lambda: not missing(), what="every series", seconds=SECONDS, seen=lambda: "\n".join(missing()))


def test_every_query_has_an_answer(cluster: Cluster, namespace: str, prometheus: Prometheus) -> None:
    # What is compared with a threshold has none while all is well.
    asked = [query.replace("$__rate_interval", WINDOW) for query in QUERIES]
    unbounded = [query for query in asked if not re.search(r"[<>]=? [\d.]|absent|offset", query)]

    def unanswered() -> list[str]:
        send(cluster, namespace)
        return [query for query in unbounded if not prometheus.ask(query)]

    assert len(unbounded) > len(asked) / 3
    until(lambda: not unanswered(), what="every answer", seconds=SECONDS, seen=lambda: "\n".join(unanswered()))
    for query in asked:
        prometheus.ask(query)


def test_every_alert_is_evaluated_without_an_error(prometheus: Prometheus) -> None:
    healthy = dict.fromkeys(RULES_BY_ALERT, ("ok", ""))

    until(
        lambda: prometheus.rules() == healthy,
        what="every alert to be evaluated",
        seconds=SECONDS,
        seen=lambda: str(prometheus.rules()),
    )
