import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.guardrail.deadline_missing_or_too_long import deadline_missing_or_too_long

ACTIVE, WAITING = "spec.activeDeadlineSeconds", "spec.preRunningDeadlineSeconds"


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"activeDeadlineSeconds": 600}, []),
        ({"activeDeadlineSeconds": 1}, []),
        ({"activeDeadlineSeconds": 601}, [f"{ACTIVE}: Invalid value: 601: must be 600 or less (seconds)"]),
        (
            {"activeDeadlineSeconds": 2147483647.0},
            [f"{ACTIVE}: Invalid value: 2147483647.0: must be 600 or less (seconds)"],
        ),
        ({}, [f"{ACTIVE}: Required value: 600 or less (seconds)"]),
        ({"activeDeadlineSeconds": None}, [f"{ACTIVE}: Required value: 600 or less (seconds)"]),
        ({"preRunningDeadlineSeconds": 60}, [f"{ACTIVE}: Required value: 600 or less (seconds)"]),
        ({"activeDeadlineSeconds": 60, "preRunningDeadlineSeconds": 9999}, []),
        (
            {"submitterPodTemplate": {"spec": {"activeDeadlineSeconds": 60}}},
            [f"{ACTIVE}: Required value: 600 or less (seconds)"],
        ),
        (
            {"clusterSelector": {"ray.io/cluster": "shared"}},
            [f"{ACTIVE}: Required value: 600 or less (seconds)"],
        ),
        ({"activeDeadlineSeconds": "600"}, []),
        (
            {"submissionMode": "InteractiveMode", "activeDeadlineSeconds": 60},
            [f"{WAITING}: Required value: 600 or less (seconds)"],
        ),
        (
            {"submissionMode": "InteractiveMode", "activeDeadlineSeconds": 60, "preRunningDeadlineSeconds": 601},
            [f"{WAITING}: Invalid value: 601: must be 600 or less (seconds)"],
        ),
        (
            {"submissionMode": "InteractiveMode", "activeDeadlineSeconds": 60, "preRunningDeadlineSeconds": 60},
            [],
        ),
    ],
)
def test_a_job_has_a_deadline_within_the_policys(spec, found):
    assert judged(deadline_missing_or_too_long, {"maxSeconds": 600}, {"spec": spec}) == found


def test_without_a_number_any_deadline_will_do():
    assert judged(deadline_missing_or_too_long, {}, {"spec": {"activeDeadlineSeconds": 2147483647}}) == []
    assert judged(deadline_missing_or_too_long, {}, {}) == [f"{ACTIVE}: Required value: seconds"]
