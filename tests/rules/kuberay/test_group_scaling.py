import pytest

from tests.rules.kuberay.found import found
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.kuberay import group_scaling

WORKER = "spec.rayClusterSpec.workerGroupSpecs[0]"
NO_V2 = "Forbidden: must be left out unless autoscalerOptions.version is v2"


def variable(**fields):
    return {"name": "RAY_enable_autoscaler_v2", **fields}


@pytest.mark.parametrize(
    ("env", "on"),
    [
        ([variable(value="1")], True),
        ([variable(value="true")], True),
        ([variable(value="True")], False),
        ([variable(value="yes")], False),
        ([variable(value="")], False),
        ([variable()], False),
        ([variable(valueFrom={"configMapKeyRef": {"name": "ray", "key": "v2"}})], False),
        ([variable(value="0"), variable(value="1")], False),
        ([None, variable(value="1"), variable(value="0")], True),
        ([{"name": "RAY_ENABLE_AUTOSCALER_V2", "value": "1"}], False),
    ],
)
@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (group_scaling.group_idle_timeout_without_autoscaler_v2, "idleTimeoutSeconds"),
        (group_scaling.priority_without_autoscaler_v2, "priority"),
    ],
)
def test_the_first_variable_of_the_head_turns_autoscaler_v2_on_by_its_literal_value(rule, name, env, on):
    patch = cluster(headGroupSpec=head(env=env), workerGroupSpecs=[worker_group(**{name: 9})])

    assert found(rule, patch) == ([] if on else [(f"{WORKER}.{name}", NO_V2)])


def test_variables_of_other_containers_turn_nothing_on():
    env = [variable(value="1")]
    containers = [{"name": "ray-head"}, {"name": "sidecar", "env": env}]
    patch = cluster(
        headGroupSpec={"template": {"spec": {"containers": containers}}},
        workerGroupSpecs=[
            worker_group(priority=1, template={"spec": {"containers": [{"name": "ray-worker", "env": env}]}})
        ],
    )

    assert found(group_scaling.priority_without_autoscaler_v2, patch) == [(f"{WORKER}.priority", NO_V2)]


@pytest.mark.parametrize(
    ("version", "texts"),
    [
        ("2.56", []),
        ("2.56.0rc1", []),
        ("v2.056", []),
        ("3.0", []),
        ("", ["Required value: 2.56.0 or later"]),
        ("2.55.99", ['Invalid value: "2.55.99": must be 2.56.0 or later']),
        ("latest", ['Invalid value: "latest": must be a version such as 2.56.0']),
        ("3", ['Invalid value: "3": must be a version such as 2.56.0']),
    ],
)
def test_a_priority_needs_a_ray_version_that_knows_it(version, texts):
    patch = cluster(rayVersion=version, workerGroupSpecs=[worker_group(), worker_group(priority=-1)])

    assert found(group_scaling.priority_without_fitting_ray_version, patch) == [
        ("spec.rayClusterSpec.rayVersion", f"{text}, because a worker group has a priority") for text in texts
    ]


def test_a_ray_version_that_is_a_number_is_not_missing_as_well():
    patch = cluster(rayVersion=2.56, workerGroupSpecs=[worker_group(priority=1)])

    assert found(group_scaling.priority_without_fitting_ray_version, patch) == []
