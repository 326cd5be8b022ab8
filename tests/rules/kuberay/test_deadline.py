import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release, Target
from webhook.rules.kuberay import deadline
from webhook.rules.table import Table

RULES = (deadline.no_active_time, deadline.no_time_to_start, deadline.negative_backoff_limit)


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        ({"activeDeadlineSeconds": None, "preRunningDeadlineSeconds": None, "backoffLimit": None}, []),
        ({"activeDeadlineSeconds": 1, "preRunningDeadlineSeconds": 1, "backoffLimit": 0}, []),
        (
            {"activeDeadlineSeconds": 0, "preRunningDeadlineSeconds": 0, "backoffLimit": -1},
            [
                "spec.activeDeadlineSeconds: Invalid value: 0: must be 1 or more (seconds) [no-active-time]",
                "spec.backoffLimit: Invalid value: -1: must be 0 or more (retries) [negative-backoff-limit]",
                "spec.preRunningDeadlineSeconds: Invalid value: 0: must be 1 or more (seconds) [no-time-to-start]",
            ],
        ),
    ],
)
def test_a_budget_leaves_something_to_spend(spec, messages):
    assert [finding.message for finding in Table(RULES).findings(Job.of({"spec": spec}))] == messages


def test_kuberay_1_5_knows_no_deadline_before_the_job_runs():
    held = [rule.id for rule in RULES if rule.holds_for(Target(Release.V1_5))]

    assert held == ["no-active-time", "negative-backoff-limit"]
