"""What kubectl says under a policy, to the letter, and what is kept: the object, and an entry in the audit log."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import audit_log
from tests.e2e.kubectl import Cluster, Result
from tests.e2e.policed import digest, policed, rayjob
from tests.e2e.test_apply import ALL_DEFAULTED
from webhook.rules.example import head, merged, worker_group

pytestmark = pytest.mark.e2e

TODAY = datetime.now(UTC).date()
LATER, SOON, PAST = (TODAY + timedelta(days=days) for days in (60, 7, -1))
"""As the server has the real clock; none is near enough to a limit for a midnight in between to matter."""

GUARDRAILS = """
rules:
  image-not-allowed: {action: deny, registries: [registry.example.com/ml]}
  missing-label: {action: deny, labels: {team: '[a-z]+'}}
  too-many-gpus: {action: deny, maxGpus: 8}
  unpinned-image: deny
  retries-too-many: {action: warn, maxRetries: 2, maxSubmitterRetries: 2}
  deadline-missing-or-too-long: {action: audit, maxSeconds: 86400}
exemptions:
"""

LABELLED: dict[str, Any] = {"metadata": {"labels": {"team": "vision"}}}
GOOD: dict[str, Any] = {
    **LABELLED,
    "spec": {
        "activeDeadlineSeconds": 3600,
        "rayClusterSpec": {"headGroupSpec": head(image="registry.example.com/ml/ray:2.52.0")},
    },
}
FOREIGN: dict[str, Any] = {**LABELLED, "spec": {"activeDeadlineSeconds": 3600}}
"""It keeps every rule but the one on where images come from."""

DEFAULTS = "dashboard-host,shutdown,ttl"
MISSING = 'metadata.labels[team]: Required value: must match "[a-z]+" [missing-label]'
NOT_ALLOWED = (
    'spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].image: Invalid value: "rayproject/ray:2.52.0": '
    'must come from "registry.example.com/ml", is from docker.io [image-not-allowed]'
)
BROKEN = f"""\
The RayJob "bad" is invalid: 
* {MISSING}
* spec.rayClusterSpec: Invalid value: 16: must be 8 or less (GPUs) in all pods at maxReplicas; most are in \
spec.rayClusterSpec.workerGroupSpecs[0]: 4 times 4 [too-many-gpus]
* {NOT_ALLOWED}
* spec.rayClusterSpec.workerGroupSpecs[0].template.spec.containers[0].image: Invalid value: "ray": \
must come from "registry.example.com/ml", is from docker.io [image-not-allowed]
* spec.rayClusterSpec.workerGroupSpecs[0].template.spec.containers[0].image: Invalid value: "ray": \
must have a tag or a digest: without one it is latest [unpinned-image]
"""  # noqa: W291 (kubectl's own)
VALIDATE, MUTATE = "validate.rayjob-webhook.ray.io/", "mutate.rayjob-webhook.ray.io/"


@dataclass(frozen=True, slots=True)
class Site:
    """A cluster with a namespace that keeps the rules, and three that are exempt from one of them, each until a day."""

    cluster: Cluster
    folder: Path
    namespace: str
    policy: str

    def exempt(self, until: date) -> str:
        return f"{self.namespace}-until-{until}"

    def apply(self, name: str, namespace: str, patch: dict[str, Any]) -> Result:
        return self.cluster.kubectl("apply", "--filename=-", stdin=rayjob(name, namespace, patch))

    def is_stored(self, name: str, namespace: str) -> bool:
        return not self.cluster.kubectl("get", "rayjob", name, f"--namespace={namespace}").code

    def audited(self, name: str, namespace: str) -> dict[str, str]:
        return audit_log.annotations(self.folder, namespace, name)


@pytest.fixture(scope="module")
def site(
    cluster: Cluster,
    rayjob_crd: str,  # noqa: ARG001 (it is in force)
    audit_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    namespace = f"policy-{secrets.token_hex(3)}"
    days = (LATER, SOON, PAST)
    policy = GUARDRAILS + "".join(
        f"""
  - match: {{namespaces: ['*-until-{day}']}}
    rules: [image-not-allowed]
    reason: the mirror is not filled yet
    expires: {day}
    ticket: ML-{number}
