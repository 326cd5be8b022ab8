"""A rule of one's own as a whole: to what it applies, what it finds, what it says."""

import threading
from typing import Any

import pytest

from tests.policy.cel.asking import PASSES, faults, outcome, rule, said
from webhook.policy.cel.compiling import PARAMS_BYTES
from webhook.policy.cel.rule import MESSAGE_BYTES
from webhook.policy.cel.subject import Subject
from webhook.policy.custom import MESSAGE_CHARACTERS
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, Kind
from webhook.rules.rule import Action

JOB: dict[str, Any] = {
    "metadata": {"name": "train", "labels": {"team": "a"}},
    "spec": {"rayClusterSpec": {"workerGroupSpecs": [{"groupName": "small", "replicas": 5}]}},
}
GROUPS = "object.spec.rayClusterSpec.workerGroupSpecs"
TOO_MANY = f"{GROUPS}.all(g, g.replicas <= params.max)"
FAILS = "object.nothing == 1"


def test_a_false_expression_is_a_finding_with_its_message_at_its_path():
    made = rule(
        TOO_MANY,
        message="must ask for less",
        path="spec.rayClusterSpec.workerGroupSpecs",
        params={"max": 4},
        action="warn",
    )

    assert made.findings(Subject(JOB, None, {})) == (
        Finding(
            field("spec.rayClusterSpec.workerGroupSpecs"),
            Kind.FORBIDDEN,
            "Forbidden: must ask for less",
            [[{"groupName": "small", "replicas": 5}]],
            "mine",
        ),
    )
    assert (made.id, made.action) == ("mine", Action.WARN)


def test_a_true_expression_finds_nothing():
    assert said(TOO_MANY, JOB, params={"max": 5}) == PASSES


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, f"failed expression: {TOO_MANY}"),
        ({"message": " must ask for less "}, "must ask for less"),
        ({"messageExpression": "object.metadata.name + ' asks for too much'"}, "train asks for too much"),
        ({"messageExpression": "' ' + object.metadata.name + ' '"}, "train"),
        ({"messageExpression": "'%s: %d'.format([object.metadata.name, params.max])"}, "train: 4"),
        ({"messageExpression": "request.name"}, "from the request"),
        ({"messageExpression": "object.nothing + 'x'", "message": "must ask for less"}, "must ask for less"),
        ({"messageExpression": "object.nothing + 'x'"}, f"failed expression: {TOO_MANY}"),
        ({"messageExpression": "'  '", "message": "must ask for less"}, "must ask for less"),
        ({"messageExpression": "'two\\nlines'", "message": "must ask for less"}, "must ask for less"),
        ({"messageExpression": f"'{'x' * 60}'" + f" + '{'x' * 60}'" * 29}, "x" * (MESSAGE_CHARACTERS - 1) + "…"),
        ({"messageExpression": "'\\u202e\\u0007bell'"}, r"\u202e\x07bell"),
    ],
)
def test_the_message_is_made_as_kubernetes_makes_it(parts, message):
    assert said(TOO_MANY, JOB, request={"name": "from the request"}, params={"max": 4}, **parts) == message


