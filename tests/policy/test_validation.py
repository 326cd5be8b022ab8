import pytest
from pydantic import Field

from webhook.policy.node import BadPolicy, parse
from webhook.policy.validation import described, read
from webhook.rules.parameters import Parameters


class Leaf(Parameters):
    """One."""

    team_name: str = Field(description="The team")
    size: int = 1


class Tree(Parameters):
    """All."""

    leaves: tuple[Leaf, ...] = ()
    by_name: dict[str, Leaf] = Field(default_factory=dict)
    one: Leaf | None = None
    named: dict[str, dict[str, str]] = Field(default_factory=dict)
    some: tuple[int, ...] = Field(default=(1,), min_length=1, max_length=2)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("leaves: [{teamName: a, siz: 2}]", ['t:1:24: leaves[0].siz: there is no key "siz" here; did you mean size?']),
        ("byName: {x: {}}", ["t:1:13: byName.x.teamName: Required value: The team"]),
        ("one: {}", ["t:1:6: one.teamName: Required value: The team"]),
        (
            "one: {teamName: a, zzzzzzzz: 1}",
            ['t:1:20: one.zzzzzzzz: there is no key "zzzzzzzz" here; there are teamName, size'],
        ),
        (
            "one: {teamName: 3, size: x}",
            [
                "t:1:17: one.teamName: Invalid value: 3: must be a text: put it in quotes",
                't:1:26: one.size: Invalid value: "x": must be a valid integer',
            ],
        ),
        ("named: {a: {b: 1}}", ["t:1:16: named.a.b: Invalid value: 1: must be a text: put it in quotes"]),
        ("one: {teamName: [a]}", ["t:1:17: one.teamName: Invalid value: array: must be a valid string"]),
        ("some: []", ["t:1:7: some: must have at least 1 of them, has 0"]),
        ("some: [1, 2, 3]", ["t:1:7: some: must have at most 2 of them, has 3"]),
        ("x: 1", ['t:1:1: x: there is no key "x" here; there are leaves, byName, one, named, some']),
        ("leaves: {}", ["t:1:9: leaves: Invalid value: object: must be a valid array"]),
    ],
)
def test_what_a_model_refuses_is_told_with_its_place(text, faults):
    node = parse("t", text)

    assert node is not None
    with pytest.raises(BadPolicy) as refused:
        read(Tree, node)
    assert [str(fault) for fault in refused.value.faults] == faults


@pytest.mark.parametrize(
    ("raw", "text"), [(1, "integer 1"), ("a", 'string "a"'), (None, "null"), ([1], "array"), ({"a": 1}, "object")]
)
def test_a_value_is_shown_with_its_type(raw, text):
    assert described(raw) == text
