import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.guardrail.existing_cluster_not_allowed import existing_cluster_not_allowed

FOUND = ["spec.clusterSelector: Forbidden: must be left out: describe a cluster of its own"]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        (None, []),
        ({}, []),
        ({"ray.io/cluster": "shared"}, FOUND),
        ({"RAY.IO/cluster": "shared"}, FOUND),
        ({"ray.io/cluster": ""}, FOUND),
        ("shared", []),
    ],
)
def test_a_job_may_not_select_a_cluster(selector, found):
    assert judged(existing_cluster_not_allowed, {}, {"spec": {"clusterSelector": selector}}) == found


def test_a_cluster_of_its_own_beside_the_selector_does_not_help():
    patch = {"spec": {"clusterSelector": {"ray.io/cluster": "shared"}, "rayClusterSpec": {"rayVersion": "2.52.0"}}}

    assert judged(existing_cluster_not_allowed, {}, patch) == FOUND


@pytest.mark.parametrize(
    ("params", "key"),
    [
        ({"address": "shared:6379"}, "address"),
        ({"address": ""}, "address"),
        ({"metrics-export-port": "8080 --address=shared:6379"}, "metrics-export-port"),
        ({"port": "6379"}, None),
        ({"address": None}, None),
        ({}, None),
        (None, None),
    ],
)
def test_workers_join_their_own_head(params, key):
    groups = [worker_group(), worker_group(groupName="b", rayStartParams=params), None]
    patch = cluster(workerGroupSpecs=groups, headGroupSpec={"rayStartParams": {"address": "redis:6379"}})
    place = "spec.rayClusterSpec.workerGroupSpecs[1].rayStartParams"
    why = "must not give address: KubeRay gives that of the job's head"

    found = judged(existing_cluster_not_allowed, {}, patch)

    assert found == ([f"{place}[{key}]: Forbidden: {why}"] if key else [])


ELSEWHERE = "Forbidden: must not choose the cluster that the job is submitted to"


@pytest.mark.parametrize(
    ("container", "field"),
    [
        ({"env": [{"name": "RAY_ADDRESS", "value": "http://shared:8265"}]}, "env[0]"),
        ({"env": [None, {"name": "RAY_API_SERVER_ADDRESS", "valueFrom": {}}]}, "env[1]"),
        ({"envFrom": [{"prefix": "RAY_", "configMapRef": {"name": "a"}}]}, "envFrom[0].prefix"),
        ({"envFrom": [{"configMapRef": {"name": "a"}}, None, {"prefix": "MY_"}, {"prefix": ""}]}, None),
        ({"env": [{"name": "ray_address", "value": "a"}, {"name": "RAY_JOB_SUBMISSION_ID", "value": "a"}]}, None),
        ({"env": None, "envFrom": []}, None),
    ],
)
@pytest.mark.parametrize("kind", ["containers", "initContainers"])
def test_the_submitter_submits_to_the_jobs_own_cluster(container, field, kind):
    patch = cluster(headGroupSpec=head(**container))
    assert judged(existing_cluster_not_allowed, {}, patch) == []

    patch["spec"]["submitterPodTemplate"] = {"spec": {kind: [container]}}
    found = judged(existing_cluster_not_allowed, {}, patch)

    assert found == ([f"spec.submitterPodTemplate.spec.{kind}[0].{field}: {ELSEWHERE}"] if field else [])
