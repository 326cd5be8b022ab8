"""What is repeated is counted, and a fault in it is not lost."""

import itertools

import pytest

from tests.e2e.load import repeating
from tests.e2e.polling import until


def test_each_outcome_is_counted() -> None:
    turns = itertools.cycle(["yes", "no"])
    with repeating([lambda: next(turns)]) as outcomes:
        outcomes.wait_for_more(2)
        first = dict(outcomes.counts)
        outcomes.wait_for_more(2)

    assert first.keys() == {"yes", "no"}
    assert outcomes.counts.total() >= sum(first.values()) + 2


def test_what_an_action_raises_ends_the_block() -> None:
    def fail() -> str:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match=r"^gone$"), repeating([fail, lambda: "fine"]) as outcomes:
        outcomes.wait_for_more(1)


def test_each_action_is_waited_for() -> None:
    turns: list[str] = []

    def slow() -> str:
        until(lambda: len(turns) >= 4, what="the quick one", seconds=30, seen=lambda: str(turns))
        return "slow"

    def quick() -> str:
        turns.append("")
        return "quick"

    with repeating([slow, quick]) as outcomes:
        outcomes.wait_for_each(2)
        rounds = list(outcomes.rounds)

    assert min(rounds) >= 3
    assert outcomes.counts == {"slow": outcomes.rounds[0], "quick": outcomes.rounds[1]}
