import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.rayjob.goyaml import BUDGET, DEPTH, Document, Json, YamlFault, dump, load, load_all
from webhook.rayjob.goyaml_events import EVENT_COST, _Chunks


def as_json(text):
    """The value as JSON text, in which 1, 1.0 and true are three things; or the problem."""
    value = load(text)
    return value.problem if isinstance(value, YamlFault) else json.dumps(value, ensure_ascii=False)


def problem(text):
    value = load(text)
    assert isinstance(value, YamlFault), value
    return value.problem


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        *[(text, "true") for text in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")],
        *[(text, "false") for text in ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")],
        *[(text, "null") for text in ("", "~", "null", "Null", "NULL")],
        *[(text, f'"{text}"') for text in ("yEs", "nULL", "tRUE", "oN", "nope", "yes!", "~~", "<<", "=")],
        ("0", "0"),
        ("-0", "0"),
        ("+12", "12"),
        ("1_000", "1000"),
        ("1__0_", "10"),
        ("_1", '"_1"'),
        ("0777", "511"),
        ("-0777", "-511"),
        ("08", "8"),
        ("0o17", "15"),
        ("0O17", "15"),
        ("0o8", '"0o8"'),
        ("0x1F", "31"),
        ("-0X1f", "-31"),
        ("0x", '"0x"'),
        ("0b11", "3"),
        ("-0b11", "-3"),
        ("0b+11", "3"),
        ("0b-11", "-3"),
        ("0b2", '"0b2"'),
        ("9223372036854775807", "9223372036854775807"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("+9223372036854775808", "9.223372036854776e+18"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-9223372036854775809", "-9.223372036854776e+18"),
        ("0b-1" + "0" * 64, '"0b-1' + "0" * 64 + '"'),
        ("0x1" + "0" * 16, '"0x1' + "0" * 16 + '"'),
        ("9" * 5000, '"' + "9" * 5000 + '"'),
        ("1.5", "1.5"),
        ("-1.5e-3", "-0.0015"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        (".5_0", "0.5"),
        ("._5", '"._5"'),
        (".5_", '".5_"'),
        (".", '"."'),
        ("1.", "1"),
        ("1_0.5", "10.5"),
        ("1e3", "1000"),
        ("1E+3", "1000"),
        ("1.0", "1"),
        ("1e20", "1e+20"),
        ("1e", '"1e"'),
        ("1e999", '"1e999"'),
        (".1e999", '".1e999"'),
        ("1e-999", "0"),
        (".Nan", '".Nan"'),
        ("+.nan", '"+.nan"'),
        ("12:30:45", '"12:30:45"'),
        ("2001-01-01", '"2001-01-01"'),
        ("2001-12-14t21:59:43.10-05:00", '"2001-12-14t21:59:43.10-05:00"'),
        ("1.2.3", '"1.2.3"'),
        ("1 2", '"1 2"'),
        ("-", "block sequence entries are not allowed in this context"),
        ("--", '"--"'),
    ],
)
def test_a_plain_scalar_is_what_go_resolves_it_to(scalar, value):
    assert as_json(f"a: {scalar}") == (value if "not allowed" in value else f'{{"a": {value}}}')


@pytest.mark.parametrize("quoted", ["'1'", '"1"', "|-\n  1", ">-\n  1", "!!str 1", "! 1", "!foo 1", "!!set 1"])
def test_what_is_quoted_or_tagged_otherwise_is_a_text(quoted):
    assert as_json(f"a: {quoted}") == '{"a": "1"}'


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("!!int '3'", "3"),
        ("!!int 3.0", "found a scalar that is not an integer, as its tag says"),
        ("!!int y", "found a scalar that is not an integer, as its tag says"),
        ("!<tag:yaml.org,2002:int> 3", "3"),
        ("!!float 3", "3"),
        ("!!float '1.5'", "1.5"),
        ("!!float inf", "found a scalar that is not a number, as its tag says"),
        ("!!float y", "found a scalar that is not a number, as its tag says"),
        ("!!float 9223372036854775808", "found a scalar that is not a number, as its tag says"),
        ("!!bool 'on'", "true"),
        ("!!bool 1", "found a scalar that is not a boolean, as its tag says"),
        ("!!null ''", "null"),
        ("!!null x", "found a scalar that is not null, as its tag says"),
        ("!!str", '""'),
        ("!!merge x", '"x"'),
        ("!!binary aGk=", '"hi"'),
        ('!!binary "aG\\nk="', '"hi"'),
        ("!!binary /+8=", '"\ufffd\ufffd"'),
        ("!!binary 7aCA", '"\ufffd\ufffd\ufffd"'),
        ("!!binary aG k", "found a scalar that is not base64, as its tag says"),
        ("!!binary aGk", "found a scalar that is not base64, as its tag says"),
    ],
)
def test_a_standard_tag_is_enforced_on_a_scalar(scalar, value):
    assert as_json(f"a: {scalar}") == (value if value.startswith("found") else f'{{"a": {value}}}')


@pytest.mark.parametrize(
    "text",
    [
        "2001-01-01",
        "2001-1-1",
        "0000-2-29",
        "2004-2-29",
        "2001-01-01T1:2:3Z",
        "2001-01-01t1:2:3.5+24:60",
        "2001-01-01T1:2:3,5-01:00",
        "2001-01-01 1:2:3",
        "2001-01-01   23:59:59.123456789012",
    ],
)
def test_the_timestamp_tag_takes_what_go_parses_and_leaves_it_a_text(text):
    assert as_json(f"a: !!timestamp {text}") == json.dumps({"a": text})


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "''",
        "1",
        "2001",
        "2001-13-01",
        "2001-00-01",
        "2001-02-29",
        "2001-01-00",
        "2001-01-01T1:2:3",
        "2001-01-01 1:2:3Z",
        "2001-01-01 24:2:3",
        "2001-01-01 1:60:3",
        "2001-01-01 1:2:60",
        "2001-01-01T1:2:3+25:00",
        "2001-01-01T1:2:3+1:00",
        "02001-01-01",
    ],
)
def test_the_timestamp_tag_refuses_the_rest(text):
    assert problem(f"a: !!timestamp {text}") == "found a scalar that is not a date or a time, as its tag says"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("a", "a"),
        ("'1'", "1"),
        ("1", "1"),
        ("0x10", "16"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("y", "true"),
        ("off", "false"),
        ("2001-01-01", "2001-01-01"),
        ("!!binary aGk=", "hi"),
        ("*", "did not find expected alphabetic or numeric character while scanning an alias"),
        ("1.0", "1"),
        ("-0.0", "-0"),
        ("1.5", "1.5"),
        ("0.1", "0.1"),
        ("0.1000000001", "0.1"),
        ("16777217.0", "1.6777216e+07"),
        ("1234567.0", "1.234567e+06"),
        ("999999.0", "999999"),
        ("1000000.0", "1e+06"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("1e-45", "1e-45"),
        ("3e-40", "3e-40"),
        ("1e300", ".inf"),
        ("-1e300", "-.inf"),
        ("-.INF", "-.inf"),
        (".NaN", ".nan"),
    ],
)
def test_a_key_is_spelt_as_go_spells_it(key, text):
    expected = text if text.startswith("did not") else json.dumps({text: "v"})

    assert as_json(f"{key}: v") == expected


