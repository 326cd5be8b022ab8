"""What the arguments of a function must be, so that it does here what it does in Kubernetes, and in good time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import re2

from webhook.policy.cel.conversions import LONGEST_HOURS, strictly
from webhook.policy.cel.library import QUANTITY, succeeds
from webhook.policy.cel.quantity import facts
from webhook.policy.cel.tree import Call, Constant, Items, Node

PROGRAM_SIZE = 2000  # of a compiled pattern: compiling takes it up to 1 µs for each, at each call

_TIMES = (
    *("getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours", "getMinutes", "getMonth"),
    "getSeconds",
)
_TIME_ZONE = re.compile(r"UTC|[-+]([01][0-9]|2[0-3]):[0-5][0-9]")
_FORMAT = re.compile(r"(?:[^%]|%(?:%|[sdxXob]|(?:\.[0-9]{1,2})?f))*", re.DOTALL)
_CLAUSE = re.compile(r"%%|%")
_ANY_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")
_WITHOUT_TEXT = frozenset({"timestamp", "duration", QUANTITY})  # other texts of them are made there than here


class BadPattern(ValueError):
    """A literal is no pattern; the message says why."""


def fault(call: Call, kinds: list[str]) -> str:
    """What a call's values, of these types, must be; empty where they are."""
    check = _CHECKS.get(call.function)
    return check(call, kinds) if check is not None else ""


def program_size(pattern: Node) -> int:
    """How large a pattern is once it is compiled, in instructions; 0 of what is no literal.

    Raises:
        BadPattern: if RE2 does not take it.
    """
    text = _text(pattern)
    if text is None:
        return 0
    options = re2.Options()
    options.log_errors = False
    try:
        size: int = re2.compile(text.encode(), options).programsize
    except re2.error as error:
        why = error.args[0]
        raise BadPattern(why.decode(errors="replace") if isinstance(why, bytes) else why) from None
    return size


def _text(node: Node) -> str | None:
    """The text that a literal holds."""
    return node.value if isinstance(node, Constant) and isinstance(node.value, str) else None


def _matches(call: Call, _kinds: list[str]) -> str:
    pattern = _text(call.values[-1])
    if pattern is None:
        return "must have its pattern as a literal, so that it is known to be one, and short"
    if _ANY_BYTE.search(pattern):
        return r"must not match single bytes: \C"
    try:
        size = program_size(call.values[-1])
    except BadPattern as bad:
        return f"must have a pattern in RE2's syntax: {bad}"
    return (
        "" if size <= PROGRAM_SIZE else f"must have a smaller pattern: {size} instructions, of {PROGRAM_SIZE} at most"
    )


def _timestamp(call: Call, _kinds: list[str]) -> str:
    text = _text(call.args[0])
    if text is None or succeeds(strictly(call)):
        return ""
    return 'must have a time as RFC 3339 has it: "2026-01-31T12:00:00Z"'


def _duration(call: Call, _kinds: list[str]) -> str:
    text = _text(call.args[0])
    if text is None or succeeds(strictly(call)):
        return ""
    return f'must have a duration such as "1h30m", of {LONGEST_HOURS} hours at most'


def _quantity(call: Call, _kinds: list[str]) -> str:
    text = _text(call.args[0])
    return "" if text is None or facts(text) else 'must have a quantity such as "500m" or "4Gi"'


def _string(_call: Call, kinds: list[str]) -> str:
    return (
        f"must not make a text of a {kinds[0]}, which Kubernetes writes otherwise" if kinds[0] in _WITHOUT_TEXT else ""
    )


def _int(_call: Call, kinds: list[str]) -> str:
    return "must not make a number of a duration: getSeconds() does" if kinds[0] == "duration" else ""


def _dyn(_call: Call, kinds: list[str]) -> str:
    return f"must not hide that something is a {kinds[0]}" if kinds[0] in _WITHOUT_TEXT else ""


def _time(call: Call, _kinds: list[str]) -> str:
    if not call.args or _TIME_ZONE.fullmatch(_text(call.args[0]) or ""):
        return ""
    return 'must have its time zone as a literal, "UTC" or "+02:00": others hang on the data of the machine'


def _milliseconds(call: Call, kinds: list[str]) -> str:
    return (
        _time(call, kinds) if kinds[0] == "timestamp" else "must be called on a time: of a duration, its values differ"
    )


def _index(call: Call, _kinds: list[str]) -> str:
    return "must have no second argument, with which it differs" if len(call.args) > 1 else ""


def _split(call: Call, _kinds: list[str]) -> str:
    return "" if _text(call.args[0]) else "must have its separator as a literal that is not empty"


def _flatten(call: Call, _kinds: list[str]) -> str:
    return "must have no argument" if call.args else ""


def _format(call: Call, _kinds: list[str]) -> str:
    text = _text(call.values[0])
    if text is None or not _FORMAT.fullmatch(text):
        return "must be called on a literal with the clauses %s, %d, %f, %.2f, %x, %X, %o, %b and %% only"
    given = call.args[0]
    asked = sum(clause == "%" for clause in _CLAUSE.findall(text))
    if not isinstance(given, Items) or given.optional or len(given.items) != asked:
        return f"must have a list of {asked} values"
    return ""


_CHECKS: Mapping[str, Callable[[Call, list[str]], str]] = MappingProxyType(
    dict.fromkeys(_TIMES, _time)
    | {
        "matches": _matches,
        "timestamp": _timestamp,
        "duration": _duration,
        "quantity": _quantity,
        "string": _string,
        "int": _int,
        "dyn": _dyn,
        "getMilliseconds": _milliseconds,
        "indexOf": _index,
        "lastIndexOf": _index,
        "split": _split,
        "flatten": _flatten,
        "format": _format,
    }
)
