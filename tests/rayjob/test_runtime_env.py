import json
from pathlib import Path

import pytest
from hypothesis import given

from tests.objects import json_values
from webhook.rayjob.runtime_env import fault, same

RECORDED = Path(__file__).parents[3] / "shared/parity/runtime-env-yaml.jsonl"


@pytest.mark.parametrize(
    "text", ["", " \n", "# nothing", "null", "~", "---", "{}", '{"pip": ["a"]}', "pip: [a]\n---\n- b"]
)
def test_a_mapping_or_nothing_is_taken(text):
    assert fault(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "must be a YAML mapping, is a list"),
        ("a:1", "must be a YAML mapping, is a scalar"),
        ("true", "must be a YAML mapping, is a scalar"),
        ("|\n  a: b\n", "must be a YAML mapping, is a scalar"),
    ],
)
def test_anything_else_is_refused_by_what_it_is(text, said):
    assert fault(text) == said


def test_what_is_no_yaml_is_refused_with_its_place_and_without_its_text():
    said = fault("env_vars:\n  TOKEN: [hunter2")

    assert said is not None
    assert said.startswith("must be YAML: ")
    assert "line 3" in said
    assert "hunter2" not in said


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded verdicts of KubeRay are not here")
def test_every_recorded_text_gets_the_operators_verdict():
    rows = [json.loads(line) for line in RECORDED.read_text().splitlines()]

    assert [row["text"] for row in rows if (fault(row["text"]) is None) != row["accepted"]] == []
    assert len(rows) == 162


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("pip: [a]", "pip:\n- a\n"),
        ("{a: 1, b: 2}", "b: 2\na: 1"),
        ("a: 1", "a: 1.0"),
        ("", "{}"),
        ("~", ""),
        ("a: [", "a: ["),
    ],
)
def test_layout_order_and_notation_make_no_difference(text, other):
    assert same(text, other)
    assert same(other, text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("pip: [a]", "pip: [b]"),
        ("a: 1", "a: '1'"),
        ("a: 1", "a: true"),
        ("a: true", "a: false"),
        ("a: [1]", "a: [1, 2]"),
        ("a: [1]", "a: {b: 1}"),
        ("a: 1", "b: 1"),
        ("a: [", "a: {"),
        ("a: [", "a: 1"),
        ("", "a: 1"),
    ],
)
def test_another_value_makes_a_difference(text, other):
    assert not same(text, other)
    assert not same(other, text)


@given(json_values)
def test_json_says_the_same_however_it_is_laid_out(value):
    document = {"value": value}

    assert same(json.dumps(document), json.dumps(document, indent=2))
