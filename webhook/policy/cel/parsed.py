"""A tree in the form that the library runs.

Source: cel.expr.ParsedExpr of cel-spec (proto/cel/expr/syntax.proto), inside a google.protobuf.Any. The numbers of the
fields below are those of these messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from webhook.policy.cel import wire
from webhook.policy.cel.tree import Call, Constant, Entries, Field, Items, Name, Node, Scalar, Unsigned

_PARSED = "type.googleapis.com/cel.expr.ParsedExpr"


def encoded(root: Node) -> bytes:
    """What the library deserializes into an expression that runs: a ParsedExpr, its nodes numbered anew."""
    return wire.text(1, _PARSED) + wire.message(2, [wire.message(2, [_written(root, count(1))])])


def _written(node: Node, ids: Iterator[int]) -> bytes:
    id_ = wire.integer(2, next(ids))

    def part(number: int, below: Node) -> bytes:
        return wire.message(number, [_written(below, ids)])

    match node:
        case Constant():
            number, parts = 3, [_scalar(node.value)]
        case Name():
            number, parts = 4, [wire.text(1, node.name)]
        case Field():
            number, parts = 5, [part(1, node.operand), wire.text(2, node.name), wire.integer(3, node.test)]
        case Call():
            target = [] if node.target is None else [part(1, node.target)]
            number, parts = 6, [*target, wire.text(2, node.function), *(part(3, arg) for arg in node.args)]
        case Items():
            at = b"".join(map(wire.varint, sorted(node.optional)))
            number, parts = 7, [*(part(1, item) for item in node.items), wire.text(2, at)]
        case Entries():
            pairs = enumerate(node.pairs)
            entries = (
                [part(3, key), part(4, value), wire.integer(5, at in node.optional)] for at, (key, value) in pairs
            )
            number, parts = 8, [wire.message(2, [wire.integer(1, next(ids)), *entry]) for entry in entries]
        case _:
            names = [(1, node.var), (3, node.accu), (8, node.second)]
            nodes = [(2, node.range), (4, node.init), (5, node.condition), (6, node.step), (7, node.result)]
            number = 9
            parts = [*(wire.text(at, name) for at, name in names), *(part(at, below) for at, below in nodes)]
    return id_ + wire.message(number, parts)


def _scalar(value: Scalar) -> bytes:
    match value:
        case None:
            written = wire.integer(1, 0)
        case bool():
            written = wire.integer(2, value)
        case Unsigned():
            written = wire.integer(4, value)
        case int():
            written = wire.integer(3, value)
        case float():
            written = wire.floating(5, value)
        case str():
            written = wire.text(6, value)
        case _:
            written = wire.text(7, value)
    return written
