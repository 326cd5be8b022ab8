"""`rayjob-webhook certs ensure` on a real API server: its Secrets, its caBundles, its conflicts, its RBAC."""

import json
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from certs import kubeconfig, secret
from certs.authority import AUTHORITY_LIFETIME, Authority
from certs.inject import Kept, ensure
from certs.kube import Client, Reference
from certs.rotation import RELOAD
from tests.certs.trust import trusts
from tests.e2e.kubectl import Cluster, Result

pytestmark = pytest.mark.e2e

_MANIFESTS = Path(__file__).parents[2] / "manifests"
_SCRIPT = Path(sys.executable).with_name("rayjob-webhook")
_HANG_SECONDS = 60
_REFUSAL = re.compile(r'cannot (\w+) resource "([^"/]+)')
DAY = timedelta(days=1)

# As the manifests have it, and as RBAC allows it.
SHIPPED = Kept("rayjob-webhook-system", "rayjob-webhook", "rayjob-webhook-tls", "rayjob-webhook")
ACCOUNT = "rayjob-webhook-certs"


@dataclass(slots=True)
class Site:
    """What one test keeps in order, through a client of the administrator, at a time of its own."""

    cluster: Cluster
    kept: Kept
    client: Client
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def command(self, *options: str | Path, kubeconfig: Path | None = None) -> list[str | Path]:
        """Return the command line that keeps this in order."""
        return [
            *(_SCRIPT, "certs", "ensure", "--kubeconfig", kubeconfig or self.cluster.kubeconfig),
            *("--namespace", self.kept.namespace, "--service", self.kept.service, "--secret", self.kept.secret),
            *("--webhook-configuration", self.kept.configuration, *options),
        ]

    def run(self, kubeconfig: Path | None = None) -> Result:
        """Run the command to its end."""
        done = subprocess.run(
            self.command(kubeconfig=kubeconfig), capture_output=True, text=True, check=False, timeout=_HANG_SECONDS
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def ensure(self, client: Client | None = None) -> Iterator[str]:
        """Do the same in this process, at the site's own time, and stop after each write."""
        return ensure(client or self.client, self.kept, lambda: self.now, self._wait)

    def data(self, reference: Reference) -> secret.Data:
        """Return what a Secret holds."""
        raw = self.client.get(reference)
        assert raw is not None
        return {key: b64decode(text) for key, text in raw["data"].items()}

    def store(self, reference: Reference, data: secret.Data) -> None:
        """Put it into a Secret, whatever was there."""
        encoded = {key: b64encode(content).decode() for key, content in data.items()}
        metadata = {"name": reference.name, "namespace": reference.namespace}
        document = {"apiVersion": "v1", "kind": "Secret", "type": secret.TYPE, "metadata": metadata, "data": encoded}
        self.cluster.kubectl("delete", "secret", reference.name, f"-n{reference.namespace}", "--ignore-not-found")
        self.cluster.apply_yaml(json.dumps(document))

    def bundles(self) -> list[bytes]:
        """Return the caBundles, the mutating webhook's first."""
        read = [self.client.get(reference) for reference in self.kept.configurations]
        return [
            b64decode(webhook["clientConfig"].get("caBundle", "")) for raw in read if raw for webhook in raw["webhooks"]
        ]

    def trusted(self, leaf: bytes) -> list[bool]:
        """Say for each webhook if the API server trusts the leaf."""
        return [trusts(bundle, leaf, self.kept.dns_names, self.now) for bundle in self.bundles()]

    def is_at_rest(self) -> bool:
        """Say if the leaf is trusted, through one CA, which is the one that signs."""
        authority, leaf = self.data(self.kept.authority), self.data(self.kept.leaf)
        one_ca = self.bundles() == [authority["tls.crt"]] * 2 and authority["retired.crt"] == b""
        return one_ca and self.trusted(leaf["tls.crt"]) == [True, True]

    def _wait(self, duration: timedelta) -> None:
        self.now += duration


@contextmanager
def registered(cluster: Cluster, kept: Kept) -> Iterator[Site]:
    """Have the shipped configurations, under the name that is kept, for objects that nobody creates."""
    documents = []
    for file in ("70-mutating-webhook.yaml", "80-validating-webhook.yaml"):
        document = yaml.safe_load((_MANIFESTS / "base" / file).read_text(encoding="utf-8"))
        document["metadata"]["name"] = kept.configuration
        for webhook in document["webhooks"]:
            webhook["objectSelector"] = {"matchLabels": {"rayjob-webhook.test/nobody": "ever"}}
        documents.append(document)
    cluster.apply_yaml(yaml.safe_dump_all(documents))
    try:
        yield Site(cluster, kept, Client(kubeconfig.access(cluster.kubeconfig)))
    finally:
        names = [f"{document['kind']}/{kept.configuration}" for document in documents]
        cluster.kubectl("delete", "--ignore-not-found", *names, check=True)
        for reference in (kept.leaf, kept.authority):
            cluster.kubectl("delete", "secret", reference.name, f"-n{reference.namespace}", "--ignore-not-found")


@pytest.fixture
def site(cluster: Cluster, namespace: str) -> Iterator[Site]:
    with registered(cluster, Kept(namespace, "webhook", "tls", namespace)) as made:
        yield made


def expire(site: Site) -> tuple[Authority, bytes]:
    """Have everything as an earlier run left it, with a CA whose time is nearly over; return it, and the leaf."""
    names = site.kept.dns_names
    old = Authority.create(common_name="old", now=site.now - AUTHORITY_LIFETIME + 100 * DAY, permitted_dns=names)
    leaf = old.issue(names, (), site.now)
    site.store(site.kept.authority, secret.of_authority(old, ()))
    site.store(site.kept.leaf, secret.of_leaf(leaf, old))
    bundle = b64encode(old.certificate_pem).decode()
    patch = json.dumps([{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": bundle}])
    for reference in site.kept.configurations:
        site.cluster.kubectl("patch", reference.resource, reference.name, "--type=json", f"--patch={patch}", check=True)
    return old, leaf.certificate_pem


def test_from_nothing(site: Site) -> None:
    first, second = site.run(), site.run()

    rest = f"all is as it should be, next: a new certificate on {site.now + 60 * DAY:%Y-%m-%d}\n"
    assert first == Result(
        0,
        f"Secret {site.kept.namespace}/tls-ca: new CA, valid until {site.now + AUTHORITY_LIFETIME:%Y-%m-%d}, "
        "because there is none\n"
        f"MutatingWebhookConfiguration {site.kept.configuration}: caBundle of 1 CA\n"
        f"ValidatingWebhookConfiguration {site.kept.configuration}: caBundle of 1 CA\n"
        f"Secret {site.kept.namespace}/tls: new certificate, valid until {site.now + 90 * DAY:%Y-%m-%d}, "
        f"because there is none\n{rest}",
        "",
    )
    assert second == Result(0, rest, "")
    assert site.is_at_rest()


def test_what_is_applied_again_keeps_its_bundle(cluster: Cluster, site: Site) -> None:
    *_, rest = site.ensure()
    for reference in site.kept.configurations:
        annotations = cluster.get(reference.resource, reference.name)["metadata"]["annotations"]
        cluster.apply_yaml(annotations["kubectl.kubernetes.io/last-applied-configuration"])

    assert [*site.ensure()] == [rest]


def test_an_expiring_ca_is_replaced_and_every_leaf_that_may_be_served_is_trusted_after_every_write(site: Site) -> None:
    _, leaf = expire(site)
    served = {leaf}
    seen = []

    def watch() -> None:
        for line in site.ensure():
            served.add(site.data(site.kept.leaf)["tls.crt"])
            seen.append((line.partition(": ")[0].split()[0], len(served), [site.trusted(one) for one in served]))

    watch()
    yes, both = [True, True], [[True, True]] * 2
    assert seen == [
        ("Secret", 1, [yes]),
        ("MutatingWebhookConfiguration", 1, [yes]),
        ("ValidatingWebhookConfiguration", 1, [yes]),
        ("waiting", 1, [yes]),
        ("Secret", 2, both),
        ("all", 2, both),
    ]

    # A day later every server has taken up the new leaf.
    site.now += RELOAD + DAY / 24
    served.remove(leaf)
    seen.clear()
    watch()
    assert seen == [
        ("Secret", 1, [yes]),
        ("MutatingWebhookConfiguration", 1, [yes]),
        ("ValidatingWebhookConfiguration", 1, [yes]),
        ("all", 1, [yes]),
    ]
    assert site.is_at_rest()
    assert site.trusted(leaf) == [False, False]


OTHER = Authority.create(common_name="other", now=datetime.now(UTC))


@pytest.mark.parametrize(
    "changes",
    [
        {"tls.crt": b"", "tls.key": b""},
        {"tls.key": b""},
        {"tls.crt": b"garbage"},
        {"ca.crt": b"garbage"},
        {"tls.key": OTHER.key_pem},
    ],
)
def test_a_broken_leaf_is_replaced_under_the_same_ca(site: Site, changes: dict[str, bytes]) -> None:
    [*site.ensure()]
    authority = site.data(site.kept.authority)
    site.store(site.kept.leaf, {**site.data(site.kept.leaf), **changes})

    assert len([*site.ensure()]) == 2
    assert site.data(site.kept.authority) == authority
    assert site.is_at_rest()


@pytest.mark.parametrize(
    "changes",
    [
        {"tls.crt": b"", "tls.key": b"", "retired.crt": b""},
        {"tls.key": b""},
        {"tls.crt": b"garbage"},
        {"tls.key": OTHER.key_pem},
        {"tls.crt": OTHER.certificate_pem},
    ],
)
def test_a_broken_ca_is_replaced_and_what_it_signed_stays_trusted(site: Site, changes: dict[str, bytes]) -> None:
    [*site.ensure()]
    served = site.data(site.kept.leaf)["tls.crt"]
    site.store(site.kept.authority, {**site.data(site.kept.authority), **changes})

    trusted = [(site.trusted(served), site.trusted(site.data(site.kept.leaf)["tls.crt"])) for _ in site.ensure()]

    assert trusted == [([True, True], [True, True])] * 6
    site.now += RELOAD + DAY / 24
    [*site.ensure()]
    assert site.is_at_rest()


@pytest.mark.parametrize("attempt", range(3))
def test_three_processes_at_once_make_one_ca(site: Site, attempt: int) -> None:
    processes = [
        subprocess.Popen(site.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    told = [process.communicate(timeout=_HANG_SECONDS) for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], (attempt, told)
    lines = [line for stdout, _ in told for line in stdout.splitlines()]
    counts = [
        sum(what in line for line in lines) for what in ("new CA", "caBundle of 1 CA", "new certificate, ", "all is")
    ]
    assert counts == [1, 2, 1, 3]
    assert site.is_at_rest()


def test_three_runs_at_once_replace_an_expiring_ca_once(site: Site) -> None:
    old, leaf = expire(site)

    with ThreadPoolExecutor(3) as threads:
        told = [line for lines in threads.map(lambda _: [*site.ensure()], range(3)) for line in lines]

    assert [sum(what in line for line in told) for what in ("new CA", "new certificate, ", "all is")] == [1, 1, 3]
    assert site.bundles() == [site.data(site.kept.authority)["tls.crt"] + old.certificate_pem] * 2
    assert site.trusted(leaf) == site.trusted(site.data(site.kept.leaf)["tls.crt"]) == [True, True]


def test_a_run_that_ends_after_any_write_leaves_the_rest_to_the_next(site: Site) -> None:
    for writes in range(4):
        [*zip(range(writes), site.ensure(), strict=False)]

    [*site.ensure()]
    assert site.is_at_rest()


def test_a_missing_configuration_is_named_and_nothing_is_written(cluster: Cluster, site: Site) -> None:
    missing = site.kept.configurations[1]
    cluster.kubectl("delete", missing.resource, missing.name, check=True)

    assert site.run() == Result(1, "", f"Error: {missing}: must exist to get a caBundle, is missing: apply it first\n")
    assert cluster.get("secrets", "-n", site.kept.namespace)["items"] == []


# What the service account of the manifests may do, and what not.


@pytest.fixture
def shipped(cluster: Cluster) -> Iterator[Site]:
    """The names of the manifests, with the RBAC of the manifests."""
    cluster.apply_yaml(f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {SHIPPED.namespace}}}\n")
    rbac = _MANIFESTS / "overlays/self-managed/10-rbac.yaml"
    cluster.kubectl("apply", "-f", rbac, check=True)
    with registered(cluster, SHIPPED) as made:
        yield made
    cluster.kubectl("delete", "-f", rbac, check=True)


@pytest.fixture
def log_in(cluster: Cluster, tmp_path: Path) -> Callable[[str], Path]:
    """Write the kubeconfig of a service account in the shipped namespace, with a token of its own."""

    def write(account: str) -> Path:
        token = cluster.kubectl("create", "token", account, f"-n{SHIPPED.namespace}", check=True).stdout.strip()
        document = yaml.safe_load(cluster.kubeconfig.read_text(encoding="utf-8"))
        document["clusters"][0]["cluster"]["certificate-authority"] = str(cluster.home / "serving/apiserver.crt")
        document["users"][0]["user"] = {"token": token}
        path = tmp_path / account
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return path

    return write


def test_the_rights_of_the_manifests_suffice(shipped: Site, log_in: Callable[[str], Path]) -> None:
    kubeconfig_file = log_in(ACCOUNT)
    client = Client(kubeconfig.access(kubeconfig_file))

    from_nothing = shipped.run(kubeconfig_file)
    at_rest = shipped.is_at_rest()
    shipped.store(SHIPPED.authority, {"tls.crt": b"", "tls.key": b""})
    rotation = [*shipped.ensure(client)]
    shipped.now += RELOAD + DAY / 24
    end = [*shipped.ensure(client)]

    assert (from_nothing.code, from_nothing.stderr, len(from_nothing.stdout.splitlines()), at_rest) == (0, "", 5, True)
    assert (len(rotation), len(end), shipped.is_at_rest()) == (6, 4, True)


def rules(cluster: Cluster, namespace: str, kubeconfig_file: Path) -> list[Any]:
    """Return what an account may do with objects, as the API server says, but for asking who it is itself."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    done = cluster.kubectl(
        *("create", "--filename=-", "--output=json", "--validate=false", f"--kubeconfig={kubeconfig_file}"),
        stdin=json.dumps(review),
        check=True,
    )
    status = json.loads(done.stdout)["status"]
    assert not status["incomplete"]
    own = {"authorization.k8s.io", "authentication.k8s.io"}
    return sorted((rule for rule in status["resourceRules"] if not own & {*rule["apiGroups"]}), key=str)


def test_the_rights_of_the_manifests_are_these(
    cluster: Cluster, shipped: Site, log_in: Callable[[str], Path], namespace: str
) -> None:
    kubeconfig_file = log_in(ACCOUNT)

    configurations = {
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
        "resourceNames": ["rayjob-webhook"],
        "verbs": ["get", "update"],
    }
    secrets = [
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["rayjob-webhook-tls", "rayjob-webhook-tls-ca"],
            "verbs": ["get", "update"],
        },
    ]
    assert rules(cluster, shipped.kept.namespace, kubeconfig_file) == sorted([configurations, *secrets], key=str)
    assert rules(cluster, namespace, kubeconfig_file) == [configurations]


_SYSTEM = f"--namespace={SHIPPED.namespace}"
_LABEL = '--patch={"metadata":{"labels":{"a":"b"}}}'

BEYOND = [
    (["get", "secret", "other", _SYSTEM], ("get", "secrets")),
    (["get", "secret", SHIPPED.secret, "--namespace=default"], ("get", "secrets")),
    (["get", "secrets", _SYSTEM], ("list", "secrets")),
    (["get", "secrets", "--all-namespaces"], ("list", "secrets")),
    (["get", "--raw", f"/api/v1/namespaces/{SHIPPED.namespace}/secrets?watch=1"], ("watch", "secrets")),
    (["create", "secret", "generic", "other", "--namespace=default"], ("create", "secrets")),
    (["patch", "secret", SHIPPED.secret, _LABEL, _SYSTEM], ("patch", "secrets")),
    (["delete", "secret", SHIPPED.secret, _SYSTEM], ("delete", "secrets")),
    (["delete", "--raw", f"/api/v1/namespaces/{SHIPPED.namespace}/secrets"], ("deletecollection", "secrets")),
    *(
        (arguments, (verb, f"{kind}s"))
        for kind in ("mutatingwebhookconfiguration", "validatingwebhookconfiguration")
        for arguments, verb in (
            (["get", kind, "other"], "get"),
            (["get", kind], "list"),
            (["patch", kind, SHIPPED.configuration, _LABEL], "patch"),
            (["delete", kind, SHIPPED.configuration], "delete"),
        )
    ),
    (["create", "token", ACCOUNT, _SYSTEM], ("create", "serviceaccounts")),
    (["get", "configmaps", _SYSTEM], ("list", "configmaps")),
    (["get", "pods", _SYSTEM], ("list", "pods")),
    (["get", "clusterrole", ACCOUNT], ("get", "clusterroles")),
    (["get", "rolebinding", ACCOUNT, _SYSTEM], ("get", "rolebindings")),
]


def test_everything_beyond_is_refused(cluster: Cluster, shipped: Site, log_in: Callable[[str], Path]) -> None:
    kubeconfig_file = log_in(ACCOUNT)
    [*shipped.ensure()]  # so that nothing is refused for not being there

    refused = []
    for arguments, _ in BEYOND:
        said = cluster.kubectl(*arguments, f"--kubeconfig={kubeconfig_file}").stderr
        refused.append((arguments, next(iter(_REFUSAL.findall(said)), said)))

    assert refused == BEYOND


def test_what_is_not_allowed_is_named(cluster: Cluster, shipped: Site, log_in: Callable[[str], Path]) -> None:
    cluster.kubectl("create", "serviceaccount", "nobody", _SYSTEM)

    done = shipped.run(log_in("nobody"))

    assert done == Result(
        1,
        "",
        f"Error: {SHIPPED.leaf}: must be allowed to get secrets, is not: "
        'secrets "rayjob-webhook-tls" is forbidden: User "system:serviceaccount:rayjob-webhook-system:nobody" cannot '
        'get resource "secrets" in API group "" in the namespace "rayjob-webhook-system"\n',
    )
