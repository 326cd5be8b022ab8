"""Jobs that are older than the webhook: they break rules, and yet nothing may get stuck."""

from collections.abc import Iterator

import pytest

from tests.e2e.kubectl import Cluster, Result
from tests.e2e.test_apply import job

pytestmark = pytest.mark.e2e

OPERATORS = '{"metadata": {"finalizers": ["ray.io/rayjob-finalizer"]}}'


@pytest.fixture(scope="module")
def old_jobs(cluster: Cluster, rayjob_crd: str, namespace: str, request: pytest.FixtureRequest) -> Iterator[str]:  # noqa: ARG001 (the CRD is in force)
    """Two jobs with a mistake and the operator's finalizer, stored before the webhook is registered."""
    for name in ("finished", "kept"):
        cluster.apply_yaml(job(name, namespace, submissionMode="Typo"))
        cluster.kubectl("patch", "rayjob", name, "-n", namespace, "--type=merge", "-p", OPERATORS, check=True)
    request.getfixturevalue("webhook")
    yield namespace
    for name in ("finished", "kept"):
        bare = '{"metadata": {"finalizers": null}}'
        cluster.kubectl("patch", "rayjob", name, "-n", namespace, "--type=merge", "-p", bare)


STANDING = (
    'Warning: not new, so not denied: spec.submissionMode: Unsupported value: "Typo": supported values: "K8… '
    "[unknown-submission-mode]\n"
)


def test_an_operator_removes_its_finalizer_from_a_job_that_violates_a_rule(cluster: Cluster, old_jobs: str) -> None:
    deleted = cluster.kubectl("delete", "rayjob", "finished", "-n", old_jobs, "--wait=false")
    freed = cluster.kubectl(
        "patch", "rayjob", "finished", "-n", old_jobs, "--type=merge", "-p", '{"metadata": {"finalizers": null}}'
    )

    assert deleted == Result(0, f'rayjob.ray.io "finished" deleted from {old_jobs} namespace\n', "")
    assert freed == Result(0, "rayjob.ray.io/finished patched\n", "")  # we are not even asked
    assert "NotFound" in cluster.kubectl("get", "rayjob", "finished", "-n", old_jobs).stderr


def test_nobody_slips_past_a_rule_by_deleting(cluster: Cluster, old_jobs: str) -> None:
    cluster.kubectl("delete", "rayjob", "kept", "-n", old_jobs, "--wait=false", check=True)

    changed = cluster.kubectl(
        "patch", "rayjob", "kept", "-n", old_jobs, "--type=merge", "-p", '{"spec": {"entrypoint": " "}}'
    )

    assert changed.code == 1
    assert changed.stderr.endswith(
        'The RayJob "kept" is invalid: spec.entrypoint: Required value: the command that the job runs '
        "[missing-entrypoint]\n"
    )


def test_a_label_on_an_old_job_is_allowed_and_changes_nothing_else(cluster: Cluster, old_jobs: str) -> None:
    before = cluster.get("rayjob", "kept", "-n", old_jobs)["spec"]

    labelled = cluster.kubectl("label", "rayjob", "kept", "-n", old_jobs, "team=a")

    assert labelled == Result(0, "rayjob.ray.io/kept labeled\n", STANDING)
    assert cluster.get("rayjob", "kept", "-n", old_jobs)["spec"] == before
