"""A policy changes under the running server, while RayJobs are written, and over jobs that are older than the change.

Figures are printed with `pytest -s tests/e2e/test_policy_reload.py`.
"""

import json
import re
import ssl
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.client import connect
from tests.e2e.kubectl import Cluster, Result
from tests.e2e.load import repeating
from tests.e2e.policed import Policed, policed, rayjob
from tests.e2e.versions import KINDS, InForce, answered, policy, turns
from tests.e2e.writers import tell
from webhook.rules.example import merged, worker_group

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("rayjob_crd")]

WRITERS = 8
ROUNDS = 9
"""Of each writer, under each version and under the broken one: 72 admissions at least, a third of them denials."""

BROKEN = "rules: {too-many-worker: deny}\n"
LAST = policy(
    3,
    "  submission-mode-not-allowed: {action: deny, modes: [K8sJobMode]}",
    "profiles: {strict: {rules: {too-many-workers: {maxWorkers: 0}}}}",
)

OLD: dict[str, Any] = {
    "metadata": {"finalizers": ["ray.io/rayjob-finalizer"]},
    "spec": {"rayClusterSpec": {"workerGroupSpecs": [worker_group(maxReplicas=8)]}},
}
"""As many workers as the first two versions let a job have, and the third does not."""

TOO_MANY = (
    "spec.rayClusterSpec: Invalid value: {count}: must be 7 or less (workers) in all pods at maxReplicas; most are in "
    "spec.rayClusterSpec.workerGroupSpecs[0]: {count} times 1 [too-many-workers]"
)
NOT_NEW = (
    "Warning: not new, so not denied: spec.rayClusterSpec: Invalid value: 8: must be 7 or less (workers) in all po… "
    "[too-many-workers]\n"
)
UNSUPPORTED = (
    'spec.submissionMode: Unsupported value: "HTTPMode": supported values: "K8sJobMode" [submission-mode-not-allowed]'
)


@dataclass(frozen=True, slots=True)
class Course:
    """What was seen while the policy changed, from its first version to the last, which is in force now."""

    counts: Counter[str]
    volume: Path
    faults: list[str]
    ready: str
    profile: tuple[int, int]
    """The HTTP status of the profile's path, before there is one and after."""

    reloads: dict[str, int]


@pytest.fixture(scope="module")
def site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Policed]:
    """A server under the first version."""
    with policed(cluster, tmp_path_factory.mktemp("policed"), policy(1)) as server:
        yield server


@pytest.fixture(scope="module")
def old(cluster: Cluster, site: Policed, namespace: str) -> Iterator[None]:  # noqa: ARG001 (it has its say)
    """Two jobs that are stored under the first version, with the finalizer of the operator, who is not here."""
    names = ("finished", "kept")
    cluster.apply_yaml("---\n".join(rayjob(name, namespace, OLD) for name in names))
    yield
    for name in names:
        free(cluster, namespace, name)


@pytest.fixture(scope="module")
def course(cluster: Cluster, site: Policed, namespace: str, old: None) -> Course:  # noqa: ARG001 (they are stored)
    """While writers write, the policy changes."""
    in_force = InForce(1, 1)
    with connect(cluster) as client:
        writers = [turns(client, namespace, f"writer-{number}", in_force) for number in range(WRITERS)]
        with repeating([writer.__next__ for writer in writers]) as outcomes:

            def change(version: int, text: str) -> None:
                outcomes.wait_for_each(ROUNDS)
                in_force.newest = version
                site.enforce(text)
                in_force.oldest = version

            change(2, policy(2))
            outcomes.wait_for_each(ROUNDS)
            site.write(BROKEN)
            faults, ready, before = site.wait_for_faults(), get(site, "/readyz"), profile_status(site)
            change(3, LAST)
            after = profile_status(site)
            outcomes.wait_for_each(ROUNDS)
    tell("three versions of a policy, and a broken one", outcomes)
    return Course(outcomes.counts, site.volume, faults, ready, (before, after), reloads(site))


def get(site: Policed, path: str) -> str:
    return httpx.get(f"{site.server.operations_url}{path}", trust_env=False).text


def reloads(site: Policed) -> dict[str, int]:
    found = re.findall(
        r'^rayjob_webhook_policy_reloads_total\{outcome="(\w+)"\} (\d+)\.0$', get(site, "/metrics"), re.MULTILINE
    )
    return {outcome: int(count) for outcome, count in found if int(count)}


