import pytest

from webhook.policy.node import DEPTH, BadPolicy, Fault, Place, dotted, parse

TEXT = """\
# what a platform team writes
off: off
list: [1, "x", 2026-11-24, 1.5, no, ~]
nested:
  block: |

     object.spec.x > 1
       && y
  folded: >
    one
    two
  quoted: "abc"
  plain: a b
  truth: True
"""


def test_a_document_is_json_with_the_types_of_yaml_1_2():
    node = parse("p.yaml", TEXT)

    assert node is not None
    assert node.raw == {
        "off": "off",
        "list": [1, "x", "2026-11-24", 1.5, "no", None],
        "nested": {
            "block": "\nobject.spec.x > 1\n  && y\n",
            "folded": "one two\n",
            "quoted": "abc",
            "plain": "a b",
            "truth": True,
        },
    }


@pytest.mark.parametrize(
    ("path", "place", "key"),
    [
        ((), (2, 1), (2, 1)),
        (("off",), (2, 6), (2, 1)),
        (("list", 2), (3, 16), (3, 16)),
        (("nested", "quoted"), (12, 11), (12, 3)),
        (("nested", "missing", 3), (5, 3), (4, 1)),
        (("list", 9), (3, 7), (3, 1)),
        (("off", "off"), (2, 6), (2, 1)),
    ],
)
def test_a_value_knows_where_it_and_its_key_stand(path, place, key):
    node = parse("p.yaml", TEXT)

    assert node is not None
    assert node.at(path).place == Place("p.yaml", *place)
    assert node.at(path).key == Place("p.yaml", *key)


@pytest.mark.parametrize(
    ("path", "line", "column", "place"),
    [
        (("nested", "block"), 2, 8, (7, 13)),
        (("nested", "block"), 3, 3, (8, 8)),
        (("nested", "quoted"), 1, 2, (12, 13)),
        (("nested", "plain"), 1, 3, (13, 12)),
        (("nested", "folded"), 1, 5, (9, 11)),  # whose lines are no longer where they were
    ],
)
def test_a_text_knows_where_each_of_its_characters_stands(path, line, column, place):
    node = parse("p.yaml", TEXT)

    assert node is not None
    assert node.at(path).within(line, column) == Place("p.yaml", *place)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~"])
def test_a_text_without_a_document_is_none(text):
    assert parse("p.yaml", text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "p.yaml:2:1: must be YAML: did not find expected node content"),
        ("a: 1\na: 2", "p.yaml:2:1: a: stands at p.yaml:1:1 already"),
        ("a:\n  b: 1\n  b: 2", "p.yaml:3:3: a.b: stands at p.yaml:2:3 already"),
        ("a: !!int 3", "p.yaml:1:4: a: must have no tag, has tag:yaml.org,2002:int"),
        ("a: !local 3", "p.yaml:1:4: a: must have no tag, has !local"),
        ("? [a]\n: b", "p.yaml:1:3: must have texts for keys"),
        ("a: 1\n---\nb: 2", "p.yaml:3:1: must be the only document of its file"),
        ("a: \x01", "p.yaml:1:4: must be YAML: unacceptable character #x0001"),
        ("é: ü\r\nb: ö\x00", "p.yaml:2:5: must be YAML: unacceptable character #x0000"),
        ("a: *b", "p.yaml:1:4: must be YAML: found undefined alias"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text, fault):
    with pytest.raises(BadPolicy) as refused:
        parse("p.yaml", text)

    assert str(refused.value).startswith(fault)


@pytest.mark.parametrize(
    "text",
    ["a: &a [*a]", "[" * (DEPTH + 2) + "]" * (DEPTH + 2), "[" * 100_000 + "]" * 100_000],
    ids=["a loop", "deep", "endless"],
)
def test_what_nests_without_end_is_refused(text):
    with pytest.raises(BadPolicy) as refused:
        parse("p.yaml", text)

    assert refused.value.faults[0].text == f"must not have more than {DEPTH} levels"


def test_what_grows_by_aliases_without_end_is_refused():
    levels = "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(9))

    with pytest.raises(BadPolicy) as refused:
        parse("p.yaml", "a0: &a0 x\n" + levels)

    assert refused.value.faults[0].text == "must not have more than 100000 values"


def test_a_path_is_printed_as_people_write_it():
    assert dotted(("overrides", 0, "rules", "too-many-gpus")) == "overrides[0].rules.too-many-gpus"


def test_a_fault_is_told_at_a_value_or_at_its_key():
    node = parse("p.yaml", TEXT)

    assert node is not None
    assert str(node.at(("nested", "quoted")).fault("wrong", "more")) == "p.yaml:12:11: nested.quoted.more: wrong"
    assert str(node.at(("nested", "quoted")).fault("wrong", on_key=True)) == "p.yaml:12:3: nested.quoted: wrong"


def test_faults_are_told_in_the_order_of_the_text_each_once():
    first, second = Fault(Place("a", 2, 1), "x", "wrong"), Fault(Place("a", 10, 1), "", "wrong\x1b")

    assert str(BadPolicy([second, first, second])) == "a:2:1: x: wrong\na:10:1: wrong\\x1b"


def test_a_fault_below_an_endless_key_stays_readable():
    assert str(Fault(Place("a"), "x" * 513, "wrong")) == f"a:1:1: {'x' * 511}…: wrong"


def test_a_number_that_json_has_not_is_a_text():
    node = parse("p.yaml", f"{'9' * 400}")

    assert node is not None
    assert node.value == "9" * 400


def test_what_is_no_mapping_and_no_list_holds_nothing():
    node = parse("p.yaml", "text")

    assert node is not None
    assert (node.fields, node.items) == ({}, ())
