"""People and programs that ask the API server for something in one namespace, and may do it there."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.e2e.kubectl import Cluster


@dataclass(frozen=True, slots=True)
class Asker:
    """One who asks."""

    flags: tuple[str, ...]
    """kubectl's, by which the API server knows who it is."""


def impersonated(user: str, *groups: str) -> Asker:
    """Return someone whom the administrator asks for, as the API server lets it."""
    return Asker((f"--as={user}", *(f"--as-group={group}" for group in groups)))


def service_account(cluster: Cluster, namespace: str, name: str, folder: Path) -> Asker:
    """Make a service account, and return it with a token of its own, by which it asks itself."""
    cluster.kubectl("create", "serviceaccount", name, f"--namespace={namespace}", check=True)
    token = cluster.kubectl("create", "token", name, f"--namespace={namespace}", check=True).stdout.strip()
    document = yaml.safe_load(cluster.kubeconfig.read_text(encoding="utf-8"))
    (entry,) = document["clusters"]
    entry["cluster"]["certificate-authority"] = str(
        cluster.kubeconfig.parent / entry["cluster"]["certificate-authority"]
    )
    document["users"][0]["user"] = {"token": token}
    kubeconfig = folder / f"{namespace}-{name}"
    kubeconfig.write_text(yaml.safe_dump(document), encoding="utf-8")
    return Asker((f"--kubeconfig={kubeconfig}",))


def let_everyone_write(cluster: Cluster, namespace: str) -> None:
    """Let everyone whom the API server knows write RayJobs in a namespace."""
    name, here = "everyone-writes-rayjobs", f"--namespace={namespace}"
    cluster.kubectl("create", "role", name, here, "--verb=*", "--resource=rayjobs.ray.io", check=True)
    cluster.kubectl("create", "rolebinding", name, here, f"--role={name}", "--group=system:authenticated", check=True)
