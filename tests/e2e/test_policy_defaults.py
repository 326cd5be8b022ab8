"""The defaults that a policy decides on: what the API server stores of them, and that it stores them once."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.e2e.kubectl import Cluster, Result
from tests.e2e.policed import policed, rayjob
from webhook.rayjob.authorship import LAST_APPLIED
from webhook.rules.example import merged, worker_group

pytestmark = pytest.mark.e2e

POLICY = """
defaults:
  ttl: 600
  dashboard-host: off
  shutdown: on
  add:
    labels: {example.com/environment: test, team: nobody}
    annotations: {example.com/contact: ml@example.com}
    head: &pod
      serviceAccountName: ray-job
      priorityClassName: batch
      nodeSelector: {example.com/pool: cpu}
      tolerations: [{key: example.com/pool, operator: Equal, value: cpu, effect: NoSchedule}]
      imagePullSecrets: [{name: registry}]
      resources: {requests: {cpu: 500m, memory: 2Gi}, limits: {memory: 2Gi}}
    workers:
      serviceAccountName: ray-job
      tolerations: [{key: nvidia.com/gpu, operator: Exists}]
    submitter: *pod
overrides:
  - match: {namespaces: ['*-lasting']}
    defaults: {ttl: 7200, dashboard-host: on, add: {labels: {example.com/environment: lasting}}}
"""
CONTAINER: dict[str, Any] = {"name": "ray-head", "image": "rayproject/ray:2.52.0"}
OWN: dict[str, Any] = {"serviceAccountName": "own", "tolerations": []}
SUBMITTER: dict[str, Any] = {
    "restartPolicy": "Never",
    "containers": [{**CONTAINER, "name": "submitter", "resources": {"limits": {"memory": "1Gi"}}}],
}
PLAIN: dict[str, Any] = {"submissionMode": "K8sJobMode", "backoffLimit": 0}
"""What KubeRay's CRD puts in, said here, so that each flavour of it stores the same."""


def group(name: str, **spec: object) -> dict[str, Any]:
    return worker_group(groupName=name, replicas=0, numOfHosts=1, priority=0, template={"spec": spec})


WRITTEN: dict[str, Any] = {
    "metadata": {"labels": {"team": "vision"}},
    "spec": {
        **PLAIN,
        "rayClusterSpec": {"workerGroupSpecs": [group("says", **OWN), group("silent")]},
        "submitterPodTemplate": {"spec": SUBMITTER},
    },
}
"""Its author says something of a part of what the policy adds, which has to stay, and nothing of the rest."""

POD: dict[str, Any] = {
    "serviceAccountName": "ray-job",
    "priorityClassName": "batch",
    "nodeSelector": {"example.com/pool": "cpu"},
    "tolerations": [{"key": "example.com/pool", "operator": "Equal", "value": "cpu", "effect": "NoSchedule"}],
    "imagePullSecrets": [{"name": "registry"}],
}
SIZED = {**CONTAINER, "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "2Gi"}}}
ADDED: dict[str, Any] = {
    "metadata": {
        "labels": {"example.com/environment": "test"},
        "annotations": {"example.com/contact": "ml@example.com"},
    },
    "spec": {
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": 600,
        "rayClusterSpec": {
            "headGroupSpec": {"template": {"spec": {**POD, "containers": [SIZED]}}},
            "workerGroupSpecs": [
                group("says", **OWN),
                group(
                    "silent",
                    serviceAccountName="ray-job",
                    tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists"}],
                ),
            ],
        },
        "submitterPodTemplate": {"spec": {**POD, **SUBMITTER}},
    },
}


@pytest.fixture(scope="module")
def namespaces(
    cluster: Cluster,
    rayjob_crd: str,  # noqa: ARG001 (it is in force)
    namespace: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, str]]:
    """A namespace, and one for which the policy says otherwise."""
    cluster.kubectl("create", "namespace", f"{namespace}-lasting", check=True)
    with policed(cluster, tmp_path_factory.mktemp("policed"), POLICY):
        yield namespace, f"{namespace}-lasting"


def stored(cluster: Cluster, namespace: str, name: str) -> dict[str, Any]:
    return cluster.get("rayjob", name, f"--namespace={namespace}")


def said(job: dict[str, Any]) -> dict[str, Any]:
    """What of a stored job is neither the API server's nor kubectl's."""
    metadata = {name: dict(job["metadata"].get(name, {})) for name in ("labels", "annotations")}
    metadata["annotations"].pop(LAST_APPLIED, None)
    return {"metadata": metadata, "spec": job["spec"]}


@pytest.mark.parametrize(
    ("how", "name", "stored_as"),
    [(["apply"], "written", "created"), (["apply", "--server-side"], "written-ssa", "serverside-applied")],
    ids=["by kubectl", "by the API server"],
)
def test_what_the_policy_gives_and_adds_is_stored_and_stays_as_it_is_when_the_job_is_applied_again(
    cluster: Cluster, namespaces: tuple[str, str], how: list[str], name: str, stored_as: str
) -> None:
    here, _ = namespaces
    text = rayjob(name, here, WRITTEN)

    done = cluster.kubectl(*how, "--filename=-", stdin=text)
    first = stored(cluster, here, name)
    again = cluster.kubectl(*how, "--filename=-", stdin=text)

    told = "Warning: Defaulted: shutdownAfterJobFinishes=true, ttlSecondsAfterFinished=600, labels "
    assert (done.code, done.stdout) == (0, f"rayjob.ray.io/{name} {stored_as}\n")
    assert done.stderr == f"{told}example.com/environment=test, annotations…\n"
    assert said(first) == said(merged(ADDED, into=yaml.safe_load(text)))
    assert again.code == 0
    # The resourceVersion too: kubectl, which knows nothing of a CRD's lists, sends them once more as they are written;
    # what is added comes again, and the API server stores nothing.
    assert stored(cluster, here, name) == first


def test_applied_again_a_job_to_which_no_list_was_added_is_unchanged(
    cluster: Cluster, namespaces: tuple[str, str]
) -> None:
    here, _ = namespaces
    head = {"template": {"spec": {**POD, "containers": [SIZED]}}}
    text = rayjob("listless", here, {"spec": {"rayClusterSpec": {"headGroupSpec": head}}})
    cluster.apply_yaml(text)

    assert cluster.kubectl("apply", "--filename=-", stdin=text) == Result(0, "rayjob.ray.io/listless unchanged\n", "")


def test_an_override_gives_and_adds_otherwise(cluster: Cluster, namespaces: tuple[str, str]) -> None:
    _, there = namespaces

    cluster.apply_yaml(rayjob("lasting", there, WRITTEN))

    other = {
        "metadata": {"labels": {"example.com/environment": "lasting"}},
        "spec": {
            "ttlSecondsAfterFinished": 7200,
            "rayClusterSpec": {"headGroupSpec": {"rayStartParams": {"dashboard-host": "0.0.0.0"}}},  # noqa: S104 (the default)
        },
    }
    expected = merged(other, into=merged(ADDED, into=yaml.safe_load(rayjob("lasting", there, WRITTEN))))
    assert said(stored(cluster, there, "lasting")) == said(expected)
