"""What a policy makes of one review, as text: what applies, and from which line of which file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from webhook.cli.columns import aligned
from webhook.defaults.declared import DEFAULTS
from webhook.policy.giving import WHOLE, Giving, Off, given
from webhook.policy.match import Asked, Match
from webhook.policy.node import Place, Step, dotted
from webhook.policy.policy import Policy
from webhook.policy.setting import Setting
from webhook.rayjob.kuberay import Target
from webhook.rules.rule import Action

SHIPPED = "as shipped"

_Row = tuple[str, ...]


def applied(policy: Policy, asked: Asked, today: date, *, every: bool) -> Iterator[str]:
    """The lines; of the rules those that the policy decides on, or every one."""
    matching = policy.matching(asked)
    settings = policy.settings(matching)
    told = {rule: setting for rule, setting in settings.items() if every or setting.place is not None}
    said = policy.giving(matching)
    yield from aligned([*_question(policy, asked)])
    yield ""
    yield f"rules ({len(told)} of {len(settings)}{'' if every else f'; --all shows the rest, {SHIPPED}'}):"
    yield from _rules(policy, told)
    yield from _section("defaults:", [*_defaults(said)])
    yield from _section("added where the author is silent:", [*_added(said)])
    yield from _section("overrides that match, the first counts:", [*_overrides(policy, matching)])
    yield from _section("exemptions that match:", [*_exemptions(policy, asked, today)])


def _section(title: str, rows: Sequence[_Row]) -> Iterator[str]:
    if rows:
        yield ""
        yield title
        yield from (f"  {line}" for line in aligned(rows))


def _question(policy: Policy, asked: Asked) -> Iterator[_Row]:
    yield "asked:", f"{asked.operation} in namespace {asked.namespace}"
    groups = f", groups {', '.join(asked.groups)}" if asked.groups else ""
    yield "by:", (asked.username or "nobody known") + groups
    labels = ", ".join(f"{key}={value}" for key, value in asked.labels.items())
    yield "labels:", labels or "none"
    yield "policy:", policy.digest or SHIPPED
    yield "KubeRay:", _kuberay(policy.parts.target)


def _kuberay(target: Target) -> str:
    gates = [f"{gate}={str(is_on).lower()}" for gate, is_on in target.overrides.items()]
    scheduler = [f"scheduler {target.scheduler}"] if target.scheduler else []
    besides = {"no cert-manager": not target.cert_manager, "Kueue": target.kueue}
    return ", ".join([str(target.release), *gates, *scheduler, *(told for told, is_so in besides.items() if is_so)])


def _rules(policy: Policy, settings: Mapping[str, Setting]) -> Iterator[str]:
    """The rules, the strictest first, each with the parameters that it is given below it."""
    idle = {rule.id for rule in policy.parts.rules if not rule.holds_for(policy.parts.target)}
    by_action = sorted(settings, key=lambda rule: [*Action].index(settings[rule].action))
    rows = [(settings[rule].action, rule, str(settings[rule].place or SHIPPED)) for rule in by_action]
    for rule, line in zip(by_action, aligned(rows), strict=True):
        yield f"  {line}{', but not for this KubeRay' if rule in idle else ''}"
        for name, node in settings[rule].given.items():
            yield f"           {name}: {_json(node.raw)}  ({_seen_from(settings[rule].place, node.place)})"


def _seen_from(rule: Place | None, place: Place) -> str:
    """Where a parameter stands: its line, where it is in the file that decides on its rule."""
    return f"line {place.line}" if rule is not None and rule.file == place.file else str(place)


def _defaults(said: Sequence[Giving]) -> Iterator[_Row]:
    for default in DEFAULTS:
        giving = next((one for one in said if default.id in one.values), None)
        value = default.value if giving is None else giving.values[default.id]
        told = "off" if value is Off else "on" if value is None else _json(value)
        yield default.id, SHIPPED if giving is None else str(giving.places[default.id]), told


def _added(said: Sequence[Giving]) -> Iterator[_Row]:
    _, additions = given(said)
    raw = {} if additions is None else additions.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for steps, value in _leaves(raw, ()):
        giving = next(one for one in said if _has(one.added, steps))
        yield dotted(steps), str(giving.places["add"]), _json(value)


def _leaves(raw: Mapping[str, Any], above: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    for name, value in raw.items():
        if isinstance(value, dict) and name != WHOLE:
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


def _has(added: Any, steps: Sequence[Step]) -> bool:
    for step in steps:
        if step not in added:
            return False
        added = added[step]
    return True


def _overrides(policy: Policy, matching: Sequence[int]) -> Iterator[_Row]:
    for override in (policy.parts.overrides[index] for index in matching):
        if override.matcher is not None:
            bound = "" if override.trusted else " (only what is stricter: authors may set these labels)"
            yield str(override.place), _match(override.matcher.match) + bound


def _exemptions(policy: Policy, asked: Asked, today: date) -> Iterator[_Row]:
    for exemption in policy.parts.exemptions:
        if exemption.matcher.holds(asked):
            part = exemption.part
            verb = "until" if exemption.counts(today) else "expired"
            yield f"{verb} {part.expires}", str(exemption.place), f"{', '.join(part.rules)}: {part.why}"


def _match(match: Match) -> str:
    return _json(match.model_dump(mode="json", by_alias=True, exclude_unset=True))


def _json(raw: object) -> str:
    return orjson.dumps(raw).decode()
