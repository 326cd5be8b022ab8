"""What is refused when a policy is read, and what is said of it."""

import pytest

from tests.policy.cel.asking import PASSES, faults, outcome, refusal, said
from webhook.policy.cel.arguments import BadPattern, program_size
from webhook.policy.cel.effort import EFFORTS
from webhook.policy.cel.library import MISSING
from webhook.policy.cel.tree import Constant, Name

NOT_HERE = "is not available here"


@pytest.mark.parametrize(
    ("expression", "line", "column", "why"),
    [
        ("object.a ==\n  foo", 2, 3, "undeclared reference to 'foo'"),
        ("'é' + object.é", 1, 14, "Syntax error: token recognition error at: 'é'"),
        ("1 + 'a' == 2", 1, 3, "found no matching overload for '_+_' applied to '(int, string)'"),
        ("1 == 2.5", 1, 3, "found no matching overload for '_==_' applied to '(int, double)'"),
        ("object.a.frobnicate()", 1, 20, "undeclared reference to 'frobnicate'"),
        ("(" * 40 + "true" + ")" * 40, 1, 1, "Expression recursion limit exceeded. limit: 32"),
        ("'a'" + " + 'a'" * 40 + " == ''", 1, 1, "Exceeded max recursion depth of 32 when parsing."),
        ("google.protobuf.Int64Value{value: 1} == 1", 1, 1, "must not make a message of Protocol Buffers"),
    ],
)
def test_a_fault_has_its_place(expression, line, column, why):
    assert faults(expression)[0] == (("expression",), line, column, why)


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("authorizer.group('').resource('pods').check('get').allowed()", "authorizer"),
        ("namespaceObject.metadata.name == 'a'", "namespaceObject"),
        ("url('http://a').getHost() == 'a'", "url"),
        ("isURL(object.a)", "isURL"),
        ("ip('1.2.3.4').family() == 4", "ip"),
        ("isIP(object.a)", "isIP"),
        ("cidr('1.0.0.0/8').containsIP('1.2.3.4')", "cidr"),
        ("isCIDR(object.a)", "isCIDR"),
        ("semver('1.2.3').major() == 1", "semver"),
        ("isSemver(object.a)", "isSemver"),
        ("format.dns1123Label().validate(object.a).hasValue()", "format"),
        ("object.a.find('b') == 'b'", "find"),
        ("object.a.findAll('b') == ['b']", "findAll"),
        ("object.a.transformMap(k, v, v) == {}", "transformMap"),
        ("object.a.transformMapEntry(k, v, {v: k}) == {}", "transformMap"),
        ("object.a.exists_one(i, v, v > i)", "exists_one"),
        ("lists.range(3) == [0, 1, 2]", "lists.range"),
        ("optional.unwrap([optional.of(1)]) == [1]", "unwrap"),
        ("[optional.of(1)].unwrapOpt() == [1]", "unwrapOpt"),
        ("quantity('1').add(quantity('1')) == quantity('2')", "add"),
        ("quantity('1').sub(1) == quantity('0')", "sub"),
    ],
)
def test_what_kubernetes_has_and_we_have_not_is_named_with_a_reason(expression, name):
    assert refusal(expression) == f"{name} {NOT_HERE}: {MISSING[name]}"


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("object.metadata.`my-name` == 'a'", "must write a field's name without quotes, or as a key"),
        ("request.uid == 'a'", "undefined field uid"),
        ("request.object == object", "undefined field object"),
        ("request.userInfo.name == 'a'", "undefined field name"),
        ("has(request.uid)", "undefined field uid"),
        ("request == object", "must ask for a field of the request"),
        ("request['name'] == 'a'", "must ask for a field of the request"),
        ("object.a.all(object, object > 0)", "must not call a loop's variable object, oldObject, params, request or"),
        ("object.a.all(i, request, i == 0)", "must not call a loop's variable"),
        ("[1, 'a'] == object.a", "expected type 'int' but found 'string'"),
        ("[object.a, 'a'] == object.a", "expected type 'dyn' but found 'string'"),
        ("[1, ?optional.of('a')] == object.a", "expected type 'int' but found 'string'"),
        ("{'a': 1, 'b': 'c'} == object.a", "expected type 'int' but found 'string'"),
        ("{'a': 1, 2: 1} == object.a", "expected type 'string' but found 'int'"),
        ("{'a': 1, 'a': 2} == object.a", "must not have a key twice"),
        ("object.a.matches(object.b)", "must have its pattern as a literal"),
        ("matches(object.a, object.b)", "must have its pattern as a literal"),
        ("object.a.matches('[')", "must have a pattern in RE2's syntax: missing ]: ["),
        (r"object.a.matches('\\Ca')", r"must not match single bytes: \C"),
        ("object.a.matches('a{1000}b{1000}c{10}')", "must have a smaller pattern: 2014 instructions, of 2000 at most"),
        ("timestamp('2026-01-31') < timestamp(object.a)", "must have a time as RFC 3339 has it"),
        ("timestamp('2026-02-30T00:00:00Z') < timestamp(object.a)", "must have a time as RFC 3339 has it"),
        ("duration('1d') < duration(object.a)", 'must have a duration such as "1h30m", of 2562047 hours at most'),
        ("duration('2562048h') < duration(object.a)", "must have a duration"),
        ("quantity('1K') == quantity(object.a)", 'must have a quantity such as "500m" or "4Gi"'),
        ("string(timestamp(object.a)) == ''", "must not make a text of a timestamp, which Kubernetes writes otherwise"),
        ("string(duration(object.a)) == ''", "must not make a text of a duration"),
        ("dyn(duration(object.a)) == 1", "must not hide that something is a duration"),
        ("type(quantity(object.a)) == int", "must not give a quantity to type"),
        ("[quantity('1')] == [quantity('2')]", "must not give a quantity to _==_"),
        ("quantity('1') in [quantity('2')]", "must not give a quantity to @in"),
        ("int(duration(object.a)) == 1", "must not make a number of a duration: getSeconds() does"),
        (
            "timestamp(object.a).getHours('Europe/Berlin') == 1",
            'must have its time zone as a literal, "UTC" or "+02:00"',
        ),
        ("timestamp(object.a).getDayOfWeek(object.b) == 1", "must have its time zone as a literal"),
        ("duration(object.a).getMilliseconds() == 1", "must be called on a time"),
        ("object.a.getMilliseconds() == 1", "must be called on a time"),
        ("object.a.indexOf('a', 1) == 1", "must have no second argument, with which it differs"),
        ("object.a.lastIndexOf('a', 1) == 1", "must have no second argument"),
        ("object.a.split('') == []", "must have its separator as a literal that is not empty"),
        ("object.a.split(object.b) == []", "must have its separator as a literal"),
        ("object.a.flatten(2) == []", "must have no argument"),
        ("'%s'.format([object.a]) == ''", "must not use format(), whose texts differ a little"),
    ],
)
def test_what_kubernetes_refuses_or_decides_otherwise_is_refused(expression, why):
    assert refusal(expression).startswith(why)


