"""A rule of one's own, ready to be asked in reviews."""

from __future__ import annotations

from dataclasses import dataclass

from webhook.policy.cel.expression import Program
from webhook.policy.cel.reads import Reads
from webhook.policy.cel.reason import Failure
from webhook.policy.cel.subject import Subject
from webhook.policy.custom import MESSAGE_CHARACTERS
from webhook.rayjob.path import Path
from webhook.rules.finding import Finding, forbidden, printable
from webhook.rules.rule import Action

MESSAGE_BYTES = 5 * 1024  # that a messageExpression may make, as Kubernetes has it; of more, the message is said


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
