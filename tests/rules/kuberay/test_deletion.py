import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release, Target
from webhook.rules.kuberay import deletion, deletion_gate, deletion_order, deletion_policy, deletion_rules
from webhook.rules.rule import Rule
from webhook.rules.table import Table

MODULES = (deletion_gate, deletion, deletion_policy, deletion_rules, deletion_order)
RULES = [declared for module in MODULES for declared in vars(module).values() if isinstance(declared, Rule)]

ON = {Gate.DELETION_POLICY: True}
OFF = {Gate.DELETION_POLICY: False}


def messages(spec, target):
    table = Table([declared for declared in RULES if declared.holds_for(target)])
    return [finding.message for finding in table.findings(Job.of({"spec": spec}))]


FAULTY = {
    "deletionStrategy": {"onSuccess": {"policy": "DeleteWorkers"}, "deletionRules": [None]},
    "deletionPolicy": "Delete",
    "shutdownAfterJobFinishes": True,
}


@pytest.mark.parametrize("release", [Release.V1_5, Release.V1_6, Release.V1_7])
def test_an_operator_without_the_gate_says_nothing_but_that(release):
    assert messages(FAULTY, Target(release, OFF)) == [
        (
            "spec.deletionStrategy: Forbidden: KubeRay's operator must run with "
            "--feature-gates=RayJobDeletionPolicy=true [deletion-strategy-without-gate]"
        )
    ]


def test_kuberay_1_4_reads_the_older_field_alone():
    assert messages(FAULTY, Target(Release.V1_4)) == [
        (
            "spec.deletionPolicy: Forbidden: KubeRay's operator must run with "
            "--feature-gates=RayJobDeletionPolicy=true [deletion-policy-without-gate]"
        ),
        (
            'spec.deletionPolicy: Unsupported value: "Delete": supported values: "DeleteCluster", "DeleteWorkers", '
            '"DeleteSelf", "DeleteNone" [unknown-deletion-policy]'
        ),
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"deletionStrategy": None, "shutdownAfterJobFinishes": True}, []),
        ({"deletionStrategy": {"onSuccess": {"policy": ""}, "onFailure": {"policy": "None"}}}, []),
        (
            {"deletionStrategy": {"onSuccess": None, "onFailure": None, "deletionRules": []}},
            [
                (
                    "spec.deletionStrategy: Required value: must have deletionRules, or onSuccess and onFailure "
                    "[empty-deletion-strategy]"
                )
            ],
        ),
        (
            {"deletionStrategy": {"onSuccess": {"policy": None}}},
            [
                (
                    "spec.deletionStrategy.onFailure: Required value: must be given beside onSuccess "
                    "[half-deletion-strategy]"
                ),
                (
                    "spec.deletionStrategy.onSuccess.policy: Required value: one of DeleteCluster, DeleteWorkers, "
                    "DeleteSelf, DeleteNone [missing-deletion-policy]"
                ),
            ],
        ),
        (
            {
                "deletionStrategy": {"onFailure": {"policy": "DeleteNone"}, "deletionRules": []},
                "shutdownAfterJobFinishes": True,
            },
            [
                (
                    'spec.deletionStrategy.onFailure.policy: Invalid value: "DeleteNone": must not be DeleteNone while '
                    "spec.shutdownAfterJobFinishes is true [delete-none-with-shutdown]"
                ),
                (
                    "spec.deletionStrategy.onSuccess: Required value: must be given beside onFailure "
                    "[half-deletion-strategy]"
                ),
            ],
        ),
    ],
)
def test_a_strategy_is_complete_and_an_empty_list_of_rules_is_none(spec, expected):
    assert messages(spec, Target()) == expected


def test_of_a_pair_beside_rules_only_the_rules_are_judged():
    spec = {
        "deletionStrategy": {
            "onSuccess": {"policy": "DeleteNone"},
            "onFailure": {},
            "deletionRules": [{"policy": "DeleteWorkers", "condition": {"jobStatus": "FAILED"}}],
        },
        "shutdownAfterJobFinishes": True,
        "rayClusterSpec": {"enableInTreeAutoscaling": True},
    }

    assert messages(spec, Target()) == [
        (
            "spec.deletionStrategy: Forbidden: must have deletionRules, or onSuccess and onFailure, not both "
            "[two-deletion-strategies]"
        ),
        (
            "spec.deletionStrategy.deletionRules: Forbidden: must be left out while "
            "spec.shutdownAfterJobFinishes is true [deletion-rules-with-shutdown]"
        ),
        (
            'spec.deletionStrategy.deletionRules[0].policy: Invalid value: "DeleteWorkers": must not be DeleteWorkers '
            "while enableInTreeAutoscaling is true [deletion-of-autoscaled-workers]"
        ),
    ]
