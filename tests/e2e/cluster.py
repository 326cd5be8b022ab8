"""The end-to-end tests' cluster to play with: `python -m tests.e2e.cluster` runs it until Ctrl-C."""

import os
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import click

from tests.e2e.apiserver import ControlPlaneFailedError, running_cluster
from tests.e2e.binaries import NoControlPlaneError, find
from tests.e2e.crd import find_crds, install_crd
from tests.e2e.kubectl import KubectlFailedError
from tests.e2e.polling import DeadlinePassedError
from tests.e2e.registration import registered
from tests.e2e.server import ServerFailedError, running_server

_ROOT = Path(__file__).parents[2]
_FAULTS = (NoControlPlaneError, ControlPlaneFailedError, ServerFailedError, DeadlinePassedError, KubectlFailedError)
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class EndedError(BaseException):
    """The user wants no more; like KeyboardInterrupt, nothing in between may catch it."""


def main() -> None:
    """Run the control plane, the CRD, the server and its registration; end them in the reverse order."""
    for ending in _ENDINGS:
        signal.signal(ending, _end)
    try:
        with ExitStack() as running:
            _start(running)
            signal.pause()
    except _FAULTS as fault:
        sys.exit(f"{type(fault).__name__}: {fault}")
    except EndedError:
        click.echo("Ended.")


def _start(running: ExitStack) -> None:
    binaries = find(os.environ, click.echo)
    folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="rayjob-webhook-server-")))
    cluster = running.enter_context(running_cluster(binaries))
    crd = next(iter(find_crds().values()))
    install_crd(cluster, crd)
    server = running.enter_context(running_server(folder))
    running.enter_context(registered(cluster, _ROOT / "manifests/base", server.url, server.ca_pem))
    click.echo(f"""\
A cluster with the CRD of {crd.resolve()} calls the webhook at {server.url} (log: {server.process.log}).
Nothing runs in it: no scheduler, no kubelet, no operator. In another shell:

  export KUBECONFIG={cluster.kubeconfig}
  export PATH={binaries.folder}:$PATH

  kubectl apply --dry-run=server -f JOB.yaml -o yaml   # what the job would get
  kubectl apply -f JOB.yaml                            # what a user sees
  kubectl get validatingwebhookconfigurations -o yaml  # how it is called

Ctrl-C ends all of it.""")


def _end(_signal: int, _frame: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C must not cut off the cleaning up.
    for ending in _ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise EndedError


if __name__ == "__main__":
    main()
