import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, worker_group
from webhook.rules.guardrail.missing_annotation import MissingAnnotation, missing_annotation

GIVEN = {"annotations": {"example.com/ticket": "OPS-[0-9]+"}}
MUST = 'must match "OPS-[0-9]+"'
TICKET = {"annotations": {"example.com/ticket": "OPS-1"}}


@pytest.mark.parametrize(
    ("annotations", "told"),
    [
        ({"example.com/ticket": "OPS-1"}, None),
        ({"example.com/ticket": "ops-1"}, 'Invalid value: "ops-1"'),
        ({"example.com/ticket": "OPS-1\n"}, 'Invalid value: "OPS-1\\n"'),
        ({"example.com/ticket": "OPS-\u0661"}, 'Invalid value: "OPS-\u0661"'),
        ({"example.com/ticket": ""}, 'Invalid value: ""'),
        ({"example.com/ticket": "x" * 100_000}, f'Invalid value: "{"x" * 63}…"'),
        ({"example.com/ticket": None}, "Required value"),
        ({"Example.com/ticket": "OPS-1"}, "Required value"),
        (None, "Required value"),
        ({"example.com/ticket": 1}, None),  # the rule on types tells of these
        ([], None),
    ],
)
def test_an_annotations_whole_value_must_match(annotations, told):
    messages = judged(missing_annotation, GIVEN, {"metadata": {"annotations": annotations}})

    assert messages == ([f"metadata.annotations[example.com/ticket]: {told}: {MUST}"] if told else [])


def test_a_label_is_no_annotation():
    found = judged(missing_annotation, GIVEN, {"metadata": {"labels": TICKET["annotations"]}})

    assert found == [f"metadata.annotations[example.com/ticket]: Required value: {MUST}"]


@pytest.mark.parametrize("value", ["", " ", "\u2003", "\u200b"])
def test_any_value_will_do_but_an_empty_one(value):
    given = {"annotations": {"example.com/ticket": None}}

    assert judged(missing_annotation, given, {"metadata": TICKET}) == []
    assert len(judged(missing_annotation, given, {"metadata": {"annotations": {"example.com/ticket": value}}})) == 1


def test_a_policy_may_ask_every_template_too():
    patch = {
        "metadata": TICKET,
        "spec": {
            "submitterPodTemplate": {"metadata": {"annotations": {"example.com/ticket": "x"}}},
            **cluster(
                headGroupSpec={"template": {"metadata": TICKET}, "labels": {"example.com/ticket": "x"}},
                workerGroupSpecs=[worker_group(template={"metadata": TICKET}), worker_group(template={"metadata": {}})],
            )["spec"],
        },
    }

    worker = "spec.rayClusterSpec.workerGroupSpecs[1].template.metadata.annotations[example.com/ticket]"
    submitter = "spec.submitterPodTemplate.metadata.annotations[example.com/ticket]"
    assert judged(missing_annotation, GIVEN, patch) == []
    assert judged(missing_annotation, {**GIVEN, "podTemplates": True}, patch) == [
        f"{worker}: Required value: {MUST}",
        f'{submitter}: Invalid value: "x": {MUST}',
    ]


@pytest.mark.parametrize("given", [{}, {"annotations": {}}, {"annotations": ["a"]}, {"annotations": {"a b": None}}])
def test_a_policy_names_keys(given):
    with pytest.raises(ValidationError):
        MissingAnnotation.of(given)
