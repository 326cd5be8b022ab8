"""From a checked expression to the tree that runs: with the library's functions only, and with variables and params.

Variables are computed when they are first asked for, once, and only if they are: cel.@block of the library does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from webhook.policy.cel.checked import Checked
from webhook.policy.cel.conversions import CONVERSIONS, Rewriting
from webhook.policy.cel.lists import LISTS, safe
from webhook.policy.cel.presence import present, selected
from webhook.policy.cel.quantities import OF_POLICY, QUANTITIES, table
from webhook.policy.cel.tree import (
    Call,
    Constant,
    Entries,
    Field,
    Items,
    Loop,
    Name,
    Node,
    call,
    rebuilt,
    walk,
)

VARIABLES = "variables."

_SELECTIONS = frozenset({"_[_]", "_?._", "_[?_]"})

_REWRITINGS: Mapping[str, Rewriting] = MappingProxyType({**CONVERSIONS, **LISTS, **QUANTITIES})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an expression may ask for besides the review: variables by name, and params as the policy writes them."""

    variables: Mapping[str, Checked]
    params: Any

    def texts(self) -> Iterator[str]:
        """Every text of the policy's own that may become a value."""
        nodes = [_literal(self.params), *(variable.root for variable in self.variables.values())]
        return _texts(nodes)


def lowered(checked: Checked, around: Surroundings) -> Node:
    """The tree that runs; of the surroundings it has what it asks for."""
    names = (f"@{number}" for number in range(1, 1_000_000))
    slots: list[Node] = []
    places: dict[str, Name] = {}

    def placed(node: Node) -> Node:
        """The node with a slot's name for each name of the surroundings."""
        if not isinstance(node, Name) or (value := _of(node.name)) is None:
            return rebuilt(node, placed)
        if node.name not in places:
            whole = placed(value)
            slots.append(whole)
            places[node.name] = Name(f"@index{len(slots) - 1}")
        return places[node.name]

    def _of(name: str) -> Node | None:
        if name == "params":
            return _literal(around.params)
        if name == OF_POLICY:
            return table([*around.texts(), *_texts([checked.root])])
        if name.startswith(VARIABLES):
            return _rewritten(around.variables[name.removeprefix(VARIABLES)], names)
        return None

    root = placed(_rewritten(checked, names))
    return call("cel.@block", Items(tuple(slots)), root) if slots else root


def _rewritten(checked: Checked, names: Iterator[str]) -> Node:
    """The tree without functions that are Kubernetes' own, or that differ from its."""

    def rewritten(node: Node) -> Node:
        made = rebuilt(node, rewritten)
        if isinstance(node, Loop) and isinstance(made, Loop):
            return safe(made, checked.type(node.range), names)
        if isinstance(node, Field) and isinstance(made, Field):
            kind = checked.type(node.operand)
            return present(made, kind, names) if node.test else selected(node, made, kind, names)
        if isinstance(node, Call) and isinstance(made, Call) and node.function in _SELECTIONS:
            return selected(node, made, checked.type(node.args[0]), names)
        if isinstance(node, Call) and isinstance(made, Call) and node.function in _REWRITINGS:
            return _REWRITINGS[node.function](made, [checked.type(value) for value in node.values], names)
        return made

    return rewritten(checked.root)


def _literal(raw: Any) -> Node:
    """JSON as an expression writes it."""
    match raw:
        case dict():
            return Entries(tuple((Constant(key), _literal(value)) for key, value in raw.items()))
        case list():
            return Items(tuple(map(_literal, raw)))
        case _:
            return Constant(raw)


def _texts(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Constant) and isinstance(part.value, str):
                yield part.value
