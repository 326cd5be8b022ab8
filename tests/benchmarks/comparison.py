"""Ours beside the Go webhook, case by case: the same load on both, in turns, so that a noisy moment hits both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from tests.benchmarks.cases import Case
from tests.benchmarks.load import Generator, Load, Measurement
from tests.benchmarks.rayjobs import Size
from tests.benchmarks.servers import Server

HEADINGS = (
    "case, connections",
    "ours /s",
    "go /s",
    "ratio",
    "goal",
    "ours p50 us",
    "go p50 us",
    "ours p99 us",
    "go p99 us",
    "ours CPU us",
    "go CPU us",
    "CPU ratio",
)

GOALS = {Size.SMALL: 1.5, Size.LARGE: 2.0}
"""How many times as many reviews as the Go webhook we want to answer, by size."""

_WARM_UP_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Duel:
    """A case on so many connections."""

    case: Case
    connections: int

    @property
    def name(self) -> str:
        return f"{self.case.name}-{self.connections}"


def row(
    duel: Duel,
    servers: tuple[Server, Server],
    generator: Generator,
    *,
    rounds: int,
    seconds: float,
) -> Iterator[str]:
    """Measure a case and tell it as one row: medians over the rounds; the ratio is the median of each round's own.

    CPU is per request, over all rounds, and its ratio the Go webhook's to ours: what is left to compare while somebody
    else is busy on the machine.
    """
    for server in servers:
        generator.measure(server, duel.case, Load(duel.connections, _WARM_UP_SECONDS))
    load = Load(duel.connections, seconds)
    pairs = [tuple(generator.measure(server, duel.case, load) for server in servers) for _ in range(rounds)]
    sides = tuple(zip(*pairs, strict=True))
    yield duel.name
    yield from (f"{median(one.per_second for one in side):.0f}" for side in sides)
    yield f"{median(ours.per_second / go.per_second for ours, go in pairs):.2f}"
    yield f"{GOALS[duel.case.size]:.1f}"
    yield from (f"{median(one.p50 for one in side):.0f}" for side in sides)
    yield from (f"{median(one.p99 for one in side):.0f}" for side in sides)
    ours_cpu, go_cpu = (_cpu(side) for side in sides)
    yield from (f"{ours_cpu:.0f}", f"{go_cpu:.0f}", f"{go_cpu / ours_cpu:.2f}")


def _cpu(side: Sequence[Measurement]) -> float:
    return fmean([one.cpu for one in side], weights=[one.requests for one in side])
