"""What KubeRay's own tests ask of a RayCluster, answered for the RayJob that has it."""

import pytest

from tests.parity.comparison import Difference
from tests.parity.upstream import judge

HEAD = {"headGroupSpec": {"template": {"spec": {"containers": [{"name": "h"}]}}}}


def asked(function, given, *rules):
    return judge({"function": function, "object": given, "denied": bool(rules), "rules": [*rules], "gates": {}})


def test_a_cluster_with_k8s_tokens_is_denied_to_a_rayjob_whatever_a_bare_one_meets():
    spec = HEAD | {"authOptions": {"enableK8sTokenAuth": True, "mode": "token"}, "rayVersion": "2.55.0"}

    assert asked("cluster", {"spec": spec, "ann": None}) is None
    assert asked("cluster", {"spec": spec}, "R100") is None


def test_a_cluster_is_judged_by_its_own_rules_with_its_annotations():
    spec = HEAD | {"gcsFaultToleranceOptions": {}}

    assert asked("cluster", {"spec": spec}) is None
    assert asked("cluster", {"spec": spec, "ann": {"ray.io/ft-enabled": "true"}}, "R56") is None
    assert asked("cluster", {"spec": {}}, "R36") is None
    assert asked("cluster", {"spec": spec}, "R56") == Difference("denied by R56", "allowed")


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("a" * 53, True),
        ("a" * 54, False),
        ("a", True),
        ("a--b", True),
        ("a-b--12345", True),
        ("", False),
        ("0" * 53, False),
        ("a" * 46 + "A" + "a" * 6, False),
    ],
)
def test_a_clusters_name_fits_where_its_rayjobs_does(name, fits):
    row = {"function": "clustermeta", "object": {"name": name}, "denied": not fits}

    assert judge(row) is None


@pytest.mark.parametrize(
    ("creator", "strategy", "denied"),
    [
        ("RayJob", None, False),
        ("RayJob", "None", True),
        ("RayJob", "Unknown", True),
        ("RayCluster", "None", False),
        ("RayCluster", "Unknown", True),
        (None, "Recreate", False),
        (None, "Unknown", True),
        ("RayService", "Recreate", True),
        ("RayService", "Recreate", False),  # out of scope: nothing is expected of us
    ],
)
def test_an_upgrade_strategy_is_judged_by_who_made_the_cluster(creator, strategy, denied):
    labels = {"ray.io/originated-from-crd": creator} if creator else None
    spec = HEAD | {"upgradeStrategy": {"type": strategy}}

    row = {"function": "upgrade", "object": {"metadata": {"labels": labels}, "spec": spec}, "denied": denied}

    assert judge(row) is None


def test_a_network_policy_is_judged_with_its_gate_on():
    spec = {"networkPolicy": {"mode": "DenyAllEgress", "head": {"ingressRules": [{}]}}}

    assert asked("netpol", spec, "R103") is None
    assert asked("netpol", {"networkPolicy": {}}) is None


def test_tls_is_judged_with_the_gates_of_its_row():
    spec = {"tlsOptions": {"enabled": True}, "autoscalerOptions": {"env": [{"name": "RAY_USE_TLS"}]}}

    assert asked("tls", spec) is None
    row = {"function": "tls", "object": spec, "denied": True, "rules": ["R116"], "gates": {"RayClusterMTLS": True}}
    assert judge(row) is None


def test_each_function_of_a_rayjob_asks_for_its_own_part():
    bad = {"metadata": {"name": "A"}, "spec": {"suspend": True}, "status": {"jobDeploymentStatus": "Waiting"}}

    assert asked("jobmeta", bad["metadata"], "R2") is None
    assert asked("job", bad, "R3", "R27") is None
    assert asked("jobstatus", bad, "R122") is None
    assert asked("jobmeta", bad["metadata"], "R3") == Difference("denied by R3", "denied by R2")


def test_a_function_that_nobody_knows_differs():
    assert asked("rayservice", {}) == Difference("an answer", "no function 'rayservice' is known")
