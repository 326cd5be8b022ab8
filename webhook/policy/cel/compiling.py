"""From an entry of a policy to a rule of one's own that can be asked.

The library that knows CEL is behind this module only, so that a policy without such rules need not import it.
"""

from __future__ import annotations

from typing import Any

from cel_expr_python import cel

from webhook.policy.cel.checked import Checked
from webhook.policy.cel.cost import Estimate
from webhook.policy.cel.expression import COST_NANOSECONDS, Faulty, Program, checked
from webhook.policy.cel.library import checking, checking_alone
from webhook.policy.cel.lowering import VARIABLES, Surroundings, lowered
from webhook.policy.cel.reads import reads
from webhook.policy.cel.rule import Custom
from webhook.policy.cel.subject import Unfit, taken
from webhook.policy.custom import BadExpression, CustomRule, Fault, path_of

PARAMS_BYTES = 16_384  # of params as JSON: a list of some hundred names

_TYPICAL = (600, 16_384)  # items and bytes of a RayJob that is large, but no rarity


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
