"""A rule of one's own, as a policy writes it: an expression in CEL that must be true of a RayJob.

Source: ValidatingAdmissionPolicy of admissionregistration.k8s.io/v1, whose words and meanings are used here.
This module knows nothing of CEL, so that a policy without such rules needs none; `cel` compiles them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, StringConstraints

from webhook.rayjob.path import Key, Path, Step
from webhook.rules.parameters import Parameters
from webhook.rules.rule import Action

CHARACTERS = 4096  # of an expression: two screens; the type checker's time grows with it
MESSAGE_CHARACTERS = 512  # a message stays readable on a terminal
PARTS = 64  # match conditions, or variables, of a rule: as many as Kubernetes takes conditions

_FIELD = "[A-Za-z_][A-Za-z0-9_]*"
_PATH = rf"^{_FIELD}(\.{_FIELD}|\[[^\[\]]+\])*$"
_STEP = re.compile(rf"(?P<field>{_FIELD})|\[(?P<index>[0-9]+)\]|\[(?P<key>[^\[\]]+)\]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an expression: ``key`` leads to it in its rule, ``line`` and ``column`` count from 1 in it."""

    key: tuple[str | int, ...]
    line: int
    column: int
    message: str


class BadExpression(ValueError):
    """A rule of one's own cannot be compiled; ``faults`` has all that is wrong with it, as its parts are compiled."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


def _one_line(text: str) -> str:
    if not text.strip() or "\n" in text.strip():
        raise ValueError("must be one line")
    return text


def path_of(text: str) -> Path:
    """The path that is written as messages print it: ``spec.a.b``, ``spec.list[0]``, ``metadata.labels[team]``."""
    return Path(tuple(map(_step, _STEP.finditer(text))))


def _step(found: re.Match[str]) -> Step:
    return found["field"] or (int(found["index"]) if found["index"] else Key(found["key"]))


Text = Annotated[str, StringConstraints(min_length=1, max_length=CHARACTERS)]
Message = Annotated[str, StringConstraints(max_length=MESSAGE_CHARACTERS), AfterValidator(_one_line)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=63)]
VariableName = Annotated[str, StringConstraints(pattern=rf"^{_FIELD}$", max_length=63)]


class MatchCondition(Parameters):
    """A condition that must be true of a review, or the rule does not apply to it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=63)] = Field(description="What it is called")
    expression: Text = Field(description="An expression in CEL that is true or false")


class Variable(Parameters):
    """A value that expressions share; it is computed when the first of them asks for it."""

    name: VariableName = Field(description="What it is called: expressions write variables.NAME")
    expression: Text = Field(description="An expression in CEL; it may use the variables before it")


N = TypeVar("N", MatchCondition, Variable)


def _distinct(named: tuple[N, ...]) -> tuple[N, ...]:
    names = [one.name for one in named]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"must have names of their own, {twice[0]} is there twice")
    return named


class CustomRule(Parameters):
    """A rule of one's own: what its expression must be true of, what is said where it is not, and what that does."""

    id: RuleId = Field(description="What it is called, by the fault that it finds")
    expression: Text = Field(description="An expression in CEL that is true of a RayJob that passes")
    message: Message | None = Field(default=None, description="What is said where the expression is false")
    message_expression: Text | None = Field(
        default=None, description="An expression in CEL that makes the message; where it fails, message is said"
    )
    action: Action = Field(default=Action.DENY, strict=False, description="deny, warn, audit or off")
    path: Annotated[str, StringConstraints(max_length=256, pattern=_PATH)] = Field(
        default="spec", description="The field that findings point to"
    )
    match_conditions: Annotated[tuple[MatchCondition, ...], AfterValidator(_distinct)] = Field(
        default=(), max_length=PARTS, description="To which reviews the rule applies: where all are true"
    )
    variables: Annotated[tuple[Variable, ...], AfterValidator(_distinct)] = Field(
        default=(), max_length=PARTS, description="Values that expressions share"
    )
    params: dict[str, Any] | None = Field(default=None, description="What expressions read as params")
