import pytest

from tests.rules.kuberay.found import found
from webhook.rayjob.kuberay import Gate, Release, Target
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.kuberay import autoscaler, suspended_groups

ENV = "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env"


@pytest.mark.parametrize("entry", [{}, {"value": ""}, {"value": "0"}, {"valueFrom": {}}])
def test_the_version_is_set_twice_whatever_the_variable_says(entry):
    env = [{"name": "RAY_enable_autoscaler_v2", **entry}]
    patch = cluster(
        enableInTreeAutoscaling=True, autoscalerOptions={"version": "v2"}, headGroupSpec=head(env=[{"name": "A"}, *env])
    )

    assert found(autoscaler.autoscaler_version_set_twice, patch) == [
        (f"{ENV}[1]", "Forbidden: RAY_enable_autoscaler_v2 must not be set beside autoscalerOptions.version")
    ]


def test_pods_may_restart_where_only_the_environment_turns_autoscaler_v2_on():
    patch = cluster(
        enableInTreeAutoscaling=True,
        autoscalerOptions={"version": "v1"},
        headGroupSpec=head(env=[{"name": "RAY_enable_autoscaler_v2", "value": "1"}]),
        workerGroupSpecs=[worker_group(template={"spec": {"restartPolicy": "Always"}})],
    )

    assert found(autoscaler.restarting_pods_with_autoscaler_v2, patch) == []


def test_the_submitter_may_restart_with_autoscaler_v2():
    patch = {
        "spec": {
            "submitterPodTemplate": {"spec": {"restartPolicy": "OnFailure"}},
            "rayClusterSpec": {
                "enableInTreeAutoscaling": True,
                "autoscalerOptions": {"version": "v2"},
                "headGroupSpec": {"template": {"spec": {"restartPolicy": "Always"}}},
                "workerGroupSpecs": [worker_group(template={"spec": {"restartPolicy": "never"}})],
            },
        }
    }

    assert found(autoscaler.restarting_pods_with_autoscaler_v2, patch) == [
        (
            "spec.rayClusterSpec.headGroupSpec.template.spec.restartPolicy",
            'Invalid value: "Always": must be Never, or left out, with autoscaler v2',
        ),
        (
            "spec.rayClusterSpec.workerGroupSpecs[0].template.spec.restartPolicy",
            'Invalid value: "never": must be Never, or left out, with autoscaler v2',
        ),
    ]


def test_null_variables_of_the_autoscaler_are_passed_over():
    patch = cluster(autoscalerOptions={"env": [None, {"name": "KUBERAY_GEN_AUTOSCALER_START_CMD"}]})

    assert found(autoscaler.reserved_autoscaler_env, patch) == [
        (
            "spec.rayClusterSpec.autoscalerOptions.env[1]",
            "Forbidden: KUBERAY_GEN_AUTOSCALER_START_CMD must not be set: KubeRay sets it",
        )
    ]


@pytest.mark.parametrize(
    ("target", "held"),
    [
        (Target(Release.V1_4), True),
        (Target(Release.V1_4, {Gate.DELETION_POLICY: True}), False),
        (Target(Release.V1_5), True),
        (Target(Release.V1_6), False),
        (Target(Release.V1_7), False),
        (Target(Release.V1_7, {Gate.DELETION_POLICY: False}), True),
    ],
)
def test_a_group_must_not_be_suspended_where_the_gate_is_off(target, held):
    assert suspended_groups.suspended_group_without_gate.holds_for(target) is held


def test_every_suspended_group_is_found():
    groups = [worker_group(suspend=True), None, worker_group(suspend=True)]
    text = "Invalid value: true: must not be true while the autoscaler is on"

    assert found(
        suspended_groups.suspended_group_with_autoscaler, cluster(enableInTreeAutoscaling=True, workerGroupSpecs=groups)
    ) == [
        ("spec.rayClusterSpec.workerGroupSpecs[0].suspend", text),
        ("spec.rayClusterSpec.workerGroupSpecs[2].suspend", text),
    ]
