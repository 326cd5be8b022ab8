"""How long an expression can take at the most, as a function of the size of the review.

The library bounds how often an expression's loops go round, 10000 times in all, but not what a round costs. So every
value is given a size here, and the loop from whose variable it is taken: what is taken from the variable of a loop over
a review's list is, in all rounds together, no larger than the review. ``groups.all(g, g.name.matches("a"))`` is in
proportion to the review then, and ``groups.all(g, others.exists(o, o == g.name))`` to its square.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, mul

from webhook.policy.cel import request as cel_request
from webhook.policy.cel.amount import BYTES, ITEMS, NOTHING, ONE, ROUNDS, Amount
from webhook.policy.cel.arguments import program_size
from webhook.policy.cel.checked import Checked
from webhook.policy.cel.effort import EFFORTS, Effort
from webhook.policy.cel.tree import Call, Constant, Field, Loop, Name, Node, below, walk

_NODE = 100
_APPENDED = 35_000  # for each item of a list that a loop makes, of up to 500 (`lists`), which is copied each time
_KEY = 7000  # for each key of a map that is looped over, of up to 200 (`lists`): they are made a list of
_KEPT = 8  # for each byte that is made: memory is dearer than time
_SMALL = 8  # bytes of a number
_COMPILED = 1000  # for each instruction of a pattern, which is compiled at each call
_SEARCHED = 20  # for each byte of a text in which another is looked for, and more the longer that is
_REQUEST_ITEMS = 1024  # of a request, whose bytes are limited
_NUMBERS = frozenset({"int", "uint", "double", "timestamp", "duration", "bool"})


@dataclass(frozen=True, slots=True)
class _Bulk:
    """How large a value is in all rounds of the loop from whose variable it is taken (0: of none), taken together.

    ``over`` is what that loop goes over, of its variable itself.
    """

    size: Amount
    items: Amount = NOTHING
    loop: int = 0
    over: Node | None = None

    def kept(self) -> _Bulk:
        """The same of what is made by loops, and used by others."""
        return _Bulk(self.size.kept(), self.items.kept(), self.loop)

    @property
    def fixed(self) -> int | None:
        """The size of what has the same for every review."""
        return None if self.size.power else self.size.of(0, 0)


_DOT = _Bulk(ONE.times(_SMALL))
_OBJECT = _Bulk(BYTES, ITEMS)
_REQUEST = _Bulk(ONE.times(cel_request.BYTES), ONE.times(_REQUEST_ITEMS))


class Estimate:
    """The cost of expressions that share variables, with params of so many bytes; ``cost`` grows with each."""

    __slots__ = ("_bulks", "_params", "_variables", "cost")

    def __init__(self, variables: Mapping[str, Checked], params: int) -> None:
        self.cost = NOTHING
        self._variables = variables
        self._params = _Bulk(ONE.times(params), ONE.times(params))
        self._bulks: dict[str, _Bulk] = {}

    @property
    def asked(self) -> Iterable[str]:
        """The variables that were asked for."""
        return self._bulks.keys()

    def add(self, checked: Checked) -> _Bulk:
        """Counts an expression, and each variable once when it is asked for; returns how large its value is."""
        return _Reading(self, checked).of(checked.root, {}, [ONE])

    def named(self, name: str) -> _Bulk:
        """How large the value is that an expression finds by a name."""
        given = {"object": _OBJECT, "oldObject": _OBJECT, "request": _REQUEST, "params": self._params}
        if name in given:
            return given[name]
        known = name.removeprefix("variables.")
        if known not in self._variables:
            return _DOT
        if known not in self._bulks:
            self._bulks[known] = self.add(self._variables[known])
        return self._bulks[known]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Goes through one expression. ``rounds`` are, by how many loops are around, how often it is computed in all."""

    estimate: Estimate
    checked: Checked

    def of(self, node: Node, scope: Mapping[str, _Bulk], rounds: list[Amount]) -> _Bulk:
        self.estimate.cost += rounds[-1].times(_NODE)
        match node:
            case Constant(value):
                bulk = _Bulk(ONE.times(_SMALL + len(value) if isinstance(value, str | bytes) else _SMALL))
            case Name(name):
                bulk = scope[name] if name in scope else self.estimate.named(name)
            case Field(operand, test=test):
                whole = self.of(operand, scope, rounds)
                bulk = _DOT if test else whole
            case Call("_[_]", (of, Name(key))) if _is_item(of, key, scope):
                bulk = scope[key]
            case Call():
                bulk = self._call(node, [self.of(value, scope, rounds) for value in node.values], rounds)
            case Loop():
                bulk = self._loop(node, scope, rounds)
            case _:
                parts = _together([self.of(part, scope, rounds) for part in below(node)], rounds)
                bulk = _Bulk(parts.size, parts.items + rounds[-1].times(len(below(node))), parts.loop)
        return bulk

    def _call(self, call: Call, values: list[_Bulk], rounds: list[Amount]) -> _Bulk:
        effort = EFFORTS[call.function]
        if effort.makes and self.checked.type(call) in _NUMBERS:
            return _DOT
        read = _least(values, rounds) if effort.least else _together(values, rounds)
        times = _times(call.function, values)
        self.estimate.cost += rounds[-1].times(effort.alone + _compiled(call))
        self.estimate.cost += read.size.times(effort.byte) + read.items.times(effort.item)
        if effort.searches:
            sought = BYTES if values[1].fixed is None else ONE.times(values[1].fixed // 8)
            self.estimate.cost += _together(values[:1], rounds).size * (ONE.times(_SEARCHED) + sought)
        if effort.pairs:
            self.estimate.cost += (read.items.times(100) + read.size) * ITEMS
        pieces = read.size if call.function == "split" else NOTHING
        return self._value(effort, values, _Bulk(read.size * times, read.items + pieces, read.loop))

    def _value(self, effort: Effort, values: list[_Bulk], made: _Bulk) -> _Bulk:
        if effort.passes and values:
            return values[0] if len(values) == 1 else made
        if effort.makes:
            self.estimate.cost += made.size.times(_KEPT)
            return made.kept()
        return _DOT

    def _loop(self, loop: Loop, scope: Mapping[str, _Bulk], rounds: list[Amount]) -> _Bulk:
        if loop.is_binding:
            value = self.of(loop.init, scope, rounds)
            return self.of(loop.result, {**scope, loop.accu: value}, rounds)
        whole = _together([self.of(loop.range, scope, rounds)], rounds)
        inside = [*rounds, whole.items.as_rounds()]
        item = _Bulk(whole.size, whole.items, len(rounds), loop.range)
        may_be_map = not self.checked.type(loop.range).startswith("list(")
        self.estimate.cost += inside[-1].times(3 * _NODE + (_KEY if may_be_map else 0))
        value = self.of(loop.step, {**scope, loop.var: item, loop.second: item, loop.accu: _DOT}, inside)
        if not loop.builds_list:
            return _DOT
        self.estimate.cost += inside[-1].times(_APPENDED)
        made = _together([value], inside)
        return _Bulk(made.size, made.items + inside[-1], len(rounds) - 1).kept()


def _is_item(of: Node, key: str, scope: Mapping[str, _Bulk]) -> bool:
    """Whether what a key finds in a map is an item of the loop over its keys, each of which finds another."""
    if key not in scope or scope[key].over != of:
        return False
    names = [scope[node.name] for node in walk(of) if isinstance(node, Name) and node.name in scope]
    return all(bulk.loop < scope[key].loop for bulk in names)


def _together(values: Sequence[_Bulk], rounds: list[Amount]) -> _Bulk:
    """Values as one that is made anew in each round."""
    depth = len(rounds) - 1
    size = reduce(add, (_total(value.size, value.loop, rounds) for value in values), NOTHING)
    items = reduce(add, (_total(value.items, value.loop, rounds) for value in values), NOTHING)
    return _Bulk(size, items, depth)


def _total(amount: Amount, loop: int, rounds: list[Amount]) -> Amount:
    """An amount in all rounds, that is known in all rounds of an outer loop."""
    if not amount.power:
        return rounds[-1] * amount
    return reduce(lambda total, _: total * ROUNDS, range(len(rounds) - 1 - loop), amount)


def _least(values: Sequence[_Bulk], rounds: list[Amount]) -> _Bulk:
    return min((_together([value], rounds) for value in values), key=lambda value: value.size.power)


def _times(function: str, values: Sequence[_Bulk]) -> Amount:
    """How many times larger than what goes in the value is."""
    put_in = {"replace": values[2:3], "join": values[1:]}.get(function, ())
    return reduce(mul, (BYTES if text.fixed is None else ONE.times(1 + text.fixed) for text in put_in), ONE)


def _compiled(call: Call) -> int:
    return program_size(call.values[-1]) * _COMPILED if call.function == "matches" else 0
