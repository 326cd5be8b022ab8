"""Files that are renewed under the running server: its certificate, and the CA by which it judges its callers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

from certs.reload import Outcome, Rotating, State

log = logging.getLogger(__name__)


class Renewed(StrEnum):
    """What may be renewed."""

    CERTIFICATE = "certificate"
    CLIENT_CA = "client CA"


async def follow(certificate: Rotating, seconds: float, tell: Callable[[Renewed, State], None]) -> None:
    """Takes up what is renewed soon after it arrives, and goes on with the old while the new is bad.

    `tell` takes what was swapped or refused, each time that it is looked at.
    """
    while True:
        await asyncio.sleep(seconds)
        now = datetime.now(UTC)
        for renewed, outcome in (
            (Renewed.CERTIFICATE, certificate.refresh(now)),
            (Renewed.CLIENT_CA, certificate.refresh_clients(now)),
        ):
            if outcome.state is not State.UNCHANGED:
                _log(renewed, outcome)
                tell(renewed, outcome.state)


def _log(renewed: Renewed, outcome: Outcome) -> None:
    if outcome.state is State.SWAPPED:
        log.info("serving with a new %s", renewed)
    else:
        log.error("still serving with the old %s: %s", renewed, outcome.error)


def expired(certificate: Rotating, now: datetime) -> str | None:
    """Why nobody can trust the certificate that is served; None where it is valid."""
    not_after = certificate.served.pair.not_after
    return None if now < not_after else f"the certificate was valid until {not_after:%Y-%m-%dT%H:%M:%SZ}"
