"""What is refused although the type checker takes it, because Kubernetes refuses it or would decide otherwise.

Source: the validators of github.com/google/cel-go that pkg/cel/environment/base.go of k8s.io/apiserver names, and what
comparing the two libraries has shown (docs/cel.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from webhook.policy.cel import arguments as cel_arguments
from webhook.policy.cel import request as cel_request
from webhook.policy.cel.checked import Checked
from webhook.policy.cel.effort import EFFORTS
from webhook.policy.cel.library import MAP_INSERT, MISSING, QUANTITY
from webhook.policy.cel.tree import Call, Constant, Entries, Field, Items, Loop, Name, Node, below, walk

Refusal: TypeAlias = tuple[Node, str]
"""What is refused, and why: what it must be."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"object", "oldObject", "request", "params", "variables"})

# What is done with quantities: they are made of other things here, which no other function may see.
_OF_QUANTITIES = frozenset(
    {"sign", "isGreaterThan", "isLessThan", "compareTo", "asApproximateFloat", "asInteger", "isInteger"}
    | {"_?_:_", "_[_]", "_[?_]", "_+_", "size", "optional.of", "hasValue", "value", "or", "orValue"}
)


def refusals(checked: Checked, *, is_message: bool = False) -> Iterator[Refusal]:
    """What is refused in an expression; ``format`` is for one that makes a message only."""
    if not is_message:
        for node in walk(checked.root):
            if isinstance(node, Call) and node.function == "format":
                yield node, "must not use format(), whose texts differ a little from Kubernetes'; it is for messages"
    asked = {id(part) for node in walk(checked.root) if isinstance(node, Field) for part in below(node)}
    exempt = {id(part) for node in _formatted(checked.root) for part in walk(node)}
    for node in walk(checked.root):
        match node:
            case Field():
                yield from _of_field(node)
            case Name(cel_request.REQUEST) if id(node) not in asked:
                yield node, "must ask for a field of the request: request.operation"
            case Loop() if {node.var, node.second, node.accu} & _RESERVED:
                yield node, f"must not call a loop's variable {_listed(_RESERVED)}"
            case Items() | Entries() if id(node) not in exempt:
                yield from _of_literal(checked, node)
            case Call():
                yield from _of_call(checked, node)
            case _:
                pass


def questions_of_variables(root: Node) -> Iterator[Refusal]:
    """Where an expression that is not checked yet asks for a variable's presence, of which its value would be made."""
    for node in walk(root):
        if (
            isinstance(node, Field)
            and node.test
            and isinstance(node.operand, Name)
            and node.operand.name == "variables"
        ):
            yield node, "must not ask whether a variable is there: it always is"


def _formatted(root: Node) -> Iterator[Node]:
    return (arg for node in walk(root) if isinstance(node, Call) and node.function == "format" for arg in node.args)


def _of_field(field: Field) -> Iterator[Refusal]:
    if not _IDENTIFIER.fullmatch(field.name):
        yield field, "must write a field's name without quotes, or as a key: metadata.labels['app.kubernetes.io/name']"
    if cel_request.field_type(field) == "unknown":
        yield field, f"undefined field {field.name}"


def _of_literal(checked: Checked, literal: Items | Entries) -> Iterator[Refusal]:
    """Whether all items, keys or values are of one type, as Kubernetes demands, and all keys of a map different."""
    if isinstance(literal, Items):
        yield from _of_one_type(checked, literal.items, literal.optional)
        return
    keys = [key for key, _ in literal.pairs]
    yield from _of_one_type(checked, keys, frozenset())
    yield from _of_one_type(checked, [value for _, value in literal.pairs], literal.optional)
    constants = [key.value for key in keys if isinstance(key, Constant)]
    if len(set(constants)) < len(constants):
        yield literal, "must not have a key twice"


def _of_one_type(checked: Checked, nodes: tuple[Node, ...] | list[Node], optional: frozenset[int]) -> Iterator[Refusal]:
    first = ""
    for at, node in enumerate(nodes):
        kind = checked.type(node)
        if at in optional:
            kind = kind.removeprefix("optional_type(").removesuffix(")") if kind != "dyn" else kind
        first = first or kind
        if kind != first:
            yield node, f"expected type '{first}' but found '{kind}'"
            return


def _of_call(checked: Checked, call: Call) -> Iterator[Refusal]:
    if call.function not in EFFORTS:
        yield call, unavailable(call.function)
        return
    kinds = [checked.type(value) for value in call.values]
    compares = call.function in ("_==_", "_!=_") and set(kinds) == {QUANTITY}
    if not compares and call.function not in _OF_QUANTITIES and any(QUANTITY in kind for kind in kinds):
        yield call, f"must not give a quantity to {call.function}"
    if told := cel_arguments.fault(call, kinds):
        yield call, told


def unavailable(name: str) -> str:
    """What is said of a name that is not there, though Kubernetes may have it."""
    known = "transformMap" if name == MAP_INSERT else name if name in MISSING else name.partition(".")[0]
    return f"{known} is not available here" + (f": {MISSING[known]}" if known in MISSING else "")


def _listed(names: frozenset[str]) -> str:
    *others, last = sorted(names)
    return f"{', '.join(others)} or {last}"
