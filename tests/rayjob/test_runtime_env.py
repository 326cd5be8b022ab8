import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webhook.rayjob.runtime_env import Fault, fault, parse, same, texts

RECORDED = Path(__file__).parents[3] / "shared/parity/runtime-env-yaml.jsonl"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}),
        (" \n", {}),
        ("# nothing", {}),
        ("null", {}),
        ("~", {}),
        ("---", {}),
        ("{}", {}),
        ('{"pip": ["a"]}', {"pip": ["a"]}),
        ("pip: [a]\n---\n- b", {"pip": ["a"]}),
        ("env_vars: {A: 'on', B: 'x y'}\nworking_dir: .", {"env_vars": {"A": "on", "B": "x y"}, "working_dir": "."}),
        ("no such field of Ray: 1", {"no such field of Ray": 1}),
    ],
)
def test_a_mapping_or_nothing_is_taken(text, value):
    assert parse(text) == value
    assert fault(text) is None


@pytest.mark.parametrize(
    ("text", "must"),
    [
        ("- a", "must be a YAML mapping, is a list"),
        ("[]", "must be a YAML mapping, is a list"),
        ("a:1", "must be a YAML mapping, is a scalar"),
        ("true", "must be a YAML mapping, is a scalar"),
        ("0", "must be a YAML mapping, is a scalar"),
        ("''", "must be a YAML mapping, is a scalar"),
        ("|\n  a: b\n", "must be a YAML mapping, is a scalar"),
        ("a: b: c", "must be YAML: mapping values are not allowed in this context (line 1, column 5)"),
    ],
)
def test_anything_else_is_refused_by_what_it_is(text, must):
    assert parse(text) == Fault(must)
    assert fault(text) == must


def test_what_is_no_yaml_is_refused_with_its_place_and_without_its_text():
    assert fault("env_vars:\n  TOKEN: [hunter2") == (
        "must be YAML: did not find expected ',' or ']' while parsing a flow sequence (line 3, column 1)"
    )


@pytest.mark.parametrize("secret", ["*hunter2", "!!int hunter2", "&hunter2 [*hunter2]", "{hunter2: .inf}", '"hunter2'])
def test_no_fault_quotes_the_text(secret):
    said = fault(f"env_vars:\n  TOKEN: {secret}")

    assert said is not None
    assert "hunter" not in said


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
        ("a: 0x10", "a: 16\n---\nb"),
        ("a: true", "a: on"),
        ("a: &x [1]\nb: *x", "a: [1]\nb: [1]"),
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
        ("a: 0", "a: false"),
        ("a: true", "a: false"),
        ("a: [1]", "a: [1, 2]"),
        ("a: [1]", "a: {b: 1}"),
        ("a: 1", "b: 1"),
        ("a: [", "a: {"),
        ("a: [", "a: 1"),
        ("", "a: 1"),
        ("[]", "{}"),
        ("", "0"),
    ],
)
def test_another_value_makes_a_difference(text, other):
    assert not same(text, other)
    assert not same(other, text)


def test_texts_that_nest_by_the_thousand_are_compared():
    text = "a: " + "[" * 1_500 + "]" * 1_500

    assert same(text, text + "\n")
    assert not same(text, text.replace("[]", "[1]"))


def test_texts_that_say_more_than_anybody_would_compare_are_not_the_same():
    many = "a: &a [" + "x, " * 3_000 + "]\nb: [" + "*a, " * 90 + "]"
    wide = many.replace("[", "{k: [", 1).replace("]", "]}", 1)

    assert fault(many) is None
    assert not same(many, many + "\n")
    assert not same(wide, wide + "\n")


printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Zl", "Zp"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | printable,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(printable, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(printable, json_values, max_size=3))
def test_json_says_the_same_however_it_is_laid_out(value):
    flat, tall = (json.dumps(value, ensure_ascii=False, indent=indent) for indent in (None, 2))

    assert same(flat, tall)


@given(st.text() | st.text("ab1 \n:-?,[]{}&*!|>'\"%#\\/<~."))
def test_every_text_gives_an_environment_or_a_fault(text):
    value = parse(text)

    assert isinstance(value, Fault) == (fault(text) is not None)
    assert isinstance(value, dict | Fault)
    assert same(text, text)


# The alphabet of the texts that `fault` takes without a second look, and what lies just beside it.
KEYS = st.sampled_from(
    ["pip", "env_vars", "A_1", "working-dir", "null", "y", "No", "true", "_x", "k" * 99, "1", "<<", "a.b", "é"]
)
SCALARS = st.sampled_from(
    [
        "a",
        "torch==2.1",
        "/opt/x",
        "12",
        "123456789012",
        "'q'",
        '"d"',
        '""',
        "''",
        "'it''s'",
        r'"\n"',
        '"\x07"',
        "'\x85'",
    ]
) | st.sampled_from(
    ["a b", "#", "a #b", "a: b", "[a]", "&a", "*a", "!t", "|", "-", "~", ".inf", "1e9", "", " a", "a\t"]
)
BREAKS = st.sampled_from(["\n", "\n", "\n", "", "\n\n", "\r\n", " \n", "\x85"])


@st.composite
def layouts(draw: st.DrawFn) -> str:
    """Blocks of keys, lists and nested keys, laid out as people do, or nearly so."""
    text = ""
    for _ in range(draw(st.integers(1, 3))):
        indent = " " * draw(st.integers(0, 3))
        body = draw(st.sampled_from(["scalar", "list", "keys"]))
        if body == "scalar":
            text += f"{draw(KEYS)}: {draw(SCALARS)}{draw(BREAKS)}"
            continue
        text += f"{draw(KEYS)}:{draw(BREAKS)}"
        for _ in range(draw(st.integers(1, 3))):
            inner = "- " if body == "list" else f"{draw(KEYS)}: "
            text += f"{draw(st.sampled_from([indent, indent, indent + ' ']))}{inner}{draw(SCALARS)}{draw(BREAKS)}"
    return text


lists = st.lists(st.tuples(SCALARS, BREAKS), min_size=1, max_size=3).map(
    lambda items: "".join(f"- {scalar}{end}" for scalar, end in items)
)


@settings(max_examples=1000)
@given(layouts() | lists)
def test_what_is_said_of_a_text_at_a_glance_is_what_a_second_look_says(text):
    found = parse(text)

    assert fault(text) == (found.must if isinstance(found, Fault) else None)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({}, []),
        ({"a": "b", "c": {"d": "e"}}, [("a", "b"), ("d", "e"), ("", "d"), ("", "a"), ("", "c")]),
        ({"a": ["b", {"c": "d"}]}, [("", "b"), ("c", "d"), ("", "c"), ("", "a")]),
        ({"a": 1, "b": 1.5, "c": True, "d": None}, [("a", "1"), ("b", "1.5"), *(("", key) for key in "abcd")]),
    ],
)
def test_every_text_is_found_with_its_key_and_every_key_is_a_text(value, found):
    assert list(texts(value)) == found


def test_what_aliases_repeat_is_found_once():
    value = parse("a: &a [x]\nb: *a\n")

    assert not isinstance(value, Fault)
    assert [text for _, text in texts(value)].count("x") == 1
