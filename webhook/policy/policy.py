"""A policy, ready to be asked: the rules in force with their actions, and the defaults that are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webhook.defaults.declared import SHIPPED
from webhook.rayjob.kuberay import NEWEST, Release, Target
from webhook.rules.register import RULES
from webhook.rules.rule import Action, Rule
from webhook.rules.table import Table


@dataclass(frozen=True, slots=True)
class Policy:
    """``actions`` by rule id, for the rules in ``table`` (no rule that is off); ``defaults`` are their values by id.

    ``release`` is the KubeRay release that the jobs are meant for.
    """

    actions: Mapping[str, Action]
    table: Table
    defaults: Mapping[str, object]
    release: Release = NEWEST

    @classmethod
    def of(cls, rules: Iterable[Rule], defaults: Mapping[str, object], target: Target) -> Policy:
        """The policy in which the given rules, those that hold for the target, do what they declare."""
        in_force = tuple(rule for rule in rules if rule.action is not Action.OFF and rule.holds_for(target))
        actions = {rule.id: rule.action for rule in in_force}
        return cls(actions, Table(in_force), defaults, target.release)


def shipped(target: Target | None = None) -> Policy:
    """The policy of a cluster whose owner has decided nothing but its KubeRay: rules and defaults as declared."""
    return Policy.of(RULES, SHIPPED, target or Target())
