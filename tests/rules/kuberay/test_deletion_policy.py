import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release, Target
from webhook.rules.kuberay import deletion_policy
from webhook.rules.rule import Rule
from webhook.rules.table import Table

RULES = [declared for declared in vars(deletion_policy).values() if isinstance(declared, Rule)]

SELECTOR = {"clusterSelector": {"ray.io/cluster": "shared"}}
AUTOSCALED = {"rayClusterSpec": {"enableInTreeAutoscaling": True}}
SHUT_DOWN = {"shutdownAfterJobFinishes": True}


def found(spec, release):
    target = Target(release, {Gate.DELETION_POLICY: True})
    table = Table([declared for declared in RULES if declared.holds_for(target)])
    return [(str(finding.path), finding.text) for finding in table.findings(Job.of({"spec": spec}))]


def refused(policy, circumstances):
    """What is wrong with a policy, which every way of writing it must be told alike."""
    if "clusterSelector" in circumstances and policy in ("DeleteCluster", "DeleteWorkers"):
        return [f'Invalid value: "{policy}": must be DeleteSelf or DeleteNone with spec.clusterSelector']
    if "rayClusterSpec" in circumstances and "clusterSelector" not in circumstances and policy == "DeleteWorkers":
        return [f'Invalid value: "{policy}": must not be DeleteWorkers while enableInTreeAutoscaling is true']
    return []


def refused_with_shutdown(policy, circumstances):
    if "shutdownAfterJobFinishes" in circumstances and policy == "DeleteNone":
        return ['Invalid value: "DeleteNone": must not be DeleteNone while spec.shutdownAfterJobFinishes is true']
    return refused(policy, circumstances)


@pytest.mark.parametrize(
    "circumstances", [{}, SELECTOR, AUTOSCALED, SHUT_DOWN, {**SELECTOR, **AUTOSCALED}, {**AUTOSCALED, **SHUT_DOWN}]
)
@pytest.mark.parametrize("policy", ["DeleteCluster", "DeleteWorkers", "DeleteSelf", "DeleteNone", "deleteworkers", ""])
def test_the_cluster_decides_what_a_policy_may_delete_however_it_is_written(policy, circumstances):
    pair = {"onSuccess": {"policy": policy}, "onFailure": {"policy": policy}}
    rules = [{"policy": policy, "condition": {"jobStatus": "FAILED"}}]

    assert found({**circumstances, "deletionPolicy": policy}, Release.V1_4) == [
        ("spec.deletionPolicy", text) for text in refused_with_shutdown(policy, circumstances)
    ]
    assert found({**circumstances, "deletionStrategy": pair}, Release.V1_5) == [
        (f"spec.deletionStrategy.{outcome}.policy", text)
        for outcome in ("onFailure", "onSuccess")
        for text in refused_with_shutdown(policy, circumstances)
    ]
    assert found({**circumstances, "deletionStrategy": {"deletionRules": rules}}, Release.V1_7) == [
        ("spec.deletionStrategy.deletionRules[0].policy", text) for text in refused(policy, circumstances)
    ]


@pytest.mark.parametrize(
    "strategy",
    [
        {"onSuccess": None, "onFailure": {"policy": None}},
        {"onSuccess": {}},
        {"deletionRules": [None, {}, {"policy": None}]},
        {"onSuccess": {"policy": "DeleteWorkers"}, "deletionRules": [{}]},
    ],
)
def test_a_policy_that_is_missing_or_not_in_force_deletes_nothing(strategy):
    assert found({**SELECTOR, **SHUT_DOWN, "deletionStrategy": strategy}, Release.V1_7) == []
