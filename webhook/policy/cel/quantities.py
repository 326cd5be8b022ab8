"""Kubernetes' functions of quantities, in terms of what is known of each text that holds one.

A quantity is a list of `quantity.Facts`. They are looked up by the text in two maps, which have null for what is no
quantity: one that a review brings along, for the texts in its objects, and one for those in the policy itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from webhook.policy.cel.conversions import Rewriting
from webhook.policy.cel.library import QUANTITY
from webhook.policy.cel.quantity import Facts, facts, order
from webhook.policy.cel.tree import Call, Constant, Entries, Items, Name, Node, bound, call, choice, failing

OF_REVIEW, OF_POLICY = "@quantities", "@constants"

_ORDER, _APPROXIMATE, _IS_INTEGER, _INTEGER = range(4)
_ZERO = Constant(order(Fraction(0)))


def _quantity(made: Call, _kinds: Sequence[str], names: Iterator[str]) -> Node:
    text = made.args[0]
    if isinstance(text, Constant) and isinstance(text.value, str) and (found := facts(text.value)) is not None:
        return Items(tuple(map(Constant, found)))
    name, looked_up = next(names), next(names)
    is_quantity = call("_!=_", Name(looked_up), Constant(None))
    told = failing("what quantity() is given is no quantity")
    return bound(name, text, bound(looked_up, _looked_up(name), choice(is_quantity, Name(looked_up), told)))


def _is_quantity(made: Call, kinds: Sequence[str], names: Iterator[str]) -> Node:
    name = next(names)
    found: Node = call("_!=_", _looked_up(name), Constant(None))
    if kinds[0] != "string":
        is_text = call("_==_", call("type", Name(name)), Name("string"))
        found = choice(is_text, found, failing("what isQuantity() is given is no text"))
    return bound(name, made.args[0], found)


def _looked_up(name: str) -> Node:
    """The facts of the text with a name, or null where it holds no quantity; of a text that is put together, none."""
    looked_up: Node = failing("quantities are known of texts in the object and the policy, not of others")
    for known in (Name(OF_POLICY), Name(OF_REVIEW)):
        looked_up = choice(call("@in", Name(name), known), call("_[_]", known, Name(name)), looked_up)
    return looked_up


def table(texts: Iterable[str]) -> Entries:
    """The map of what is known of these texts."""
    return Entries(tuple((Constant(text), _literal(facts(text))) for text in dict.fromkeys(texts)))


def _literal(found: Facts | None) -> Node:
    return Constant(None) if found is None else Items(tuple(map(Constant, found)))


def _fact(quantity: Node, at: int) -> Node:
    return call("_[_]", quantity, Constant(at))


def _compared(operator: str) -> Rewriting:
    def rewritten(made: Call, _kinds: Sequence[str], _names: Iterator[str]) -> Node:
        return call(operator, *(_fact(value, _ORDER) for value in made.values))

    return rewritten


def _equal(made: Call, kinds: Sequence[str], _names: Iterator[str]) -> Node:
    if QUANTITY not in kinds:
        return made
    return call(made.function, *(_fact(value, _ORDER) for value in made.args))


def _sign(made: Call, _kinds: Sequence[str], names: Iterator[str]) -> Node:
    return _difference(_fact(made.args[0], _ORDER), _ZERO, names)


def _compare(made: Call, _kinds: Sequence[str], names: Iterator[str]) -> Node:
    return _difference(_fact(made.values[0], _ORDER), _fact(made.values[1], _ORDER), names)


def _difference(one: Node, other: Node, names: Iterator[str]) -> Node:
    left, right = next(names), next(names)
    less = choice(call("_<_", Name(left), Name(right)), Constant(-1), Constant(0))
    more = choice(call("_>_", Name(left), Name(right)), Constant(1), less)
    return bound(left, one, bound(right, other, more))


def _approximate(made: Call, _kinds: Sequence[str], _names: Iterator[str]) -> Node:
    return _fact(made.values[0], _APPROXIMATE)


def _is_integer(made: Call, _kinds: Sequence[str], _names: Iterator[str]) -> Node:
    return _fact(made.values[0], _IS_INTEGER)


def _integer(made: Call, _kinds: Sequence[str], names: Iterator[str]) -> Node:
    name = next(names)
    told = failing("what asInteger() is called on is no integer")
    return bound(name, made.values[0], choice(_fact(Name(name), _IS_INTEGER), _fact(Name(name), _INTEGER), told))


QUANTITIES: Mapping[str, Rewriting] = MappingProxyType(
    {
        "quantity": _quantity,
        "isQuantity": _is_quantity,
        "isGreaterThan": _compared("_>_"),
        "isLessThan": _compared("_<_"),
        "compareTo": _compare,
        "sign": _sign,
        "asApproximateFloat": _approximate,
        "isInteger": _is_integer,
        "asInteger": _integer,
        "_==_": _equal,
        "_!=_": _equal,
    }
)
