"""Profiles as the component ships them: a namespace's label decides which policy judges and completes its jobs."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from tests.e2e.kubectl import Cluster, Result
from tests.e2e.policed import Policed, policed, rayjob
from tests.e2e.polling import until
from tests.e2e.server import WebhookServer
from tests.manifests.kustomize import compose, of_kind, render
from webhook.rules.example import worker_group

pytestmark = pytest.mark.e2e

POLICY = """
defaults: {ttl: 600}
rules:
  too-many-workers: {action: warn, maxWorkers: 4}
profiles:
  strict:
    defaults: {ttl: 60}
    rules:
      too-many-workers: deny
"""
LARGE: dict[str, Any] = {"spec": {"rayClusterSpec": {"workerGroupSpecs": [worker_group(maxReplicas=5)]}}}
TOO_MANY = "spec.rayClusterSpec: Invalid value: 5: must be 4 or less (workers) in all pods at maxReplicas; most "
MOST = "are in spec.rayClusterSpec.workerGroupSpecs[0]: 5 times 1 [too-many-workers]"
STANDING = (
    "Warning: not new, so not denied: spec.rayClusterSpec: Invalid value: 5: must be 4 or less (workers) in all po… "
    "[too-many-workers]\n"
)
CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
LABEL = "rayjob-webhook.ray.io/profile"
SECONDS = 60
"""The API server reads a changed configuration, or a namespace's label, within a second."""


@dataclass(frozen=True, slots=True)
class Site:
    """A namespace without a label, and one that the profile `strict` is for."""

    cluster: Cluster
    policed: Policed
    plain: str
    strict: str

    def apply(self, name: str, namespace: str) -> Result:
        return self.cluster.kubectl("apply", "--filename=-", stdin=rayjob(name, namespace, LARGE))

    def ttl(self, namespace: str, patch: dict[str, Any]) -> object:
        """Return what a new job would get, or None where it would be refused; it is not stored."""
        made = self.cluster.kubectl(
            *("create", "--dry-run=server", "--output=json", "--filename=-"), stdin=rayjob("tried", namespace, patch)
        )
        return None if made.code else json.loads(made.stdout)["spec"]["ttlSecondsAfterFinished"]

    def wait_until_strict(self, namespace: str) -> None:
        """Return when a namespace's jobs are completed and judged by the profile.

        Raises:
            DeadlinePassedError: they never are.
        """
        outcomes = [object()]

        def is_strict() -> bool:
            outcomes[:] = [self.ttl(namespace, {}), self.ttl(namespace, LARGE)]
            return outcomes == [60, None]

        until(is_strict, what=f"{namespace} to be strict", seconds=SECONDS, seen=lambda: str(outcomes))


def pointed_at(server: WebhookServer, configuration: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration whose webhooks are called on loopback, by the paths that it says."""
    bundle = base64.b64encode(server.ca_pem).decode()
    webhooks = [
        {
            **webhook,
            "clientConfig": {"url": server.url + webhook["clientConfig"]["service"]["path"], "caBundle": bundle},
        }
        for webhook in configuration["webhooks"]
    ]
    return {**configuration, "webhooks": webhooks}


@pytest.fixture(scope="module")
def site(
    cluster: Cluster,
    rayjob_crd: str,  # noqa: ARG001 (it is in force)
    namespace: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    strict = f"{namespace}-strict"
    cluster.kubectl("create", "namespace", strict, check=True)
    label(cluster, strict)
    rendered = render(cluster.program, compose(tmp_path_factory.mktemp("own"), ["base"], ["profiles"]))
    with policed(cluster, tmp_path_factory.mktemp("policed"), POLICY) as here:
        configurations = [pointed_at(here.server, of_kind(rendered, kind)) for kind in CONFIGURATIONS]
        cluster.apply_yaml(yaml.safe_dump_all(configurations))
        site = Site(cluster, here, namespace, strict)
        site.wait_until_strict(strict)
        yield site


def label(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("label", "namespace", namespace, f"{LABEL}=strict", check=True)


def test_where_no_profile_is_chosen_the_policy_itself_decides(site: Site) -> None:
    done = site.apply("large", site.plain)

    told = "dashboard-host=0.0.0.0, shutdownAfterJobFinishes=true, ttlSecondsAfterFinished=600"
    warnings = f"Warning: Defaulted: {told}\nWarning: {TOO_MANY}… [too-many-workers]\n"
    assert done == Result(0, "rayjob.ray.io/large created\n", warnings)


def test_where_a_namespace_has_the_label_its_profile_decides(site: Site) -> None:
    refused = site.apply("large", site.strict)

    told = "dashboard-host=0.0.0.0, shutdownAfterJobFinishes=true, ttlSecondsAfterFinished=60"
    denied = f'The RayJob "large" is invalid: {TOO_MANY}{MOST}\n'
    assert refused == Result(1, "", f"Warning: Defaulted: {told}\n{denied}")


def test_the_policy_tells_of_its_profiles(site: Site) -> None:
    assert site.policed.told()["profiles"] == ["strict"]


def test_the_label_on_a_job_chooses_nothing(site: Site) -> None:
    labelled = {**LARGE, "metadata": {"labels": {LABEL: "strict"}}}
    unlabelled = {**LARGE, "metadata": {"labels": {LABEL: "none"}}}

    assert (site.ttl(site.plain, labelled), site.ttl(site.strict, unlabelled)) == (600, None)


def test_a_namespace_gets_the_profile_with_the_label(site: Site) -> None:
    namespace = f"{site.plain}-later"
    site.cluster.kubectl("create", "namespace", namespace, check=True)
    done = site.apply("before", namespace)

    label(site.cluster, namespace)
    site.wait_until_strict(namespace)

    assert done.code == 0
    changed = site.cluster.kubectl("label", "rayjob", "before", f"--namespace={namespace}", "team=vision")
    assert changed == Result(0, "rayjob.ray.io/before labeled\n", STANDING)
