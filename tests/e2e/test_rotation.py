"""The Secret is swapped under a server that RayJobs are sent to without a pause, as the kubelet swaps it.

Beside test_cert_manager.py, which has the Secrets made by cert-manager, this shows each step of a rotation by itself.
Figures are printed with `pytest -s tests/e2e/test_rotation.py`.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from certs import secret
from certs.authority import Authority, Leaf
from tests.e2e.balancer import Balancer, balancing
from tests.e2e.client import connect
from tests.e2e.handshake import served
from tests.e2e.instance import Instance
from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.route import Route, opened
from tests.e2e.secret_volume import write_files
from tests.e2e.server import serving
from tests.e2e.writers import HANDLED, tell, writing

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("rayjob_crd")]

WRITERS = 8
ROUNDS = 8
"""Of each writer, before the first change and after each: 64 admissions at least, a third of them denials."""

SECONDS = 60
"""For the server's next look at its folder, which it takes every 10 s."""


def authority() -> Authority:
    """Another one each time, under the name that the one before had."""
    return Authority.create(common_name="rayjob-webhook", now=datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Site:
    """A server with a Secret, and the API server that calls it."""

    volume: Path
    instance: Instance
    balancer: Balancer
    """Counts the API server's connections."""

    route: Route
    client: httpx.Client

    def issue(self, authority: Authority) -> Leaf:
        return authority.issue((self.route.name,), (), datetime.now(UTC))

    def swap(self, leaf: Leaf, authority: Authority, trusted: bytes) -> None:
        """Swap the Secret, and wait until those who trust these CAs get the leaf with a new handshake."""
        write_files(self.volume, secret.of_leaf(leaf, authority))
        new = leaf.certificate.public_bytes(Encoding.DER)
        until(
            lambda: served(self.instance.port, self.route.name, trusted) == new,
            what="the new leaf to be served",
            seconds=SECONDS,
            seen=self.instance.tail,
        )

    def trust(self, ca_pem: bytes) -> None:
        """Have the API server trust these CAs, and wait until it has dialled anew for both webhooks."""
        dialled = self.balancer.dialled.total()
        self.route.trust(ca_pem)
        until(
            lambda: self.balancer.dialled.total() >= dialled + 2,
            what="new connections of the API server",
            seconds=SECONDS,
            seen=lambda: str(self.balancer),
        )


@pytest.fixture
def first() -> Authority:
    return authority()


@pytest.fixture
def site(cluster: Cluster, namespace: str, first: Authority, tmp_path: Path) -> Iterator[Site]:
    volume = tmp_path / "volume"
    volume.mkdir()
    name = Route(cluster, namespace, 0).name
    write_files(volume, secret.of_leaf(first.issue((name,), (), datetime.now(UTC)), first))
    with (
        serving(volume, tmp_path / "log", name=name) as server,
        balancing(Instance(server).port) as balancer,
        connect(cluster) as client,
    ):
        route = Route(cluster, namespace, balancer.port)
        with opened(route, client, first.certificate_pem):
            yield Site(volume, Instance(server), balancer, route, client)


def test_another_leaf_of_the_same_ca_costs_no_admission(site: Site, first: Authority) -> None:
    with writing(site.client, site.route.namespace, WRITERS) as outcomes:
        outcomes.wait_for_each(ROUNDS)
        site.swap(site.issue(first), first, first.certificate_pem)
        # The API server keeps its connections, which know the old leaf; a blank line more makes it shake hands anew.
        site.trust(first.certificate_pem + b"\n")
        outcomes.wait_for_each(ROUNDS)

    tell("another leaf of the same CA", outcomes)
    assert outcomes.counts.keys() == HANDLED


def test_another_ca_that_is_trusted_before_it_signs_and_beside_the_old_one_costs_no_admission(
    site: Site, first: Authority
) -> None:
    second = authority()
    both = first.certificate_pem + second.certificate_pem
    with writing(site.client, site.route.namespace, WRITERS) as outcomes:
        outcomes.wait_for_each(ROUNDS)
        site.trust(both)
        outcomes.wait_for_each(ROUNDS)
        site.swap(site.issue(second), second, both)
        outcomes.wait_for_each(ROUNDS)
        site.trust(second.certificate_pem)
        outcomes.wait_for_each(ROUNDS)

    tell("another CA", outcomes)
    assert outcomes.counts.keys() == HANDLED
    with pytest.raises(ssl.SSLCertVerificationError):
        served(site.instance.port, site.route.name, first.certificate_pem)


def test_the_writers_notice_a_ca_that_is_dropped_too_early(site: Site, first: Authority) -> None:
    second = authority()
    with writing(site.client, site.route.namespace, WRITERS) as outcomes:
        outcomes.wait_for_each(1)
        site.trust(second.certificate_pem)
        outcomes.wait_for_each(1)
        site.trust(first.certificate_pem)

    tell("negative control: the old CA dropped while its leaf is served", outcomes)
    told = " ".join(outcomes.counts)
    assert "tls: failed to verify certificate: x509: certificate signed by unknown authority" in told
