"""What a policy comes to, on a few lines: whoever merges a change reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from webhook.policy.exemption import Exemption
from webhook.policy.policy import Policy
from webhook.rules.rule import Action


def summary(policy: Policy, today: date) -> Iterator[str]:
    """The lines: the rules of a policy and of each of its profiles by action, and what else there is in all of them."""
    every = (policy, *policy.profiles.values())
    yield f"policy {policy.digest} is valid"
    yield f"rules: {_by_action(policy)}"
    for name, profile in policy.profiles.items():
        yield f"rules of profile {name}: {_by_action(profile)}"
    places = {one.place for part in every for one in part.parts.overrides if one.matcher is not None}
    yield f"overrides: {len(places)}"
    yield f"custom rules: {len({rule.id for part in every for rule in part.parts.custom})}"
    exemptions = {str(one.place): one for part in every for one in part.parts.exemptions}
    yield from _exemptions(exemptions, today)


def _by_action(policy: Policy) -> str:
    """How many rules do what, for all whom no override concerns."""
    counts = Counter(setting.action for setting in policy.settings(policy.for_all).values())
    return ", ".join(f"{counts[action]} {action}" for action in Action)


def _exemptions(exemptions: Mapping[str, Exemption], today: date) -> Iterator[str]:
    """How many count, and each that no longer does or soon will not; by place."""
    expired = sum(not one.counts(today) for one in exemptions.values())
    yield f"exemptions: {len(exemptions) - expired} in force, {expired} expired"
    for place, one in exemptions.items():
        if one.ends_soon(today) or not one.counts(today):
            verb = "ends" if one.counts(today) else "expired"
            yield f"  {place}: {verb} on {one.part.expires}: {', '.join(one.part.rules)}: {one.part.why}"