def test_a_message_that_is_too_long_is_not_said():
    long = "'' + object.text + object.text"

    assert said("false", {"text": "x" * (MESSAGE_BYTES // 2)}, messageExpression=long)[:3] == "xxx"
    assert said("false", {"text": "x" * MESSAGE_BYTES}, messageExpression=long, message="no") == "no"


def test_an_expression_of_several_lines_is_told_on_one():
    assert said("object.a ==\n    1 &&\n  true", {"a": 2}) == "failed expression: object.a == 1 && true"


def test_an_expression_that_fails_is_a_finding_never_a_pass():
    assert said(FAILS) == "its expression could not be evaluated: no such key: nothing"


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        (["true", "true"], "failed expression: false"),
        (["true", "false"], PASSES),
        (["false", FAILS], PASSES),
        ([FAILS, "false"], PASSES),
        (["true", FAILS], "its match condition c1 could not be evaluated: no such key: nothing"),
        (
            [FAILS, "object.other == 1"],
            (
                "its match condition c0 could not be evaluated: no such key: nothing; "
                "its match condition c1 could not be evaluated: no such key: other"
            ),
        ),
    ],
)
def test_a_rule_applies_where_all_conditions_are_true_and_one_that_fails_is_a_finding(conditions, text):
    named = [{"name": f"c{at}", "expression": condition} for at, condition in enumerate(conditions)]

    assert said("false", matchConditions=named) == text


def test_variables_are_computed_when_they_are_asked_for():
    variables = [
        {"name": "fails", "expression": "object.nothing"},
        {"name": "groups", "expression": GROUPS},
        {"name": "replicas", "expression": "variables.groups.map(g, g.replicas).sum()"},
        {"name": "limit", "expression": "params.max * 2"},
    ]

    def asked(expression):
        return outcome(expression, JOB, variables=variables, params={"max": 4})

    assert asked("variables.replicas <= variables.limit") is True
    assert asked("variables.replicas + variables.replicas == 10 && variables.groups.size() == 1") is True
    assert asked("variables.replicas > 4 || variables.fails") is True
    assert asked("variables.fails == 1") == "no such key: nothing"
    assert asked("variables.fails == 1 || true") is True
    assert asked("variables.groups.all(g, variables.groups.exists(h, h == g))") is True


def test_params_are_what_the_policy_says_and_null_where_it_says_nothing():
    assert outcome("params == null") is True
    assert outcome("params.a.b[1] == 2.5 && params.c == null && params.d == 'x'", params=PARAMS) is True
    assert outcome("params.big > 9.0e18", params={"big": 2**63}) is True


PARAMS = {"a": {"b": [True, 2.5]}, "c": None, "d": "x"}


def test_oldobject_is_null_at_a_creation():
    assert said("oldObject == null") == PASSES
    assert said("oldObject.spec.a != object.spec.a", {"spec": {"a": 1}}, old={"spec": {"a": 2}}) == PASSES


def test_the_request_is_known():
    request = {"operation": "CREATE", "userInfo": {"username": "jane", "groups": ["a"]}, "dryRun": True}
    expression = "request.operation == 'CREATE' && 'a' in request.userInfo.groups && !has(request.namespace)"

    assert said(expression, request=request) == PASSES
    assert said("request.dryRun", request=request) == PASSES
    assert said("request.dryRun", request={"dryRun": [True]}) == (
        "its expression could not be evaluated: its value is of another type"
    )
    assert said("request.namespace == 'x'", request=request) == (
        "its expression could not be evaluated: no such key: namespace"
    )


def test_findings_of_two_objects_are_one_violation_where_the_expressions_read_the_same():
    made = rule(TOO_MANY, params={"max": 4}, matchConditions=[{"name": "team", "expression": "has(object.metadata)"}])
    other = {**JOB, "spec": {**JOB["spec"], "suspend": True}}

    (found,), (again,) = (made.findings(Subject(raw, None, {})) for raw in (JOB, other))

    assert found == again
    assert found.value == [{"name": "train", "labels": {"team": "a"}}, [{"groupName": "small", "replicas": 5}]]


def test_all_faults_of_an_entry_are_told_at_once():
    assert faults(
        "object.spec.x",
        messageExpression="1",
        matchConditions=[{"name": "a", "expression": "variables.b == 1"}, {"name": "c", "expression": "'x'"}],
        variables=[{"name": "b", "expression": "1 +\n  'a'"}, {"name": "d", "expression": "variables.b + nothing"}],
    ) == [
        (("matchConditions", 0, "expression"), 1, 10, "undeclared reference to 'variables.b'"),
        (("matchConditions", 1, "expression"), 1, 1, "must be a bool, is a string"),
        (("variables", 0, "expression"), 1, 3, "found no matching overload for '_+_' applied to '(int, string)'"),
        (("variables", 1, "expression"), 1, 15, "undeclared reference to 'nothing'"),
        (("expression",), 1, 1, "must be a bool, is a dyn"),
        (("messageExpression",), 1, 1, "must be a string, is a int"),
    ]


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"a": "x" * PARAMS_BYTES}, f"must have {PARAMS_BYTES} bytes as JSON at most, has {PARAMS_BYTES + 8}"),
        ({"a": "\0"}, "a text holds the character U+0000"),
    ],
)
def test_params_that_are_too_large_or_unfit_are_refused(params, why):
    assert faults(params=params) == [(("params",), 1, 1, why)]


def test_params_that_nest_more_deeply_than_the_library_takes_are_refused():
    deep: object = 1
    for _ in range(60):
        deep = [deep]

    assert faults("params.a == 1", params={"a": deep}) == [
        (("expression",), 1, 1, "must be an expression that nests less deeply")
    ]


def test_an_expression_that_could_take_too_long_is_refused():
    (fault,) = faults("object.a.replace('a', object.b).replace('b', object.c).contains('z')")

    assert fault[:3] == (("expression",), 1, 1)
    assert fault[3].startswith("must be quicker: for a RayJob of 16 KB it could take ")


def test_one_rule_is_asked_by_several_threads_at_once():
    made = rule(TOO_MANY, params={"max": 4})
    found: list[object] = []

    def ask():
        found.extend(made.findings(Subject(JOB, None, {})) for _ in range(100))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 400
    assert all(one == found[0] for one in found)
