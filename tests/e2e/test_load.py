"""What is repeated is counted, and a fault in it is not lost."""

import itertools

import pytest

from tests.e2e.load import repeating


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
