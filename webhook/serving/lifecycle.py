"""From the first request to the last: when the server is ready, when it drains, when it stops.

A Pod that ends is told so before its callers know: they go on calling for as long as the endpoints take to change,
on connections that they keep. So on SIGTERM the server is no longer ready, but answers on, each time asking the
caller to close the connection; whoever dials again then finds another Pod. A second signal, or SIGINT, stops it now.
"""

from __future__ import annotations

import asyncio
import signal


class Lifecycle:
    """The state of a run; belongs to the event loop in which it is made."""

    __slots__ = ("_drain_seconds", "_stopped", "draining")

    def __init__(self, drain_seconds: float) -> None:
        self._drain_seconds = drain_seconds
        self._stopped = asyncio.Event()
        self.draining = False

    def follow_signals(self) -> None:
        """Lets SIGTERM and SIGINT of this process end the run."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.drain)
        loop.add_signal_handler(signal.SIGINT, self.stop)

    def drain(self) -> None:
        """Ends the run after the time to drain, or now if it is draining already."""
        if self.draining:
            self.stop()
        else:
            self.draining = True
            asyncio.get_running_loop().call_later(self._drain_seconds, self.stop)

    def stop(self) -> None:
        """Ends the run now."""
        self.draining = True
        self._stopped.set()

    async def stopped(self) -> None:
        """Returns when the run is to end."""
        await self._stopped.wait()
