"""What a policy makes of a RayJob that somebody creates or updates: it is completed, then judged, as in a cluster."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from webhook.admission import patch
from webhook.admission.decide import Verdict, mutate, validate
from webhook.admission.review import Operation, Request, of_file
from webhook.defaults.fill import Fill
from webhook.policy.loading import load
from webhook.policy.policy import Policy
from webhook.policy.target import Said
from webhook.rayjob import goyaml

FOLDER = Path(__file__).parents[2] / "manifests/policies"

TODAY = date(2026, 11, 24)


@cache
def policy(name: str, profile: str = "", *, kueue: bool | None = None) -> Policy:
    """The policy in a file of the folder, or one of its profiles; a server may be told that Kueue is there."""
    whole = load([(f"{name}.yaml", text(name))], Said(kueue=kueue))
    return whole.profiles[profile] if profile else whole


def text(name: str) -> str:
    """A policy as it is written."""
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of a RayJob, by rule and by default, each named once and in the order of the alphabet."""

    denied: Sequence[str] = ()
    warned: Sequence[str] = ()
    audited: Sequence[str] = ()
    exempt: Sequence[str] = ()
    filled: Sequence[str] = ()

    def of_rules(self, by: Policy) -> "Told":
        """The same without what is filled, and without rules of which the policy itself says nothing.

        What else is wrong with a RayJob hangs on KubeRay's rules and on Kueue's, of which there are more each time.
        """
        told = (self.denied, self.warned, self.audited, self.exempt)
        return Told(*(tuple(rule for rule in rules if rule in set_by(by)) for rules in told))


def set_by(policy: Policy) -> frozenset[str]:
    """The rules of which a policy's text says something that is for all."""
    own = {rule.id for rule in policy.parts.custom}
    return frozenset(own | {rule for rule, setting in policy.parts.settings.items() if setting.place})


@dataclass(frozen=True, slots=True)
class Author:
    """Who creates RayJobs, and where."""

    namespace: str
    username: str = ""
    groups: Sequence[str] = ()

    def creates(self, raw: dict[str, Any], by: Policy, today: date = TODAY) -> Told:
        """What a policy makes of a new RayJob."""
        fills, verdict = self.judged(raw, by, today=today)
        return Told(
            _named(finding.rule for finding in verdict.denials),
            _named(finding.rule for finding in (*verdict.standing, *verdict.warnings)),
            _named(finding.rule for finding in verdict.audited),
            _named(one.finding.rule for one in verdict.exempt),
            _named(fill.default for fill in fills),
        )

    def stored(self, raw: dict[str, Any], by: Policy) -> dict[str, Any]:
        """A new RayJob as the API server stores it: completed."""
        return patch.applied(raw, patch.operations(raw, mutate(self._request(raw), by).fills))

    def judged(
        self, raw: dict[str, Any], by: Policy, old: dict[str, Any] | None = None, today: date = TODAY
    ) -> tuple[tuple[Fill, ...], Verdict]:
        """What is filled into a RayJob, and the verdict on what comes out; ``old`` is the stored one at an update."""
        request = self._request(raw)
        if old is not None:
            request = request._replace(operation=Operation.UPDATE, old_object=old)
        fills = mutate(request, by).fills
        completed = patch.applied(raw, patch.operations(raw, fills))
        return fills, validate(request._replace(object=completed), by, today)

    def _request(self, raw: dict[str, Any]) -> Request:
        return of_file(raw, self.namespace)._replace(username=self.username, groups=self.groups)


def _named(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))


def rayjob(written: str) -> dict[str, Any]:
    """The RayJob in a text of YAML."""
    read = goyaml.load(written)
    assert isinstance(read, dict), read
    return read
