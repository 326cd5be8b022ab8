import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release, Target
from webhook.rules.example import merged, worker_group
from webhook.rules.kuberay import network
from webhook.rules.rule import Rule
from webhook.rules.table import Table

RULES = [value for value in vars(network).values() if isinstance(value, Rule)]
GATE_ON = Target(overrides={Gate.NETWORK_POLICY: True})
POLICY = "spec.rayClusterSpec.networkPolicy"

BOTH_WAYS: dict[str, list[dict[str, object]]] = {"ingressRules": [{}], "egressRules": [{}]}


def findings(policy, *groups, target=GATE_ON):
    cluster = {"networkPolicy": policy, "workerGroupSpecs": list(groups)}
    table = Table([rule for rule in RULES if rule.holds_for(target)])
    return [finding.message for finding in table.findings(Job.of(merged({"spec": {"rayClusterSpec": cluster}})))]


def rules_for_everyone(mode):
    return {
        "mode": mode,
        "head": BOTH_WAYS,
        "worker": BOTH_WAYS,
        "workerGroups": [None, {"groupName": "workers", **BOTH_WAYS}],
    }


@pytest.mark.parametrize("mode", [None, "DenyAll", "", "DenyNothing"])
def test_any_other_mode_takes_rules_of_both_directions(mode):
    policy = rules_for_everyone(mode)
    del policy["workerGroups"][0]

    assert findings(policy, worker_group()) == []


@pytest.mark.parametrize(
    ("mode", "direction", "rule"),
    [
        ("DenyAllEgress", "ingress", "unrestricted-ingress-rules"),
        ("DenyAllIngress", "egress", "unrestricted-egress-rules"),
    ],
)
def test_rules_of_the_open_direction_are_found_wherever_they_stand(mode, direction, rule):
    told = f"Forbidden: networkPolicy.mode {mode} does not deny {direction} [{rule}]"

    assert findings(rules_for_everyone(mode), worker_group()) == [
        f"{POLICY}.head.{direction}Rules: {told}",
        f"{POLICY}.worker.{direction}Rules: {told}",
        (
            f"{POLICY}.workerGroups[0].groupName: Required value: the group of workerGroupSpecs that is meant "
            "[network-policy-for-unknown-group]"
        ),
        f"{POLICY}.workerGroups[1].{direction}Rules: {told}",
    ]


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("a", True),
        ("1a", True),
        ("a-b", True),
        ("a" * 63, True),
        ("a" * 64, False),
        ("A", False),
        ("a.b", False),
        ("a_b", False),
        ("-a", False),
        ("a-", False),
        ("a\n", False),
        ("é", False),
        ("", False),
    ],
)
def test_a_group_is_named_by_a_dns_1123_label(name, fits):
    found = findings({}, worker_group(groupName=name))

    assert [message.partition(":")[0] for message in found] == (
        [] if fits else ["spec.rayClusterSpec.workerGroupSpecs[0].groupName"]
    )


def test_every_group_is_looked_at_and_one_without_a_name_needs_one():
    told = "must be at most 63 lower-case letters, digits and '-', with networkPolicy, which is named after it"

    assert findings({}, worker_group(groupName="A"), None, worker_group(), worker_group(groupName="B")) == [
        (
            'spec.rayClusterSpec.workerGroupSpecs[0].groupName: Invalid value: "A": '
            f"{told} [network-policy-with-unfit-group-name]"
        ),
        (
            "spec.rayClusterSpec.workerGroupSpecs[1].groupName: Required value: "
            "KubeRay names a NetworkPolicy after the group [network-policy-with-unfit-group-name]"
        ),
        (
            'spec.rayClusterSpec.workerGroupSpecs[3].groupName: Invalid value: "B": '
            f"{told} [network-policy-with-unfit-group-name]"
        ),
    ]


def test_rules_for_a_group_name_one_that_is_there():
    groups = [{"groupName": "workers"}, {"groupName": "wrokers"}, {"groupName": ""}]

    assert findings({"workerGroups": groups}, worker_group()) == [
        (
            f'{POLICY}.workerGroups[1].groupName: Invalid value: "wrokers": '
            "must be the groupName of a group in workerGroupSpecs [network-policy-for-unknown-group]"
        ),
        (
            f'{POLICY}.workerGroups[2].groupName: Invalid value: "": '
            "must be the groupName of a group in workerGroupSpecs [network-policy-for-unknown-group]"
        ),
    ]


def test_rules_for_nobody_are_for_a_group_without_a_name_as_kuberay_compares_them():
    found = findings({"workerGroups": [{}]}, worker_group(groupName=""))

    assert [message.rpartition(" [")[2] for message in found] == ["network-policy-with-unfit-group-name]"]


def test_where_the_gate_is_off_nothing_else_is_said():
    assert findings(rules_for_everyone("DenyAllEgress"), target=Target()) == [
        f"{POLICY}: Forbidden: the operator's feature gate RayClusterNetworkPolicy is off [network-policy-without-gate]"
    ]


def test_older_releases_do_not_know_the_field_and_drop_it():
    assert findings(rules_for_everyone("DenyAllEgress"), target=Target(Release.V1_6)) == []
