from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from certs import secret
from certs.authority import Authority
from certs.inject import ContendedError, Kept, MissingConfigurationError, ensure
from certs.kube import ConflictError, Reference
from certs.names import BadNameError
from tests.certs.memory import KEPT, Memory
from tests.certs.trust import trusts

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MUTATING, VALIDATING = KEPT.configurations


class Cluster(Memory):
    """A cluster whose time passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = START
        super().__init__(lambda: self.now)

    def ensure(self) -> list[str]:
        """Run once, and return what it told."""
        return [*ensure(self, KEPT, lambda: self.now, self.wait)]

    def wait(self, duration: timedelta) -> None:
        self.now += duration

    def trusted(self) -> list[bool]:
        """Say for each webhook if the API server trusts the leaf."""
        leaf = self.data(KEPT.leaf)["tls.crt"]
        return [trusts(bundle, leaf, KEPT.dns_names, self.now) for bundle in self.bundles()]


@pytest.fixture
def cluster():
    made = Cluster()
    made.register(b"", b"")
    return made


def test_what_is_kept_is_called_by_its_names():
    assert [*map(str, (KEPT.leaf, KEPT.authority, *KEPT.configurations))] == [
        "Secret ray/tls",
        "Secret ray/tls-ca",
        "MutatingWebhookConfiguration ours",
        "ValidatingWebhookConfiguration ours",
    ]
    assert KEPT.dns_names == ("webhook.ray.svc", "webhook.ray.svc.cluster.local", "webhook.ray", "webhook")


@pytest.mark.parametrize(
    ("names", "where"),
    [
        (("Ray", "webhook", "tls", "ours"), "namespace"),
        (("ray", "web/hook", "tls", "ours"), "service"),
        (("ray", "webhook", "../tls", "ours"), "secret"),
        (("ray", "webhook", "tls", ""), "configuration"),
        (("ray", "a" * 64, "tls", "ours"), "service"),
    ],
)
def test_what_is_kept_has_names_that_kubernetes_takes(names, where):
    with pytest.raises(BadNameError, match=f"^{where}: must be a DNS name"):
        Kept(*names)


def test_from_nothing(cluster):
    assert cluster.ensure() == [
        "Secret ray/tls-ca: new CA, valid until 2036-02-27, because there is none",
        "MutatingWebhookConfiguration ours: caBundle of 1 CA",
        "ValidatingWebhookConfiguration ours: caBundle of 1 CA",
        "Secret ray/tls: new certificate, valid until 2026-05-30, because there is none",
        "all is as it should be, next: a new certificate on 2026-04-30",
    ]
    assert cluster.trusted() == [True] * 4
    assert cluster.ensure() == ["all is as it should be, next: a new certificate on 2026-04-30"]


def test_the_secrets_are_made_as_a_kubelet_mounts_them(cluster):
    cluster.ensure()

    made = [cluster.get(reference) for reference in (KEPT.leaf, KEPT.authority)]

    labels = {"app.kubernetes.io/name": "rayjob-webhook", "app.kubernetes.io/managed-by": "rayjob-webhook-certs"}
    for one in made:
        one["metadata"] = {key: one["metadata"][key] for key in ("name", "namespace", "labels")}
        one["data"] = sorted(one["data"])
    assert made == [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": {"name": name, "namespace": "ray", "labels": labels},
            "data": data,
        }
        for name, data in (("tls", ["ca.crt", "tls.crt", "tls.key"]), ("tls-ca", ["retired.crt", "tls.crt", "tls.key"]))
    ]


def test_the_ca_may_certify_nothing_but_the_service(cluster):
    cluster.ensure()
    authority = secret.authority(cluster.data(KEPT.authority), KEPT.dns_names)
    assert isinstance(authority, Authority)

    with pytest.raises(BadNameError, match=r"kubernetes.default.svc: must be within"):
        authority.issue(["kubernetes.default.svc"], (), START)


def test_what_others_wrote_beside_ours_stays(cluster):
    cluster.store(KEPT.leaf, {"keystore.p12": b"somebody's"})
    before = cluster.get(VALIDATING)

    cluster.ensure()

    leaf, after = cluster.get(KEPT.leaf), cluster.get(VALIDATING)
    assert (leaf["metadata"]["annotations"], leaf["data"]["keystore.p12"]) == (
        {"kept": "yes"},
        b64encode(b"somebody's").decode(),
    )
    for webhook in after["webhooks"]:
        del webhook["clientConfig"]["caBundle"]
    after["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"]
    assert after == before


def test_a_secret_and_a_bundle_may_be_null(cluster):
    cluster.store(KEPT.leaf, {})
    cluster.objects[KEPT.leaf.path]["data"] = None
    cluster.objects[MUTATING.path]["webhooks"][0]["clientConfig"]["caBundle"] = None

    cluster.ensure()

    assert cluster.trusted() == [True] * 4


def test_a_leaf_is_renewed_under_the_same_ca(cluster):
    cluster.ensure()
    bundles = cluster.bundles()
    cluster.now += 60 * DAY

    assert cluster.ensure() == [
        "Secret ray/tls: new certificate, valid until 2026-07-29, because the present one expires on 2026-05-30",
        "all is as it should be, next: a new certificate on 2026-06-29",
    ]
    assert cluster.bundles() == bundles
    assert cluster.trusted() == [True] * 4


def test_a_ca_is_replaced_while_both_are_trusted(cluster):
    old = Authority.create(common_name="old", now=START - 3500 * DAY, permitted_dns=KEPT.dns_names)
    cluster.store(KEPT.authority, secret.of_authority(old, ()))
    cluster.store(KEPT.leaf, secret.of_leaf(old.issue(KEPT.dns_names, (), START), old))
    cluster.register(old.certificate_pem)

    first = cluster.ensure()
    overlap = cluster.bundles()
    early = cluster.ensure()
    cluster.now += DAY
    last = cluster.ensure()

    assert first == [
        "Secret ray/tls-ca: new CA, valid until 2036-02-27, because the present one expires on 2026-07-29",
        "MutatingWebhookConfiguration ours: caBundle of 2 CAs",
        "ValidatingWebhookConfiguration ours: caBundle of 2 CAs",
        "waiting 60 s for every API server to act on the caBundle",
        "Secret ray/tls: new certificate, valid until 2026-05-30, because tls.crt must be of the present CA, is not",
        "all is as it should be, next: the end of trust in what was replaced on 2026-03-02",
    ]
    new = cluster.data(KEPT.authority)["tls.crt"]
    assert overlap == [new + old.certificate_pem] * 2
    assert early == first[-1:]
    assert last == [
        "Secret ray/tls-ca: nothing trusted any more beside the present CA",
        "MutatingWebhookConfiguration ours: caBundle of 1 CA",
        "ValidatingWebhookConfiguration ours: caBundle of 1 CA",
        "all is as it should be, next: a new certificate on 2026-04-30",
    ]
    assert cluster.bundles() == [new] * 2


def test_another_issuers_ca_is_trusted_for_a_day_after_ours_has_taken_over(cluster):
    theirs = Authority.create(common_name="theirs", now=START)
    cluster.register(theirs.certificate_pem)

    first = cluster.ensure()
    ours = cluster.data(KEPT.authority)["tls.crt"]
    overlap = cluster.bundles()
    cluster.now += DAY
    cluster.ensure()

    assert first[-1] == "all is as it should be, next: the end of trust in what was replaced on 2026-03-02"
    assert (overlap, cluster.bundles()) == ([ours + theirs.certificate_pem] * 2, [ours] * 2)


def test_a_ca_that_comes_in_during_the_overlap_is_written_down_first(cluster):
    theirs = Authority.create(common_name="theirs", now=START)
    cluster.ensure()
    cluster.add(VALIDATING, theirs.certificate_pem)

    assert cluster.ensure()[:3] == [
        "Secret ray/tls-ca: 1 CA trusted beside the present CA",
        "MutatingWebhookConfiguration ours: caBundle of 2 CAs",
        "all is as it should be, next: the end of trust in what was replaced on 2026-03-02",
    ]


def test_a_bundle_that_changes_while_a_run_waits_is_waited_for_again(cluster):
    theirs = Authority.create(common_name="theirs", now=START)
    cluster.register(theirs.certificate_pem)
    told: list[str] = []

    for line in ensure(cluster, KEPT, lambda: cluster.now, cluster.wait):
        if line.startswith("waiting") and told.count(line) == 0:
            cluster.register()
        told.append(line)

    assert told[3:] == [
        "waiting 60 s for every API server to act on the caBundle",
        "MutatingWebhookConfiguration ours: caBundle of 2 CAs",
        "ValidatingWebhookConfiguration ours: caBundle of 2 CAs",
        "waiting 60 s for every API server to act on the caBundle",
        "Secret ray/tls: new certificate, valid until 2026-05-30, because there is none",
        "all is as it should be, next: the end of trust in what was replaced on 2026-03-02",
    ]


@pytest.mark.parametrize("missing", KEPT.configurations)
def test_without_a_configuration_nothing_is_written(cluster, missing):
    del cluster.objects[missing.path]

    with pytest.raises(MissingConfigurationError) as caught:
        cluster.ensure()

    assert str(caught.value) == f"{missing}: must exist to get a caBundle, is missing: apply it first"
    assert {KEPT.leaf.path, KEPT.authority.path} & {*cluster.objects} == set()


class Overtaken(Cluster):
    """A cluster in which somebody else is faster with the CA's Secret, some number of times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.register()
        self.times = times

    def create(self, reference: Reference, raw: Mapping[str, Any]) -> None:
        if reference == KEPT.authority and self.times:
            self.times -= 1
            raise ConflictError("somebody was faster")
        super().create(reference, raw)


def test_who_is_overtaken_looks_again():
    cluster = Overtaken(times=49 - 4)

    assert len(cluster.ensure()) == 5
    assert cluster.trusted() == [True] * 2


def test_who_is_overtaken_each_time_gives_up():
    with pytest.raises(ContendedError) as caught:
        Overtaken(times=50).ensure()

    assert str(caught.value) == "Secret ray/tls-ca: must come to rest within 50 rounds, is changed by others each time"


def test_no_key_is_told(cluster):
    told = "\n".join(cluster.ensure())
    read = repr(cluster.get(KEPT.authority)["data"]["tls.key"])

    assert "PRIVATE" not in told
    assert read not in told
