"""Whom a policy's overrides and exemptions are for, on the real API server: it says who asks, and nobody else does."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.asker import Asker, impersonated, let_everyone_write, service_account
from tests.e2e.kubectl import Cluster, Result
from tests.e2e.policed import policed, rayjob
from tests.e2e.test_apply import ALL_DEFAULTED
from webhook.rules.example import merged

pytestmark = pytest.mark.e2e

POLICY = """
trustedLabels: [example.com/tier]
rules:
  submission-mode-not-allowed: {{action: deny, modes: [K8sJobMode]}}
  deadline-missing-or-too-long: {{action: warn, maxSeconds: 3600}}
overrides:
  - match: {{users: [ada]}}
    rules: {{submission-mode-not-allowed: warn}}
  - match: {{groups: ['research-*']}}
    rules: {{submission-mode-not-allowed: off}}
  - match: {{serviceAccounts: ['{namespace}:pipeline']}}
    rules: {{submission-mode-not-allowed: {{modes: [K8sJobMode, HTTPMode]}}}}
  - match: {{matchLabels: {{please: let-me}}}}
    rules: {{submission-mode-not-allowed: off}}
  - match: {{matchLabels: {{example.com/tier: trial}}}}
    rules: {{submission-mode-not-allowed: off}}
  - match: {{matchLabels: {{careful: 'yes'}}}}
    rules: {{deadline-missing-or-too-long: deny}}
exemptions:
  - match: {{users: [grace]}}
    rules: [submission-mode-not-allowed]
    reason: she mends the pipeline
    expires: 9999-12-31
  - match: {{groups: [migration]}}
    rules: [submission-mode-not-allowed]
    reason: they move in
    expires: 9999-12-31
  - match: {{serviceAccounts: ['{namespace}:m*']}}
    rules: [submission-mode-not-allowed]
    reason: it moves others in
    expires: 9999-12-31
"""
HTTP: dict[str, Any] = {"spec": {"submissionMode": "HTTPMode", "activeDeadlineSeconds": 60}}
ENDLESS: dict[str, Any] = {}

MODE = (
    'spec.submissionMode: Unsupported value: "HTTPMode": supported values: "K8sJobMode" [submission-mode-not-allowed]'
)
DEADLINE = "spec.activeDeadlineSeconds: Required value: 3600 or less (seconds) [deadline-missing-or-too-long]"


@dataclass(frozen=True, slots=True)
class Site:
    """A namespace in which everyone may write RayJobs, and the service accounts that are `here:` and `there:`."""

    cluster: Cluster
    namespace: str
    accounts: dict[str, Asker]

    def apply(self, asker: Asker, patch: dict[str, Any]) -> tuple[str, Result]:
        """Apply a new job; return its name, and what was said of it."""
        name = f"job-{secrets.token_hex(3)}"
        text = rayjob(name, self.namespace, patch)
        return name, self.cluster.kubectl("apply", "--filename=-", *asker.flags, stdin=text)


@pytest.fixture(scope="module")
def site(
    cluster: Cluster,
    rayjob_crd: str,  # noqa: ARG001 (it is in force)
    namespace: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    other = f"{namespace}-other"
    cluster.kubectl("create", "namespace", other, check=True)
    let_everyone_write(cluster, namespace)
    folder = tmp_path_factory.mktemp("accounts")
    accounts = {
        f"{place}:{name}": service_account(cluster, where, name, folder)
        for place, where in (("here", namespace), ("there", other))
        for name in ("pipeline", "mover", "other")
    }
    with policed(cluster, tmp_path_factory.mktemp("policed"), POLICY.format(namespace=namespace)):
        yield Site(cluster, namespace, accounts)


def created(name: str, *warnings: str) -> Result:
    told = "".join(f"Warning: {warning}\n" for warning in warnings)
    return Result(0, f"rayjob.ray.io/{name} created\n", ALL_DEFAULTED + told)


def denied(name: str, cause: str) -> Result:
    return Result(1, "", f'{ALL_DEFAULTED}The RayJob "{name}" is invalid: {cause}\n')


EXEMPT = (
    'exempt until 9999-12-31, would deny: spec.submissionMode: Unsupported value: "HTTPMode": … '
    "[submission-mode-not-allowed]"
)
ADA, GRACE, EVE = (impersonated(user) for user in ("ada", "grace", "eve"))


@pytest.mark.parametrize(
    ("asker", "warnings"),
    [
        pytest.param(ADA, [MODE], id="a user, whom an override is for"),
        pytest.param(impersonated("eve", "research-vision"), [], id="a user in a group, which an override is for"),
        pytest.param("here:pipeline", [], id="a service account, which an override is for"),
        pytest.param(GRACE, [EXEMPT], id="a user, who is exempt"),
        pytest.param(impersonated("eve", "other", "migration"), [EXEMPT], id="a user in a group, which is exempt"),
        pytest.param("here:mover", [EXEMPT], id="a service account, which is exempt"),
    ],
)
def test_a_rule_is_otherwise_for(site: Site, asker: Asker | str, warnings: list[str]) -> None:
    name, done = site.apply(site.accounts[asker] if isinstance(asker, str) else asker, HTTP)

    assert done == created(name, *warnings)


@pytest.mark.parametrize(
    "asker",
    [
        pytest.param(EVE, id="another user"),
        pytest.param(impersonated("Ada"), id="a user whose name differs by its case"),
        pytest.param(impersonated("eve", "ada", "grace"), id="a user in groups that are called as the users are"),
        pytest.param(impersonated("migration", "research"), id="a user who is called as the group is"),
        pytest.param(impersonated("pipeline"), id="a user who is called as the service account is"),
        pytest.param("here:other", id="another service account"),
        pytest.param("there:pipeline", id="a service account of that name in another namespace"),
        pytest.param("there:mover", id="an exempt service account's namesake in another namespace"),
    ],
)
def test_the_rule_denies(site: Site, asker: Asker | str) -> None:
    name, done = site.apply(site.accounts[asker] if isinstance(asker, str) else asker, HTTP)

    assert done == denied(name, MODE)


def labelled(patch: dict[str, Any], label: str, value: str) -> dict[str, Any]:
    return merged({"metadata": {"labels": {label: value}}}, into=patch)


def test_a_label_that_anyone_may_set_loosens_nothing(site: Site) -> None:
    name, done = site.apply(EVE, labelled(HTTP, "please", "let-me"))

    assert done == denied(name, MODE)


def test_a_label_that_the_policy_trusts_loosens_a_rule(site: Site) -> None:
    name, done = site.apply(EVE, labelled(HTTP, "example.com/tier", "trial"))

    assert done == created(name)


def test_a_label_that_anyone_may_set_makes_a_rule_stricter(site: Site) -> None:
    name, warned = site.apply(EVE, ENDLESS)
    careful, refused = site.apply(EVE, labelled(ENDLESS, "careful", "yes"))

    assert warned == created(name, DEADLINE)
    assert refused == denied(careful, DEADLINE)
