"""Servers behind one address end, and others take their place, while RayJobs are sent to them without a pause.

The address is a Service's, as its callers see it: who has a connection keeps its server, and who dials may still get
one that was asked to end, because endpoints change later than that. Figures are printed with
`pytest -s tests/e2e/test_restart.py`.
"""

import itertools
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
import yaml

from certs import secret
from certs.authority import Authority
from tests.e2e.balancer import Balancer, balancing
from tests.e2e.client import connect
from tests.e2e.handshake import served
from tests.e2e.instance import Instance
from tests.e2e.kubectl import Cluster
from tests.e2e.load import Outcomes
from tests.e2e.polling import until
from tests.e2e.registration import PROBE
from tests.e2e.route import Route, opened
from tests.e2e.secret_volume import write_files
from tests.e2e.server import serving
from tests.e2e.writers import HANDLED, tell, writing

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("rayjob_crd")]

WRITERS = 8
ROUNDS = 8
"""Of each writer, before the first change and after each: 64 admissions at least, a third of them denials."""

DRAIN_SECONDS = 5  # as it is shipped, in manifests/base/20-settings.env
LATE_ROUNDS = 3
"""Of each writer, after a server was asked to end and before its endpoint is gone."""

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Service:
    """Two servers behind one address, which the API server calls for every RayJob."""

    folder: Path
    name: str
    ca_pem: bytes
    balancer: Balancer
    client: httpx.Client
    namespace: str
    started: ExitStack
    numbers: Iterator[int] = field(default_factory=itertools.count)
    instances: list[Instance] = field(default_factory=list)
    """Those that have an endpoint, the oldest first."""

    def start(self) -> Instance:
        """Start one more, which has its endpoint as soon as it is ready."""
        log = self.folder / f"{next(self.numbers)}.log"
        options = ("--drain-seconds", str(DRAIN_SECONDS))
        server = self.started.enter_context(serving(self.folder / "volume", log, *options, name=self.name))
        instance = Instance(server)
        self._expose([*self.instances, instance])
        return instance

    def terminate(self, instance: Instance, outcomes: Outcomes) -> None:
        """Ask one to end; its endpoint is gone some time after its probe has told so, and not before a late caller."""
        instance.terminate()
        self.wait("the end of its readiness", instance, lambda: instance.readiness() == (503, "draining"))
        outcomes.wait_for_each(LATE_ROUNDS)
        dialled = self.balancer.dialled[instance.port]
        self.wait("a late caller", instance, lambda: self._dial() and self.balancer.dialled[instance.port] > dialled)
        assert not instance.is_over()
        self._expose([other for other in self.instances if other != instance])

    def wait(self, what: str, instance: Instance, done: Callable[[], bool]) -> None:
        until(done, what=what, seconds=SECONDS, seen=instance.tail)

    def _dial(self) -> bool:
        return bool(served(self.balancer.port, self.name, self.ca_pem))

    def _expose(self, instances: list[Instance]) -> None:
        self.instances[:] = instances
        self.balancer.endpoints = tuple(instance.port for instance in instances)


@pytest.fixture(scope="module")
def service(cluster: Cluster, namespace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    authority = Authority.create(common_name="rayjob-webhook", now=datetime.now(UTC))
    with balancing() as balancer, connect(cluster) as client, ExitStack() as started:
        route = Route(cluster, namespace, balancer.port)
        leaf = authority.issue((route.name,), (), datetime.now(UTC))
        Path(folder, "volume").mkdir()
        write_files(folder / "volume", secret.of_leaf(leaf, authority))
        service = Service(folder, route.name, authority.certificate_pem, balancer, client, namespace, started)
        service.start()
        service.start()
        with opened(route, client, authority.certificate_pem):
            yield service
        for instance in service.instances:
            instance.kill()  # nobody calls it any more, so there is nothing to drain


def review(connection: HTTPConnection) -> tuple[int, str | None]:
    """Send a good job to /validate; return the status code, and what the answer says of the connection."""
    question = {
        "uid": "the-uid",
        "kind": {"group": "ray.io", "version": "v1", "kind": "RayJob"},
        "operation": "CREATE",
        "namespace": "default",
        "object": yaml.safe_load(PROBE),
    }
    body = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": question})
    connection.request("POST", "/validate", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers["Connection"]


@contextmanager
def connected(service: Service, instance: Instance) -> Iterator[HTTPConnection]:
    """Have a connection, which is never replaced by another."""
    trust = ssl.create_default_context(cadata=service.ca_pem.decode())
    connection = HTTPConnection(service.name)
    connection.auto_open = 0
    with (
        socket.create_connection(("127.0.0.1", instance.port), SECONDS) as plain,
        trust.wrap_socket(plain, server_hostname=service.name) as connection.sock,
    ):
        yield connection


def test_a_server_that_is_asked_to_end_serves_all_who_still_come_and_costs_no_admission(service: Service) -> None:
    ending = service.instances[0]
    with (
        writing(service.client, service.namespace, WRITERS) as outcomes,
        connected(service, ending) as kept,
    ):
        outcomes.wait_for_each(ROUNDS)
        before = (ending.readiness(), review(kept))
        service.terminate(ending, outcomes)
        after = (ending.readiness(), review(kept))
        kept.close()
        code = ending.wait()
        outcomes.wait_for_each(ROUNDS)
    service.start()

    tell("SIGTERM for one of two", outcomes)
    assert before == ((200, "ok"), (200, None))
    assert after == ((503, "draining"), (200, "close"))
    assert code == 0
    assert outcomes.counts.keys() == HANDLED


def test_a_rollout_that_replaces_each_server_costs_no_admission(service: Service) -> None:
    old = list(service.instances)
    codes = []
    with writing(service.client, service.namespace, WRITERS) as outcomes:
        outcomes.wait_for_each(ROUNDS)
        for ending in old:
            # As the Deployment has it: the new one is ready before an old one goes.
            service.start()
            service.terminate(ending, outcomes)
            codes.append(ending.wait())
            outcomes.wait_for_each(ROUNDS)

    tell("rollout", outcomes)
    assert codes == [0, 0]
    assert not {instance.port for instance in old} & set(service.balancer.endpoints)
    assert outcomes.counts.keys() == HANDLED


def test_the_writers_notice_a_server_that_ends_without_a_word(service: Service) -> None:
    ending = service.instances[0]
    with writing(service.client, service.namespace, WRITERS) as outcomes:
        outcomes.wait_for_each(1)
        ending.kill()
        service.wait("a failed admission", ending, lambda: not outcomes.counts.keys() <= HANDLED)

    tell("negative control: killed", outcomes)
