"""KubeRay's operator as our rules have it: those that claim a number of its own rules, and none besides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from tests.parity.decoder import decoded, writes_integer_as_float
from webhook.policy.ruling import Ruling
from webhook.policy.target import target
from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release
from webhook.rayjob.path import field
from webhook.rules.register import RULES
from webhook.rules.table import Table


def numbers(first: int, last: int) -> frozenset[str]:
    """The numbers of the operator's rules from one to another, both included."""
    return frozenset(f"R{number}" for number in range(first, last + 1))


# What the operator validates; the rest of the R numbers are the CRD's and the child cluster's. H1 to H4 are 1.4's.
OPERATOR = numbers(1, 122) | {"H1", "H2", "H3", "H4"}

# Fields of the interface that KubeRay does not know, though a rule that has a number of the operator's watches one.
_OURS = frozenset({field("spec.runtimeEnv"), field("status.status")})

_CLAIMED = MappingProxyType({rule.id: frozenset(rule.source) for rule in RULES})


@dataclass(frozen=True, slots=True)
class Layer:
    """Some of the operator's rules, for a KubeRay of one release with its feature gates."""

    table: Table
    release: Release

    def decodes(self, raw: dict[str, Any]) -> bool:
        """Whether the operator can decode a RayJob."""
        undecodable = any(departure.path not in _OURS for departure in self._job(raw).mistyped)
        return not (undecodable or writes_integer_as_float(raw, self.release))

    def broken(self, raw: dict[str, Any]) -> frozenset[str]:
        """The numbers of the rules that a RayJob breaks, as far as our rules tell them apart."""
        found = self.table.findings(self._job(raw))
        return frozenset[str]().union(*(_CLAIMED[finding.rule] for finding in found if finding.path not in _OURS))

    def _job(self, raw: dict[str, Any]) -> Job:
        """The RayJob as it was recorded: nothing is filled in."""
        return Job.of(decoded(raw), release=self.release)


def layer(scope: frozenset[str], release: str, gates: dict[str, bool]) -> Layer:
    """The rules with a number in `scope`, for a release `1.7.0` and what its operator was told of its gates.

    Raises:
        BadTarget: if there is no such release, or no such gate.
    """
    return _layer(scope, release, ",".join(f"{gate}={on}" for gate, on in gates.items()))


@cache
def _layer(scope: frozenset[str], release: str, gates: str) -> Layer:
    meant = target(release, gates)
    rules = (rule for rule in RULES if not scope.isdisjoint(rule.source))
    return Layer(Ruling.of(rules, {}, meant).table, meant.release)