"""
        for number, day in enumerate(days, start=1)
    )
    site = Site(cluster, audit_folder, namespace, digest(policy))
    for name in (namespace, *map(site.exempt, days)):
        cluster.kubectl("create", "namespace", name, check=True)
    with policed(cluster, tmp_path_factory.mktemp("policed"), policy):
        yield site


def test_every_guardrail_that_is_broken_is_told_at_once(site: Site) -> None:
    gpus = {"resources": {"limits": {"nvidia.com/gpu": 4}}}
    workers = worker_group(template={"spec": {"containers": [{"name": "ray-worker", "image": "ray", **gpus}]}})
    bad = {"spec": {"activeDeadlineSeconds": 60, "rayClusterSpec": {"workerGroupSpecs": [workers]}}}

    refused = site.apply("bad", site.namespace, bad)

    assert refused == Result(1, "", ALL_DEFAULTED + BROKEN)
    assert not site.is_stored("bad", site.namespace)
    assert site.audited("bad", site.namespace) == {
        MUTATE + "defaulted": DEFAULTS,
        MUTATE + "policy": site.policy,
        VALIDATE + "denied": "image-not-allowed,missing-label,too-many-gpus,unpinned-image",
        VALIDATE + "policy": site.policy,
    }


def test_a_warning_is_told_and_the_job_is_stored(site: Site) -> None:
    done = site.apply("retried", site.namespace, merged({"spec": {"backoffLimit": 3}}, into=GOOD))

    told = "Warning: spec.backoffLimit: Invalid value: 3: must be 2 or less (retries) [retries-too-many]\n"
    assert done == Result(0, "rayjob.ray.io/retried created\n", ALL_DEFAULTED + told)
    assert site.is_stored("retried", site.namespace)
    assert site.audited("retried", site.namespace) == {
        MUTATE + "defaulted": DEFAULTS,
        MUTATE + "policy": site.policy,
        VALIDATE + "warned": "retries-too-many",
        VALIDATE + "policy": site.policy,
    }


def test_a_finding_that_is_only_audited_is_told_to_nobody_but_the_audit_log(site: Site) -> None:
    done = site.apply("endless", site.namespace, merged({"spec": {"activeDeadlineSeconds": None}}, into=GOOD))

    assert done == Result(0, "rayjob.ray.io/endless created\n", ALL_DEFAULTED)
    assert site.is_stored("endless", site.namespace)
    assert site.audited("endless", site.namespace) == {
        MUTATE + "defaulted": DEFAULTS,
        MUTATE + "policy": site.policy,
        VALIDATE + "audited": "deadline-missing-or-too-long",
        VALIDATE + "policy": site.policy,
    }


def test_a_job_that_keeps_every_rule_leaves_nothing_but_its_defaults_and_the_policys_digest(site: Site) -> None:
    done = site.apply("good", site.namespace, GOOD)

    assert done == Result(0, "rayjob.ray.io/good created\n", ALL_DEFAULTED)
    assert site.audited("good", site.namespace) == {
        MUTATE + "defaulted": DEFAULTS,
        MUTATE + "policy": site.policy,
        VALIDATE + "policy": site.policy,
    }


def exempted(until: date) -> str:
    return (
        f"Warning: exempt until {until}, would deny: "
        "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].… [image-not-allowed]\n"
    )


def test_what_an_exemption_covers_is_told_and_stored(site: Site) -> None:
    namespace = site.exempt(LATER)

    done = site.apply("foreign", namespace, FOREIGN)

    assert done == Result(0, "rayjob.ray.io/foreign created\n", ALL_DEFAULTED + exempted(LATER))
    assert site.is_stored("foreign", namespace)
    assert site.audited("foreign", namespace) == {
        MUTATE + "defaulted": DEFAULTS,
        MUTATE + "policy": site.policy,
        VALIDATE + "exempt": "image-not-allowed",
        VALIDATE + "exemptions": f"until {LATER}: the mirror is not filled yet (ML-1)",
        VALIDATE + "policy": site.policy,
    }


def test_an_exemption_that_ends_within_two_weeks_says_so(site: Site) -> None:
    namespace = site.exempt(SOON)

    done = site.apply("foreign", namespace, FOREIGN)

    notice = f"Warning: the exemption from image-not-allowed ends on {SOON}: the mirror is not filled yet (ML-2)\n"
    assert done == Result(0, "rayjob.ray.io/foreign created\n", ALL_DEFAULTED + exempted(SOON) + notice)
    assert site.is_stored("foreign", namespace)


def test_an_exemption_that_has_expired_counts_no_longer(site: Site) -> None:
    namespace = site.exempt(PAST)

    refused = site.apply("foreign", namespace, FOREIGN)

    assert refused == Result(1, "", ALL_DEFAULTED + 'The RayJob "foreign" is invalid: ' + NOT_ALLOWED + "\n")
    assert not site.is_stored("foreign", namespace)
    assert site.audited("foreign", namespace) == {
        MUTATE + "defaulted": DEFAULTS,
        MUTATE + "policy": site.policy,
        VALIDATE + "denied": "image-not-allowed",
        VALIDATE + "policy": site.policy,
    }


def test_an_exemption_covers_no_other_rule(site: Site) -> None:
    namespace = site.exempt(LATER)

    refused = site.apply("unlabelled", namespace, merged({"metadata": {"labels": None}}, into=FOREIGN))

    denied = f'The RayJob "unlabelled" is invalid: {MISSING}\n'
    assert refused == Result(1, "", ALL_DEFAULTED + exempted(LATER) + denied)
    assert not site.is_stored("unlabelled", namespace)