def profile_status(site: Policed) -> int:
    kind = {"group": "ray.io", "version": "v1", "kind": "RayJob"}
    question = {"uid": "the-uid", "kind": kind, "operation": "CREATE", "namespace": "default", "object": merged({})}
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": question}
    trust = ssl.create_default_context(cadata=site.server.ca_pem.decode())
    return httpx.post(f"{site.server.url}/validate/strict", json=review, verify=trust, trust_env=False).status_code


def test_no_admission_fails_and_each_is_answered_by_one_version_that_is_in_force(course: Course) -> None:
    # And nothing else: what fails, is by two versions, or by one whose successor is told of already, has other words.
    assert course.counts.keys() == {answered(kind, version) for kind in KINDS for version in (1, 2, 3)}
    assert course.reloads == {"swapped": 2, "refused": 1}


def test_a_broken_policy_is_told_of_and_the_server_stays_ready(course: Course) -> None:
    fault = 'rules.too-many-worker: there is no rule "too-many-worker" here; did you mean too-many-workers?'
    assert (course.faults, course.ready) == ([f"{course.volume}/policy.yaml:3:9: {fault}"], "ok")


def test_a_profile_is_served_as_soon_as_the_policy_has_it(course: Course) -> None:
    assert course.profile == (httpx.codes.NOT_FOUND, httpx.codes.OK)


def patched(cluster: Cluster, namespace: str, name: str, patch: str) -> Result:
    return cluster.kubectl("patch", "rayjob", name, f"--namespace={namespace}", "--type=merge", f"--patch={patch}")


def free(cluster: Cluster, namespace: str, name: str) -> Result:
    return patched(cluster, namespace, name, '{"metadata": {"finalizers": null}}')


def workers(count: int) -> str:
    return json.dumps({"spec": {"rayClusterSpec": {"workerGroupSpecs": [worker_group(maxReplicas=count)]}}})


@pytest.mark.usefixtures("course")
class TestOfTwoJobsThatAreOlderThanTheLastVersion:
    """They break it, are free to be changed, and to go, but may not become worse."""

    def test_no_other_like_them_is_stored(self, cluster: Cluster, namespace: str) -> None:
        refused = cluster.kubectl("apply", "--filename=-", stdin=rayjob("new", namespace, OLD))

        assert refused.code == 1
        assert refused.stderr.endswith(f'The RayJob "new" is invalid: {TOO_MANY.format(count=8)}\n')

    def test_the_operator_removes_its_finalizer_from_one(self, cluster: Cluster, namespace: str) -> None:
        here = f"--namespace={namespace}"
        cluster.kubectl("delete", "rayjob", "finished", here, "--wait=false", check=True)

        assert free(cluster, namespace, "finished") == Result(0, "rayjob.ray.io/finished patched\n", "")
        assert "NotFound" in cluster.kubectl("get", "rayjob", "finished", here).stderr

    @pytest.mark.parametrize(
        "patch",
        [
            pytest.param('{"metadata": {"labels": {"team": "vision"}}}', id="a label"),
            pytest.param('{"spec": {"entrypoint": "python other.py"}}', id="its command"),
            pytest.param('{"metadata": {"labels": {"done": "yes"}, "finalizers": null}}', id="a finalizer and a label"),
        ],
    )
    def test_one_may_be_changed_in(self, cluster: Cluster, namespace: str, patch: str) -> None:
        assert patched(cluster, namespace, "kept", patch) == Result(0, "rayjob.ray.io/kept patched\n", NOT_NEW)

    @pytest.mark.parametrize(
        ("patch", "denied"),
        [
            pytest.param('{"spec": {"submissionMode": "HTTPMode"}}', UNSUPPORTED, id="a rule that it kept"),
            pytest.param(workers(9), TOO_MANY.format(count=9), id="the rule that it broke, by more"),
        ],
    )
    def test_one_may_not_break(self, cluster: Cluster, namespace: str, patch: str, denied: str) -> None:
        refused = patched(cluster, namespace, "kept", patch)

        assert refused.code == 1
        assert refused.stderr.endswith(f'The RayJob "kept" is invalid: {denied}\n')

    def test_one_that_keeps_the_rules_at_last_has_to_go_on_so(self, cluster: Cluster, namespace: str) -> None:
        mended = patched(cluster, namespace, "kept", workers(7))
        back = patched(cluster, namespace, "kept", workers(8))

        assert mended == Result(0, "rayjob.ray.io/kept patched\n", "")
        assert back.stderr.endswith(f'The RayJob "kept" is invalid: {TOO_MANY.format(count=8)}\n')
