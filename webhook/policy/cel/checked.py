"""What the library's parser and type checker make of an expression: its tree, with types and places.

Source: cel.expr.CheckedExpr and Type of cel-spec (proto/cel/expr/checked.proto, syntax.proto), inside a
google.protobuf.Any. The numbers of the fields below are those of these messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from webhook.policy.cel import wire
from webhook.policy.cel.tree import Call, Constant, Entries, Field, Items, Loop, Name, Node, Scalar, Unsigned

_PRIMITIVES = ("", "bool", "int", "uint", "double", "string", "bytes")
_WELL_KNOWN = ("", "any", "timestamp", "duration")


class MessageLiteral(Exception):
    """A message of Protocol Buffers is made in an expression, which no policy needs."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked expression: ``types`` and ``offsets`` (in characters of its text, from 0) are those of nodes, by id.

    A type is written as CEL writes it: ``list(string)``, ``map(string, dyn)``; ``dyn`` where nothing is known of it.
    """

    root: Node
    types: Mapping[int, str]
    offsets: Mapping[int, int]

    def type(self, node: Node) -> str:
        """The type of a node."""
        return self.types.get(node.id, "dyn")


def decoded(serialized: bytes) -> Checked:
    """The expression that the library serialized.

    Raises:
        MessageLiteral: where a message is made, for which there is no node.
    """
    checked = wire.grouped(wire.grouped(serialized)[2][0])
    types = {}
    for entry in checked.get(3, ()):
        types[wire.numbers(entry)[1]] = _type(wire.grouped(entry)[2][0])
    return Checked(_node(checked[4][0]), types, _offsets(checked[5][0]))


def parsed(serialized: bytes) -> Checked:
    """The expression that the library serialized before it was checked: without types, but with every `has`."""
    parsed_ = wire.grouped(wire.grouped(serialized)[2][0])
    return Checked(_node(parsed_[2][0]), MappingProxyType({}), _offsets(parsed_[3][0]))


def _offsets(source_info: bytes) -> dict[int, int]:
    return {found[1]: found.get(2, 0) for found in map(wire.numbers, wire.grouped(source_info).get(4, ()))}


def _type(message: bytes) -> str:
    (number, value), *_ = wire.fields(message)
    read = _TYPES.get(number)
    return "dyn" if read is None else read(value)


def _parametric(name: str, parameters: list[bytes]) -> str:
    return f"{name}({', '.join(map(_type, parameters))})" if parameters else name


def _list_type(value: bytes) -> str:
    return _parametric("list", wire.grouped(value).get(1, [b"\x0a\x00"]))


def _map_type(value: bytes) -> str:
    parts = wire.grouped(value)
    return _parametric("map", [*parts[1], *parts[2]])


def _abstract_type(value: bytes) -> str:
    parts = wire.grouped(value)
    return _parametric(parts[1][0].decode(), parts.get(2, []))


_TYPES: Mapping[int, Callable[..., str]] = MappingProxyType(
    {
        2: lambda _: "null_type",
        3: _PRIMITIVES.__getitem__,
        4: _PRIMITIVES.__getitem__,
        5: _WELL_KNOWN.__getitem__,
        6: _list_type,
        7: _map_type,
        9: bytes.decode,
        11: lambda _: "type",
        14: _abstract_type,
    }
)


def _node(message: bytes) -> Node:
    parts = wire.grouped(message)
    number = next(number for number in _NODES if number in parts)
    return _NODES[number](parts[number][0], wire.numbers(message).get(2, 0))


def _constant_node(message: bytes, id_: int) -> Constant:
    (number, value), *_ = wire.fields(message)
    return Constant(_SCALARS[number](value), id_)


def _name_node(message: bytes, id_: int) -> Name:
    return Name(wire.grouped(message)[1][0].decode(), id_)


def _field_node(message: bytes, id_: int) -> Field:
    parts = wire.grouped(message)
    return Field(_node(parts[1][0]), parts[2][0].decode(), bool(wire.numbers(message).get(3)), id_)


def _call_node(message: bytes, id_: int) -> Call:
    parts = wire.grouped(message)
    target = _node(parts[1][0]) if 1 in parts else None
    return Call(parts[2][0].decode(), tuple(map(_node, parts.get(3, ()))), target, id_)


def _items_node(message: bytes, id_: int) -> Items:
    parts = wire.grouped(message)
    return Items(tuple(map(_node, parts.get(1, ()))), frozenset(wire.packed(b"".join(parts.get(2, ())))), id_)


def _entries_node(message: bytes, id_: int) -> Entries:
    parts = wire.grouped(message)
    if 1 in parts:
        raise MessageLiteral
    entries = parts.get(2, [])
    pairs = tuple((_node(entry[3][0]), _node(entry[4][0])) for entry in map(wire.grouped, entries))
    return Entries(pairs, frozenset(at for at, entry in enumerate(entries) if wire.numbers(entry).get(5)), id_)


def _loop_node(message: bytes, id_: int) -> Loop:
    parts = wire.grouped(message)
    var, accu, second = (parts.get(number, [b""])[0].decode() for number in (1, 3, 8))
    range_, init, condition, step, result = (_node(parts[number][0]) for number in (2, 4, 5, 6, 7))
    return Loop(var, second, range_, accu, init, condition, step, result, id_)


_NODES: Mapping[int, Callable[[bytes, int], Node]] = MappingProxyType(
    {
        3: _constant_node,
        4: _name_node,
        5: _field_node,
        6: _call_node,
        7: _items_node,
        8: _entries_node,
        9: _loop_node,
    }
)
_SCALARS: Mapping[int, Callable[..., Scalar]] = MappingProxyType(
    {1: lambda _: None, 2: bool, 3: wire.signed, 4: Unsigned, 5: wire.double, 6: bytes.decode, 7: bytes}
)
