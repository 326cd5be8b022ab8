"""One of the servers behind an address: what it says of itself, and how it is asked to end."""

import signal
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.server import WebhookServer

_END_SECONDS = 30
"""It takes the time to drain, and 3 s more at most."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A server of the webhook that was ready."""

    server: WebhookServer

    @property
    def port(self) -> int:
        """Where the API server would call it, on 127.0.0.1."""
        return int(self.server.url.rpartition(":")[2])

    def readiness(self) -> tuple[int, str]:
        """Return what a readiness probe gets: the status code and the words."""
        answer = self._get("/readyz")
        return answer.status_code, answer.text

    def reviews(self, decision: str) -> int:
        """Return how many calls ended in this decision, as its metrics count them."""
        families = text_string_to_metric_families(self._get("/metrics").text)
        samples = [sample for family in families for sample in family.samples]
        reviews = (sample for sample in samples if sample.name == "rayjob_webhook_reviews_total")
        return round(sum(sample.value for sample in reviews if sample.labels["decision"] == decision))

    def terminate(self) -> None:
        """Ask it to end, as the kubelet does."""
        self.server.process.child.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it, as the kernel does where memory is short."""
        self.server.process.child.kill()

    def wait(self) -> int:
        """Return the exit code when it has ended.

        Raises:
            subprocess.TimeoutExpired: it never did.
        """
        return self.server.process.child.wait(_END_SECONDS)

    def is_over(self) -> bool:
        """Tell whether it has ended."""
        return self.server.process.is_over()

    def tail(self) -> str:
        """Give the last lines of its log."""
        return self.server.process.tail()

    def _get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.server.operations_url}{path}", trust_env=False)
