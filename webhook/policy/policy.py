"""A policy, ready to be asked: what it makes of a review, and who is exempt from what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain

from webhook.policy.exemption import Exemption
from webhook.policy.giving import Giving, given
from webhook.policy.match import Asked
from webhook.policy.parts import Parts
from webhook.policy.ruling import Ruling
from webhook.policy.setting import Setting, stricter
from webhook.rayjob.kuberay import Target
from webhook.rules.register import EVERY_RULE
from webhook.rules.rule import Action
from webhook.rules.table import Table

ASKERS = 256  # for whom it is kept which overrides concern them: the pipelines of a cluster, many times
COMBINATIONS = 256  # of overrides that match together, for which the ruling is kept


class Policy:
    """A policy: made once, then only read.

    ``digest`` tells two policies apart, and is empty for the one that no owner wrote. ``profiles`` are the policies
    that are laid over it, by name.
    """

    __slots__ = ("_concerning", "_ruling", "base", "digest", "parts", "profiles")

    def __init__(self, parts: Parts, digest: str = "", profiles: Mapping[str, Policy] | None = None) -> None:
        self.parts = parts
        self.digest = digest
        self.profiles = profiles or {}
        self._concerning = lru_cache(ASKERS)(self._for)
        self._ruling = lru_cache(COMBINATIONS)(self._of)
        self.base = self._of(self.for_all)

    @property
    def for_all(self) -> tuple[int, ...]:
        """The overrides that match every review, by index: what a profile says for all."""
        return tuple(index for index, override in enumerate(self.parts.overrides) if override.matcher is None)

    @property
    def asks(self) -> bool:
        """Whether it hangs on who asks for what."""
        return bool(self.parts.overrides or self.parts.exemptions)

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Every rule that may find something, here or in a profile, for someone or for all."""
        ids = dict.fromkeys(chain(self.parts.settings, *(profile.parts.settings for profile in self.profiles.values())))
        return tuple(ids)

    def matching(self, asked: Asked) -> tuple[int, ...]:
        """The overrides that match, by index."""
        concerning = self._concerning(asked.namespace, asked.operation, asked.username, tuple(asked.groups))
        overrides = self.parts.overrides
        return tuple(index for index in concerning if overrides[index].fits(asked.labels))

    def ruling(self, asked: Asked) -> Ruling:
        """What applies to a review."""
        if not self.parts.overrides:
            return self.base
        matching = self.matching(asked)
        return self._ruling(matching) if matching else self.base

    def settings(self, matching: Sequence[int]) -> dict[str, Setting]:
        """What each rule does where these overrides match: as the first of them says that names it.

        Those that hang on what an author may change never make it milder than it would be without them.
        """
        settings = dict(self.parts.settings)
        for override in (self.parts.overrides[index] for index in reversed(matching)):
            for rule, setting in override.settings.items():
                settings[rule] = setting if override.trusted else stricter(settings[rule], setting)
        return settings

    def setting(self, rule: str, matching: Sequence[int]) -> Setting:
        """What one rule does there."""
        return self.settings(matching)[rule]

    def giving(self, matching: Sequence[int]) -> tuple[Giving, ...]:
        """What is said of defaults where these overrides match; the first counts."""
        return (*(self.parts.overrides[index].giving for index in matching), self.parts.giving)

    def exemptions(self, asked: Asked, today: date) -> tuple[Exemption, ...]:
        """The exemptions that cover a review today."""
        return tuple(exemption for exemption in self.parts.exemptions if exemption.covers(asked, today))

    def _for(self, namespace: str, operation: str, username: str, groups: tuple[str, ...]) -> tuple[int, ...]:
        asked = Asked(namespace, operation, username, groups)
        return tuple(index for index, override in enumerate(self.parts.overrides) if override.concerns(asked))

    def _of(self, matching: tuple[int, ...]) -> Ruling:
        parts = self.parts
        settings = self.settings(matching)
        actions = {rule: setting.action for rule, setting in settings.items() if setting.action is not Action.OFF}
        in_force = [rule for rule in parts.rules if rule.id in actions and rule.holds_for(parts.target)]
        table = Table(rule.applied(settings[rule.id].parameters) for rule in in_force)
        custom = tuple(rule for rule in parts.custom if rule.id in actions)
        values, additions = given(self.giving(matching))
        return Ruling(actions, table, values, parts.target.release, additions, custom, parts.target.kueue)


def shipped(target: Target | None = None) -> Policy:
    """The policy of a cluster whose owner has decided nothing but its KubeRay: rules and defaults as declared."""
    return Policy(Parts(target or Target(), {rule.id: Setting(rule.action) for rule in EVERY_RULE}))
