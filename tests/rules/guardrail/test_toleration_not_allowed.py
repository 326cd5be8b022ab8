import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, worker_group
from webhook.rules.guardrail.toleration_not_allowed import TolerationNotAllowed, toleration_not_allowed

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"
PAST = "must be left out: the scheduler, which keeps pods off tainted nodes, is not asked"


def in_head(*tolerations, **spec):
    return cluster(headGroupSpec={"template": {"spec": {"tolerations": [*tolerations], **spec}}})


def is_allowed(allowed, toleration):
    return judged(toleration_not_allowed, {"tolerations": [allowed]}, in_head(toleration)) == []


@pytest.mark.parametrize(
    "toleration",
    [
        {"key": "gpu"},
        {"key": "gpu", "operator": "Exists"},
        {"key": "gpu", "operator": "Equal", "value": "a", "effect": "NoSchedule"},
        {"key": "gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 2**62},
        {"key": "gpu", "operator": "Gt", "value": "5"},
    ],
)
def test_a_key_alone_allows_every_toleration_of_its_taints(toleration):
    assert is_allowed({"key": "gpu"}, toleration)


@pytest.mark.parametrize(
    "toleration",
    [
        {},
        None,
        {"operator": "Exists"},
        {"key": "", "operator": "Exists"},
        {"key": None, "operator": "Exists", "effect": "NoSchedule"},
        {"key": 5, "operator": "Exists"},
        {"key": "GPU"},
        {"key": "gpu2"},
        {"key": "g\u0440u"},
        {"key": " gpu"},
    ],
)
def test_no_toleration_of_other_taints_or_of_all_is_allowed(toleration):
    assert not is_allowed({"key": "gpu"}, toleration)


@pytest.mark.parametrize(
    ("allowed", "toleration", "passes"),
    [
        ({"effect": "NoSchedule"}, {"effect": "NoSchedule"}, True),
        ({"effect": "NoSchedule"}, {"effect": "NoExecute"}, False),
        ({"effect": "NoSchedule"}, {"effect": ""}, False),
        ({"effect": "NoSchedule"}, {"effect": None}, False),
        ({"effect": "NoSchedule"}, {"effect": "noschedule"}, False),
        ({"effect": "NoSchedule"}, {}, False),
        ({"operator": "Equal"}, {}, True),
        ({"operator": "Equal"}, {"operator": "", "value": "x"}, True),
        ({"operator": "Equal"}, {"operator": "Exists"}, False),
        ({"operator": "Exists"}, {"operator": "Exists"}, True),
        ({"operator": "Exists"}, {"operator": "exists"}, False),
        ({"operator": "Exists"}, {}, False),
        ({"value": "a"}, {"value": "a"}, True),
        ({"value": "a"}, {"operator": "Equal", "value": "a"}, True),
        ({"value": "a"}, {"value": "A"}, False),
        ({"value": "a"}, {"value": "ab"}, False),
        ({"value": "a"}, {}, False),
        ({"value": "a"}, {"operator": "Exists"}, False),
        ({"value": "a"}, {"operator": "Exists", "value": "a"}, False),
        ({"value": "5"}, {"operator": "Gt", "value": "5"}, False),
        ({"operator": "Gt", "value": "5"}, {"operator": "Gt", "value": "5"}, True),
        ({"operator": "Gt", "value": "5"}, {"operator": "Gt", "value": "4"}, False),
        ({"operator": "Gt", "value": "5"}, {"operator": "Lt", "value": "5"}, False),
        ({"value": ""}, {}, True),
        ({"value": ""}, {"value": None}, True),
        ({"value": ""}, {"value": "a"}, False),
    ],
)
def test_a_toleration_may_be_narrower_than_what_is_allowed_and_never_wider(allowed, toleration, passes):
    assert is_allowed({"key": "gpu", **allowed}, {"key": "gpu", **toleration}) is passes


@pytest.mark.parametrize(
    ("toleration", "told"),
    [
        ({"operator": "Exists"}, '"*" (every taint and every effect)'),
        ({"operator": "Exists", "effect": "NoExecute"}, '"*:NoExecute" (every taint)'),
        ({"key": "a", "operator": "Exists"}, '"a" (every value and every effect)'),
        ({"key": "a", "value": "b"}, '"a=b" (every effect)'),
        ({"key": "a", "value": "b", "effect": "NoSchedule"}, '"a=b:NoSchedule"'),
        ({"key": "a", "operator": "Gt", "value": "5", "effect": "NoSchedule"}, '"a>5:NoSchedule"'),
        ({"key": "a", "operator": "Lt", "value": "5", "effect": "NoSchedule"}, '"a<5:NoSchedule"'),
        ({"key": "a\n" + "b" * 100, "effect": "NoSchedule"}, f'"a\\n{"b" * 61}…"'),
    ],
)
def test_a_message_says_how_wide_a_toleration_is(toleration, told):
    given = {"tolerations": [{"key": "gpu", "value": "true", "effect": "NoSchedule"}, {"key": "spot"}]}

    assert judged(toleration_not_allowed, given, in_head(toleration)) == [
        f'{HEAD}.tolerations[0]: Forbidden: {told} must be "gpu=true:NoSchedule" or "spot", or narrower'
    ]
    assert judged(toleration_not_allowed, {}, in_head(toleration)) == [
        f"{HEAD}.tolerations[0]: Forbidden: {told} must be left out"
    ]


@pytest.mark.parametrize("name", ["node-1", " "])
def test_nobody_gets_past_taints_by_a_nodes_name(name):
    found = judged(toleration_not_allowed, {"tolerations": [{"key": "gpu"}]}, in_head(nodeName=name))

    assert found == [f'{HEAD}.nodeName: Invalid value: "{name}": {PAST}']


@pytest.mark.parametrize("spec", [{"nodeName": ""}, {"nodeName": None}, {"tolerations": None}, {"tolerations": "x"}])
def test_what_is_empty_tolerates_nothing(spec):
    assert judged(toleration_not_allowed, {}, in_head(**spec)) == []


def test_no_template_is_forgotten():
    spot = {"spec": {"tolerations": [{"key": "gpu"}, {"key": "spot"}], "nodeName": "n"}}
    patch = {
        "spec": {
            "submitterPodTemplate": spot,
            **cluster(headGroupSpec={"template": spot}, workerGroupSpecs=[worker_group(), worker_group(template=spot)])[
                "spec"
            ],
        }
    }

    assert judged(toleration_not_allowed, {"tolerations": [{"key": "gpu"}]}, patch) == [
        message
        for place in (HEAD, "spec.rayClusterSpec.workerGroupSpecs[1].template.spec", "spec.submitterPodTemplate.spec")
        for message in (
            f'{place}.nodeName: Invalid value: "n": {PAST}',
            f'{place}.tolerations[1]: Forbidden: "spot" (every effect) must be "gpu", or narrower',
        )
    ]


@pytest.mark.parametrize(
    "allowed",
    [
        {},
        {"key": ""},
        {"key": None},
        {"key": "a", "operator": "exists"},
        {"key": "a", "operator": "Exists", "value": ""},
        {"key": "a", "effect": ""},
        {"key": "a", "value": 5},
        {"key": "a", "tolerationSeconds": 5},
    ],
)
def test_a_policy_says_what_may_be_tolerated(allowed):
    with pytest.raises(ValidationError):
        TolerationNotAllowed.of({"tolerations": [allowed]})
