"""The webhook under a policy, whose file lies in a folder as the kubelet mounts a ConfigMap, called by a cluster."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import yaml

from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.registration import registered
from tests.e2e.secret_volume import write_files
from tests.e2e.server import WebhookServer, running_server
from tests.policy.written import HEADER
from webhook.policy.loading import load
from webhook.rules.example import merged

_MANIFESTS = Path(__file__).parents[2] / "manifests/base"
_FILE = "policy.yaml"
_TAKEN_UP_SECONDS = 60
"""The server looks into the folder every 5 s."""


@dataclass(frozen=True, slots=True)
class Policed:
    """A server, and the folder of its policy."""

    server: WebhookServer
    volume: Path

    def write(self, policy: str) -> None:
        """Replace the policy, below its header, as the kubelet does."""
        write_files(self.volume, {_FILE: _whole(policy).encode()})

    def told(self) -> dict[str, Any]:
        """Return what the server says of the policy that it enforces."""
        answer = httpx.get(f"{self.server.operations_url}/policy", trust_env=False)
        raw: dict[str, Any] = answer.raise_for_status().json()
        return raw

    def wait_for(self, policy: str) -> None:
        """Return when the server says that it enforces this policy, and that its file has no fault.

        Raises:
            DeadlinePassedError: it never said so.
        """
        name = digest(policy)
        self._wait(f"the policy {name}", lambda told: (told["digest"], told["lastError"]) == (name, None))

    def enforce(self, policy: str) -> None:
        """Replace the policy, and wait for it.

        Raises:
            DeadlinePassedError: it is never in force.
        """
        self.write(policy)
        self.wait_for(policy)

    def wait_for_faults(self) -> list[str]:
        """Return what the server says is wrong with the file, when it does.

        Raises:
            DeadlinePassedError: it never did.
        """
        self._wait("a broken policy", lambda told: told["lastError"] is not None)
        faults: list[str] = self.told()["lastError"]["faults"]
        return faults

    def _wait(self, what: str, holds: Callable[[dict[str, Any]], bool]) -> None:
        until(lambda: holds(self.told()), what=what, seconds=_TAKEN_UP_SECONDS, seen=lambda: json.dumps(self.told()))


@contextmanager
def policed(cluster: Cluster, folder: Path, policy: str) -> Iterator[Policed]:
    """Have a cluster call, for every RayJob, a server with this policy while the block lasts; the CRD must be in force.

    Args:
        cluster: the control plane.
        folder: an empty one.
        policy: without its header.
    """
    volume = folder / "policy"
    volume.mkdir()
    write_files(volume, {_FILE: _whole(policy).encode()})
    (folder / "server").mkdir()
    with (
        running_server(folder / "server", environ={"RAYJOB_WEBHOOK_POLICY": str(volume)}) as server,
        registered(cluster, _MANIFESTS, server.url, server.ca_pem),
    ):
        yield Policed(server, volume)


def digest(policy: str) -> str:
    """Return by what the server calls a policy."""
    return load([(_FILE, _whole(policy))]).digest


def rayjob(name: str, namespace: str, patch: Mapping[str, object]) -> str:
    """The YAML of the smallest RayJob, with a JSON Merge Patch applied."""
    named = {"metadata": {"name": name, "namespace": namespace}}
    text: str = yaml.safe_dump(merged(patch, into=merged(named)))
    return text


def _whole(policy: str) -> str:
    return HEADER + dedent(policy)
