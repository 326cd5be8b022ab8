"""What one body of a policy file says, a whole policy's or a profile's, once it is understood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from webhook.policy.custom import BadExpression, CustomRule
from webhook.policy.giving import Giving, giving
from webhook.policy.model import Body
from webhook.policy.node import BadPolicy, Fault, Node, dotted
from webhook.policy.setting import Entry, entry
from webhook.policy.validation import unknown
from webhook.rules.register import EVERY_RULE

if TYPE_CHECKING:
    from webhook.policy.cel.rule import Custom

T = TypeVar("T")

BUILT_IN = MappingProxyType({rule.id: rule for rule in EVERY_RULE})


@dataclass(frozen=True, slots=True)
class Change:
    """What is otherwise for some: the entries by rule id, and what is said of defaults."""

    entries: Mapping[str, Entry]
    giving: Giving


@dataclass(frozen=True, slots=True)
class Layer:
    """A body with its node; ``changes`` are those of its overrides, in their order.

    ``custom`` are its own rules, and ``ids`` those and the ones of the layers below.
    """

    body: Body
    node: Node
    ids: frozenset[str]
    said: Change
    changes: tuple[Change, ...]
    custom: tuple[Custom, ...]


def understood(body: Body, node: Node, below: frozenset[str], faults: list[Fault]) -> Layer:
    """The layer of a body; ``below`` are the ids of the rules of one's own that it is laid over. Adds to the faults."""
    ids = below
    for index, part in enumerate(body.custom):
        if part.id in BUILT_IN or part.id in ids:
            faults.append(node.at(("custom", index, "id")).fault(f"there is a rule {part.id} already"))
        ids |= {part.id}
    custom = tuple(_compiled(body.custom, node, faults)) if body.custom else ()
    overrides = [node.at(("overrides", index)) for index, _ in enumerate(body.overrides)]
    changes = tuple(change(override, ids, faults) for override in overrides)
    return Layer(body, node, ids, change(node, ids, faults), changes, custom)


def change(node: Node, ids: frozenset[str], faults: list[Fault]) -> Change:
    """What stands below `rules` and `defaults` at a node. Adds to the faults."""
    entries: dict[str, Entry] = {}
    for name, below in _fields(node, "rules").items():
        if name not in BUILT_IN and name not in ids:
            faults.append(below.fault(unknown("rule", name, (*BUILT_IN, *sorted(ids))), on_key=True))
            continue
        parameters = BUILT_IN[name].parameters if name in BUILT_IN else None
        if (made := attempt(lambda: entry(below, parameters), faults)) is not None:  # noqa: B023 (called at once)
            entries[name] = made
    said = attempt(lambda: giving(node.fields["defaults"]), faults) if "defaults" in node.fields else None
    return Change(entries, said or Giving())


def _compiled(parts: Iterable[CustomRule], node: Node, faults: list[Fault]) -> Iterator[Custom]:
    from webhook.policy.cel.compiling import compiled  # noqa: PLC0415 (a policy without such rules needs no CEL)

    for index, part in enumerate(parts):
        try:
            yield compiled(part)
        except BadExpression as bad:
            for fault in bad.faults:
                text = node.at(("custom", index, *fault.key))
                faults.append(Fault(text.within(fault.line, fault.column), dotted(text.path), fault.message))


def attempt(make: Callable[[], T], faults: list[Fault]) -> T | None:
    """What is made; None where it is bad, whose faults are then among these."""
    try:
        return make()
    except BadPolicy as bad:
        faults += bad.faults
        return None


def _fields(node: Node, name: str) -> Mapping[str, Node]:
    return node.fields[name].fields if name in node.fields else {}
