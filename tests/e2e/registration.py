"""The shipped webhook configurations, pointed at a server on loopback and known to be in force."""

import base64
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until

_KINDS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_CERT_MANAGER = "cert-manager.io/"
_IN_FORCE_SECONDS = 30
"""The API server reads a new configuration within a second; nothing but a fault makes it longer."""

_SAMPLE = re.compile(
    r"^apiserver_admission_webhook_(request_total|rejection_count|fail_open_count)\{(.*)\} (\d+)$", re.MULTILINE
)
_NAME = re.compile(r'\bname="([^"]+)"')

PROBE = """
apiVersion: ray.io/v1
kind: RayJob
metadata:
  name: probe
spec:
  entrypoint: python probe.py
  rayClusterSpec:
    headGroupSpec:
      rayStartParams: {}
      template:
        spec:
          containers:
            - name: ray-head
              image: rayproject/ray:2.52.0
"""
"""A RayJob that every flavour of the CRD takes, so that it gets as far as the validating webhooks."""


@contextmanager
def registered(
    cluster: Cluster, manifests: Path, url: str, ca_pem: bytes, *, seconds: float = _IN_FORCE_SECONDS
) -> Iterator[tuple[str, ...]]:
    """Have the API server call a server on loopback while the block lasts; yields the names of the webhooks.

    What the configurations say of rules, selectors, failure policy and time limits stays as it is shipped. The API
    server reads them in its own time, so the block begins when a probe was answered by every webhook that is called
    for the creation of a RayJob, and this returns when none is called any more. The CRD must be installed.

    Args:
        cluster: the control plane.
        manifests: a folder; of all documents in its *.yaml, the webhook configurations are taken.
        url: where the server is, without a path; the path is that of the configuration's `service`.
        ca_pem: whom the API server is to trust.
        seconds: how long either waiting may take.

    Raises:
        KubectlFailedError: the API server refused a configuration.
        DeadlinePassedError: a webhook was never called, or never answered; or is still called after its end.
    """
    configurations = [_point_at(document, url, ca_pem) for document in _read_configurations(manifests)]
    webhooks = {webhook["name"]: webhook for document in configurations for webhook in document["webhooks"]}
    awaited = {name for name, webhook in webhooks.items() if _is_called_on_create(webhook)}
    try:
        cluster.apply_yaml(yaml.safe_dump_all(configurations))
        _probe_until(cluster, awaited, seconds, called=True)
        yield tuple(webhooks)
    finally:
        names = (f"{document['kind']}/{document['metadata']['name']}" for document in configurations)
        cluster.kubectl("delete", "--ignore-not-found", *names, check=True)
        _probe_until(cluster, awaited, seconds, called=False)


def _read_configurations(manifests: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(manifests.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if document and document.get("kind") in _KINDS:
                yield document


def _point_at(configuration: dict[str, Any], url: str, ca_pem: bytes) -> dict[str, Any]:
    """Replace the Service, which nothing resolves here, by a URL, and what cert-manager would inject by our CA."""
    metadata = configuration["metadata"]
    kept = {key: value for key, value in metadata.get("annotations", {}).items() if not key.startswith(_CERT_MANAGER)}
    bundle = base64.b64encode(ca_pem).decode()
    return {
        **configuration,
        "metadata": {**metadata, "annotations": kept},
        "webhooks": [
            {
                **webhook,
                "clientConfig": {
                    "url": url + webhook["clientConfig"]["service"].get("path", "/"),
                    "caBundle": bundle,
                },
            }
            for webhook in configuration["webhooks"]
        ],
    }


def _is_called_on_create(webhook: dict[str, Any]) -> bool:
    return any(
        {"CREATE", "*"} & set(rule["operations"]) and {"rayjobs", "*"} & set(rule["resources"])
        for rule in webhook["rules"]
    )


def _probe_until(cluster: Cluster, webhooks: Iterable[str], seconds: float, *, called: bool) -> None:
    """Create the probe (dry) until all the webhooks answer it, or until none is as much as called."""
    outcome = ""

    def is_settled() -> bool:
        nonlocal outcome
        before = _Tally.read(cluster)
        result = cluster.kubectl("create", "--dry-run=server", "--namespace=default", "--filename=-", stdin=PROBE)
        after = _Tally.read(cluster)
        outcome = f"{result.stdout}{result.stderr}{after}"
        if called:
            return all(after.answers[name] > before.answers[name] for name in webhooks)
        return all(after.calls[name] == before.calls[name] for name in webhooks)

    what = f"{'an answer' if called else 'the end'} of {', '.join(sorted(webhooks))}"
    until(is_settled, what=what, seconds=seconds, seen=lambda: outcome)


@dataclass(frozen=True, slots=True)
class _Tally:
    """How often each webhook was called, and how often it answered, yes or no: the API server's own metrics."""

    calls: Counter[str]
    answers: Counter[str]

    @classmethod
    def read(cls, cluster: Cluster) -> Self:
        calls: Counter[str] = Counter()
        faults: Counter[str] = Counter()
        for metric, labels, count in _SAMPLE.findall(cluster.kubectl("get", "--raw", "/metrics", check=True).stdout):
            for name in _NAME.findall(labels):
                if metric == "request_total":
                    calls[name] += int(count)
                elif 'error_type="no_error"' not in labels:  # that is a denial; what failed open has no error_type
                    faults[name] += int(count)
        return cls(calls, calls - faults)
