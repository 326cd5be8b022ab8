import pytest

from tests.policy.cel.asking import outcome, rule
from webhook.policy.cel import request as cel_request
from webhook.policy.cel.subject import DEPTH, Subject


def deep(levels):
    raw: object = 1
    for _ in range(levels):
        raw = {"a": raw}
    return {"a": raw}


@pytest.mark.parametrize(
    ("raw", "expression"),
    [
        (9223372036854775807, "object.a == 9223372036854775807"),
        (-9223372036854775808, "object.a == -9223372036854775808"),
        (9007199254740993, "object.a == 9007199254740993"),
        (9223372036854775808, "type(object.a) == double && object.a > 9.2e18"),
        (18446744073709551615, "type(object.a) == double"),
        (-(2**70), "type(object.a) == double"),
        (1.0, "type(object.a) == double && object.a == 1"),
        (float("nan"), "object.a != object.a"),
        (float("inf"), "object.a > 1.0e300"),
        (True, "object.a == true"),
        (None, "object.a == null && has(object.a)"),
        ("é😀", "object.a.size() == 2"),
        ({"\u202e": [2**65, {"b": None}]}, "object.a.exists(k, k == '\\u202e') && object.a['\\u202e'][1].b == null"),
        ("\\u0000", "object.a == '\\\\u0000'"),
    ],
)
def test_a_value_of_json_is_one_of_cel(raw, expression):
    assert outcome(expression, {"a": raw}) is True


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"a": "x\0y"}, "a text holds the character U+0000"),
        ({"x\0y": 1}, "a text holds the character U+0000"),
        ({"a": "\ud800"}, "a text holds half a character"),
        (deep(300), f"a value nests more deeply than {DEPTH} levels"),
        (deep(30_000), f"a value nests more deeply than {DEPTH} levels"),
    ],
)
def test_what_cel_does_not_have_fails_every_expression(raw, why):
    subject = Subject(raw, None, {})

    for made in (rule("true"), rule("false")):
        assert made.findings(subject)[0].text == f"Forbidden: its expression could not be evaluated: {why}"


def test_an_object_as_deep_as_it_may_be_is_compared_as_a_whole():
    assert outcome("object == object && object.a != null", deep(DEPTH - 2)) is True


def test_a_request_that_is_too_large_fails_every_expression():
    many = {"userInfo": {"username": "u", "groups": ["g" * 100] * 200}}

    assert rule("true").findings(Subject({}, None, many))[0].text == (
        "Forbidden: its expression could not be evaluated: "
        f"the request has more than {cel_request.BYTES} bytes without its objects"
    )


def test_nothing_is_converted_before_an_expression_asks():
    subject = Subject({"a": [1, 2]}, None, {})
    assert (subject.size, subject.items) == (0, 0)

    activation = subject.activation()

    assert subject.activation() is activation
    assert (subject.size, subject.items) == (len('{"a":[1,2]}' + "null" + "{}"), 4)


def test_quantities_of_both_objects_are_looked_up_once():
    subject = Subject({"a": ["4Gi", 1]}, {"a": {"b": "500m"}}, {})
    bigger = rule("quantity(object.a[0]).isGreaterThan(quantity(oldObject.a.b))")

    assert bigger.findings(subject) == bigger.findings(subject) == ()
