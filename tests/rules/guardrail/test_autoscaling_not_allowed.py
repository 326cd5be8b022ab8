import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, worker_group
from webhook.rules.guardrail.autoscaling_not_allowed import autoscaling_not_allowed

CONFIG = "must not give autoscaling-config, with which Ray's own monitor starts an autoscaler"
FOUND = ["spec.rayClusterSpec.enableInTreeAutoscaling: Invalid value: true: must be false, or left out"]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"enableInTreeAutoscaling": True}, FOUND),
        ({"enableInTreeAutoscaling": True, "autoscalerOptions": {"version": "v2"}}, FOUND),
        ({"enableInTreeAutoscaling": False}, []),
        ({"enableInTreeAutoscaling": None, "autoscalerOptions": {"version": "v2"}}, []),
        ({"enableInTreeAutoscaling": "true"}, []),
        ({}, []),
    ],
)
def test_the_autoscaler_must_be_off(fields, found):
    assert judged(autoscaling_not_allowed, {}, cluster(**fields)) == found


@pytest.mark.parametrize(
    ("params", "key"),
    [
        ({"autoscaling-config": "/etc/a.yaml"}, "autoscaling-config"),
        ({"autoscaling-config": ""}, "autoscaling-config"),
        ({"port": "6379 --autoscaling-config=/etc/a.yaml"}, "port"),
        ({"no-monitor": "true"}, None),
        ({"autoscaling-config": None}, None),
        (None, None),
    ],
)
def test_the_head_has_no_autoscaler_of_its_own(params, key):
    patch = cluster(headGroupSpec={"rayStartParams": params}, workerGroupSpecs=[worker_group(rayStartParams=params)])
    place = "spec.rayClusterSpec.headGroupSpec.rayStartParams"

    assert judged(autoscaling_not_allowed, {}, patch) == ([f"{place}[{key}]: Forbidden: {CONFIG}"] if key else [])
