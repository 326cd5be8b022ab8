import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.guardrail.ttl_too_long import ttl_too_long

RULES = "spec.deletionStrategy.deletionRules"
LESS = "must be 3600 or less (seconds)"
KEPT = "or else it is kept for ever"
SUCCEEDED = f"{RULES}: Required value: must delete the cluster for jobStatus SUCCEEDED too, or else it is kept for ever"
FAILED = (
    f"{RULES}: Required value: must delete the cluster for jobDeploymentStatus Failed too, or else it is kept for ever"
)
WORKERS_ONLY = f'spec.deletionPolicy: Invalid value: "DeleteWorkers": must delete the cluster, {KEPT}'
ENDLESS = ["spec.shutdownAfterJobFinishes: Required value: true, or else the cluster is kept for ever"]


def strategy(*rules):
    return {"deletionStrategy": {"deletionRules": list(rules)}}


def deletes(seconds=0, policy="DeleteCluster", **condition):
    return {"policy": policy, "condition": {"ttlSeconds": seconds, **(condition or {"jobStatus": "SUCCEEDED"})}}


def at_failure(seconds=0, policy="DeleteCluster"):
    return deletes(seconds, policy, jobDeploymentStatus="Failed")


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"shutdownAfterJobFinishes": True}, []),
        ({"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": None}, []),
        ({"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 3600.0}, []),
        (
            {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 2147483647},
            [f"spec.ttlSecondsAfterFinished: Invalid value: 2147483647: {LESS}"],
        ),
        ({}, ENDLESS),
        ({"shutdownAfterJobFinishes": None, "ttlSecondsAfterFinished": 60}, ENDLESS),
        (
            {"shutdownAfterJobFinishes": False},
            ["spec.shutdownAfterJobFinishes: Invalid value: false: must be true, or else the cluster is kept for ever"],
        ),
        ({"shutdownAfterJobFinishes": "true"}, []),
        (
            {"shutdownAfterJobFinishes": True, "deletionPolicy": "DeleteWorkers"},
            [WORKERS_ONLY],
        ),
        ({"shutdownAfterJobFinishes": True, "deletionPolicy": "DeleteSelf"}, []),
        ({"clusterSelector": {"ray.io/cluster": "shared"}}, []),
        ({"clusterSelector": {}}, ENDLESS),
    ],
)
def test_shutdown_is_held_to_the_seconds(spec, found):
    assert judged(ttl_too_long, {"maxSeconds": 3600}, {"spec": spec}) == found


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (strategy(deletes(60), at_failure(3600)), []),
        (strategy(deletes(60, "DeleteSelf"), at_failure(0, "DeleteSelf")), []),
        (strategy(deletes(7200), deletes(60), at_failure(60)), []),
        (strategy(deletes(60, "DeleteWorkers"), deletes(3600), at_failure()), []),
        (
            strategy(deletes(60, "DeleteWorkers"), deletes(3601), at_failure(7200)),
            [
                f"{RULES}[1].condition.ttlSeconds: Invalid value: 3601: {LESS}",
                f"{RULES}[2].condition.ttlSeconds: Invalid value: 7200: {LESS}",
            ],
        ),
        (strategy(deletes(60, "DeleteWorkers"), at_failure()), [SUCCEEDED]),
        (strategy(deletes(60, "DeleteNone"), at_failure()), [SUCCEEDED]),
        (strategy(deletes(60), deletes(60, jobStatus="FAILED")), [FAILED]),
        (strategy(None, {}, {"policy": "DeleteCluster", "condition": None}), [FAILED, SUCCEEDED]),
        (
            {"deletionStrategy": {"onSuccess": {"policy": "DeleteCluster"}, "onFailure": {"policy": "DeleteCluster"}}},
            [f"{RULES}: Required value: without them, the cluster of a job that ends by a deadline is kept for ever"],
        ),
        (
            {"deletionStrategy": {"deletionRules": []}, "shutdownAfterJobFinishes": True},
            [f"{RULES}: Required value: without them, the cluster of a job that ends by a deadline is kept for ever"],
        ),
        ({"clusterSelector": {"ray.io/cluster": "shared"}, **strategy(deletes(7200))}, []),
    ],
)
def test_a_strategy_must_delete_the_cluster_in_time_however_the_job_ends(spec, found):
    assert judged(ttl_too_long, {"maxSeconds": 3600}, {"spec": spec}) == found


def test_the_cluster_may_be_held_to_no_time_at_all():
    spec = {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 1}

    assert judged(ttl_too_long, {"maxSeconds": 0}, {"spec": spec}) == [
        "spec.ttlSecondsAfterFinished: Invalid value: 1: must be 0 or less (seconds)"
    ]
