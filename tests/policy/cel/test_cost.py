import pytest

from tests.policy.cel.asking import outcome, refusal, rule
from webhook.policy.cel.amount import BYTES, ITEMS, ITERATIONS, NOTHING, ONE, ROUNDS, Amount, Factors

GROUPS = "object.spec.groups"
LARGE = {"spec": {"groups": [{"name": f"n{n}", "items": ["x" * 20] * 20} for n in range(300)]}}


def test_amounts_are_added_and_multiplied():
    amount = (ITEMS + BYTES.times(2)) * (ROUNDS + ONE.times(3)) + ITEMS

    assert dict(amount.terms) == {
        Factors(rounds=1, items=1): 1,
        Factors(items=1): 4,
        Factors(rounds=1, size=1): 2,
        Factors(size=1): 6,
    }
    assert amount.of(10, 100) == 10 * 10 + 4 * 10 + 2 * 10 * 100 + 6 * 100
    assert (amount.power, ONE.power, NOTHING.power) == (2, 0, 0)


def test_rounds_are_bound_all_together_and_items_are_not():
    assert (ROUNDS * ROUNDS).of(600, 0) == ITERATIONS
    assert (ITEMS * ITEMS).of(600, 0) == 360_000
    assert (ROUNDS * ROUNDS * BYTES).kept() == Amount({Factors(items=2, size=1): 1})


def test_items_are_rounds_of_a_loop_and_so_are_the_pieces_of_a_text():
    assert (ITEMS * ROUNDS).as_rounds() == ROUNDS * ROUNDS
    assert BYTES.as_rounds().of(0, 10**6) == ITERATIONS


def powers(expression, **parts):
    """The products in the cost of an expression that grow with the review, without those of rounds alone."""
    cost = rule(expression, **parts).expression.cost
    return {factors for factors in cost.terms if factors.items or factors.size}


@pytest.mark.parametrize(
    "expression",
    [
        f"{GROUPS}.all(g, g.name.matches('^a'))",
        f"{GROUPS}.all(g, g.items.all(i, i.startsWith('x') && i in ['a', 'b']))",
        f"{GROUPS}.all(g, g.items.all(i, i != g.name))",
        f"{GROUPS}.all(g, g.?items.orValue([]).all(i, i.size() < 9))",
        f"{GROUPS}.map(g, g.name).join(',') == ''",
        "object.spec == oldObject.spec",
        "object.metadata.labels.all(k, object.metadata.labels[k].matches('a'))",
        f"{GROUPS}.all(g, g.labels.all(k, g.labels[k].size() < 9))",
    ],
)
def test_what_looks_at_each_part_of_a_review_once_costs_in_proportion_to_it(expression):
    assert max(sum(factors) for factors in powers(expression)) == 1


@pytest.mark.parametrize(
    ("expression", "product"),
    [
        (f"{GROUPS}.all(g, {GROUPS}.exists(h, h.name == g.name))", Factors(rounds=1, size=1)),
        (f"{GROUPS}.all(g, g.name in object.spec.names)", Factors(rounds=1, size=1)),
        (f"{GROUPS}.all(g, object.spec.text.matches('a'))", Factors(rounds=1, size=1)),
        ("object.a.all(k, object.b[k].matches('a'))", Factors(rounds=1, size=1)),
        ("object.a.all(k, object.a.all(a, a[k].matches('a')))", Factors(rounds=1, size=1)),
        ("object.a.all(a, a.all(k, object.b.all(a, a[k] != 'a')))", Factors(rounds=1, size=1)),
        ("object.spec.text.contains(object.spec.part)", Factors(size=2)),
        ("object.spec.names.distinct() == []", Factors(items=2)),
        ("sets.contains(object.spec.names, object.spec.others)", Factors(items=2)),
    ],
)
def test_what_compares_each_with_each_costs_a_product(expression, product):
    assert product in powers(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "object.spec.text.replace('a', object.spec.part).size() == 1",
        "object.spec.names.join(object.spec.part).size() == 1",
        f"{GROUPS}.all(g, object.spec.text.contains(object.spec.part))",
        f"{GROUPS}.map(g, object.spec.text).join('').size() == 1",
        f"{GROUPS}.map(g, object.spec.text + 'a').map(t, t + object.spec.text).size() == 1",
    ],
)
def test_what_could_make_or_compare_far_more_than_the_review_holds_is_refused(expression):
    assert refusal(expression).startswith("must be quicker: for a RayJob of 16 KB it could take ")


def test_variables_and_params_are_counted_where_they_are_used():
    variables = [{"name": "names", "expression": f"{GROUPS}.map(g, g.name)"}]

    assert Factors(items=1) in powers("variables.names.size() + variables.names.size() == 0", variables=variables)
    assert powers("1 == 1", variables=variables) == set()
    assert powers("params.names.all(n, n in params.names)", params={"names": ["a", "b"]}) == set()
    longer, shorter = (rule("'a' in params.names", params={"names": ["a" * n]}).expression.cost for n in (2000, 1))
    assert longer.of(0, 0) > shorter.of(0, 0)


def test_a_number_is_small_however_it_comes_about():
    assert powers("object.a + 1 == 2 && size(object.b) > 1 ? true : optional.none().hasValue()") == {
        Factors(size=1),
        Factors(items=1),
    }


def test_a_large_pattern_costs_more():
    small, large = (rule(f"object.a.matches('{p}')").expression.cost.of(1, 1) for p in ("^a", "^[a-z]{500}$"))

    assert large > 10 * small


def test_an_object_that_is_too_large_for_an_expression_is_told_not_computed():
    each_with_each = f"{GROUPS}.all(g, {GROUPS}.exists_one(h, h == g))"

    assert outcome(each_with_each, {"spec": {"groups": [{"name": "a"}, {"name": "b"}]}}) is True
    assert outcome(each_with_each, LARGE) == "the object is too large for it"
    assert outcome(f"{GROUPS}.all(g, g.items.all(i, i != g.name))", LARGE) is True
