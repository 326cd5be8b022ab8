"""Rules of one's own, compiled from a policy and asked in reviews.

The library that knows CEL is behind this module only, so that a policy without such rules need not import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cel_expr_python import cel

from webhook.policy.cel_checked import Checked
from webhook.policy.cel_cost import Estimate
from webhook.policy.cel_expression import COST_NANOSECONDS, Faulty, Program, checked
from webhook.policy.cel_library import checking, checking_alone
from webhook.policy.cel_lowering import VARIABLES, Surroundings, lowered
from webhook.policy.cel_reads import Reads, reads
from webhook.policy.cel_reason import Failure
from webhook.policy.cel_subject import Subject, Unfit, taken
from webhook.policy.custom import MESSAGE_CHARACTERS, BadExpression, CustomRule, Fault, path_of
from webhook.rayjob.path import Path
from webhook.rules.finding import Finding, forbidden, printable
from webhook.rules.rule import Action

__all__ = ["Custom", "Subject", "compiled"]

PARAMS_BYTES = 16_384  # of params as JSON: a list of some hundred names

# Kubernetes' bound on what a messageExpression makes; beyond it the message is said instead.
MESSAGE_BYTES = 5 * 1024

_TYPICAL = (600, 16_384)  # items and bytes of a RayJob that is large, but no rarity


@dataclass(frozen=True, slots=True)
class Custom:
    """A rule of one's own, ready to be asked; ``reads`` is what of the object its expressions look at."""

    id: str
    action: Action
    path: Path
    conditions: tuple[tuple[str, Program], ...]
    expression: Program
    text: str
    message: str
    message_expression: Program | None
    reads: Reads

    def findings(self, subject: Subject) -> tuple[Finding, ...]:
        """What the rule finds in a review: one finding at the most.

        An expression that fails is a finding, never a pass; so is a match condition that fails, unless another is
        false. The finding's value is what the expressions read: an update of anything else makes no other violation.
        """
        failures = []
        for name, condition in self.conditions:
            outcome = condition.outcome(subject)
            if outcome is False:
                return ()
            if isinstance(outcome, Failure):
                failures.append(f"its match condition {name} could not be evaluated: {outcome.reason}")
        if failures:
            return (self._finding(subject, "; ".join(failures)),)
        outcome = self.expression.outcome(subject)
        if outcome is True:
            return ()
        if isinstance(outcome, Failure):
            return (self._finding(subject, f"its expression could not be evaluated: {outcome.reason}"),)
        return (self._finding(subject, self._message(subject)),)

    def _finding(self, subject: Subject, why: str) -> Finding:
        text = printable(why)
        shown = text if len(text) <= MESSAGE_CHARACTERS else f"{text[: MESSAGE_CHARACTERS - 1]}…"
        return forbidden(self.path, self.reads(subject.raw), shown).of(self.id)

    def _message(self, subject: Subject) -> str:
        """What is said where the expression is false, by Kubernetes' order of precedence."""
        outcome = None if self.message_expression is None else self.message_expression.outcome(subject)
        made = outcome.strip() if isinstance(outcome, str) else ""
        if made and "\n" not in made and len(made.encode()) <= MESSAGE_BYTES:
            return made
        return self.message.strip() or f"failed expression: {' '.join(self.text.split())}"


def compiled(entry: CustomRule) -> Custom:
    """The rule of an entry of a policy.

    Raises:
        BadExpression: if one of its expressions is none, or is refused; with all that is wrong with any of them.
    """
    making = _Making(entry)
    rule = making.rule()
    if rule is None:
        raise BadExpression(tuple(making.faults))
    return rule


class _Making:
    """The making of a rule, which goes on after a fault, so that all of them are told."""

    def __init__(self, entry: CustomRule) -> None:
        self.faults: list[Fault] = []
        self._entry = entry
        self._env = checking_alone()
        self._params: Any = None
        self._params_bytes = 0
        self._trees: list[Checked] = []
        self._variables: dict[str, Checked] = {}
        self._types: dict[str, cel.Type] = {}

    def rule(self) -> Custom | None:
        """The rule; None where there are faults."""
        entry = self._entry
        self._take_params()
        conditions = [
            (one.name, self._program(("matchConditions", at, "expression"), one.expression, "bool"))
            for at, one in enumerate(entry.match_conditions)
        ]
        for at, variable in enumerate(entry.variables):
            self._add_variable(("variables", at, "expression"), variable.name, variable.expression)
        expression = self._program(("expression",), entry.expression, "bool")
        read = reads(tree.root for tree in self._trees)
        message = entry.message_expression
        said = None if message is None else self._program(("messageExpression",), message, "string")
        if self.faults or expression is None:
            return None
        asked = tuple((name, program) for name, program in conditions if program is not None)
        path, text = path_of(entry.path), entry.expression
        return Custom(entry.id, entry.action, path, asked, expression, text, entry.message or "", said, read)

    def _take_params(self) -> None:
        try:
            self._params, written = taken(self._entry.params)
        except Unfit as unfit:
            self.faults.append(Fault(("params",), 1, 1, str(unfit)))
            return
        self._params_bytes = len(written)
        if len(written) > PARAMS_BYTES:
            told = f"must have {PARAMS_BYTES} bytes as JSON at most, has {len(written)}"
            self.faults.append(Fault(("params",), 1, 1, told))

    def _add_variable(self, key: tuple[str | int, ...], name: str, text: str) -> None:
        """Variables are known to the expressions after them; one with a fault as something of any type."""
        self._types[VARIABLES + name] = cel.Type.DYN
        checked_ = self._checked(key, text)
        if checked_ is not None:
            self._variables[name], self._types[VARIABLES + name] = checked_
        self._env = checking(self._types)

    def _checked(
        self, key: tuple[str | int, ...], text: str, kind: str | None = None
    ) -> tuple[Checked, cel.Type] | None:
        try:
            return checked(self._env, text, kind, is_message=kind == "string")
        except Faulty as faulty:
            self._tell(key, faulty)
            return None

    def _program(self, key: tuple[str | int, ...], text: str, kind: str) -> Program | None:
        found = self._checked(key, text, kind)
        if found is None or self.faults:  # what comes next needs every variable
            return None
        try:
            return self._costed(found[0])
        except Faulty as faulty:
            self._tell(key, faulty)
            return None

    def _costed(self, tree: Checked) -> Program:
        estimate = Estimate(self._variables, self._params_bytes)
        estimate.add(tree)
        milliseconds = estimate.cost.of(*_TYPICAL) // 1_000_000
        if milliseconds > COST_NANOSECONDS // 1_000_000:
            told = f"must be quicker: for a RayJob of 16 KB it could take {milliseconds} ms, see docs/cel.md"
            raise Faulty([(1, 1, told)])
        self._trees += [tree, *(self._variables[name] for name in estimate.asked)]
        return Program.of(lowered(tree, Surroundings(self._variables, self._params)), estimate.cost)

    def _tell(self, key: tuple[str | int, ...], faulty: Faulty) -> None:
        self.faults += [Fault(key, line, column, told) for line, column, told in faulty.places]
