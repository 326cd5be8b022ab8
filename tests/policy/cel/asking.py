"""Rules of one's own, as tests write and ask them."""

from typing import Any

import orjson
import pytest

from webhook.policy.cel.compiling import compiled
from webhook.policy.cel.rule import Custom
from webhook.policy.cel.subject import Subject
from webhook.policy.custom import BadExpression, CustomRule

PASSES = "passes"


def entry(expression: str = "true", **parts: Any) -> CustomRule:
    """An entry of a policy, as its loader reads it."""
    return CustomRule.model_validate_json(orjson.dumps({"id": "mine", "expression": expression, **parts}))


def rule(expression: str = "true", **parts: Any) -> Custom:
    return compiled(entry(expression, **parts))


def said(expression: str, raw: Any = None, old: Any = None, request: Any = None, **parts: Any) -> str:
    """What the rule says of an object: that it passes, or its finding's text."""
    findings = rule(expression, **parts).findings(Subject(raw or {}, old, request or {}))
    return findings[0].text.removeprefix("Forbidden: ") if findings else PASSES


def outcome(expression: str, raw: Any = None, **parts: Any) -> bool | str:
    """The value of an expression that is true or false, or why it has none."""
    text = said(expression, raw, message="it is false", **parts)
    return {PASSES: True, "it is false": False}.get(text, text.removeprefix("its expression could not be evaluated: "))


def faults(expression: str = "true", **parts: Any) -> list[tuple[Any, int, int, str]]:
    """All that is wrong with an entry: key, line, column and message."""
    with pytest.raises(BadExpression) as bad:
        rule(expression, **parts)
    return [(fault.key, fault.line, fault.column, fault.message) for fault in bad.value.faults]


def refusal(expression: str, **parts: Any) -> str:
    """The one thing that is wrong with an expression."""
    (fault,) = faults(expression, **parts)
    assert fault[0] == ("expression",)
    return fault[3]
