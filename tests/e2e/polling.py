"""Waiting for what another process does in its own time, never longer than a deadline."""

import time
from collections.abc import Callable

_PAUSE_SECONDS = 0.1
"""Between two questions. One costs up to 0.1 s of CPU (a kubectl): to ask faster would slow down what we wait for."""


class DeadlinePassedError(Exception):
    """What was waited for did not happen; the message says what, for how long, and what was seen instead."""


def until(done: Callable[[], bool], *, what: str, seconds: float, seen: Callable[[], str]) -> None:
    """Ask `done` until it says yes.

    Args:
        done: the question; it may raise to end the waiting early.
        what: completes the sentence "waited N s for ...".
        seconds: how long to ask at most.
        seen: what there is to see when it never came, a log's tail for instance; read only then.

    Raises:
        DeadlinePassedError: `seconds` are over and `done` never said yes.
    """
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise DeadlinePassedError(f"waited {seconds:g} s for {what}; instead:\n{seen()}")
        time.sleep(_PAUSE_SECONDS)