@pytest.mark.parametrize("key", ["~", "null", "? \n", "9223372036854775808", "18446744073709551615"])
def test_null_and_what_is_above_int64_are_no_keys(key):
    assert problem(f"{key}: v") == "found a key that is null, or an integer above int64"


@pytest.mark.parametrize("text", ["? [x]\n: 1", "? {x: 1}\n: 1", "[a, b]: 1", "{a: 1}: 1", "x: &x []\n*x : 1"])
def test_lists_and_mappings_are_no_keys(text):
    assert problem(text) == "found a key that is a list or a mapping"


@pytest.mark.parametrize("number", [".inf", ".Inf", ".INF", "+.inf", "-.INF", ".nan", ".NaN", ".NAN", "!!float .inf"])
def test_json_has_no_such_number_and_the_fault_tells_its_place(number):
    fault = YamlFault("found an infinite or undefined number, which JSON cannot hold", 2, 4)

    assert load(f"a: 1\nb: {number}") == fault
    assert load(f"a: 1\nb: [{number}]") == YamlFault(fault.problem, 2, 5)
    assert as_json(f"b: '{number.split()[-1]}'") == json.dumps({"b": number.split()[-1]})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\na: 2", '{"a": 2}'),
        ("0: a\n0: b", '{"0": "b"}'),
        ("a: .inf\na: 1", '{"a": 1}'),
        ("a: {~: 1}\na: 1", '{"a": 1}'),
        ('a: {1: x, "1": y, 1.0: z}', '{"a": {"1": "z"}}'),
        (".nan: 1\n.nan: 2", '{".nan": 2}'),
        ('{1: {~: 1}, "1": 2}', "found a key that is null, or an integer above int64"),
    ],
)
def test_the_last_of_two_equal_keys_wins_and_the_other_is_not_looked_at(text, value):
    assert as_json(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x: &x {q: 1}\na: {<<: *x}", '{"x": {"q": 1}, "a": {"q": 1}}'),
        ("<<: {a: 1}", '{"a": 1}'),
        ("a: 1\n<<: {a: 2}", '{"a": 2}'),
        ("<<: {a: 2}\na: 1", '{"a": 1}'),
        ("<<: [{a: 1}, {a: 2, b: 3}]", '{"a": 1, "b": 3}'),
        ("<<: [{a: 1}, {b: 2}]\n<<: {c: 3}", '{"b": 2, "a": 1, "c": 3}'),
        ("x: &x {q: 1}\na: {<<: [*x, {r: .5}]}", '{"x": {"q": 1}, "a": {"r": 0.5, "q": 1}}'),
        ("<<: []", "{}"),
        ("'<<': 1", '{"<<": 1}'),
        ("!!merge <<: {a: 1}", '{"a": 1}'),
        ("! '<<': {a: 1}", '{"a": 1}'),
        ("&m <<: {a: 1}\nb: *m", '{"a": 1, "b": "<<"}'),
        ("m: &m <<\n*m : 1", '{"m": "<<", "<<": 1}'),
        ("<<: <<", "found a merge key '<<' whose value is no mapping, nor a list of mappings"),
        ("<<", '"<<"'),
        ("- <<", '["<<"]'),
        *[
            (text, "found a merge key '<<' whose value is no mapping, nor a list of mappings")
            for text in ("<<: 3", "<<: ~", "<<: [1]", "<<: [[]]", "x: &x [{a: 1}]\n<<: *x", "x: &x [{}]\n<<: [*x]")
        ],
    ],
)
def test_a_merge_key_brings_the_entries_of_its_mappings_at_its_place(text, value):
    assert as_json(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x 1\nb: *x", '{"a": 1, "b": 1}'),
        ("&x a: *x", '{"a": "a"}'),
        ("a: &x 1\nb: &x 2\nc: *x", '{"a": 1, "b": 2, "c": 2}'),
        ("a: &x [&x b, *x]", '{"a": ["b", "b"]}'),
        ("a: &x {f: 1.0}\nb: *x", '{"a": {"f": 1}, "b": {"f": 1}}'),
        ("b: *x", "found an alias of an anchor that is not there"),
        ("a: 1\n---\n&x b: *x", '{"a": 1}'),
        ("a: &x [*x]", "found an anchor whose value contains itself"),
        ("a: &x {<<: *x}", "found an anchor whose value contains itself"),
    ],
)
def test_an_alias_stands_for_what_its_anchor_named_last(text, value):
    assert as_json(text) == value


