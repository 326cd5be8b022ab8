"""The law of the rotation: whatever runs at once, in whatever order, a valid leaf is trusted at every instant.

Up to three runs take turns at each request to a cluster in memory, in an order that hypothesis chooses; between two
requests years may pass, a run end for good, a Secret be lost, or somebody write a CA of his own into a caBundle.
A leaf counts as served until servers must have taken up the next one; a caBundle counts, beside the present one, for
half a minute after it was changed, because another API server may not have seen the change.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from certs import bundle, secret
from certs.authority import AUTHORITY_LIFETIME, Authority
from certs.inject import ensure
from certs.kube import Reference
from certs.rotation import RELOAD
from tests.certs.memory import KEPT, Memory
from tests.certs.trust import trusts

START = datetime(2026, 3, 1, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LAG = 30 * SECOND
RUNS = range(3)


class Ended(BaseException):
    """The run is over, as by SIGKILL: like KeyboardInterrupt, nothing catches it."""


class Run:
    """A run of `ensure` in a thread, which stops before each request until it is its turn."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._turn, self._paused = threading.Semaphore(0), threading.Semaphore(0)
        self._wakes = world.now
        self._ended = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._paused.acquire()

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def go_on(self) -> None:
        """Let it do one request, or end its wait."""
        self._world.now = max(self._world.now, self._wakes)
        self._turn.release()
        self._paused.acquire()

    def end(self) -> None:
        self._ended = True
        self._turn.release()
        self._thread.join()

    def get(self, reference: Reference) -> dict[str, Any] | None:
        self._pause()
        return self._world.memory.get(reference)

    def create(self, reference: Reference, raw: Mapping[str, Any]) -> None:
        self._pause()
        self._world.memory.create(reference, raw)
        self._world.record()

    def update(self, reference: Reference, raw: Mapping[str, Any]) -> None:
        self._pause()
        self._world.memory.update(reference, raw)
        self._world.record()

    def _run(self) -> None:
        try:
            for _ in ensure(self, KEPT, lambda: self._world.now, self._wait):
                pass
        except Ended:
            pass
        finally:
            self._paused.release()

    def _wait(self, duration: timedelta) -> None:
        self._wakes = self._world.now + duration
        self._pause()

    def _pause(self) -> None:
        self._paused.release()
        self._turn.acquire()
        if self._ended:
            raise Ended


@dataclass(slots=True)
class World:
    """A cluster, its time, and what of its past still counts: each with the time at which it was replaced."""

    now: datetime = START
    memory: Memory = field(init=False)
    leaves: dict[bytes, datetime | None] = field(default_factory=dict)
    bundles: dict[bytes, datetime | None] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.memory = Memory(lambda: self.now)

    def record(self) -> None:
        """Take note of what is stored now."""
        stored = KEPT.leaf.path in self.memory.objects
        leaf = [self.memory.data(KEPT.leaf)["tls.crt"]] if stored else []
        for present, past in ((leaf, self.leaves), (self.memory.bundles(), self.bundles)):
            for one, replaced in past.items():
                past[one] = replaced or self.now
            past.update(dict.fromkeys(present))

    def judge(self) -> None:
        """Assert the law."""
        leaves = [one for one, replaced in self.leaves.items() if not replaced or self.now < replaced + RELOAD]
        bundles = [one for one, replaced in self.bundles.items() if not replaced or self.now < replaced + LAG]
        for leaf in filter(self._is_valid, leaves):
            # With a caBundle that is empty or expired nothing was trusted before either, so nothing is lost.
            for one in filter(self._is_valid, bundles):
                assert trusts(one, leaf, KEPT.dns_names[:1], self.now)

    def _is_valid(self, pem: bytes) -> bool:
        """Say if one of the certificates is valid now."""
        return any(one.not_valid_before_utc <= self.now <= one.not_valid_after_utc for one in bundle.certificates(pem))

    def proceed(self, number: int, requests: int) -> None:
        """Let a run do some requests, a new one where the last is over."""
        if number not in self.runs or self.runs[number].is_over:
            self.runs[number] = Run(self)
        for _ in range(requests):
            if not self.runs[number].is_over:
                self.runs[number].go_on()
                self.judge()

    def finish(self) -> None:
        """Let a run that nobody disturbs come to its end."""
        run = self.runs[len(RUNS)] = Run(self)
        while not run.is_over:
            run.go_on()
            self.judge()


