import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release, Target
from webhook.rules.kuberay import deletion_rules
from webhook.rules.rule import Rule
from webhook.rules.table import Table

RULES = [declared for declared in vars(deletion_rules).values() if isinstance(declared, Rule)]

LISTED = "spec.deletionStrategy.deletionRules"


def messages(rules, release=Release.V1_7):
    target = Target(release, {Gate.DELETION_POLICY: True})
    table = Table([declared for declared in RULES if declared.holds_for(target)])
    job = Job.of({"spec": {"deletionStrategy": {"deletionRules": rules}}})
    return [finding.message for finding in table.findings(job)]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], []),
        ([{"condition": {"jobStatus": ""}}, {"condition": {"jobDeploymentStatus": "", "ttlSeconds": None}}], []),
        (
            [None, {}, {"condition": None}, {"condition": {"jobStatus": None, "jobDeploymentStatus": None}}],
            [
                f"{LISTED}[{index}].condition: Required value: must have jobStatus or jobDeploymentStatus "
                "[deletion-rule-without-status]"
                for index in range(4)
            ],
        ),
        (
            [{"condition": {"jobStatus": "", "jobDeploymentStatus": ""}}],
            [
                (
                    f"{LISTED}[0].condition: Forbidden: must have jobStatus or jobDeploymentStatus, not both "
                    "[deletion-rule-with-two-statuses]"
                )
            ],
        ),
        (
            [{"condition": {"ttlSeconds": -1}}],
            [
                (
                    f"{LISTED}[0].condition: Required value: must have jobStatus or jobDeploymentStatus "
                    "[deletion-rule-without-status]"
                ),
                (
                    f"{LISTED}[0].condition.ttlSeconds: Invalid value: -1: must be 0 or more (seconds) "
                    "[negative-deletion-ttl]"
                ),
            ],
        ),
    ],
)
def test_a_rule_has_one_trigger_be_it_empty_and_no_negative_delay(rules, expected):
    assert messages(rules) == expected


def test_kuberay_1_5_lets_a_rule_have_no_trigger():
    rules = [{"condition": {}}, {"condition": {"jobStatus": "FAILED", "jobDeploymentStatus": "Failed"}}]

    assert messages(rules, Release.V1_5) == []