def test_aliased_values_are_shared_and_not_copied():
    value = load("a: &x [1]\nb: *x")

    assert isinstance(value, dict)
    assert value["a"] is value["b"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", "null"),
        ("# nothing\n", "null"),
        ("---\n---\na: 1", "null"),
        ("a: 1\n---\nb: [", '{"a": 1}'),
        ("---\na: 1\n...\n[", '{"a": 1}'),
        ("a: 1\n... foo", '{"a": 1}'),
        ("--- {a: 1}", '{"a": 1}'),
        ("---a: 1", '{"---a": 1}'),
        ("...", "did not find expected node content while parsing a block node"),
        ("--- a: 1", "mapping values are not allowed in this context"),
        ("%YAML 1.1\n---\na: 1", '{"a": 1}'),
        ("%YAML 1.2\n---\na: 1", "found incompatible YAML document"),
        ("%FOO bar\n---\na: 1", "found unknown directive name while scanning a directive"),
        ("%TAG !e! tag:yaml.org,2002:\n---\na: !e!int '1'", '{"a": 1}'),
    ],
)
def test_only_the_first_document_is_read(text, value):
    assert as_json(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # In a flow collection, a plain scalar may end in a colon, and must not hold a question mark.
        ("{a:}", '{"a:": null}'),
        ("[a:,b:, c]", '["a:", "b:", "c"]'),
        ("{a: [b:]}\n", '{"a": ["b:"]}'),
        ("{a:[b]}", "did not find expected ',' or '}' while parsing a flow mapping"),
        ("a: [b?c]", "found '?' in a plain scalar within [] or {}, which must be quoted"),
        ("a: ['b?c', d]", '{"a": ["b?c", "d"]}'),
        ("a: b?c", '{"a": "b?c"}'),
        # The escapes of double quotes.
        (r'''a: "it\'s"''', '{"a": "it\'s"}'),
        (r'a: "b\/c"', "found unknown escape character while parsing a quoted scalar"),
        (r'a: "b\\/c"', r'{"a": "b\\/c"}'),
        (r"a: b\/c", r'{"a": "b\\/c"}'),
        (r'{a: 1} "\/"', "found unknown escape character while parsing a quoted scalar"),
        (r'a: "\q"', "found unknown escape character while parsing a quoted scalar"),
        (r'a: "\ud800"', "found invalid Unicode character escape code while parsing a quoted scalar"),
        # Tags end at a blank, and nowhere else.
        ("[!t, a, !u b]", '["a", "b"]'),
        ("[!!int,x 1]", '["1"]'),
        ("[&a !t, b]", '["b"]'),
        ("[!t &a, b]", '["", "b"]'),
        ("[!!int , b]", "found a scalar that is not an integer, as its tag says"),
        ("a: !t[1] b", '{"a": "b"}'),
        ("a: !!, b", '{"a": "b"}'),
        ("[!<t>, a]", "did not find expected whitespace or line break while scanning a tag"),
        ("[!t]", "did not find expected ',' or ']' while parsing a flow sequence"),
        ("a: !t} b", "did not find expected whitespace or line break while scanning a tag"),
        ("a: !%C0%80 b", "found a tag that is not UTF-8"),
        # Byte order marks.
        ("\ufeffa: 1", '{"a": 1}'),
        ("a: \ufeffb\nc: 1", '{"a": "\ufeffb", "c": 1}'),
        ("a: 1\n\ufeffb: 2\nc: 3", '{"a": 1, "\ufeffb": 2, "c": 3}'),
        # A flow collection in which no key can begin, at the start of a line.
        ("{}: 1", "{}"),
        ("---\n{ }: [", "{}"),
        ("[]: 1", "[]"),
        ("{? a : b, ? c}: [", '{"a": "b", "c": null}'),
        ("{? {b: c} : 1}: [", "found a key that is a list or a mapping"),
        ("{? a : 1, b}: 1", "found a key that is a list or a mapping"),
        ("{? a : [b, c]}: 1", '{"a": ["b", "c"]}'),
        ("&r {}: 1", "found a key that is a list or a mapping"),
        ("? {}\n: 1", "found a key that is a list or a mapping"),
        ("a: {}", '{"a": {}}'),
        ('{}{"', "{}"),
        ('{}\n{} {}"', "{}"),
        ("? a\n  {}: 1\n", "mapping values are not allowed in this context"),
        ("- a\n {}: 1\n", "mapping values are not allowed in this context"),
        ("a: |\n  {}\nb: c: d", "mapping values are not allowed in this context"),
        ("{a: 1}\n{}%", '{"a": 1}'),
        ('a: 1\n{}"', "found unexpected end of stream while scanning a quoted scalar"),
    ],
)
def test_where_libyaml_and_go_have_parted_go_is_right(text, value):
    assert as_json(text) == value


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: b\nc: d: e", YamlFault("mapping values are not allowed in this context", 2, 5)),
        (
            "a:\n\tb: 1",
            YamlFault("found character that cannot start any token while scanning for the next token", 2, 1),
        ),
        ("a: [1,\n", YamlFault("did not find expected node content while parsing a flow node", 2, 1)),
        ("é: \x01", YamlFault("control characters are not allowed", 1, 4)),
        ("\ufeffé:\n  \x7f", YamlFault("control characters are not allowed", 2, 3)),
        ("a: \x80", YamlFault("control characters are not allowed", 1, 4)),
        ("a: \ufffe", YamlFault("control characters are not allowed", 1, 4)),
        ("a: \ud800", YamlFault("invalid Unicode character", 1, 4)),
    ],
)
def test_a_fault_tells_its_place_counting_from_one(text, fault):
    assert load(text) == fault


