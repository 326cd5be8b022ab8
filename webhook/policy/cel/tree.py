"""The tree of a CEL expression, once its macros are expanded.

Source: cel.expr.Expr of cel-spec (proto/cel/expr/syntax.proto).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

FAILURE = "@failure: "  # begins the key, in no map, by which an expression fails with a reason of ours


class Unsigned(int):
    """A number of CEL's type uint."""


Scalar: TypeAlias = bool | int | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; an int is CEL's int, an `Unsigned` its uint.

    ``id`` is 0 in a node that no text stands for; two nodes of different places are equal if they say the same.
    """

    value: Scalar
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, or a type's name."""

    name: str
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Field:
    """``operand.name``; with ``test`` the question whether it is there: ``has(operand.name)``."""

    operand: Node
    name: str
    test: bool = False
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator with its arguments, and the value that it is called on, if it is."""

    function: str
    args: tuple[Node, ...]
    target: Node | None = None
    id: int = field(default=0, compare=False)

    @property
    def values(self) -> tuple[Node, ...]:
        """All that goes in: the target, then the arguments."""
        return self.args if self.target is None else (self.target, *self.args)


@dataclass(frozen=True, slots=True)
class Items:
    """A list literal; the items at the positions in ``optional`` are left out where they are none."""

    items: tuple[Node, ...]
    optional: frozenset[int] = frozenset()
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Entries:
    """A map literal: pairs of key and value; the values at the positions in ``optional`` may be none."""

    pairs: tuple[tuple[Node, Node], ...]
    optional: frozenset[int] = frozenset()
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Loop:
    """What every comprehension macro comes down to: a fold over the items of a list or the keys of a map.

    With ``second``, ``var`` is a list's index or a map's key, and ``second`` the item or value. ``accu`` begins as
    ``init`` and becomes ``step`` while ``condition`` holds; the value is ``result``.
    """

    var: str
    second: str
    range: Node
    accu: str
    init: Node
    condition: Node
    step: Node
    result: Node
    id: int = field(default=0, compare=False)

    @property
    def is_binding(self) -> bool:
        """Whether it loops over nothing and only gives ``init`` a name in ``result``."""
        return isinstance(self.range, Items) and not self.range.items

    @property
    def builds_list(self) -> bool:
        """Whether it makes a list, item by item, and so copies the list for each."""
        return isinstance(self.init, Items) and not self.init.items and not self.is_binding


Node: TypeAlias = Constant | Name | Field | Call | Items | Entries | Loop


def below(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node."""
    match node:
        case Field(operand):
            return (operand,)
        case Call():
            return node.values
        case Items(items):
            return items
        case Entries(pairs):
            return tuple(part for pair in pairs for part in pair)
        case Loop():
            return (node.range, node.init, node.condition, node.step, node.result)
        case _:
            return ()


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with each of the nodes directly below it changed."""
    match node:
        case Field(operand):
            return replace(node, operand=change(operand))
        case Call(args=args, target=target):
            return replace(
                node, target=None if target is None else change(target), args=tuple(change(arg) for arg in args)
            )
        case Items(items):
            return replace(node, items=tuple(change(item) for item in items))
        case Entries(pairs):
            return replace(node, pairs=tuple((change(key), change(value)) for key, value in pairs))
        case Loop():
            range_, init, condition, step, result = (change(part) for part in below(node))
            return replace(node, range=range_, init=init, condition=condition, step=step, result=result)
        case _:
            return node


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, each before what is below it."""
    yield node
    for part in below(node):
        yield from walk(part)


def call(function: str, *args: Node, on: Node | None = None) -> Call:
    """A call of a function or operator."""
    return Call(function, args, on)


def choice(question: Node, yes: Node, no: Node) -> Call:
    """The one node where the question is true, else the other."""
    return call("_?_:_", question, yes, no)


def bound(name: str, value: Node, result: Node) -> Loop:
    """The result, in which a value has a name; it is computed once, when the result asks for it."""
    return Loop("#unused", "", Items(()), name, value, Constant(value=False), Name(name), result)


def failing(reason: str) -> Call:
    """What fails, always, with this reason (`reason` finds it in the library's words)."""
    return call("_[_]", Entries(()), Constant(FAILURE + reason))
