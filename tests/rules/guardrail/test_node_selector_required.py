import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, worker_group
from webhook.rules.guardrail.node_selector_required import NodeSelectorRequired, node_selector_required

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"
PLACE = f"{HEAD}.nodeSelector[example.com/pool]"
GIVEN = {"labels": {"example.com/pool": "batch|gpu"}}
ANY = {"labels": {"example.com/pool": None}}
MUST = 'must match "batch|gpu"'


def in_head(**spec):
    return cluster(headGroupSpec={"template": {"spec": spec}})


@pytest.mark.parametrize(
    ("selector", "told", "told_of_any"),
    [
        ({"example.com/pool": "gpu"}, None, None),
        ({"example.com/pool": "gpu2"}, 'Invalid value: "gpu2"', None),
        ({"example.com/pool": "GPU"}, 'Invalid value: "GPU"', None),
        ({"example.com/pool": ""}, 'Invalid value: ""', None),
        ({"example.com/pool": None}, "Required value", "Required value"),
        ({"example.com/Pool": "gpu"}, "Required value", "Required value"),
        ({"pool": "gpu"}, "Required value", "Required value"),
        ({}, "Required value", "Required value"),
        (None, "Required value", "Required value"),
        ({"example.com/pool": 5}, None, None),  # the rule on types tells of these
        ("example.com/pool", None, None),
    ],
)
def test_a_pod_selects_its_nodes(selector, told, told_of_any):
    patch = in_head(nodeSelector=selector)

    assert judged(node_selector_required, GIVEN, patch) == ([f"{PLACE}: {told}: {MUST}"] if told else [])
    any_told = [f"{PLACE}: {told_of_any}: must have a value"] if told_of_any else []
    assert judged(node_selector_required, ANY, patch) == any_told


def condition(*values, operator="In", key="example.com/pool"):
    return {"key": key, "operator": operator, "values": [*values]}


def affinity(*terms, when="requiredDuringSchedulingIgnoredDuringExecution"):
    return {"nodeAffinity": {when: {"nodeSelectorTerms": [*terms]}}}


ZONE = condition("a", key="zone")


@pytest.mark.parametrize(
    ("wanted", "passes", "passes_any"),
    [
        (affinity({"matchExpressions": [condition("gpu")]}), True, True),
        (affinity({"matchExpressions": [ZONE, condition("gpu", "batch")]}), True, True),
        (affinity({"matchExpressions": [condition("gpu", "system")]}), False, True),
        (affinity({"matchExpressions": [condition("gpu")]}, {"matchExpressions": [condition("batch")]}), True, True),
        (affinity({"matchExpressions": [condition("gpu")]}, {"matchExpressions": [ZONE]}), False, False),
        (affinity({"matchExpressions": [condition("gpu")]}, {}), False, False),
        (affinity({"matchExpressions": [condition("gpu")]}, None), False, False),
        (affinity({"matchExpressions": [None, condition("gpu"), condition("system")]}), True, True),
        (affinity({"matchExpressions": [condition()]}), False, False),
        (affinity({"matchExpressions": [condition("gpu", operator="NotIn")]}), False, False),
        (affinity({"matchExpressions": [condition(operator="Exists")]}), False, True),
        (affinity({"matchExpressions": [condition("1", operator="Gt")]}), False, True),
        (affinity({"matchExpressions": [condition(operator="DoesNotExist")]}), False, False),
        (affinity({"matchExpressions": [condition("gpu", operator="in")]}), False, False),
        (affinity({"matchFields": [condition("gpu")]}), False, False),
        (affinity(), False, False),
        (affinity({"matchExpressions": [condition("gpu")]}, when="preferred"), False, False),
        ({"nodeAffinity": None}, False, False),
        ({"podAffinity": {}}, False, False),
    ],
)
def test_a_required_affinity_does_where_each_of_its_terms_keeps_to_the_nodes(wanted, passes, passes_any):
    patch = in_head(affinity=wanted)

    assert judged(node_selector_required, GIVEN, patch) == ([] if passes else [f"{PLACE}: Required value: {MUST}"])
    found = [] if passes_any else [f"{PLACE}: Required value: must have a value"]
    assert judged(node_selector_required, ANY, patch) == found


def test_no_template_and_no_key_is_forgotten():
    patch = {
        "spec": {
            "submitterPodTemplate": {"spec": {"nodeSelector": {"b": "1"}}},
            **cluster(
                headGroupSpec={"template": {"spec": {"nodeSelector": {"a": "1", "b": "1"}}}},
                workerGroupSpecs=[worker_group(template={"spec": {"nodeSelector": {"a": "2"}}})],
            )["spec"],
        }
    }
    worker = "spec.rayClusterSpec.workerGroupSpecs[0].template.spec"

    assert judged(node_selector_required, {"labels": {"a": "1", "b": None}}, patch) == [
        f'{worker}.nodeSelector[a]: Invalid value: "2": must match "1"',
        f"{worker}.nodeSelector[b]: Required value: must have a value",
        'spec.submitterPodTemplate.spec.nodeSelector[a]: Required value: must match "1"',
    ]


@pytest.mark.parametrize("given", [{}, {"labels": {}}, {"labels": {"a b": None}}, {"labels": {"a": "("}}])
def test_a_policy_names_labels_of_nodes(given):
    with pytest.raises(ValidationError):
        NodeSelectorRequired.of(given)