@pytest.mark.parametrize(
    "message",
    ["'%q'.format([1])", "'%5d'.format([1])", "'%.400f'.format([1.0])", "object.a.format([1])", "'%'.format([])"],
)
def test_format_is_called_on_a_literal_with_plain_clauses(message):
    (fault,) = faults(messageExpression=message)

    assert fault[0] == ("messageExpression",)
    assert fault[3].startswith("must be called on a literal with the clauses %s,")


@pytest.mark.parametrize("given", ["[1]", "[1, 2, 3]", "object.a", "[1, ?optional.of(2)]"])
def test_format_is_given_as_many_values_as_its_text_asks_for(given):
    assert faults(messageExpression=f"'%s of %d%%'.format({given})") == [
        (("messageExpression",), 1, 20, "must have a list of 2 values")
    ]


def test_format_takes_values_of_different_types():
    assert said("false", messageExpression="'%s %d %.1f %s%%'.format(['a', 1, 2.5, [1, 2]])") == "a 1 2.5 [1, 2]%"


@pytest.mark.parametrize(
    "expression",
    [
        "request.userInfo.extra == null || true",
        "request.options.fieldManager == 'x' || true",
        "has(request.subResource) || true",
        "object.a['app.kubernetes.io/name'] == 'x' || true",
        "timestamp(object.a).getHours('+02:00') == 1 || true",
        "timestamp(object.a).getMilliseconds('UTC') == 1 || timestamp(object.a).getMilliseconds() == 1 || true",
        "[[1], [2]] == object.a || true",
        "{'a': 1, ?'b': optional.of(2)} == object.a || true",
        "{object.a: 1, object.b: 2} == object.a || true",
        "(object.a ? quantity('1') : quantity('2')) == quantity(object.b) || true",
        "[quantity('1')].map(q, q)[0].isLessThan(quantity('2'))",
        "optional.of(quantity('1')).orValue(quantity('2')) != quantity('2')",
    ],
)
def test_what_both_take_is_taken(expression):
    assert outcome(expression) is True


def test_an_expression_must_not_have_too_many_parts():
    doubling = "object.?a" + ".optMap(v, v + 1)" * 9 + ".hasValue()"

    assert refusal(doubling).startswith("must be smaller: it has more than 4000 parts")


def test_a_variable_is_there_so_one_need_not_ask():
    variables = [{"name": "a", "expression": "1"}]

    assert refusal("has(variables.a)", variables=variables) == (
        "must not ask whether a variable is there: it always is"
    )


def test_a_type_that_is_known_of_the_request_only_will_do():
    assert said("request.dryRun", request={"dryRun": True}) == PASSES
    assert said("false", request={"operation": "CREATE"}, messageExpression="request.operation") == "CREATE"
    assert refusal("request.name") == "must be a bool, is a string"


def test_a_pattern_has_a_size_and_what_is_no_literal_has_none():
    assert program_size(Constant("^a$")) > 0
    assert program_size(Name("x")) == 0
    with pytest.raises(BadPattern, match="no argument for repetition operator: "):
        program_size(Constant("*"))


def test_nothing_is_both_there_and_missing():
    assert [name for name in EFFORTS if name in MISSING] == ["format"]  # of texts it is there, the library is not
