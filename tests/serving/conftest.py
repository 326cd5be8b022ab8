import ssl
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.server import WebhookServer, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebhookServer]:
    """The real console script, serving over TLS on loopback."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: WebhookServer) -> Iterator[httpx.Client]:
    """Whoever trusts the server's CA, as the API server does."""
    trust = ssl.create_default_context(cadata=server.ca_pem.decode())
    with httpx.Client(verify=trust, base_url=server.url, trust_env=False) as trusting:
        yield trusting
