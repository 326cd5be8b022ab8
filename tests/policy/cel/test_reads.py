import pytest

from tests.policy.cel.asking import rule
from webhook.policy.cel.subject import Subject

OBJECT = {"spec": {"a": {"b": 1, "c": [2]}, "d": {"e f": 3}}, "metadata": {"name": "n"}}


@pytest.mark.parametrize(
    ("expression", "read"),
    [
        ("object.spec.a.b == 2", [1]),
        ("object.spec.a.b == 2 && object.spec.a.b != 1", [1]),
        ("object.spec.a.c.all(x, x > 3)", [[2]]),
        ("object.spec['d']['e f'] == 4", [3]),
        ("object.spec.?d[?'e f'].orValue(0) == 4", [3]),
        ("has(object.spec.x)", [None]),
        ("has(object.spec.a.b.x)", [None]),
        ("object.spec.a.b == 2 && object.spec.a == {}", [{"b": 1, "c": [2]}]),
        ("object.spec.a.b == 2 && object.metadata.name == 'm'", ["n", 1]),
        ("object.spec.a.c[0] == 3", [[2]]),
        ("object.spec[object.metadata.name] == 1", ["n", OBJECT["spec"]]),
        ("object == null", [OBJECT]),
        ("1 == 2", []),
        ("oldObject.spec.a.b == object.spec.a.b", [OBJECT]),
        ("request.operation == 'UPDATE'", [OBJECT]),
    ],
)
def test_a_findings_value_is_what_its_expression_reads(expression, read):
    (finding,) = rule(expression).findings(Subject(OBJECT, None, {"operation": "CREATE"}))

    assert finding.value == read


def test_what_variables_and_conditions_read_counts_if_they_are_asked():
    variables = [{"name": "b", "expression": "object.spec.a.b"}, {"name": "name", "expression": "object.metadata.name"}]
    conditions = [{"name": "c", "expression": "object.spec.a.c[0] == 2"}]
    made = rule("variables.b == 2", variables=variables, matchConditions=conditions)

    assert made.findings(Subject(OBJECT, None, {}))[0].value == [1, [2]]
