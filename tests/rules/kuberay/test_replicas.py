import pytest

from tests.rules.kuberay.found import found
from webhook.rules.example import cluster, worker_group
from webhook.rules.kuberay import replicas

WORKER = "spec.rayClusterSpec.workerGroupSpecs"


def test_both_bounds_of_a_null_group_are_missing():
    assert found(replicas.missing_replica_bound, cluster(workerGroupSpecs=[worker_group(), None])) == [
        (f"{WORKER}[1].maxReplicas", "Required value: set it, or turn the autoscaler on"),
        (f"{WORKER}[1].minReplicas", "Required value: set it, or turn the autoscaler on"),
    ]


def test_a_bound_of_another_type_is_not_missing_as_well():
    assert found(replicas.missing_replica_bound, cluster(workerGroupSpecs=[worker_group(minReplicas="1")])) == []


@pytest.mark.parametrize("absent", ["minReplicas", "maxReplicas"])
def test_one_bound_alone_is_never_out_of_order(absent):
    group = worker_group(minReplicas=4, maxReplicas=3) | {absent: None}

    assert found(replicas.min_replicas_above_max_replicas, cluster(workerGroupSpecs=[group, worker_group()])) == []


def test_every_group_out_of_order_is_found():
    group = worker_group(minReplicas=4, maxReplicas=3)

    assert found(
        replicas.min_replicas_above_max_replicas, cluster(workerGroupSpecs=[group, worker_group(), group])
    ) == [
        (f"{WORKER}[0].minReplicas", "Invalid value: 4: must be at most maxReplicas, which is 3"),
        (f"{WORKER}[2].minReplicas", "Invalid value: 4: must be at most maxReplicas, which is 3"),
    ]
