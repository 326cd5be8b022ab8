"""How much is asked at once, and when that is too much.

The API server waits and calls again where a webhook answers 503 with Retry-After (client-go does so up to ten times
within the call's timeout), so that shedding turns overload into delay and not into denials.
"""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet

RETRY_AFTER = (b"retry-after", b"1")  # whole seconds are all that client-go reads


class Load:
    """The calls that are being served or wait for their turn; ``limit`` of them at once are served, no more.

    ``served`` is how many bodies are being received. Calls that merely arrived in the same turn of the event loop do
    not count against each other: were a burst shed because of its size, all of it would come back together, a second
    later, until the API server gives up.
    """

    __slots__ = ("_calls", "_limit", "served")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.served = 0
        self._calls: AbstractSet[asyncio.Task[None]] = frozenset()

    def watch(self, calls: AbstractSet[asyncio.Task[None]]) -> None:
        """Takes the server's own set of running calls, which counts a call from its headers on."""
        self._calls = calls

    @property
    def in_flight(self) -> int:
        """How many calls there are now."""
        return len(self._calls)

    @property
    def is_full(self) -> bool:
        """Whether a further call must be shed."""
        return self.served >= self._limit
