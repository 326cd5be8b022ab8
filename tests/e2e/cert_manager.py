"""The real cert-manager beside the control plane: what issues from self-signed and CA issuers, and what injects CAs."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.build import BuildFailedError, Undertaking, build
from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.process import Process, running

MODULE = Path(__file__).with_name("certmanager")
"""The folder of the go.mod that pins cert-manager, and of the main function around it."""

_PROGRAM = "cert-manager"
_UNDERTAKING = Undertaking("cert-manager", 2, lambda _go_mod: {})
_SOURCE = "github.com/cert-manager/cert-manager"
_WORKS_SECONDS = 60
"""It takes 3 s, most of them until its caches have filled; a certificate is then issued and injected within one."""

_PROBE = """
apiVersion: v1
kind: Namespace
metadata:
  name: cert-manager-probe
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  name: probe
  namespace: cert-manager-probe
spec:
  selfSigned: {}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: probe
  namespace: cert-manager-probe
spec:
  secretName: probe
  isCA: true
  commonName: probe
  issuerRef:
    name: probe
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: cert-manager-probe
  annotations:
    cert-manager.io/inject-ca-from: cert-manager-probe/probe
webhooks:
  - name: probe.cert-manager.test
    admissionReviewVersions: [v1]
    clientConfig:
      url: https://127.0.0.1/nobody-is-here
    sideEffects: None
    rules: [] # so that nobody is called
"""


class NoCertManagerError(Exception):
    """There is no cert-manager to be had here; the message says why, in one line."""


class CertManagerFailedError(Exception):
    """It ended by itself; the message holds its log's tail."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What there is to install: the program, and the folder of the CRDs of its very version."""

    program: Path
    crds: Path


def find_cert_manager(environ: Mapping[str, str], say: Callable[[str], None]) -> Installation:
    """Find cert-manager in our cache, building it if nobody else did.

    Args:
        environ: the whole environment of Go; of it, HOME, PATH and XDG_CACHE_HOME decide where the cache is.
        say: takes each line of the build's progress.

    Raises:
        NoCertManagerError: there is no Go, or it said no.
    """
    if not shutil.which("go", path=environ.get("PATH")):
        raise NoCertManagerError("there is no Go to build it with")
    try:
        folder = build(MODULE, environ, say, {_PROGRAM: "."}, _UNDERTAKING)
    except BuildFailedError as failure:
        raise NoCertManagerError(str(failure)) from failure
    return Installation(folder / _PROGRAM, _module_folder(environ) / "deploy/crds")


@contextmanager
def running_cert_manager(cluster: Cluster, installation: Installation) -> Iterator[Process]:
    """Run cert-manager while the block lasts; its CRDs stay installed.

    The block begins when a CA was issued and injected before our eyes: there is no endpoint that would tell as much.

    Raises:
        CertManagerFailedError: it ended before that.
        DeadlinePassedError: it did not come to that in time.
        KubectlFailedError: the API server refused a CRD.
    """
    crds = ("--filename", installation.crds)
    cluster.kubectl("apply", "--server-side", *crds, check=True)
    cluster.kubectl("wait", "--for=condition=Established", f"--timeout={_WORKS_SECONDS}s", *crds, check=True)
    # Nothing of our environment: a proxy's variables, for one, would have a say in how it reaches the API server.
    environ = {"HOME": str(cluster.home)}
    command: list[str | Path] = [installation.program, "--kubeconfig", cluster.kubeconfig]
    with running(command, log=cluster.home / "cert-manager.log", environ=environ) as process:
        cluster.apply_yaml(_PROBE)
        _wait_until_injected(cluster, process)
        yield process


def _wait_until_injected(cluster: Cluster, process: Process) -> None:
    probe = ("validatingwebhookconfiguration", "cert-manager-probe")

    def is_injected() -> bool:
        if process.is_over():
            raise CertManagerFailedError(process.tail())
        bundle = cluster.kubectl("get", *probe, "--output=jsonpath={.webhooks[*].clientConfig.caBundle}", check=True)
        return bool(bundle.stdout)

    what = "cert-manager to issue and inject a CA"
    until(is_injected, what=what, seconds=_WORKS_SECONDS, seen=process.tail)
    cluster.kubectl("delete", *probe, check=True)


def _module_folder(environ: Mapping[str, str]) -> Path:
    """Ask Go where it keeps cert-manager's source, which it fetches again should it be gone."""
    finished = subprocess.run(
        ["go", "mod", "download", "-json", _SOURCE],
        cwd=MODULE,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise NoCertManagerError(f"go mod download failed: {' / '.join(finished.stderr.splitlines())}")
    return Path(json.loads(finished.stdout)["Dir"])
