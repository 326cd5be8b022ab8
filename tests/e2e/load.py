"""What several threads do over and over while a block lasts, and what came of it, counted."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from tests.e2e.polling import until

_PAUSE_SECONDS = 0.05
"""Between two rounds of a thread: all at full speed would take the two cores from what they are to observe."""

_MORE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How often an action ended in which way."""

    rounds: list[int]
    """How often each action has ended, in whichever way."""

    counts: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, action: int, outcome: str) -> None:
        """Count one."""
        with self._lock:
            self.rounds[action] += 1
            self.counts[outcome] += 1

    def wait_for_more(self, rounds: int) -> None:
        """Return when so many more have been counted: what holds now has been tried so often.

        Raises:
            DeadlinePassedError: they never came.
        """
        goal = self.counts.total() + rounds
        until(
            lambda: self.counts.total() >= goal,
            what=f"{rounds} more outcomes",
            seconds=_MORE_SECONDS,
            seen=lambda: repr(self.counts),
        )

    def wait_for_each(self, rounds: int) -> None:
        """Return when each action has begun and ended so many times from now on.

        Raises:
            DeadlinePassedError: one never did.
        """
        goals = [count + 1 + rounds for count in self.rounds]  # because one is under way, which began before
        until(
            lambda: all(count >= goal for count, goal in zip(self.rounds, goals, strict=True)),
            what=f"{rounds} more rounds of each action",
            seconds=_MORE_SECONDS,
            seen=lambda: repr(self),
        )


@contextmanager
def repeating(actions: Sequence[Callable[[], str]]) -> Iterator[Outcomes]:
    """Repeat each action in a thread of its own while the block lasts; what it returns is counted.

    Raises:
        Exception: at the end of the block, what the first of the actions to fail has raised; it is not repeated.
    """
    outcomes, ended = Outcomes([0] * len(actions)), Event()

    def repeat(number: int, action: Callable[[], str]) -> None:
        while not ended.wait(_PAUSE_SECONDS):
            outcomes.add(number, action())

    with ThreadPoolExecutor(len(actions)) as threads:
        repetitions = [threads.submit(repeat, *numbered) for numbered in enumerate(actions)]
        try:
            yield outcomes
        finally:
            ended.set()
        for repetition in repetitions:
            repetition.result()
