import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release, Target
from webhook.rules.kuberay import deletion_order
from webhook.rules.rule import Rule
from webhook.rules.table import Table

RULES = [declared for declared in vars(deletion_order).values() if isinstance(declared, Rule)]

LISTED = "spec.deletionStrategy.deletionRules"


def failed(policy, seconds=None):
    return {"policy": policy, "condition": {"jobStatus": "FAILED", "ttlSeconds": seconds}}


def never_ran(policy, seconds=None):
    return {"policy": policy, "condition": {"jobDeploymentStatus": "Failed", "ttlSeconds": seconds}}


def untriggered(policy, seconds=None):
    return {"policy": policy, "condition": {"ttlSeconds": seconds}}


def twice_triggered(policy, seconds=None):
    condition = {"jobStatus": "FAILED", "jobDeploymentStatus": "Failed", "ttlSeconds": seconds}
    return {"policy": policy, "condition": condition}


def found(rules, release=Release.V1_7, **spec):
    target = Target(release, {Gate.DELETION_POLICY: True})
    table = Table([declared for declared in RULES if declared.holds_for(target)])
    job = Job.of({"spec": {"deletionStrategy": {"deletionRules": rules}, **spec}})
    return [(str(finding.path).removeprefix(LISTED), finding.text) for finding in table.findings(job)]


def alike(index, first, said):
    return (
        f"[{index}]",
        f'Duplicate value: "{said}": must differ from deletionRules[{first}] in status or policy',
    )


def too_early(index, seconds, earlier, least):
    return (
        f"[{index}].condition.ttlSeconds",
        f"Invalid value: {seconds}: must be {least} or more (seconds), the delay of {earlier} on the same status",
    )


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([failed("DeleteWorkers", 5), failed("DeleteCluster", 5), failed("DeleteSelf", 5)], []),
        ([failed("DeleteNone", 9), failed("DeleteWorkers"), failed("DeleteSelf")], []),
        ([failed("DeleteWorkers", 9), never_ran("DeleteCluster", 1)], []),
        ([failed("DeleteWorkers", 9), failed("Delete", 1), failed("deletecluster", 1)], []),
        ([failed("DeleteCluster", 9), failed("DeleteSelf", None)], [too_early(1, 0, "DeleteCluster", 9)]),
        ([failed("DeleteSelf", 1), failed("DeleteWorkers", 9)], [too_early(0, 1, "DeleteWorkers", 9)]),
        (
            # The next stage is compared with the one before it, even if that is too early itself.
            [failed("DeleteWorkers", 9), failed("DeleteCluster", 3), failed("DeleteSelf", 5)],
            [too_early(1, 3, "DeleteWorkers", 9)],
        ),
        (
            [failed("DeleteWorkers", 9), failed("DeleteCluster", 8), failed("DeleteSelf", 7)],
            [too_early(1, 8, "DeleteWorkers", 9), too_early(2, 7, "DeleteCluster", 8)],
        ),
        (
            [
                failed("DeleteWorkers", 9),
                never_ran("DeleteCluster", 8),
                failed("DeleteSelf", 7),
                never_ran("DeleteSelf", 6),
            ],
            [too_early(2, 7, "DeleteWorkers", 9), too_early(3, 6, "DeleteCluster", 8)],
        ),
    ],
)
def test_on_the_same_status_the_greater_deletion_waits_for_the_smaller(rules, expected):
    assert found(rules) == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([failed("DeleteSelf"), never_ran("DeleteSelf")], []),
        (
            [failed(None), failed(""), {"condition": {"jobStatus": "FAILED"}}],
            [alike(1, 0, "no policy on FAILED"), alike(2, 0, "no policy on FAILED")],
        ),
        ([failed("Foo"), failed("Foo")], [alike(1, 0, "Foo on FAILED")]),
        (
            # What counts in the order is the first of them: 1 is no less than 1, and 9 is not asked.
            [failed("DeleteCluster", 1), failed("DeleteCluster", 9), failed("DeleteSelf", 1)],
            [alike(1, 0, "DeleteCluster on FAILED")],
        ),
        (
            [failed("DeleteCluster", 9), failed("DeleteSelf", 5), failed("DeleteCluster", 1)],
            [too_early(1, 5, "DeleteCluster", 9), alike(2, 0, "DeleteCluster on FAILED")],
        ),
    ],
)
def test_of_rules_alike_the_first_counts(rules, expected):
    assert found(rules) == expected


@pytest.mark.parametrize(
    "rules",
    [
        [failed("DeleteSelf", -1), failed("DeleteSelf", 9)],
        [failed("DeleteSelf", -1), failed("DeleteCluster", 9)],
        [untriggered("DeleteSelf"), untriggered("DeleteSelf"), untriggered("DeleteCluster", 9)],
        [twice_triggered("DeleteSelf"), twice_triggered("DeleteSelf"), twice_triggered("DeleteCluster", 9)],
        [failed("DeleteCluster", 9), twice_triggered("DeleteCluster"), twice_triggered("DeleteSelf")],
        [None, None, {}],
    ],
)
def test_a_rule_that_is_wrong_by_itself_is_not_compared(rules):
    assert found(rules) == []


SELECTOR = {"clusterSelector": {"ray.io/cluster": "shared"}}
AUTOSCALED = {"rayClusterSpec": {"enableInTreeAutoscaling": True}}


@pytest.mark.parametrize("release", [Release.V1_5, Release.V1_7])
@pytest.mark.parametrize(
    ("rules", "spec", "expected"),
    [
        ([failed("DeleteCluster", 9), failed("DeleteCluster", 9), failed("DeleteSelf")], SELECTOR, []),
        ([failed("DeleteWorkers", 9), failed("DeleteSelf")], SELECTOR, []),
        ([failed("DeleteNone"), failed("DeleteNone")], SELECTOR, [alike(1, 0, "DeleteNone on FAILED")]),
        ([failed("DeleteWorkers", 9), failed("DeleteWorkers", 9), failed("DeleteSelf")], AUTOSCALED, []),
        ([failed("DeleteCluster", 9), failed("DeleteSelf")], AUTOSCALED, [too_early(1, 0, "DeleteCluster", 9)]),
    ],
)
def test_a_policy_that_the_cluster_forbids_is_not_compared(rules, spec, expected, release):
    assert found(rules, release, **spec) == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([failed("DeleteSelf"), never_ran("DeleteSelf")], []),
        ([never_ran("DeleteSelf"), untriggered("DeleteSelf")], [alike(1, 0, "DeleteSelf on no status")]),
        ([failed("DeleteSelf"), twice_triggered("DeleteSelf")], [alike(1, 0, "DeleteSelf on FAILED")]),
        ([None, {}], [alike(1, 0, "no policy on no status")]),
        ([never_ran("DeleteCluster", 9), untriggered("DeleteSelf")], [too_early(1, 0, "DeleteCluster", 9)]),
        ([failed("DeleteSelf", -1), failed("DeleteSelf"), failed("DeleteSelf")], [alike(2, 1, "DeleteSelf on FAILED")]),
    ],
)
def test_kuberay_1_5_takes_a_missing_job_status_for_the_empty_one(rules, expected):
    assert found(rules, Release.V1_5) == expected
