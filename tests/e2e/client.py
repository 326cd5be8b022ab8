"""The administrator's own connections to the API server, for what is asked too often for a kubectl each time."""

import ssl

import httpx
import yaml

from tests.e2e.kubectl import Cluster

_HANG_SECONDS = 90
"""Above the 60 s that the API server gives a request itself, so that its own words come first."""


def connect(cluster: Cluster) -> httpx.Client:
    """Return a client to be closed, for paths such as `/api/v1/namespaces`; it may be shared by threads."""
    kubeconfig = yaml.safe_load(cluster.kubeconfig.read_text(encoding="utf-8"))
    server, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
    folder = cluster.kubeconfig.parent
    trust = ssl.create_default_context(cafile=folder / server["certificate-authority"])
    trust.load_cert_chain(folder / user["client-certificate"], folder / user["client-key"])
    return httpx.Client(verify=trust, base_url=server["server"], timeout=_HANG_SECONDS, trust_env=False)