@pytest.mark.parametrize("text", ["a: \u0085b", "a: \u2028b"])
def test_unicode_has_line_breaks_too(text):
    assert problem(text) == "could not find expected ':' while scanning a simple key"


def test_a_fault_prints_its_place_and_never_the_text():
    fault = load("env_vars:\n  TOKEN: [hunter2")

    assert str(fault) == "did not find expected ',' or ']' while parsing a flow sequence (line 3, column 1)"


def test_a_character_that_is_not_allowed_matters_only_as_far_as_go_decodes_ahead():
    near, far = "a: 1\n---\n" + "#" * 400 + "\x01", "a: 1\n---\n" + "#" * 600 + "\x01"

    assert problem(near) == "control characters are not allowed"
    assert load(far) == {"a": 1}


def test_go_decodes_in_chunks_that_libyamls_remainder_shortens():
    chunks = _Chunks(b"x" * 1000)

    assert [len(chunks.read(size)) for size in (16384, 16382, 16384)] == [512, 488, 0]


def nested(depth):
    return "a: " + "[" * depth + "]" * depth


def test_a_document_may_nest_as_deeply_as_gos_json_decoder_takes_it():
    ample = 100 * BUDGET

    assert isinstance(load(nested(DEPTH - 1), budget=ample), dict)
    assert load(nested(DEPTH), budget=ample) == YamlFault("nests more than 10000 lists and mappings", 1, 1)


