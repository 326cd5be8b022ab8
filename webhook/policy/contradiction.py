"""What a policy gives and refuses itself: defaults and additions that break its own rules.

A RayJob that passed before passes after it was completed, so a policy that denies its authors what they have from the
policy itself is a mistake. It is tried with the smallest RayJob that has a pod template of each kind: for all, where
each override matches alone, and for each profile. What a fuller RayJob might be denied, and where several overrides
match, is not tried.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import chain, islice
from types import MappingProxyType
from typing import Any, NamedTuple

from webhook.defaults import added, declared
from webhook.defaults.additions import Additions
from webhook.defaults.fill import Fill
from webhook.policy.giving import given
from webhook.policy.node import Fault, Place, Step, dotted
from webhook.policy.policy import Policy
from webhook.policy.setting import Setting
from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release
from webhook.rules.example import merged, worker_group
from webhook.rules.finding import Finding
from webhook.rules.rule import Action
from webhook.rules.table import Table

TRIED = 5000  # cases, an override in each profile being one: none takes a millisecond of the time to read a policy

_DOES = MappingProxyType({Action.DENY: "denies", Action.WARN: "warns of"})
_NOWHERE = Place("policy")


def contradictions(policy: Policy) -> Iterator[Fault]:
    """The faults of a policy and its profiles that give what they deny, or warn of; each is told once."""
    raw = _rayjob(policy.parts.target.release)
    profiles = policy.profiles.items()
    trials = [_Trial(policy, raw), *(_Trial(profile, raw, f" in profile {name}") for name, profile in profiles)]
    general = ((trial, None) for trial in trials)
    cases = chain(general, ((trial, index) for trial in trials for index in trial.overrides))
    told: set[tuple[Place, str, str]] = set()
    for trial, index in islice(cases, TRIED):
        for place, path, text, message in trial.broken(index):
            if (place, path, message) not in told:
                told.add((place, path, message))
                yield Fault(place, path, f"{text}{trial.where(index)}: {message}")


def _rayjob(release: Release) -> dict[str, Any]:
    """The smallest RayJob with a pod template of each kind, as an API server passes it on."""
    submitter = {
        "spec": {"restartPolicy": "Never", "containers": [{"name": "submit", "image": "rayproject/ray:2.52.0"}]}
    }
    workers = [worker_group(maxReplicas=1)]
    written = merged({"spec": {"submitterPodTemplate": submitter, "rayClusterSpec": {"workerGroupSpecs": workers}}})
    raw: Any = Job.of(written, release=release).with_crd_defaults(release).raw
    return raw  # type: ignore[no-any-return] # it is raw JSON, whatever it may be read as


class _Completed(NamedTuple):
    """What is filled into the RayJob, and what the rules for all find in it then."""

    fills: tuple[Fill, ...]
    job: Job
    found: tuple[Finding, ...]


class _Trial:
    """A policy or a profile, tried with one RayJob.

    What an override does not change is judged by the rules for all, which are made once; only the rules that it names
    are made for it.
    """

    __slots__ = ("_completed", "_found", "_job", "_name", "_policy", "_raw")

    def __init__(self, policy: Policy, raw: dict[str, Any], name: str = "") -> None:
        self._policy = policy
        self._name = name
        self._raw = raw
        self._job = self._read(raw)
        self._found = policy.base.table.findings(self._job)
        self._completed = self._complete(policy.base.defaults, policy.base.additions)

    @property
    def overrides(self) -> Iterator[int]:
        """The overrides that are for some, by index."""
        return (index for index, one in enumerate(self._policy.parts.overrides) if one.matcher is not None)

    def where(self, index: int | None) -> str:
        """A case, for a fault's text."""
        override = (
            "" if index is None else f" where the override at {self._policy.parts.overrides[index].place} matches"
        )
        return override + self._name

    def broken(self, index: int | None) -> Iterator[tuple[Place, str, str, str]]:
        """What is given and refused where an override matches alone: where that is said, what that does, what is found.

        Without an override: what is for all.
        """
        policy = self._policy
        matching = policy.for_all if index is None else tuple(sorted((index, *policy.for_all)))
        settings = policy.settings(matching)
        changed = frozenset() if index is None else policy.parts.overrides[index].settings.keys()
        table = self._table(changed, settings)
        completed = self._completed if index is None else self._completed_by(index, matching)
        before = _told(self._found, changed, table.findings(self._job))
        for finding in _told(completed.found, changed, table.findings(completed.job)):
            does = _DOES.get(settings[finding.rule].action)
            if does is None or any(_is_about(finding, other) for other in before):
                continue
            fill = self._culprit(completed.fills, finding, table, changed)
            said = self._said(matching, fill)
            if said is None:
                place = settings[finding.rule].place or _NOWHERE
                yield place, f"rules.{finding.rule}", f"{does} what the default {fill.default} gives", finding.message
            else:
                yield *said, f"gives what the policy itself {does}", finding.message

    def _read(self, raw: dict[str, Any]) -> Job:
        return Job.of(raw, release=self._policy.base.release)

    def _table(self, changed: Collection[str], settings: Mapping[str, Setting]) -> Table:
        """The rules that an override names, as it sets them."""
        parts = self._policy.parts
        return Table(
            rule.applied(settings[rule.id].parameters)
            for rule in (parts.rules if changed else ())
            if rule.id in changed and settings[rule.id].action in _DOES and rule.holds_for(parts.target)
        )

    def _complete(self, values: Mapping[str, object], additions: Additions | None) -> _Completed:
        fills = declared.fills(self._job, values)
        if additions is not None:
            fills = (*fills, *added.fills(self._job, additions, fills))
        job = self._read(_filled(self._raw, fills))
        return _Completed(fills, job, self._policy.base.table.findings(job))

    def _completed_by(self, index: int, matching: tuple[int, ...]) -> _Completed:
        giving = self._policy.parts.overrides[index].giving
        return (
            self._complete(*given(self._policy.giving(matching))) if giving.values or giving.added else self._completed
        )

    def _culprit(self, fills: Sequence[Fill], finding: Finding, table: Table, changed: Collection[str]) -> Fill:
        """The fill after which the finding is there to stay: the last before which it is not."""

        def is_there(count: int) -> bool:
            job = self._read(_filled(self._raw, fills[:count]))
            return finding in _told(self._policy.base.table.findings(job), changed, table.findings(job))

        return next(fills[count] for count in reversed(range(len(fills))) if not is_there(count))

    def _said(self, matching: tuple[int, ...], fill: Fill) -> tuple[Place, str] | None:
        """Where the policy says what is filled; None where it is a default that it leaves as it is."""
        steps = _steps(fill)
        for giving in self._policy.giving(matching):
            node = giving.node and giving.node.at(steps)
            if node and node.path[-len(steps) :] == steps:
                return node.place, dotted(node.path)
        return None


