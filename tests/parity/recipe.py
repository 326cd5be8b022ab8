"""What a recipe is: a change to a RayJob, and the rules of KubeRay's operator that this breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.parity.draft import Draft

DELETION_POLICY = "RayJobDeletionPolicy"
EMBEDDED_STORAGE = "GCSFaultToleranceEmbeddedStorage"
HISTORY_SERVER = "RayClusterHistoryServer"
NETWORK_POLICY = "RayClusterNetworkPolicy"
MTLS = "RayClusterMTLS"
ON_SINCE = 6  # the minor release that turned the first of these on by default; the others are off by default
GATES = (DELETION_POLICY, EMBEDDED_STORAGE, HISTORY_SERVER, NETWORK_POLICY, MTLS)

# Minor release of KubeRay 1.x: the patch release whose operator gave the recorded verdicts.
RELEASES = {4: "1.4.2", 5: "1.5.1", 6: "1.6.2", 7: "1.7.0"}


@dataclass(frozen=True, slots=True)
class Operator:
    """KubeRay's operator: ``minor`` is its release 1.x, ``gates`` what it was told of its feature gates."""

    minor: int
    gates: Mapping[str, bool]

    def is_on(self, gate: str) -> bool:
        """Whether a feature gate is on."""
        return self.gates.get(gate, gate == DELETION_POLICY and self.minor >= ON_SINCE)


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that is broken: by releases from ``since`` to ``until``, with a gate on or off, None for any."""

    number: str
    since: int
    until: int
    gate: str | None
    state: bool

    def holds_in(self, minor: int) -> bool:
        """Whether a release can see it broken."""
        return self.since <= minor <= self.until

    def holds_for(self, operator: Operator) -> bool:
        """Whether this operator sees it broken."""
        return self.holds_in(operator.minor) and (self.gate is None or operator.is_on(self.gate) is self.state)


def breach(number: str, *, since: int = 4, until: int = 7, on: str | None = None, off: str | None = None) -> Breach:
    """A rule that is broken from one minor release to another, where a gate is on, or off."""
    return Breach(number, since, until, on or off, on is not None)


def behind(gate: str, closed: str, *numbers: str, since: int = 7, until: int = 7) -> tuple[Breach, ...]:
    """Rules that are broken where a gate is on, and the one that stands for them where it is off."""
    opened = (breach(number, since=since, until=until, on=gate) for number in numbers)
    return breach(closed, since=since, until=until, off=gate), *opened


@dataclass(frozen=True, slots=True)
class Recipe:
    """A change to a RayJob: what it is called, the rules that it breaks, none where it is harmless.

    ``parts`` names, in dotted form, what of the RayJob it changes or relies upon. Two recipes whose parts are apart
    (none is, or holds, one of the other) do not disturb each other.
    """

    name: str
    parts: tuple[str, ...]
    breaches: tuple[Breach, ...]
    change: Callable[[Draft], None]

    def broken_for(self, operator: Operator) -> frozenset[str]:
        """The numbers of the rules that an operator sees broken."""
        return frozenset(broken.number for broken in self.breaches if broken.holds_for(operator))

    def disturbs(self, other: Recipe) -> bool:
        """Whether the two cannot be followed in one RayJob."""
        return any(_overlap(mine, its) for mine in self.parts for its in other.parts)


def _overlap(part: str, other: str) -> bool:
    return part == other or part.startswith(f"{other}.") or other.startswith(f"{part}.")


def recipe(*parts: str, breaks: tuple[Breach, ...] = ()) -> Callable[[Callable[[Draft], None]], Recipe]:
    """Declares a change as a recipe, called as the function is."""

    def declare(change: Callable[[Draft], None]) -> Recipe:
        return Recipe(change.__name__.replace("_", "-"), parts, breaks, change)

    return declare
