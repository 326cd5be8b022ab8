"""What of the object an expression looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from webhook.policy.cel.tree import Call, Constant, Field, Name, Node, below

Reads: TypeAlias = Callable[[Mapping[str, Any]], object]
"""Takes what is looked at out of an object."""

_Fields: TypeAlias = tuple[str, ...]


def reads(roots: Iterable[Node]) -> Reads:
    """What takes out of an object all that these trees look at, in the order of their fields.

    What looks at the request or the old object as well judges a change, so any change of the object counts.
    """
    found = sorted({fields for root in roots for fields in _of(root)})
    # A field that is looked at as a whole is there with all below it.
    least = [fields for fields in found if not any(fields[:length] in found for length in range(len(fields)))]

    def taken(raw: Mapping[str, Any]) -> object:
        return [_at(raw, fields) for fields in least]

    return taken


def _of(node: Node) -> Iterator[_Fields]:
    fields = () if isinstance(node, Name) and node.name in ("oldObject", "request") else _fields(node)
    if fields is not None:
        yield fields
        return
    for part in below(node):
        yield from _of(part)


def _fields(node: Node) -> _Fields | None:
    """The fields that lead from the object to a node: of ``object.spec["a"].?b`` spec, a and b; None for others."""
    match node:
        case Name("object"):
            return ()
        case Field(operand, name) | Call("_[_]" | "_?._" | "_[?_]", (operand, Constant(str() as name))):
            above = _fields(operand)
            return None if above is None else (*above, name)
        case _:
            return None


def _at(raw: Any, fields: _Fields) -> object:
    for name in fields:
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw
