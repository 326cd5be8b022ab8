"""Why an expression has no value for a review, in words that hold no value of the review."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from webhook.policy.cel.tree import FAILURE, Constant, Field, Node, walk

UNKNOWN = "it fails for this object"
TOO_LARGE = "the object is too large for it"

_KEY = re.compile(r'Key not found in map : "(.*)"', re.DOTALL)
_OVERLOAD = re.compile(r"No matching overloads found : (\S{1,80}\([\w., ]*\))")  # with the types of its values
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "No matching overloads found": "no such overload",
        "Key not found in map": "no such key",
        "Applying SELECT to non-message type": "a field is asked of what has none",
        "Index error": "a list has no item at an index",
        "divide by zero": "division by zero",
        "modulus by zero": "division by zero",
        "overflow": "a number, time or duration is too large",
        "out of int64 range": "a number is too large",
        "out of uint64 range": "a number is negative or too large",
        "Iteration budget exceeded": "its loops go round more than 10000 times",
        "duplicate key in map": "a key is there twice",
        "optional.none() dereference": "a value is asked of none",
        "Type conversion error": "a value cannot be converted",
        "<string>.": "a text has no such position",
        "cannot slice": "a list has no such slice",
        "unsupported type": "what is sorted has no order",
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    """An expression that has no value; ``reason`` says why."""

    reason: str


def reasons(root: Node) -> Callable[[str], Failure]:
    """What makes a failure of the library's words about this expression, whose own words may be repeated."""
    constants = {part.value for part in walk(root) if isinstance(part, Constant) and isinstance(part.value, str)}
    fields = {part.name for part in walk(root) if isinstance(part, Field)}
    own = frozenset(constants | fields)

    def failure(told: str) -> Failure:
        key = _KEY.search(told)
        if key and key[1] in own:
            name = key[1].removeprefix(FAILURE)
            return Failure(name if name != key[1] else f"no such key: {name}")
        if overload := _OVERLOAD.search(told):
            return Failure(f"no such overload: {overload[1]}")
        return Failure(next((ours for theirs, ours in _WORDS.items() if theirs in told), UNKNOWN))

    return failure
