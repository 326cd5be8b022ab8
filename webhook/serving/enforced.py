"""The policy that is in force, followed through the changes of its files: a broken one leaves the last good."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from certs.reload import State
from webhook.policy.loading import load
from webhook.policy.node import BadPolicy, Fault
from webhook.policy.policy import Policy, shipped
from webhook.policy.target import Said
from webhook.serving import policy_files

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Broken:
    """What was wrong with the files when they were last looked at, and since when."""

    since: datetime
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The texts of the files, or why they cannot be read."""

    texts: tuple[tuple[str, str], ...] = ()
    faults: tuple[Fault, ...] = ()


def _look(names: Iterable[str]) -> _Seen:
    try:
        return _Seen(tuple(policy_files.read(names)))
    except BadPolicy as bad:
        return _Seen(faults=bad.faults)


def _policy(seen: _Seen, said: Said) -> Policy:
    if seen.faults:
        raise BadPolicy(seen.faults)
    return load(seen.texts, said)


@dataclass(frozen=True, slots=True)
class Change:
    """What the files hold that they did not hold before: a policy, or faults where there is none."""

    seen: _Seen
    policy: Policy | None = None
    faults: tuple[str, ...] = ()


class Enforced:
    """The policy of files, or the shipped one where there are none.

    ``policy`` is what decides now, ``loaded`` when it was read, and ``broken`` is None unless the files hold something
    else that cannot be enforced. `take` replaces them, together.
    """

    __slots__ = ("_names", "_said", "_seen", "broken", "loaded", "policy")

    def __init__(self, names: Sequence[str], said: Said, now: datetime) -> None:
        """Reads the policy of the files and directories with these names.

        Raises:
            BadPolicy: if it cannot be read, or has a fault.
            BadTarget: if there is no file, and no such KubeRay as is said.
        """
        self._names = tuple(names)
        self._said = said
        self._seen = _look(self._names)
        self.policy = _policy(self._seen, said) if self._names else shipped(said.target())
        self.loaded = now
        self.broken: Broken | None = None

    def look(self) -> Change | None:
        """What has changed in the files since the last `take`; None where nothing has. By itself it changes nothing.

        What was refused is judged anew only when the files have changed once more.
        """
        seen = _look(self._names)
        if seen == self._seen:
            return None
        try:
            return Change(seen, _policy(seen, self._said))
        except BadPolicy as bad:
            return Change(seen, faults=tuple(map(str, bad.faults)))
        except Exception:
            # A door: a fault of ours in reading what an owner wrote must not end servers that have a good policy.
            log.exception("a policy could not be read")
            return Change(seen, faults=("the webhook failed to read it; its log says why",))

    def take(self, change: Change, now: datetime) -> State:
        """Takes up a good new policy whole, refuses a broken one and keeps the old."""
        self._seen = change.seen
        if change.policy is None:
            self.broken = Broken(now, change.faults)
            return State.REFUSED
        self.policy, self.loaded, self.broken = change.policy, now, None
        return State.SWAPPED

    def told(self, now: datetime) -> dict[str, Any]:
        """What an operator asks for: which policy, since when, from where, and what is wrong with the files now."""
        broken = self.broken
        return {
            "digest": self.policy.digest,
            "loaded": self.loaded.isoformat(timespec="seconds"),
            "ageSeconds": round((now - self.loaded).total_seconds()),
            "source": self._names,
            "profiles": sorted(self.policy.profiles),
            "lastError": broken and {"since": broken.since.isoformat(timespec="seconds"), "faults": broken.faults},
        }


async def follow(enforced: Enforced, seconds: float, tell: Callable[[State], None]) -> None:
    """Takes up a changed policy soon after it arrives, and goes on with the old while the new is broken.

    `tell` takes what was swapped or refused. A policy is read beside the reviews, in a thread of its own: one of many
    expressions takes a while to compile. It is taken up here, and told in the same turn of the loop: whoever asks which
    policy is in force hears of none that does not decide yet.
    """
    while True:
        await asyncio.sleep(seconds)
        change = await asyncio.to_thread(enforced.look)
        if change is None:
            continue
        state = enforced.take(change, datetime.now(UTC))
        if enforced.broken is None:
            log.info("enforcing policy %s", enforced.policy.digest)
        else:
            log.error("still enforcing policy %s: %s", enforced.policy.digest, "; ".join(enforced.broken.faults))
        tell(state)
