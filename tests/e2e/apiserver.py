"""A real kube-apiserver on a real etcd, on loopback only: started, ready, and ended without a trace."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.e2e.binaries import Binaries
from tests.e2e.credentials import write_credentials
from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.process import Process, free_ports, running

_READY_SECONDS = 60
"""It takes 3 s; twenty times that is a machine too busy to test on."""


class ControlPlaneFailedError(Exception):
    """A program of the control plane ended by itself; the message holds its log's tail."""


@contextmanager
def running_cluster(binaries: Binaries, *flags: str) -> Iterator[Cluster]:
    """Run a control plane while the block lasts, its API server with further flags.

    There is no controller-manager, scheduler or kubelet: what is applied is stored and judged, and nothing of it runs;
    a namespace, once deleted, stays in its last state.

    Raises:
        ControlPlaneFailedError: etcd or the API server ended before it was ready.
        DeadlinePassedError: it was not ready in time.
    """
    with tempfile.TemporaryDirectory(prefix="rayjob-webhook-") as name:
        folder = Path(name)
        secure_port, client_port, peer_port = free_ports(3)
        client_url = f"http://127.0.0.1:{client_port}"
        cluster = Cluster(binaries.kubectl, folder / "kubeconfig", folder)
        write_credentials(folder)
        _write_kubeconfig(cluster.kubeconfig, secure_port)
        environ = {"HOME": name}
        etcd_command = _etcd_command(binaries, folder, client_url, f"http://127.0.0.1:{peer_port}")
        apiserver_command = [*_apiserver_command(binaries, folder, client_url, secure_port), *flags]
        # The order of ending is the reverse: the API server first, or it would complain that its etcd is gone.
        with (
            running(etcd_command, log=folder / "etcd.log", environ=environ) as etcd,
            running(apiserver_command, log=folder / "kube-apiserver.log", environ=environ) as apiserver,
        ):
            _wait_until_ready(cluster, etcd, apiserver)
            yield cluster


def _etcd_command(binaries: Binaries, folder: Path, client_url: str, peer_url: str) -> list[str | Path]:
    return [
        binaries.etcd,
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client_url}",
        f"--advertise-client-urls={client_url}",
        f"--listen-peer-urls={peer_url}",
        f"--initial-advertise-peer-urls={peer_url}",
        f"--initial-cluster=default={peer_url}",
        # The data is thrown away with the process, so no write needs to reach the disk.
        "--unsafe-no-fsync",
    ]


def _apiserver_command(binaries: Binaries, folder: Path, etcd_url: str, secure_port: int) -> list[str | Path]:
    service_account_key = folder / "service-account.key"
    return [
        binaries.kube_apiserver,
        f"--etcd-servers={etcd_url}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={secure_port}",
        f"--cert-dir={folder / 'serving'}",
        f"--client-ca-file={folder / 'client-ca.crt'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={service_account_key}",
        f"--service-account-signing-key-file={service_account_key}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--authorization-mode=RBAC",
        # Nobody makes the default service account that this plugin would ask of every Pod.
        "--disable-admission-plugins=ServiceAccount",
        # As in every cluster: whether a pod may be privileged is for Pod Security to say.
        "--allow-privileged=true",
        "--endpoint-reconciler-type=none",
    ]


def _wait_until_ready(cluster: Cluster, etcd: Process, apiserver: Process) -> None:
    def is_ready() -> bool:
        for process in (etcd, apiserver):
            if process.is_over():
                raise ControlPlaneFailedError(process.tail())
        return cluster.kubectl("get", "--raw", "/readyz").stdout == "ok"

    until(is_ready, what="the API server's /readyz", seconds=_READY_SECONDS, seen=apiserver.tail)


def _write_kubeconfig(kubeconfig: Path, secure_port: int) -> None:
    """Write the administrator's kubeconfig; its paths are relative to itself."""
    cluster = {
        "server": f"https://127.0.0.1:{secure_port}",
        # The API server signs its own certificate when it starts and keeps it here.
        "certificate-authority": "serving/apiserver.crt",
    }
    user = {"client-certificate": "administrator.crt", "client-key": "administrator.key"}
    context = {"cluster": "loopback", "user": "administrator"}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "loopback",
        "clusters": [{"name": "loopback", "cluster": cluster}],
        "users": [{"name": "administrator", "user": user}],
        "contexts": [{"name": "loopback", "context": context}],
    }
    kubeconfig.write_text(yaml.safe_dump(document), encoding="utf-8")
