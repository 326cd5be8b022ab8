"""The values are those of Kubernetes 1.36 for the same expressions and objects."""

import pytest

from tests.policy.cel.asking import outcome

OBJECT = {
    "n": 1,
    "f": 1.5,
    "text": "abc",
    "wide": "aé😀b",
    "empty": "",
    "none": None,
    "numbers": [3, 1, 2],
    "texts": ["b", "a", "b"],
    "floats": [1.5, 0.5],
    "mixed": [1, 2.5],
    "nothing": [],
    "odd": [1, "a", None],
    "map": {"b": 2, "a": 1},
    "maps": [{"n": "x", "v": 1}, {"n": "y"}],
    "cpu": "500m",
    "memory": "4Gi",
    "time": "2026-01-31T12:34:56.789Z",
    "took": "1h30m",
}
COMPUTED = "quantities are known of texts in the object and the policy, not of others"
NONE_THERE = "no such overload"


@pytest.mark.parametrize(
    "expression",
    [
        "object.n == 1.0 && object.n < object.f && 1u == object.n",
        "object.numbers == [3, 1, 2] && object.odd[2] == null",
        "1 < 2.5 && 2.5 >= 1u && 1u <= 2 && 3 > 2u && 2u < 2.5 && quantity('3').asApproximateFloat() > 2",
        "'a' in object.map && !('z' in object.map) && 2.5 in object.mixed",
        "has(object.none) && !has(object.other) && !has(object.n.x) && !has(object.text.x) && !has(object.none.x)",
        "object.?other.?x.orValue('d') == 'd'",
        "object.map[?'c'].orValue(1) == 1 && object.numbers[?9].hasValue() == false",
        "has({'a': 1}.a) && !has({'a': 1}.b)",
        "!object.?n.?x.hasValue() && !object.?none.?x.?y.hasValue()",
        "!object.n[?'a'].hasValue() && !object.n.?x.hasValue() && object.?maps[?0].?v.orValue(0) == 1",
        "!object.?numbers[9].hasValue() && !object.?maps[?0].v[3].hasValue() && object.?maps[?0]['v'].value() == 1",
        "!has(object.?n.x) && has(object.?map.a) && !has(object.?other.a) && !object.?maps[?9][0].hasValue()",
        "!object.?maps[?0].?n.?x.hasValue() && !object.?maps[?9].?v.hasValue() && !has(object.?maps[?9].v)",
        "!object.?n.x.hasValue() && !object.?text['a'].hasValue() && object.?map.a.value() == 1",
        "object.?map['b'].orValue(0) == 2 && object.?map.?a.orValue(0) == 1 && object.?numbers[?0].orValue(0) == 3",
        "{'a': 1}.?a.orValue(0) == 1 && optional.of({'a': 1}).?a.orValue(0) == 1 && {'a': 1}['a'] == 1",
        "object.?n.optMap(v, v + 1).orValue(0) == 2",
        "object.wide.size() == 4 && object.wide.charAt(2) == '😀' && object.wide.substring(1, 2) == 'é'",
        "object.text.replace('b', 'xx') == 'axxc'",
        "object.text.indexOf('c') == 2 && object.text.lastIndexOf('z') == -1",
        "' a b '.trim() == 'a b' && 'A'.lowerAscii() == 'a' && 'a'.upperAscii() == 'A'",
        "'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b' && strings.quote('a') == '\"a\"'",
        "object.text.matches('^a.c$') && matches(object.text, 'b') && !object.text.matches('^b')",
        "string(object.f) == '1.5' && string(0.1) == '0.1' && string(true) == 'true' && string(1e100) == '1e+100'",
        "object.numbers.sum() == 6 && [1.5, 2.5].sum() == 4.0 && [1u].sum() == 1u && object.nothing.sum() == 0",
        "[duration('1h'), duration('1m')].sum() == duration('61m')",
        "object.numbers.min() == 1 && object.numbers.max() == 3",
        "object.texts.max() == 'b' && object.mixed.max() == 2.5",
        "[true, false].max() && [timestamp(0), timestamp(1)].max() == timestamp(1)",
        "!object.numbers.isSorted() && object.mixed.isSorted()",
        "object.nothing.isSorted() && ['a', 'b', 'b'].isSorted()",
        "object.numbers.indexOf(1) == 1 && object.texts.indexOf('b') == 0 && object.texts.lastIndexOf('b') == 2",
        "object.numbers.indexOf('a') == -1 && object.nothing.lastIndexOf(1) == -1 && [1.0].indexOf(1.0) == 0",
        "'abc'.indexOf('c') == 2 && object.texts.map(t, t.indexOf('a')) == [-1, 0, -1]",
        "object.numbers.sort() == [1, 2, 3] && object.numbers.sortBy(x, -x) == [3, 2, 1]",
        "object.texts.distinct() == ['b', 'a']",
        "object.numbers.reverse() == [2, 1, 3] && object.numbers.slice(0, 2) == [3, 1]",
        "[[1], [2, 3]].flatten() == [1, 2, 3]",
        "object.numbers.first().value() == 3 && object.numbers.last().value() == 2",
        "sets.contains(object.numbers, [1, 2])",
        "sets.intersects(object.texts, ['a']) && sets.equivalent([1, 1], [1])",
        "object.numbers.all(i, x, x > i - 3) && object.numbers.exists(i, x, i == 0 && x == 3)",
        "object.map.all(k, v, v > 0) && object.map.exists(k, k == 'a') && object.map.existsOne(k, v, v == 2)",
        "object.map.map(k, k) == ['a', 'b'] && object.map.transformList(k, v, k + string(v)) == ['a1', 'b2']",
        "{'b': 2, 'a': 1}.map(k, k) == ['a', 'b'] && {'b': 2, 'a': 1}.transformList(k, v, v > 1, v) == [2]",
        "object.map.all(k, v, [0].all(k, v > k)) && object.map.all(k, v, [0].all(v, v < 1))",
        "object.numbers.transformList(i, x, x * i) == [0, 1, 4]",
        "object.maps.filter(m, has(m.v)).map(m, m.n) == ['x']",
        "int('12') == 12 && int('+12') == 12 && int(1.9) == 1",
        "int(timestamp(5)) == 5 && uint('5') == 5u && uint(5) == 5u",
        "double('1.5') == 1.5 && double('.5') == 0.5 && double('1e-3') == 0.001 && double(object.n) == 1.0",
        "bool('true') && !bool('False') && bytes('a') == b'a' && string(b'a') == 'a' && dyn(1) == 1",
        "timestamp(object.time).getFullYear() == 2026 && timestamp(object.time).getHours('+02:00') == 14",
        "timestamp(object.time) - timestamp('2026-01-31T12:00:00Z') < duration('1h')",
        "timestamp(object.time).getMilliseconds() == 789 && timestamp(object.time).getDayOfWeek() == 6",
        "duration(object.took).getMinutes() == 90 && duration('1.5h') == duration(object.took)",
        "quantity(object.cpu).isLessThan(quantity('1')) && quantity(object.memory).isGreaterThan(quantity('4G'))",
        "quantity(object.cpu) == quantity('0.5') && quantity(object.cpu) != quantity('0.51')",
        "quantity(object.cpu).compareTo(quantity('1')) == -1 && quantity('1').compareTo(quantity('1000m')) == 0",
        "quantity('2').compareTo(quantity(object.cpu)) == 1",
        "sign(quantity('-1')) == -1 && sign(quantity('0')) == 0",
        "quantity(object.memory).asInteger() == 4294967296 && quantity(object.memory).isInteger()",
        "!quantity(object.cpu).isInteger() && quantity(object.cpu).asApproximateFloat() == 0.5",
        "isQuantity(object.cpu) && !isQuantity(object.text)",
        "isQuantity('1Gi') && !isQuantity('1K') && isQuantity(params.a)",
        "quantity(params.a).isLessThan(quantity(params.b))",
        "['1', '2'].all(q, quantity(q).isLessThan(quantity('3')))",
    ],
)
def test_an_expression_that_is_true_in_kubernetes_is_true_here(expression):
    assert outcome(expression, OBJECT, params={"a": "1Gi", "b": "2Gi"}) is True


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("object.n == 1 && object.other", "no such key: other"),
        ("object[object.text] == 1", "no such key"),
        ("object.n.x == 1", "a field is asked of what has none"),
        ("object.none.x == 1", "a field is asked of what has none"),
        ("object.numbers[9] == 1", "a list has no item at an index"),
        ("object.n + object.text == 1", "no such overload: _+_(int64, string)"),
        ("object.n < object.text", "no such overload: _<_(int64, string)"),
        ("object.n && true", NONE_THERE),
        ("object.n.all(x, true)", NONE_THERE),
        ("1 / (object.n - 1) == 0", "division by zero"),
        ("1 % (object.n - 1) == 0", "division by zero"),
        ("9223372036854775807 + object.n == 0", "a number, time or duration is too large"),
        ("int(object.f * 1e30) == 0", "a number is too large"),
        ("uint(object.n - 2) == 0u", "a number is negative or too large"),
        ("object.text.charAt(9) == 'a'", "a text has no such position"),
        ("object.numbers.slice(2, 9) == []", "a list has no such slice"),
        ("object.maps.sort() == []", "what is sorted has no order"),
        ("bool(object.text)", "a value cannot be converted"),
        ("optional.none().value() == 1", "a value is asked of none"),
        ("{object.text: 1, object.text: 2}['abc'] == 1", "a key is there twice"),
        ("string(b'\\xff') == ''", "it fails for this object"),
        ("int(object.text) == 1", "what int() is given has no form that it reads"),
        ("int(' 12') == 12", "what int() is given has no form that it reads"),
        ("int(object.n == 1 ? dyn(true) : dyn(1)) == 1", "what int() is given has no form that it reads"),
        ("int('1' + '0') == 10 && int('9223372036854775808') == 0", "it fails for this object"),
        ("double('inf') > 1.0", "what double() is given has no form that it reads"),
        (f"double('{'1' * 101}') > 1.0", "what double() is given has no form that it reads"),
        ("timestamp(object.text) == timestamp(0)", "what timestamp() is given has no form that it reads"),
        (
            "timestamp('2016-12-31T23:59:' + '60Z') > timestamp(0)",
            "what timestamp() is given has no form that it reads",
        ),
        ("duration(object.text) == duration('0s')", "what duration() is given has no form that it reads"),
        ("duration('2562048' + 'h') > duration('0s')", "what duration() is given is too long"),
        ("string(object.f / 0.0) == ''", "what string() is given is no finite number"),
        ("string(0.0 / (object.f - 1.5)) == ''", "what string() is given is no finite number"),
        ("object.odd.max() == 1", "no such overload: _>_(string, int64)"),
        ("object.nothing.max() == 1", "what max() is called on is empty"),
        ("object.map.max() == 1", "what max() is called on is no list"),
        ("object.map.isSorted()", "what isSorted() is called on is no list"),
        ("[object.none].isSorted()", "no such overload: _<_(null_type, null_type)"),
        ("object.floats.sum() == 2.0", "no such overload: _+_(int64, double)"),
        ("object.n.indexOf(1) == 1", "no such overload: (int64).indexOf(int64)"),
        (
            "quantity(object.text) == quantity('1')",
            "what quantity() is given is no quantity",
        ),
        ("quantity('1' + 'Gi') == quantity('2Gi')", COMPUTED),
        ("isQuantity(object.memory + 'i')", COMPUTED),
        ("quantity(object.cpu).asInteger() == 1", "what asInteger() is called on is no integer"),
        ("isQuantity(object.n)", "what isQuantity() is given is no text"),
    ],
)
def test_an_expression_that_fails_in_kubernetes_or_differs_fails_here_and_tells_no_value(expression, why):
    assert outcome(expression, OBJECT) == why


def test_a_map_is_gone_through_in_the_order_of_its_keys_in_every_process():
    keys = [f"k{number:03}" for number in range(200)]

    assert outcome(f"object.map(k, k) == {keys}", dict.fromkeys(reversed(keys), 1)) is True


def test_no_list_is_made_of_too_many_items():
    too_many = "a list would be made of more than 500 items or keys"

    assert outcome("object.a.map(x, x).size() == 500", {"a": [1] * 500}) is True
    assert outcome("object.a.map(x, x).size() == 501", {"a": [1] * 501}) == too_many
    assert outcome("object.a.all(x, x == 1)", {"a": [1] * 2000}) is True
    assert outcome("object.all(k, true)", {f"k{n}": n for n in range(201)}) == (
        "a list would be made of more than 200 items or keys"
    )


def test_loops_go_round_ten_thousand_times_at_the_most():
    grid = {"a": list(range(101))}

    assert outcome("object.a.all(x, object.a.all(y, true))", grid) == "its loops go round more than 10000 times"
