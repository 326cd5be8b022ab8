import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, worker_group
from webhook.rules.guardrail.missing_label import MissingLabel, missing_label

HEAD = "spec.rayClusterSpec.headGroupSpec"
ANY = {"labels": {"example.com/team": None}}
TEAMS = {"labels": {"example.com/team": "vision|nlp"}}


def found(path, value, must):
    what = "Required value" if value is None else f'Invalid value: "{value}"'
    return [f"{path}[example.com/team]: {what}: {must}"]


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"example.com/team": "vision"}, None),
        ({"example.com/team": "0"}, None),
        ({"example.com/team": ""}, 'Invalid value: ""'),
        ({"example.com/team": " \t"}, 'Invalid value: " \\t"'),
        ({"example.com/team": "\u200b\u00ad"}, 'Invalid value: "\\u200b\\xad"'),
        ({"example.com/team": None}, "Required value"),
        ({"example.com/Team": "vision"}, "Required value"),
        ({"team": "vision"}, "Required value"),
        ({"example.com/te\u0430m": "vision"}, "Required value"),
        ({}, "Required value"),
        (None, "Required value"),
        ({"example.com/team": 5}, None),  # the rule on types tells of these
        (["example.com/team"], None),
    ],
)
def test_a_label_is_there_if_its_value_says_something(labels, told):
    messages = judged(missing_label, ANY, {"metadata": {"labels": labels}})

    assert messages == ([f"metadata.labels[example.com/team]: {told}: must have a value"] if told else [])


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        ("vision", True),
        ("nlp", True),
        ("Vision", False),
        ("vision2", False),
        ("nlp-vision", False),
        ("", False),
        ("visi\u043en", False),
    ],
)
def test_a_labels_whole_value_must_match(value, passes):
    messages = judged(missing_label, TEAMS, {"metadata": {"labels": {"example.com/team": value}}})

    must = 'must match "vision|nlp"'
    assert messages == ([] if passes else found("metadata.labels", value, must))


def test_each_label_is_told_of():
    given = {"labels": {"team": "[a-z]+", "cost-center": "[0-9]{4}", "stage": None}}
    labels = {"team": "vision", "cost-center": "12345"}

    assert judged(missing_label, given, {"metadata": {"labels": labels}}) == [
        'metadata.labels[cost-center]: Invalid value: "12345": must match "[0-9]{4}"',
        "metadata.labels[stage]: Required value: must have a value",
    ]


OWN = {"metadata": {"labels": {"example.com/team": "vision"}}}
POD = {"metadata": {"labels": {"example.com/team": "vision"}}}


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        (cluster(headGroupSpec={"template": POD}), []),
        ({}, found(f"{HEAD}.template.metadata.labels", None, 'must match "vision|nlp"')),
        (cluster(headGroupSpec={"labels": {"example.com/team": "nlp"}}), []),
        (
            cluster(headGroupSpec={"labels": {"example.com/team": "x"}, "template": POD}),
            found(f"{HEAD}.labels", "x", 'must match "vision|nlp"'),
        ),
        (
            cluster(headGroupSpec={"template": POD}, workerGroupSpecs=[worker_group(template=POD), worker_group()]),
            found("spec.rayClusterSpec.workerGroupSpecs[1].template.metadata.labels", None, 'must match "vision|nlp"'),
        ),
        (
            {"spec": {"submitterPodTemplate": {}, **cluster(headGroupSpec={"template": POD})["spec"]}},
            found("spec.submitterPodTemplate.metadata.labels", None, 'must match "vision|nlp"'),
        ),
    ],
)
def test_a_policy_may_ask_every_template_too(patch, told):
    assert judged(missing_label, TEAMS, {**OWN, **patch}) == []
    assert judged(missing_label, {**TEAMS, "podTemplates": True}, {**OWN, **patch}) == told


@pytest.mark.parametrize(
    "labels", [{}, None, [], {"": None}, {"a b": None}, {"-": None}, {"a/b/c": None}, {"team": ""}, {"team": "("}]
)
def test_a_policy_names_keys_and_patterns(labels):
    with pytest.raises(ValidationError):
        MissingLabel.of({"labels": labels})
