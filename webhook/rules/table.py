"""Which rules have something to say about a RayJob: those whose fields are there.

A rule that cannot apply is not called (calls that find nothing would cost more than all that find something).
``reads`` names fields by their dotted path; ``[]`` stands for every item of a list:
``spec.rayClusterSpec.workerGroupSpecs[].idleTimeoutSeconds``. A field that is null is not there. Where any of several
fields will do, they are given together, with a bar between them. What is no field of the object but of the `Job` that
reads it, ``departures`` or ``old``, is named like one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from webhook.rayjob.job import Job
from webhook.rules.finding import Finding, Kind
from webhook.rules.rule import Rule

PATTERNS = 256  # of fields that are there, for which the rules are kept: RayJobs are written after a few models


@dataclass(slots=True)
class _Node:
    bit: int = 0
    fields: dict[str, _Node] = field(default_factory=dict)
    items: _Node | None = None


class Table:
    """Rules, found by the fields that they read; made once, then only read."""

    __slots__ = ("_concerned", "_departures", "_old", "_root", "_rules")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._root = _Node()
        self._concerned = lru_cache(PATTERNS)(self._reading)
        bits: dict[str, int] = {}
        entries = []
        for rule in rules:
            mask = 0
            for paths in rule.reads:
                mask |= bits.setdefault(paths, 1 << len(bits))
            entries.append((mask, rule))
        self._departures, self._old = bits.pop("departures", 0), bits.pop("old", 0)
        for paths, bit in bits.items():
            for path in paths.split("|"):
                self._node(path).bit |= bit
        self._rules = tuple(entries)

    def _node(self, path: str) -> _Node:
        node = self._root
        for step in path.replace("[]", ".[]").split("."):
            if step == "[]":
                node.items = node.items or _Node()
                node = node.items
            else:
                node = node.fields.setdefault(step, _Node())
        return node

    def concerned(self, job: Job) -> tuple[Rule, ...]:
        """The rules whose fields are all there, in the register's order."""
        there = _there(self._root, job.raw)
        if job.departures:
            there |= self._departures
        if job.old is not None:
            there |= self._old
        return self._concerned(there)

    def _reading(self, there: int) -> tuple[Rule, ...]:
        return tuple(rule for mask, rule in self._rules if mask & there == mask)

    def findings(self, job: Job) -> tuple[Finding, ...]:
        """Everything the rules find in a RayJob, sorted by path, then rule.

        What seems to be missing only because it could not be read is not reported a second time.
        """
        found = [finding.of(rule.id) for rule in self.concerned(job) for finding in rule.check(job)]
        if not found:
            return ()
        if job.departures:
            found = [finding for finding in found if not _follows_from_departure(finding, job)]
        found.sort(key=_order)
        return tuple(found)


def _order(finding: Finding) -> tuple[object, ...]:
    return finding.order


def _follows_from_departure(finding: Finding, job: Job) -> bool:
    if job.unreadable:
        return all(finding.path != departure.path for departure in job.departures)
    return finding.kind is Kind.REQUIRED and any(finding.path.is_in(mistyped.path) for mistyped in job.mistyped)


def _there(node: _Node, raw: Mapping[str, Any]) -> int:
    """The bits of all fields below an object that are there."""
    there = 0
    known = node.fields
    for name, value in raw.items():
        if value is None or name not in known:
            continue
        below = known[name]
        there |= below.bit
        if below.fields:
            there |= _there(below, value)
        elif below.items is not None:
            for item in value:
                if item is not None:
                    there |= below.items.bit | _there(below.items, item)
    return there
