"""Fields and items that may not be there, of values that may have none.

In a number, a text or null there is no field, says Kubernetes, where the library fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from webhook.policy.cel.tree import Call, Constant, Field, Name, Node, bound, call, choice

_OPTIONAL = "optional_type"
_NONE = call("optional.none")
_FALSE = Constant(value=False)


def present(made: Field, kind: str, names: Iterator[str]) -> Node:
    """The question whether a field is there, of an operand of a type."""
    if kind != "dyn" and not kind.startswith(_OPTIONAL):
        return made
    return _asked(made.operand, names, _FALSE, lambda operand: replace(made, operand=operand))


def selected(node: Field | Call, made: Field | Call, kind: str, names: Iterator[str]) -> Node:
    """A field or item of an operand of a type; ``made`` is the node with its parts as they run."""
    if not kind.startswith(_OPTIONAL) and not (kind == "dyn" and _may_be_none(node)):
        return made
    if isinstance(made, Field):
        field = made
        return _asked(made.operand, names, _NONE, lambda operand: replace(field, operand=operand))
    whole, *key = made.args
    if kind == "dyn" and made.function == "_[_]":
        return _asked(whole, names, _NONE, lambda operand: call("_[_]", operand, *key), _item(key))
    function = "_[?_]" if made.function == "_[_]" else made.function
    return _asked(whole, names, _NONE, lambda operand: call(function, operand, *key))


def _may_be_none(node: Node) -> bool:
    """Whether a node selects what may not be there, or something of that; the type checker need not know it."""
    match node:
        case Call("_?._" | "_[?_]"):
            return True
        case Call("_[_]", (operand, *_)) | Field(operand):
            return _may_be_none(operand)
        case _:
            return False


def _item(key: list[Node]) -> Callable[[Node], Node]:
    """Of an optional list, the library takes an item that is not there for one, unless it is asked like this."""
    return lambda operand: call("_[?_]", operand, *key)


def _asked(
    operand: Node,
    names: Iterator[str],
    none: Node,
    of: Callable[[Node], Node],
    of_optional: Callable[[Node], Node] | None = None,
) -> Node:
    """What is asked of an operand that has fields or items, of one that is optional, or of one that has none."""
    name = next(names)
    value = Name(name)
    has_none = call("!_", _is_one(call("value", on=value), "map", "list"))
    of_other = choice(call("_&&_", call("hasValue", on=value), has_none), none, (of_optional or of)(value))
    maybe = choice(_is_one(value, _OPTIONAL), of_other, none)
    return bound(name, operand, choice(_is_one(value, "map", "list"), of(value), maybe))


def _is_one(value: Node, *kinds: str) -> Node:
    """Whether a value is of one of these types."""
    questions = [call("_==_", call("type", value), Name(kind)) for kind in kinds]
    return questions[0] if len(questions) == 1 else call("_||_", *questions)
