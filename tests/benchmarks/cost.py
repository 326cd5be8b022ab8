"""What policies cost: the same review under each of them, in turns, so that a noisy moment hits all."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
from time import thread_time_ns

from tests.benchmarks.cases import Case
from tests.benchmarks.load import Generator, Load
from tests.benchmarks.policies import Priced
from tests.benchmarks.servers import Cores, Server, running_ours
from webhook.admission import decide, response
from webhook.admission.decide import Verdict
from webhook.admission.review import Request, parse
from webhook.policy.policy import Policy

HEADINGS = ("case, policy", "told", "core CPU us", "core ratio", "served /s", "rate ratio")

CONNECTIONS = 16

_TURN = 10  # times that a policy is measured before the next has its turn
_WARM_UPS = 3

_WARM_UP_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Serving:
    """How the served rates are measured: on a server for each policy, for so many rounds of so many seconds."""

    servers: Sequence[Server]
    generator: Generator
    rounds: int
    seconds: float


@contextmanager
def running_servers(folder: Path, priced: Sequence[Priced], cores: Cores) -> Iterator[Sequence[Server]]:
    """Run a server of ours with each policy while the block lasts; all but one are idle at any time.

    Args:
        folder: an empty one, for policies, certificates and logs.
        priced: the policies, each served as a folder of files (`--policy`).
        cores: of which the servers' is taken.

    Raises:
        ServerFailedError: one ended before it was ready.
        DeadlinePassedError: one was not ready in time.
    """
    with ExitStack() as stack:
        servers = []
        for one in priced:
            own = folder / f"server-{one.name}"
            own.mkdir()
            servers.append(stack.enter_context(running_ours(own, cores, "--policy", one.written(folder))))
        yield servers


def rows(
    case: Case, priced: Sequence[Priced], *, repetitions: int, serving: Serving | None = None
) -> Iterator[Sequence[str]]:
    """Measure a case under each policy, and tell each as a row; the first policy is what the others are compared to.

    `core` is the processor's time for everything between a review's bytes and its answer's, JSON included, without
    HTTP and TLS: the median of the repetitions, and the ratio of the medians. The served rate is the median over the
    rounds, and its ratio the median of each round's own; there is none without ``serving``. `told` is how many
    findings, or fills, the answer tells.
    """
    today = datetime.now(UTC).date()
    verdicts = [_verdict(case, parse(case.body), one.policy, today) for one in priced]
    cores = _cores(case, [one.policy for one in priced], today, repetitions)
    rates = [()] * len(priced) if serving is None else _rates(case, verdicts, serving)
    for one, verdict, core, rate in zip(priced, verdicts, cores, rates, strict=True):
        told = verdict.denials, verdict.warnings, verdict.audited, verdict.exempt, verdict.fills
        yield (
            f"{case.name}, {one.name}",
            str(sum(map(len, told))),
            f"{core:.0f}",
            f"{core / cores[0]:.2f}",
            f"{median(rate):.0f}" if rate else "-",
            f"{median(own / base for own, base in zip(rate, rates[0], strict=True)):.2f}" if rate else "-",
        )


def _verdict(case: Case, request: Request, policy: Policy, today: date) -> Verdict:
    return decide.validate(request, policy, today) if case.endpoint == "validate" else decide.mutate(request, policy)


def _cores(case: Case, policies: Sequence[Policy], today: date, repetitions: int) -> Sequence[float]:
    gc.collect()
    gc.disable()  # the server, too, seldom looks for garbage
    try:
        turns = [[_turn(partial(_answer, case, one, today)) for one in policies] for _ in range(0, repetitions, _TURN)]
    finally:
        gc.enable()
    return [median(chain.from_iterable(side)) / 1000 for side in zip(*turns, strict=True)]


def _turn(run: Callable[[], bytes]) -> Sequence[int]:
    """A policy's turn, in nanoseconds of the processor's time, of which others on the machine take nothing.

    What the policy before has left in the processor's caches is worth up to as much as a small review, so the first
    times do not count.
    """
    for _ in range(_WARM_UPS):
        run()
    return [_nanoseconds(run) for _ in range(_TURN)]


def _nanoseconds(run: Callable[[], bytes]) -> int:
    start = thread_time_ns()
    run()
    return thread_time_ns() - start


def _answer(case: Case, policy: Policy, today: date) -> bytes:
    request = parse(case.body)
    return response.answer(request, _verdict(case, request, policy, today))


def _rates(case: Case, verdicts: Sequence[Verdict], serving: Serving) -> Sequence[Sequence[float]]:
    """How many reviews a second each server answers in each round, as its policy would have it."""
    asked = [
        (server, replace(case, allowed=verdict.allowed, patched=bool(verdict.fills)))
        for server, verdict in zip(serving.servers, verdicts, strict=True)
    ]
    for server, expected in asked:
        serving.generator.measure(server, expected, Load(CONNECTIONS, _WARM_UP_SECONDS))
    load = Load(CONNECTIONS, serving.seconds)
    rounds = [
        [serving.generator.measure(server, expected, load).per_second for server, expected in asked]
        for _ in range(serving.rounds)
    ]
    return list(zip(*rounds, strict=True))
