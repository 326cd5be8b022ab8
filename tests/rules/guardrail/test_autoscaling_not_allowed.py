import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster
from webhook.rules.guardrail.autoscaling_not_allowed import autoscaling_not_allowed

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
