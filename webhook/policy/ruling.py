"""What a policy makes of one review: the rules in force with their actions, and the defaults that are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from webhook.defaults.additions import Additions
from webhook.rayjob.kuberay import NEWEST, Release, Target
from webhook.rules.finding import Finding
from webhook.rules.rule import Action, Rule
from webhook.rules.table import Table

if TYPE_CHECKING:
    from webhook.policy.cel.rule import Custom


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
    custom: tuple[Custom, ...] = ()
    kueue: bool = False

    @classmethod
    def of(cls, rules: Iterable[Rule], defaults: Mapping[str, object], target: Target) -> Ruling:
        """The ruling in which the given rules, those that hold for the target, do what they declare."""
        in_force = tuple(rule for rule in rules if rule.action is not Action.OFF and rule.holds_for(target))
        actions = {rule.id: rule.action for rule in in_force}
        return cls(actions, Table(in_force), defaults, target.release, kueue=target.kueue)

    def own(self, raw: Mapping[str, Any], old: Mapping[str, Any] | None, request: Mapping[str, Any]) -> list[Finding]:
        """What the owner's own rules find in an object, the one that it replaces or None, and their request."""
        from webhook.policy.cel.subject import Subject  # noqa: PLC0415 (a policy without such rules needs no CEL)

        subject = Subject(raw, old, request)
        return [finding for rule in self.custom for finding in rule.findings(subject)]
