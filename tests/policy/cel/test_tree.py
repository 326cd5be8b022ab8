import pytest
from cel_expr_python import cel

from webhook.policy.cel.checked import MessageLiteral, decoded
from webhook.policy.cel.library import checking_alone, running
from webhook.policy.cel.parsed import encoded
from webhook.policy.cel.tree import (
    Call,
    Constant,
    Entries,
    Field,
    Items,
    Loop,
    Name,
    Unsigned,
    below,
    bound,
    call,
    choice,
    failing,
    rebuilt,
    walk,
)

OBJECT = {"a": 1, "list": [1, 2], "map": {"k": "v"}, "text": "é"}

EXPRESSIONS = [
    "object.a + 1 == 2 && object.text == 'é'",
    "[1, ?optional.of(2), ?optional.none()] == [1, 2]",
    "{'a': 1, ?'b': optional.of(2), ?'c': optional.none()} == {'a': 1, 'b': 2}",
    "object.list.all(i, item, item > i)",
    "object.list.exists(x, x == 2) && object.list.exists_one(x, x > 1)",
    "1u < 2u && 1.5 < 2.5 && b'a' == b'a' && null == null && -5 < 5 && true",
    "has(object.a) && !has(object.b) && object.?b.orValue(7) == 7",
    "type(1) == int && object.map['k'] == 'v'",
    "duration('1h') > duration('1m') && timestamp('2026-01-01T00:00:00Z') > timestamp(0)",
    f"[{', '.join(['0'] * 200)}, ?optional.of(1)].size() == 201",
]


def tree(text):
    return decoded(checking_alone().compile(text).serialize())


def value(node):
    return running().deserialize(encoded(node)).eval(data={"object": OBJECT}).plain_value()


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_tree_that_is_read_and_written_back_runs_as_before(text):
    assert value(tree(text).root) is True


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_tree_is_the_same_when_it_is_rebuilt_of_its_parts(text):
    root = tree(text).root

    assert rebuilt(root, lambda part: rebuilt(part, lambda below_it: below_it)) == root


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("true", "bool"),
        ("1", "int"),
        ("1u", "uint"),
        ("1.5", "double"),
        ("'a'", "string"),
        ("b'a'", "bytes"),
        ("null", "null_type"),
        ("object.a", "dyn"),
        ("[1]", "list(int)"),
        ("[]", "list(dyn)"),
        ("{'a': [1]}", "map(string, list(int))"),
        ("{}", "map(dyn, dyn)"),
        ("duration('1h')", "duration"),
        ("timestamp(0)", "timestamp"),
        ("type(1)", "type"),
        ("optional.of('a')", "optional_type(string)"),
        ("quantity('1')", "kubernetes.Quantity"),
    ],
)
def test_a_type_is_written_as_cel_writes_it(text, kind):
    found = tree(text)

    assert found.type(found.root) == kind


def test_a_node_knows_where_its_text_is():
    found = tree("object.a\n  + 12")
    plus = found.root

    assert isinstance(plus, Call)
    assert [found.offsets[node.id] for node in plus.args] == [6, 13]
    assert found.type(Constant(1)) == "dyn"


def test_every_kind_of_node_is_read():
    assert tree("has(object.a)").root == Field(Name("object", 2), "a", test=True, id=4)
    assert tree("[1u]").root == Items((Constant(Unsigned(1), 2),), id=1)
    assert tree("{true: null}").root == Entries(((Constant(value=True, id=3), Constant(None, 4)),), id=1)
    loop = tree("object.list.all(i, x, x > i)").root
    assert isinstance(loop, Loop)
    assert (loop.var, loop.second, loop.accu) == ("i", "x", "@result")


def test_messages_of_protocol_buffers_are_not_read():
    with pytest.raises(MessageLiteral):
        tree("google.protobuf.Int64Value{value: 1} == 1")


def test_a_walk_meets_every_node_before_what_is_below_it():
    root = call("_+_", Field(Name("a"), "b"), Items((Constant(1),)))

    assert list(walk(root)) == [root, Field(Name("a"), "b"), Name("a"), Items((Constant(1),)), Constant(1)]
    assert below(Constant(1)) == ()


def test_what_has_a_name_is_computed_once_and_only_if_it_is_asked_for():
    fails = call("_/_", Constant(1), Constant(0))

    assert value(bound("@1", Constant(2), call("_+_", Name("@1"), Name("@1")))) == 4
    assert value(bound("@1", fails, Constant(3))) == 3
    assert bound("@1", fails, Constant(3)).is_binding


def test_a_failure_has_its_reason_in_the_librarys_words():
    failed = running().deserialize(encoded(choice(Constant(value=True), failing("too much"), Constant(1)))).eval()

    assert failed.type() == cel.Type.ERROR
    assert str(failed) == 'NOT_FOUND: Key not found in map : "@failure: too much"'
