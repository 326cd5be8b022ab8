"""What a policy consists of, put together from its layers: what each rule does for all, and otherwise for some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from webhook.policy.exemption import Exemption
from webhook.policy.giving import Giving
from webhook.policy.layer import BUILT_IN, Change, Layer, attempt
from webhook.policy.match import Asked, Match, Matcher
from webhook.policy.node import Fault, Node, Place
from webhook.policy.setting import Entry, Setting, setting
from webhook.policy.validation import unknown
from webhook.rayjob.kuberay import Target
from webhook.rules.register import EVERY_RULE
from webhook.rules.rule import Action, Rule

if TYPE_CHECKING:
    from webhook.policy.cel.rule import Custom


@dataclass(frozen=True, slots=True)
class Override:
    """What is otherwise for some: ``matcher`` and ``place`` are None for what a profile says for all.

    One that is not ``trusted`` hangs on labels that an author may set, so it can only make actions stricter.
    """

    matcher: Matcher | None
    settings: Mapping[str, Setting]
    giving: Giving
    trusted: bool = True
    place: Place | None = None

    def concerns(self, asked: Asked) -> bool:
        """Whether it is for this review, whatever the object's labels."""
        return self.matcher is None or self.matcher.concerns(asked)

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether it is for an object with these labels, whoever asks."""
        return self.matcher is None or self.matcher.fits(labels)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a policy consists of; ``settings`` by rule id, custom rules included, where no override decides."""

    target: Target
    settings: Mapping[str, Setting]
    rules: tuple[Rule, ...] = EVERY_RULE
    custom: tuple[Custom, ...] = ()
    giving: Giving = field(default_factory=Giving)
    overrides: tuple[Override, ...] = ()
    exemptions: tuple[Exemption, ...] = ()


def assembled(target: Target, layers: Sequence[Layer], faults: list[Fault]) -> Parts:
    """The parts of a policy: of the layers the first is the uppermost, the last the one they are laid over.

    What an upper layer says of a rule, for all or for some, counts more than anything below. Adds to the faults.
    """
    *above, ground = layers
    custom = tuple(chain.from_iterable(layer.custom for layer in layers))
    trusted = frozenset(chain.from_iterable(layer.body.trusted_labels for layer in layers))
    declared = {rule.id: Setting(rule.action) for rule in EVERY_RULE}
    declared |= {rule.id: Setting(rule.action) for rule in custom}
    settings = declared | _settings(ground.said.entries, declared, faults)
    overrides: list[Override] = []
    for layer in above:
        said = Change(_over(layer.said.entries, ground.said.entries), layer.said.giving)
        below = {**ground.said.entries, **said.entries}
        overrides += _overrides(layer, below, declared, trusted, faults)
        overrides.append(Override(None, _settings(said.entries, declared, faults), said.giving))
    overrides += _overrides(ground, ground.said.entries, declared, trusted, faults)
    for layer in layers:
        faults += _loosened(layer, settings, overrides, trusted)
        faults += _unfit_exemptions(layer, trusted)
    exemptions = tuple(chain.from_iterable(map(_exemptions, layers)))
    return Parts(target, settings, EVERY_RULE, custom, ground.said.giving, tuple(overrides), exemptions)


def _over(entries: Mapping[str, Entry], below: Mapping[str, Entry]) -> dict[str, Entry]:
    """Entries, each with what it does not say taken from the one below it."""
    return {name: said.over(below[name]) if name in below else said for name, said in entries.items()}


def _settings(entries: Mapping[str, Entry], declared: Mapping[str, Setting], faults: list[Fault]) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    for name, said in entries.items():
        if name not in BUILT_IN:
            settings[name] = Setting(said.action or declared[name].action, None, said.node.place)
        elif (made := attempt(lambda: setting(BUILT_IN[name], said), faults)) is not None:  # noqa: B023 (called at once)
            settings[name] = made
    return settings


def _overrides(
    layer: Layer,
    said: Mapping[str, Entry],
    declared: Mapping[str, Setting],
    trusted: frozenset[str],
    faults: list[Fault],
) -> Iterator[Override]:
    for index, (part, change) in enumerate(zip(layer.body.overrides, layer.changes, strict=True)):
        settings = _settings(_over(change.entries, said), declared, faults)
        place = layer.node.at(("overrides", index)).place
        yield Override(Matcher.of(part.match), settings, change.giving, part.match.label_keys <= trusted, place)


def _exemptions(layer: Layer) -> Iterator[Exemption]:
    for index, part in enumerate(layer.body.exemptions):
        yield Exemption.of(part, layer.node.at(("exemptions", index)).place)


def _loosened(
    layer: Layer, settings: Mapping[str, Setting], overrides: Sequence[Override], trusted: frozenset[str]
) -> Iterator[Fault]:
    """Where a label that authors may set would choose among parameters, of which no one can say which are milder."""
    on: dict[str, set[Place | None]] = {name: set() for name in settings}
    for name, decided in chain(settings.items(), *(override.settings.items() for override in overrides)):
        if decided.action is not Action.OFF:
            on[name].add(decided.place)
    for part, change in zip(layer.body.overrides, layer.changes, strict=True):
        labels = _untrusted(part.match, trusted)
        for name, said in change.entries.items():
            if labels and said.given and on[name] - {said.node.place}:
                yield said.node.fault(
                    f"must not change parameters by {labels}, which authors may set; "
                    "trustedLabels names those that they may not",
                    on_key=True,
                )


def _unfit_exemptions(layer: Layer, trusted: frozenset[str]) -> Iterator[Fault]:
    for index, part in enumerate(layer.body.exemptions):
        node = layer.node.at(("exemptions", index))
        if labels := _untrusted(part.match, trusted):
            told = f"must not hang on {labels}, which authors may set; trustedLabels names those that they may not"
            yield node.at(("match",)).fault(told)
        for place, rule in enumerate(part.rules):
            if rule not in BUILT_IN and rule not in layer.ids:
                named: Node = node.at(("rules", place))
                yield named.fault(unknown("rule", rule, (*BUILT_IN, *sorted(layer.ids))))


def _untrusted(match: Match, trusted: frozenset[str]) -> str:
    """The labels on which a match hangs that are not trusted, as a fault's text names them; empty for none."""
    names = sorted(match.label_keys - trusted)
    return f"the label{'s' if len(names) > 1 else ''} {', '.join(names)}" if names else ""
