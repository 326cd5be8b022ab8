import pytest
from pydantic import ValidationError

from tests.policy.cel.asking import entry
from webhook.policy.custom import BadExpression, Fault, path_of
from webhook.rayjob.path import Key
from webhook.rules.rule import Action


def test_an_entry_that_says_little_gets_the_usual():
    made = entry("object.spec.suspend == true")

    assert (made.action, made.path, made.message, made.params) == (Action.DENY, "spec", None, None)
    assert (made.match_conditions, made.variables) == ((), ())


def test_an_entry_may_say_everything():
    made = entry(
        "variables.groups.all(g, g.replicas <= params.max)",
        message="must ask for less",
        messageExpression="'must ask for ' + string(params.max)",
        action="warn",
        path="spec.rayClusterSpec.workerGroupSpecs[0].rayStartParams[num-cpus]",
        matchConditions=[{"name": "created", "expression": "request.operation == 'CREATE'"}],
        variables=[{"name": "groups", "expression": "object.spec.rayClusterSpec.workerGroupSpecs"}],
        params={"max": 4},
    )

    assert (made.action, made.match_conditions[0].name, made.variables[0].name) == (Action.WARN, "created", "groups")


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"id": "Team"}, "should match pattern"),
        ({"id": "team_may"}, "should match pattern"),
        ({"id": "x" * 64}, "at most 63"),
        ({"expression": ""}, "at least 1"),
        ({"expression": "x" * 4097}, "at most 4096"),
        ({"message": "two\nlines"}, "must be one line"),
        ({"message": "  "}, "must be one line"),
        ({"message": "x" * 513}, "at most 512"),
        ({"messageExpression": ""}, "at least 1"),
        ({"action": "refuse"}, "should be 'deny', 'warn', 'audit' or 'off'"),
        ({"path": "spec..a"}, "should match pattern"),
        ({"path": "spec."}, "should match pattern"),
        ({"path": "spec["}, "should match pattern"),
        ({"path": "[0]"}, "should match pattern"),
        ({"path": "spec." + "x" * 256}, "at most 256"),
        ({"params": [1]}, "dictionary|object"),
        ({"variables": [{"name": "a-b", "expression": "1"}]}, "should match pattern"),
        ({"variables": [{"name": "a", "expression": "1"}] * 2}, "must have names of their own, a is there twice"),
        (
            {"matchConditions": [{"name": "a", "expression": "true"}] * 2},
            "must have names of their own, a is there twice",
        ),
        ({"matchConditions": [{"name": "", "expression": "true"}]}, "at least 1"),
        ({"variables": [{"name": f"v{n}", "expression": "1"} for n in range(65)]}, "at most 64"),
        ({"severity": "high"}, "Extra inputs are not permitted"),
    ],
)
def test_what_an_entry_must_not_be(part, why):
    with pytest.raises(ValidationError, match=why):
        entry(**part)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("spec", ("spec",)),
        ("spec.rayClusterSpec", ("spec", "rayClusterSpec")),
        ("spec.items[12].name", ("spec", "items", 12, "name")),
        ("metadata.labels[app.kubernetes.io/name]", ("metadata", "labels", Key("app.kubernetes.io/name"))),
    ],
)
def test_a_path_is_written_as_messages_print_it(text, steps):
    path = path_of(text)

    assert path.steps == steps
    assert str(path) == text
    assert [type(step) for step in path.steps] == [type(step) for step in steps]


def test_the_exception_tells_all_faults():
    faults = (Fault(("expression",), 1, 2, "one"), Fault(("variables", 0, "expression"), 3, 4, "another"))

    assert str(BadExpression(faults)) == "one; another"
