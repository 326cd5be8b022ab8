"""A real API server that traces: the review's span lies below the API server's own, in one trace."""

import os
from pathlib import Path

import pytest
import yaml

from tests.e2e.apiserver import running_cluster
from tests.e2e.binaries import find
from tests.e2e.crd import find_crds, install_crd
from tests.e2e.kubectl import Cluster
from tests.e2e.process import free_ports
from tests.e2e.registration import registered
from tests.e2e.server import running_server
from tests.serving.collector import attributes, collecting

pytestmark = pytest.mark.e2e

MANIFESTS = Path(__file__).parents[2] / "manifests/base"


@pytest.mark.usefixtures("cluster")  # another one; but where it cannot run, this cannot either, and it says so
def test_a_review_is_below_the_request_that_caused_it(tmp_path: Path) -> None:
    (nowhere,) = free_ports(1)
    tracing = {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "TracingConfiguration",
        "endpoint": f"127.0.0.1:{nowhere}",  # the API server's own spans interest nobody here
        "samplingRatePerMillion": 1_000_000,
    }
    file = tmp_path / "tracing.yaml"
    file.write_text(yaml.safe_dump(tracing), encoding="utf-8")
    with collecting() as collector:
        environ = {"RAYJOB_WEBHOOK_TRACING": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with (
            running_cluster(find(os.environ, print), f"--tracing-config-file={file}") as traced,
            running_server(tmp_path, environ=environ) as server,
        ):
            register(traced, server.url, server.ca_pem)

    parents = {span.name: span.parent_span_id for span in collector.spans}
    traces = {name: {span.trace_id for span in collector.spans if span.name == name} for name in parents}
    assert parents.keys() == {"/mutate", "/validate"}
    assert all(parents.values())
    assert traces["/mutate"] & traces["/validate"]
    assert {attributes(span)["rayjob_webhook.namespace"] for span in collector.spans} == {"default"}


def register(cluster: Cluster, url: str, ca_pem: bytes) -> None:
    """Have the API server call a server until each webhook has answered a probe."""
    install_crd(cluster, next(iter(find_crds().values())))
    with registered(cluster, MANIFESTS, url, ca_pem):
        pass
