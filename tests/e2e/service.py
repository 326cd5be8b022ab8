"""A Service that leads the API server to a server on loopback, so that webhooks are called by it, by their very name.

The API server cannot reach a cluster's addresses here. It can follow a Service of type ExternalName: it connects to
that host, at the port that the webhook's configuration says, and still asks for a certificate of `NAME.NAMESPACE.svc`.
"""

from typing import Any

import yaml

from tests.e2e.kubectl import Cluster


def expose_loopback(cluster: Cluster, namespace: str, name: str) -> None:
    """Put a Service of this name in the place of the one that would select Pods.

    Raises:
        KubectlFailedError: there is one of another type.
    """
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"type": "ExternalName", "externalName": "127.0.0.1"},
    }
    cluster.apply_yaml(yaml.safe_dump(service))


def at_port(configuration: dict[str, Any], port: int) -> dict[str, Any]:
    """Return a webhook configuration whose services are called at this port; nothing else differs."""

    def moved(webhook: dict[str, Any]) -> dict[str, Any]:
        return {**webhook, "clientConfig": {"service": {**webhook["clientConfig"]["service"], "port": port}}}

    return {**configuration, "webhooks": [moved(webhook) for webhook in configuration["webhooks"]]}