@contextmanager
def world(authority: Authority | None, foreign: Authority | None) -> Iterator[World]:
    """Make a cluster that is served with a leaf of the authority, or of somebody else, or of nobody."""
    made = World()
    issuer = authority or foreign
    made.memory.register(issuer.certificate_pem if issuer else b"")
    if authority:
        made.memory.store(KEPT.authority, secret.of_authority(authority, ()))
    if issuer:
        made.memory.store(KEPT.leaf, secret.of_leaf(issuer.issue(KEPT.dns_names, (), START), issuer))
    made.record()
    try:
        yield made
    finally:
        for run in made.runs.values():
            if not run.is_over:
                run.end()


@dataclass(frozen=True, slots=True)
class Proceed:
    number: int
    requests: int

    def happen(self, world: World) -> None:
        world.proceed(self.number, self.requests)


@dataclass(frozen=True, slots=True)
class End:
    number: int

    def happen(self, world: World) -> None:
        if run := world.runs.pop(self.number, None):
            run.end()


@dataclass(frozen=True, slots=True)
class Pass:
    duration: timedelta

    def happen(self, world: World) -> None:
        world.now += self.duration


@dataclass(frozen=True, slots=True)
class Lose:
    reference: Reference

    def happen(self, world: World) -> None:
        world.memory.objects.pop(self.reference.path, None)
        world.record()


@dataclass(frozen=True, slots=True)
class Intrude:
    reference: Reference

    def happen(self, world: World) -> None:
        authority = Authority.create(common_name="somebody's", now=world.now)
        world.memory.add(self.reference, authority.certificate_pem)
        world.record()


EVENTS = st.one_of(
    st.builds(Proceed, st.sampled_from(RUNS), st.integers(1, 30)),
    st.builds(Proceed, st.sampled_from(RUNS), st.integers(1, 5)),
    st.builds(End, st.sampled_from(RUNS)),
    st.builds(Pass, st.sampled_from([SECOND, LAG, DAY / 24, 2 * DAY, 20 * DAY, 61 * DAY, 400 * DAY, 3500 * DAY])),
    st.builds(Lose, st.sampled_from([KEPT.authority, KEPT.leaf])),
    st.builds(Intrude, st.sampled_from(KEPT.configurations)),
)
AGES = st.sampled_from([timedelta(0), AUTHORITY_LIFETIME - 181 * DAY, AUTHORITY_LIFETIME - 60 * DAY])


def authority(age: timedelta) -> Authority:
    return Authority.create(common_name="first", now=START - age, permitted_dns=KEPT.dns_names)


EXPIRING = Authority.create(
    common_name="first", now=START - AUTHORITY_LIFETIME + 60 * DAY, permitted_dns=KEPT.dns_names
)
LASTING = Authority.create(common_name="first", now=START, permitted_dns=KEPT.dns_names)

# A round is four requests to read and one to write; a rotation has rounds for the CA, two configurations, the waiting,
# the leaf.
TO_THE_LEAF, TO_THE_END = 24, 60


@settings(max_examples=50)
@given(
    st.none() | st.builds(authority, AGES),
    st.none() | st.just(Authority.create(common_name="somebody's", now=START)),
    st.lists(EVENTS, max_size=40),
)
# What chance seldom brings about. A run that sleeps over two days just before it writes the leaf:
@example(EXPIRING, None, [Proceed(0, TO_THE_LEAF), Pass(2 * DAY), Proceed(0, TO_THE_END)])
# one that has read something, then the CA is replaced, and is about to sign when the first goes on:
@example(
    LASTING,
    None,
    [Pass(2 * DAY), Proceed(0, 1), Lose(KEPT.authority), Proceed(1, TO_THE_LEAF), Proceed(0, 4), Proceed(1, 1)],
)
# and one that has read all but one object when the CA is replaced, and forgotten.
@example(
    LASTING,
    None,
    [
        Proceed(0, 3),
        Lose(KEPT.authority),
        Proceed(1, TO_THE_END),
        Pass(2 * DAY),
        Proceed(1, TO_THE_END),
        Proceed(0, 2),
    ],
)
def test_a_valid_leaf_is_trusted_at_every_instant_and_one_ca_remains(
    first: Authority | None, foreign: Authority | None, events: list[Proceed | End | Pass | Lose | Intrude]
) -> None:
    with world(first, foreign) as cluster:
        for event in events:
            event.happen(cluster)
            cluster.judge()
        for _ in range(2):  # one may only begin a rotation
            cluster.finish()
            cluster.now += RELOAD + SECOND
            cluster.judge()
        cluster.finish()
        kept, served = cluster.memory.data(KEPT.authority), cluster.memory.data(KEPT.leaf)
        assert (kept["retired.crt"], set(cluster.memory.bundles())) == (b"", {kept["tls.crt"]})
        assert trusts(kept["tls.crt"], served["tls.crt"], KEPT.dns_names, cluster.now)
