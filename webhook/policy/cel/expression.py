"""One expression: checked against what there is, and then a program that is run for a review."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from cel_expr_python import cel

from webhook.policy.cel import request as cel_request
from webhook.policy.cel.amount import Amount
from webhook.policy.cel.checked import Checked, MessageLiteral, decoded, parsed
from webhook.policy.cel.library import ERRORS, MISSING, running
from webhook.policy.cel.parsed import encoded
from webhook.policy.cel.quantities import OF_REVIEW
from webhook.policy.cel.reason import TOO_LARGE, Failure, reasons
from webhook.policy.cel.refusals import questions_of_variables, refusals, unavailable
from webhook.policy.cel.subject import Subject, Unfit
from webhook.policy.cel.tree import Name, Node, walk

NODES = 4000  # of a tree: more than any text of 4096 characters needs that is not written to have many
COST_NANOSECONDS = 1_000_000_000  # that one expression may take at the most; a tenth of a webhook's usual time limit

_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_WRAPPED = re.compile(r"^[A-Z_]+: (.*?)(?: \[[A-Z_]+\])?$", re.DOTALL)  # in a status of the library
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")

_VALUES = (cel.Type.BOOL, cel.Type.STRING)

Place: TypeAlias = tuple[int, int, str]
"""A fault in a text: line and column, from 1, and what is wrong."""


class Faulty(ValueError):
    """An expression cannot be compiled; ``places`` has all that is wrong with it."""

    def __init__(self, places: list[Place]) -> None:
        super().__init__("; ".join(told for _, _, told in places))
        self.places = places


def checked(env: cel.Env, text: str, kind: str | None = None, *, is_message: bool = False) -> tuple[Checked, cel.Type]:
    """The tree of an expression, whose value must be of a type, if one is given; and the type in the library's terms.

    Raises:
        Faulty: if the type checker does not take it, or it is refused.
    """
    try:
        compiled = env.compile(text)
        tree = decoded(compiled.serialize())
    except ERRORS as error:
        raise Faulty(_places(str(error))) from None
    except MessageLiteral:
        raise Faulty([(1, 1, "must not make a message of Protocol Buffers")]) from None
    if sum(1 for _ in walk(tree.root)) > NODES:
        raise Faulty([(1, 1, f"must be smaller: it has more than {NODES} parts, once its macros are expanded")])
    before = parsed(env.compile(text, disable_check=True).serialize())
    places = [(*_place(text, before, node), told) for node, told in questions_of_variables(before.root)]
    places += [(*_place(text, tree, node), told) for node, told in refusals(tree, is_message=is_message)]
    found = tree.type(tree.root)
    if found == "dyn":  # the type checker knows no more of the request
        found = cel_request.field_type(tree.root) or found
    if kind is not None and found != kind and not places:
        places.append((1, 1, f"must be a {kind}, is a {found}"))
    if places:
        raise Faulty(sorted(set(places)))
    return tree, compiled.return_type()


def _places(told: str) -> list[Place]:
    """What the library says, in its order, without the consequences of a name that is not there."""
    found = [(max(int(line), 1), max(int(column), 1), text) for line, column, text in _ERROR.findall(told)]
    missing = [(line, column, unavailable(name)) for line, column, text in found if (name := _missing(text))]
    if missing:
        return missing
    places = [(line, column, text.replace(" (in container '')", "")) for line, column, text in found]
    return list(dict.fromkeys(places)) or [(1, 1, _WRAPPED.sub(r"\1", told))]


def _missing(told: str) -> str:
    """The name of Kubernetes' that a message is about, which is not there; or nothing."""
    undeclared = _UNDECLARED.search(told)
    name = undeclared[1] if undeclared else ""
    return name if name.partition(".")[0] in MISSING else ""


def _place(text: str, tree: Checked, node: Node) -> tuple[int, int]:
    before = text[: tree.offsets.get(node.id, 0)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@dataclass(frozen=True, slots=True)
class Program:
    """An expression that runs. ``cost`` is what it can take, in nanoseconds, ``failure`` words why it has no value."""

    expression: cel.Expression
    cost: Amount
    needs_quantities: bool
    failure: Callable[[str], Failure]

    @classmethod
    def of(cls, root: Node, cost: Amount) -> Program:
        """The program of a tree.

        Raises:
            Faulty: if the tree nests too deeply.
        """
        try:
            expression = running().deserialize(encoded(root))
        except ERRORS:
            raise Faulty([(1, 1, "must be an expression that nests less deeply")]) from None
        names = {node.name for node in walk(root) if isinstance(node, Name)}
        return cls(expression, cost, OF_REVIEW in names, reasons(root))

    def outcome(self, subject: Subject) -> bool | str | Failure:
        """Its value for a review, or why it has none."""
        try:
            activation = subject.activation()
        except Unfit as unfit:
            return Failure(str(unfit))
        if self.cost.of(subject.items, subject.size) > COST_NANOSECONDS:
            return Failure(TOO_LARGE)
        if self.needs_quantities:
            subject.look_up_quantities()
        try:
            value = self.expression.eval(activation)
        except ERRORS as error:
            return self.failure(str(error))
        kind = value.type()
        if kind == cel.Type.ERROR:
            return self.failure(str(value))
        if kind not in _VALUES:  # in particular null, whose count of references the library gets wrong
            return Failure("its value is of another type")
        plain: bool | str = value.value()
        return plain
