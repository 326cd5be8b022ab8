"""What a policy may tell a rule: the model of its parameters, and the types that they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

import re2
from pydantic import PlainValidator, WithJsonSchema

from webhook.part import Part

PATTERN_CHARACTERS = 1024  # of a pattern that a person writes and reads


class Parameters(Part):
    """The parameters of a rule; a field's description is what `rayjob-webhook rules ID` shows, too."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression in RE2's syntax, which takes linear time whatever the text."""

    text: str
    _compiled: Any = field(repr=False, compare=False)

    def matches(self, text: str) -> bool:
        """Whether the expression matches the whole text."""
        return self._compiled.fullmatch(text.encode(errors="replace")) is not None


def _expression(raw: object) -> Expression:
    if not isinstance(raw, str) or not 0 < len(raw) <= PATTERN_CHARACTERS:
        raise ValueError(f"must be a regular expression of 1 to {PATTERN_CHARACTERS} characters")
    return _compiled(raw)


def _compiled(raw: str) -> Expression:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True  # nobody asks what a group matched, and finding it costs three times the match
    try:
        return Expression(raw, re2.compile(raw.encode(), options))
    except re2.error as error:
        why = error.args[0]
        told = why.decode(errors="replace") if isinstance(why, bytes) else why
        raise ValueError(f"must be a regular expression in RE2's syntax: {told}") from None


NOTHING = r"[^\x00-\x{10FFFF}]"  # no character, once


def either(expressions: Iterable[Expression]) -> Expression:
    """The expression that matches what any of the others does: one pass over a text instead of many.

    Raises:
        ValueError: if together they are too large for RE2.
    """
    return _compiled("|".join([f"(?:{expression.text})" for expression in expressions]) or NOTHING)


Pattern = Annotated[
    Expression,
    PlainValidator(_expression),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": PATTERN_CHARACTERS}),
]
"""A regular expression in a policy; it must match a whole text. JSON Schema's format `regex` is another syntax."""