def test_an_alias_nests_as_deeply_as_what_it_stands_for():
    text = "a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 39 + "*a" + "]" * 39

    assert isinstance(load(text, depth=100), dict)
    assert problem_at(text, depth=99) == "nests more than 99 lists and mappings"


def test_a_merge_nests_no_deeper_than_what_it_merges():
    text = "a: &a {k: [[]]}\nb: {<<: *a}\nc: {<<: [*a]}"

    assert isinstance(load(text, depth=4), dict)
    assert problem_at(text, depth=3) == "nests more than 3 lists and mappings"


def problem_at(text, depth):
    value = load(text, depth=depth)
    assert isinstance(value, YamlFault)
    return value.problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # Each alias of a scalar takes two steps, one of them by way of the alias; 1 and 4 more are the document's.
        ("a: &a x\nb: [" + "*a, " * 5000 + "]", None),
        # Of 1000 items, each a list of 100: 100 more steps by way of an alias for each of its own.
        ("a: &a [" + "x, " * 97 + "]\nb: [" + "*a, " * 1000 + "]", None),
        ("a: &a [" + "x, " * 110 + "]\nb: [" + "*a, " * 2000 + "]", "holds too many aliases"),
        ("a: &a [" + "x, " * 800 + "]\nb: [" + "*a, " * 50 + "]", None),
        ("a: &a [" + "x, " * 800 + "]\nb: &b [" + "*a, " * 50 + "]\nc: [*b, *b, *b, *b]", "holds too many aliases"),
        (
            "a: &a {" + "".join(f"k{n}: 1, " for n in range(200)) + "}\nb: {" + "<<: *a, " * 2000 + "}",
            "holds too many aliases",
        ),
    ],
)
def test_aliases_are_counted_as_go_counts_them(text, value):
    result = load(text)

    assert (result.problem if isinstance(result, YamlFault) else None) == value


def test_the_share_of_aliases_falls_with_the_size_of_what_they_stand_for():
    text = "a: &a [" + "x, " * 12_000 + "]\nb: [" + "*a, " * 33 + "]"

    assert isinstance(load(text), dict)  # 97 % of 408 000 steps, of which 98.8 % may be by way of aliases
    assert problem(text.replace("]\nb: [", "]\nb: [*a, *a, *a, *a, *a, ")) == "holds too many aliases"  # 96.9 % may


