"""The way from the API server to the webhook: the shipped configurations, the name of a Service, a port, and trust."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.e2e.admissions import ADMITTED, DENIED, UNCOMPLETED, UNDENIED, sending
from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.service import at_port, expose_loopback

_MANIFESTS = Path(__file__).parents[2] / "manifests/base"
_SERVICE = "webhook"
_IN_FORCE_SECONDS = 60
"""The API server reads a changed configuration within a second; nothing but a fault makes it longer."""


@dataclass(frozen=True, slots=True)
class Route:
    """By it, the API server calls `webhook.NAMESPACE.svc`, at a port of loopback, for every RayJob."""

    cluster: Cluster
    namespace: str
    port: int

    @property
    def name(self) -> str:
        """The one that the API server wants to see in a certificate."""
        return f"{_SERVICE}.{self.namespace}.svc"

    def trust(self, ca_pem: bytes) -> None:
        """Have both configurations trust these CAs and nobody else.

        The API server keeps its connections, as long as nothing changes; for another caBundle, even if it differs by no
        more than a blank line, it makes itself another client, which has to dial. All else is as it is shipped: the
        mutating webhook fails open, the validating one fails closed.
        """
        documents = [self._pointed_here(document, ca_pem) for document in _shipped()]
        self.cluster.apply_yaml(yaml.safe_dump_all(documents))

    def _pointed_here(self, configuration: dict[str, Any], ca_pem: bytes) -> dict[str, Any]:
        here = at_port(configuration, self.port)
        for webhook in here["webhooks"]:
            webhook["clientConfig"]["service"] |= {"name": _SERVICE, "namespace": self.namespace}
            webhook["clientConfig"]["caBundle"] = base64.b64encode(ca_pem).decode()
        return here


@contextmanager
def opened(route: Route, client: httpx.Client, ca_pem: bytes) -> Iterator[None]:
    """Have the API server call the webhook, which must be there, while the block lasts; the CRD must be in force.

    Raises:
        DeadlinePassedError: either webhook never had its say; or is still called after the end.
    """
    expose_loopback(route.cluster, route.namespace, _SERVICE)
    try:
        route.trust(ca_pem)
        _wait_for(client, route.namespace, {ADMITTED, DENIED})
        yield
    finally:
        names = (f"{document['kind']}/{document['metadata']['name']}" for document in _shipped())
        route.cluster.kubectl("delete", "--ignore-not-found", *names, check=True)
        _wait_for(client, route.namespace, {UNCOMPLETED, UNDENIED})


def _wait_for(client: httpx.Client, namespace: str, outcomes: set[str]) -> None:
    send, seen = sending(client, namespace), set[str]()

    def is_settled() -> bool:
        seen.clear()
        seen.update((send(), send()))
        return seen == outcomes

    until(is_settled, what=" and ".join(sorted(outcomes)), seconds=_IN_FORCE_SECONDS, seen=lambda: str(seen))


def _shipped() -> Iterator[dict[str, Any]]:
    for path in sorted(_MANIFESTS.glob("*-webhook.yaml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))
