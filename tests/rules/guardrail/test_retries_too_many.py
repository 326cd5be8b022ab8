import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.guardrail.retries_too_many import retries_too_many

JOB, SUBMITTER = "spec.backoffLimit", "spec.submitterConfig.backoffLimit"


@pytest.mark.parametrize(
    ("given", "spec", "found"),
    [
        ({"maxRetries": 0}, {}, []),
        ({"maxRetries": 0}, {"backoffLimit": None}, []),
        ({"maxRetries": 0}, {"backoffLimit": -1}, []),
        ({"maxRetries": 0}, {"backoffLimit": 1}, [f"{JOB}: Invalid value: 1: must be 0 or less (retries)"]),
        ({"maxRetries": 3}, {"backoffLimit": 3}, []),
        (
            {"maxRetries": 3},
            {"backoffLimit": 2147483647, "clusterSelector": {"a": "b"}},
            [f"{JOB}: Invalid value: 2147483647: must be 3 or less (retries)"],
        ),
        ({"maxRetries": 3}, {"backoffLimit": "9"}, []),
        ({"maxRetries": 0}, {"submitterConfig": {"backoffLimit": 2}}, []),
        (
            {"maxRetries": 9},
            {"submitterConfig": {"backoffLimit": 3}},
            [f"{SUBMITTER}: Invalid value: 3: must be 2 or less (retries)"],
        ),
        (
            {"maxRetries": 0, "maxSubmitterRetries": 1},
            {"submitterConfig": {"backoffLimit": None}},
            [f"{SUBMITTER}: Required value: 1 or less (retries); it is 2 where it is absent"],
        ),
        ({"maxRetries": 0, "maxSubmitterRetries": 0}, {"submitterConfig": {"backoffLimit": 0}}, []),
        ({"maxRetries": 0, "maxSubmitterRetries": 0}, {"submissionMode": "SidecarMode"}, []),
        ({"maxRetries": 0}, {"submissionMode": "HTTPMode", "submitterConfig": {"backoffLimit": 9}}, []),
    ],
)
def test_retries_are_held_to_the_policys(given, spec, found):
    assert judged(retries_too_many, given, {"spec": spec}) == found