def test_a_bomb_of_aliases_is_refused_before_it_is_unfolded():
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 100))

    fault = load(bomb)

    assert isinstance(fault, YamlFault)
    assert (fault.problem, fault.line) == ("holds too many aliases", 5)


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "{a: ", "[[],", "!t [", "&a [", "a: [\n"])
def test_a_text_that_nests_without_end_is_refused_after_its_first_few_thousand_characters(opening):
    fault = load(opening * 200_000)

    assert isinstance(fault, YamlFault)
    assert fault.line * fault.column < 60_000


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- a\n" * 200_000, 16_000),
        ("%TAG !a! " + "x" * 500_000 + "\n---\n" + "- !a!x y\n" * 9_000, 20),
        ("".join(f"%TAG !a{n}! b\n" for n in range(1_000)) + "---\na: 1", 1),
        ('"' + "\\'" * 100_000 + '"', 1),
        ("[a" + ":,b" * 100_000, 1),
        ("- !a" + "," * 100_000 + " b", 1),
        ("#" * (BUDGET + 1), 1),
    ],
)
def test_the_budget_bounds_what_a_text_can_cost(text, line):
    fault = load(text)

    assert isinstance(fault, YamlFault)
    assert fault.problem in ("is too large, or nests too deeply, to be judged", "holds more than 100 %TAG directives")
    assert fault.line <= line


def test_a_large_text_of_few_values_is_read():
    text = "x" * (1 << 20)

    assert load(f"a: {text}\nb: |\n  {text}\nc: '{text}'") == {"a": text, "b": text + "\n", "c": text}


def test_the_budget_is_spent_by_characters_events_and_open_collections():
    text = "[[a]]"  # 5 events, of which the first four leave 1, 2, 2 and 1 collections open
    cost = len(text) + 5 * EVENT_COST + 1 + 2 + 2 + 1

    assert load(text, budget=cost) == [["a"]]
    assert isinstance(load(text, budget=cost - 1), YamlFault)


def test_a_text_that_holds_every_stand_in_is_refused_only_where_one_is_needed():
    private = "".join(map(chr, range(0xE000, 0xF900)))

    assert load(f"a: {private}") == {"a": private}
    assert problem(f"a: {private}\n\ufeff") == "holds every character of private use"


def test_a_stand_in_is_none_of_the_texts_own_characters():
    assert load("{a:, \ue000: '\ue001\\/'}") == {"a:": None, "\ue000": "\ue001\\/"}


@given(st.text() | st.text("ab1 \n:-?,[]{}&*!|>'\"%#\\/<~.\t\ufeff\x01"))
def test_every_text_gives_a_value_or_a_fault(text):
    value = load(text)

    assert isinstance(value, YamlFault) or json.loads(json.dumps(value)) == value


printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Zl", "Zp"]))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | printable,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(printable, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(printable, json_values, max_size=4), st.sampled_from([None, 2]))
def test_json_is_yaml(value, indent):
    assert load(json.dumps(value, ensure_ascii=False, indent=indent)) == value


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), json_values, max_size=4))
def test_what_is_dumped_is_read_as_the_same_value(value):
    assert load(dump(value)) == value


def test_a_dump_quotes_what_go_would_take_for_something_else():
    value: Json = {
        "y": "on",
        "0o7": "1_000",
        "n": ["0b1", "1e3", "", "~"],
        "lines": "a\nb\n",
        "odd": "a\n\n\n",
        "same": "x: y",
    }

    assert dump(value) == (
        "'y': 'on'\n'0o7': '1_000'\n'n':\n- '0b1'\n- '1e3'\n- ''\n- '~'\n"
        "lines: |\n  a\n  b\nodd: \"a\\n\\n\\n\"\nsame: 'x: y'\n"
    )


def test_a_dump_writes_what_is_shared_twice():
    shared: list[Json] = [1]

    assert dump({"a": shared, "b": shared}) == "a:\n- 1\nb:\n- 1\n"