def _told(found: Sequence[Finding], changed: Collection[str], anew: Sequence[Finding]) -> list[Finding]:
    """What rules for all found, with what the changed ones among them find instead."""
    return [*(finding for finding in found if finding.rule not in changed), *anew]


def _is_about(one: Finding, other: Finding) -> bool:
    """Whether the same rule finds something at the same place, or above or below it."""
    return one.rule == other.rule and (one.path.is_in(other.path) or other.path.is_in(one.path))


def _filled(raw: dict[str, Any], fills: Sequence[Fill]) -> dict[str, Any]:
    filled = deepcopy(raw)
    for fill in fills:
        *way, last = fill.path.steps
        place: Any = filled
        for step in way:  # an item of a list stands where one is filled
            place = place[step] if isinstance(step, int) else place.setdefault(str(step), {})
        place[str(last)] = fill.value
    return filled


def _steps(fill: Fill) -> tuple[Step, ...]:
    """The way to what is filled below a policy's `defaults`."""
    part = fill.default.removeprefix("add-")
    if part == fill.default:
        return (fill.default,)
    steps = fill.path.steps
    if steps[0] == "metadata":
        return ("add", part, *steps[2:])
    rest = steps[steps.index("spec", 1) + 1 :]  # what is in a template
    return ("add", part, *(rest[2:] if rest[0] == "containers" else rest))
