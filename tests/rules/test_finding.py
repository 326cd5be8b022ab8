import pytest

from webhook.rayjob.path import Key, Path, field
from webhook.rules.finding import (
    Finding,
    Kind,
    duplicate,
    forbidden,
    invalid,
    invalid_secret,
    json_type,
    not_supported,
    printable,
    required,
    shown,
    too_long,
    type_invalid,
)

SPOT = field("spec.field")


@pytest.mark.parametrize(
    ("finding", "reason", "message"),
    [
        (required(SPOT, "say it"), "FieldValueRequired", "spec.field: Required value: say it [r]"),
        (
            invalid(SPOT, -1, "must be 0 or more (seconds)"),
            "FieldValueInvalid",
            "spec.field: Invalid value: -1: must be 0 or more (seconds) [r]",
        ),
        (
            invalid_secret(SPOT, "hunter2", "must be a YAML mapping"),
            "FieldValueInvalid",
            "spec.field: Invalid value: must be a YAML mapping [r]",
        ),
        (
            type_invalid(SPOT, "hunter2", "must be an integer"),
            "FieldValueTypeInvalid",
            "spec.field: Invalid value: string: must be an integer [r]",
        ),
        (
            not_supported(SPOT, "c", ("a", "b"), "; or not"),
            "FieldValueNotSupported",
            'spec.field: Unsupported value: "c": supported values: "a", "b"; or not [r]',
        ),
        (forbidden(SPOT, True, "not beside x"), "FieldValueForbidden", "spec.field: Forbidden: not beside x [r]"),
        (
            duplicate(SPOT, "w", "must be unique"),
            "FieldValueDuplicate",
            'spec.field: Duplicate value: "w": must be unique [r]',
        ),
        (
            too_long(SPOT, "ä" * 3, 5, "for a reason"),
            "FieldValueTooLong",
            "spec.field: Too long: may not be more than 5 bytes, is 6: for a reason [r]",
        ),
    ],
)
def test_each_kind_of_finding_has_the_api_machinerys_reason_and_words(finding, reason, message):
    assert finding.kind.value == reason
    assert finding.of("r").message == message


def test_a_cause_is_the_message_without_its_place():
    assert required(SPOT, "say it").of("r").cause == "Required value: say it [r]"


def test_findings_are_sorted_by_path_then_rule_then_text():
    made = [
        Finding(field("b"), Kind.INVALID, "x", rule="a"),
        Finding(field("a") / 10, Kind.INVALID, "x", rule="a"),
        Finding(field("a") / 9, Kind.INVALID, "x", rule="b"),
        Finding(field("a") / 9, Kind.INVALID, "y", rule="a"),
        Finding(field("a") / 9, Kind.INVALID, "x", rule="a"),
    ]

    assert sorted(made, key=lambda finding: finding.order) == [made[4], made[3], made[2], made[1], made[0]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ('quote"', r'"quote\""'),
        ("two\nlines", r'"two\nlines"'),
        ("bell\x07 del\x7f bidi\u202e", r'"bell\u0007 del\x7f bidi\u202e"'),
        ("größe", '"größe"'),
        ("x" * 65, '"' + "x" * 63 + '…"'),
        (3600.5, "3600.5"),
        (True, "true"),
        (None, "null"),
        ({"a": 1}, "object"),
        ([1], "array"),
    ],
)
def test_a_bad_value_is_shown_on_one_line_and_cut_short(value, text):
    assert shown(value) == text


def test_every_json_value_has_a_type():
    values = ["", 1, 1.5, True, None, [], {}]

    assert [json_type(value) for value in values] == [
        "string",
        "integer",
        "number",
        "boolean",
        "null",
        "array",
        "object",
    ]


def test_a_message_has_no_control_character_whatever_a_key_holds():
    finding = required(Path() / "labels" / Key("a\nb\u2028c\ud800"), "x").of("r")

    assert finding.message == r"labels[a\nb\u2028c\ud800]: Required value: x [r]"
    assert printable("tab\t") == r"tab\t"


def test_a_place_that_is_too_long_to_read_is_cut_short():
    assert len(required(Path() / Key("k" * 10_000), "x").where) == 512
