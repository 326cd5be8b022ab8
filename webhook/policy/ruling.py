"""What a policy makes of one review: the rules in force with their actions, and the defaults that are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from webhook.defaults.additions import Additions
from webhook.rayjob.kuberay import NEWEST, Release, Target
from webhook.rules.rule import Action, Rule
from webhook.rules.table import Table


@dataclass(frozen=True, slots=True)
class Ruling:
    """``actions`` by rule id, for the rules in ``table`` and in ``custom`` (none that is off).

    ``defaults`` are the values of the defaults that are given, by id; ``additions`` what the platform adds besides.
    ``release`` is the KubeRay release that the jobs are meant for; ``kueue`` says whether Kueue starts and stops them.
    """

    actions: Mapping[str, Action]
    table: Table
    defaults: Mapping[str, object]
    release: Release = NEWEST
    additions: Additions | None = None
    custom: tuple[Any, ...] = ()
    kueue: bool = False

    @classmethod
    def of(cls, rules: Iterable[Rule], defaults: Mapping[str, object], target: Target) -> Ruling:
        """The ruling in which the given rules, those that hold for the target, do what they declare."""
        in_force = tuple(rule for rule in rules if rule.action is not Action.OFF and rule.holds_for(target))
        actions = {rule.id: rule.action for rule in in_force}
        return cls(actions, Table(in_force), defaults, target.release, kueue=target.kueue)