@pytest.mark.parametrize(
    ("content", "documents"),
    [
        ("", []),
        ("# nothing\n---\n~\n---\n", []),
        ("a: 1", [Document(1, {"a": 1})]),
        ("---\n# why\n\na: 1\n--- # next\nb: 2\n", [Document(4, {"a": 1}), Document(6, {"b": 2})]),
        ("---\n---\n\r\n---\r\na: 1\r\n", [Document(5, {"a": 1})]),
        ("a: 1\n...\nb: 2", [Document(1, {"a": 1})]),
        ("a: |+\n  b", [Document(1, {"a": "b\n"})]),
        (
            "%YAML 1.1\n---\na: 1",
            [Document(1, fault=YamlFault("did not find expected <document start>", 2, 1)), Document(3, {"a": 1})],
        ),
        (
            "a: 1\n---\n# why\nb: [\n---\nc: 3",
            [
                Document(1, {"a": 1}),
                Document(4, fault=YamlFault("did not find expected node content while parsing a flow node", 5, 1)),
                Document(6, {"c": 3}),
            ],
        ),
        (
            "a: 1\n--- {b: 2}\nc: 3\n---x\n---\nd: 4",
            [
                Document(1, {"a": 1}),
                Document(2, fault=YamlFault("must have nothing but a comment behind ---", 2, 1)),
                Document(4, fault=YamlFault("must have nothing but a comment behind ---", 4, 1)),
                Document(6, {"d": 4}),
            ],
        ),
        (
            b"a: \xff\n---\nb: 2",
            [Document(1, fault=YamlFault("invalid Unicode character", 1, 4)), Document(3, {"b": 2})],
        ),
        (b"\xef\xbb\xbfa: 1", [Document(1, {"a": 1})]),
        ("a: " + "[" * 200 + "]" * 200, [Document(1, fault=YamlFault("nests more than 200 lists and mappings", 1, 1))]),
    ],
)
def test_a_file_of_yaml_holds_the_documents_that_kubectl_finds(content, documents):
    assert list(load_all(content)) == documents


@pytest.mark.parametrize(
    ("content", "documents"),
    [
        ('\n{"a": 1, "a": 1.5}', [Document(2, {"a": 1.5})]),
        ('{"a": 1}{"b": 2}\n\n{"c": 3}\n \n', [Document(1, {"a": 1}), Document(1, {"b": 2}), Document(3, {"c": 3})]),
        ('{"a": 1}\nnull', [Document(1, {"a": 1})]),
        ('{"a": 1}\n---\nb: 2', [Document(1, {"a": 1}), Document(3, {"b": 2})]),
        ('{"a": 1} b', [Document(1, {"a": 1}), Document(1, "b")]),
        ("{a: b}\n---\nc: 1", [Document(1, {"a": "b"}), Document(3, {"c": 1})]),
        ('{"a": NaN}', [Document(1, {"a": "NaN"})]),
        (
            '{"a": 1}\n{"b": 2}\n{"c": ',
            [
                Document(1, {"a": 1}),
                Document(2, {"b": 2}),
                Document(3, fault=YamlFault("must be a JSON object, like those before it", 3, 1)),
            ],
        ),
        (
            '{"a": "\\ud800"}',
            [
                Document(
                    1,
                    fault=YamlFault("found invalid Unicode character escape code while parsing a quoted scalar", 1, 10),
                )
            ],
        ),
        *[
            (
                '{"a":' * depth + "1" + "}" * depth,
                [Document(1, fault=YamlFault("nests more than 200 lists and mappings", 1, 1))],
            )
            for depth in (201, 900, 5_000)
        ],
    ],
)
def test_a_file_that_begins_with_a_brace_may_be_json(content, documents):
    assert list(load_all(content)) == documents


def test_a_file_of_json_may_nest_as_deeply_as_one_of_yaml():
    (document,) = load_all('{"a":' * 200 + "[]" + "}" * 200)

    assert document.fault is None
    assert dump(document.value).count("a:") == 200


@given(st.text() | st.binary() | st.text('{}[]":,1a \n-#.\\\t'))
def test_every_file_gives_documents_and_faults(content):
    for document in load_all(content):
        assert (document.value is None) != (document.fault is None)
        assert document.line >= 1
