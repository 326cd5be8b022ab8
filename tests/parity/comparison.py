"""What is compared: an answer that was recorded, and ours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """Two answers that differ: ``expected`` is the recorded one, ``found`` is ours."""

    expected: str
    found: str


def compare(expected: str, found: str) -> Difference | None:
    """How two answers differ; None where they are the same."""
    return None if expected == found else Difference(expected, found)


def compare_verdicts(denied: bool, rules: Collection[str], broken: Collection[str]) -> Difference | None:
    """How a recorded verdict differs from the rules that we find broken; None where it does not.

    The operator reports the first broken rule, or a few: ``rules``. We report all, so these must be among ours.
    """
    if denied is bool(broken) and (not denied or set(rules) <= set(broken)):
        return None
    return Difference(_verdict(denied, rules), _verdict(bool(broken), broken))


def _verdict(denied: bool, rules: Collection[str]) -> str:
    if not denied:
        return "allowed"
    return f"denied by {', '.join(sorted(rules, key=_order))}" if rules else "denied"


def _order(number: str) -> tuple[int, str]:
    return len(number), number
