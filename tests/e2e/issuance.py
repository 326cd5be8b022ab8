"""What cert-manager has made, as the API server holds it, and how it is told to make it anew."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import httpx
from cryptography import x509

from tests.e2e.kubectl import Cluster

_KINDS = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")


def stored(client: httpx.Client, namespace: str, secret: str) -> x509.Certificate | None:
    """Return the certificate of a Secret; None while there is no such Secret."""
    answer = client.get(f"/api/v1/namespaces/{namespace}/secrets/{secret}")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    return x509.load_pem_x509_certificate(base64.b64decode(answer.raise_for_status().json()["data"]["tls.crt"]))


def injected(client: httpx.Client, name: str) -> list[bytes]:
    """Return the caBundles (PEM) of all webhooks of the mutating and the validating configuration of this name."""
    paths = [f"/apis/admissionregistration.k8s.io/v1/{kind}/{name}" for kind in _KINDS]
    webhooks = [webhook for path in paths for webhook in client.get(path).raise_for_status().json()["webhooks"]]
    return [base64.b64decode(webhook["clientConfig"].get("caBundle", "")) for webhook in webhooks]


def renew(cluster: Cluster, namespace: str, certificate: str) -> None:
    """Have cert-manager issue a Certificate anew, as `cmctl renew` does.

    Raises:
        KubectlFailedError: there is none, or it is being issued already.
    """
    condition = {
        "type": "Issuing",
        "status": "True",
        "reason": "ManuallyTriggered",
        "message": "Certificate re-issuance manually triggered",
        "lastTransitionTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    patch = [{"op": "add", "path": "/status/conditions/-", "value": condition}]
    _patch(cluster, namespace, certificate, patch, "--type=json", "--subresource=status")


def set_rotation_policy(cluster: Cluster, namespace: str, certificate: str, policy: str) -> None:
    """Say if the next issuance gets a new key (`Always`) or the one that there is (`Never`).

    Raises:
        KubectlFailedError: there is no such Certificate.
    """
    patch = {"spec": {"privateKey": {"rotationPolicy": policy}}}
    _patch(cluster, namespace, certificate, patch, "--type=merge")


def _patch(cluster: Cluster, namespace: str, certificate: str, raw: Any, *options: str) -> None:
    patch = ("--patch", json.dumps(raw))
    cluster.kubectl("patch", "certificate", certificate, "--namespace", namespace, *options, *patch, check=True)
