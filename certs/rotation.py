"""The rotation of CA and leaf: from what there is, and what time it is, follows the one next step.

    new CA into the Secret, the old one retired → both into every caBundle → (a minute) → new leaf → (a day) → the old
    CA out of the Secret → out of every caBundle

Whatever a run finds, half done by another or broken, is a state in this table: there is no other memory. A certificate
enters the caBundles before anything that it signed is served, and leaves them after; in between, the CA's Secret says
what they must hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from certs import bundle, secret
from certs.authority import LEAF_LIFETIME, Authority

# A third of its time: a month of daily runs may fail before a leaf expires.
RENEW_LEAF: Final = LEAF_LIFETIME / 3
# One lifetime, so that the CA never cuts a leaf short; and as long again for somebody to see that the rotation fails.
RENEW_AUTHORITY: Final = 2 * LEAF_LIFETIME
# From the writing of a leaf until no server presents the one before. A kubelet brings a Secret within two minutes (its
# sync period, and what it may cache), a server looks every few seconds; one whose kubelet cannot reach the API server
# is no endpoint after another. A day also outlasts the rollout that brings servers from another issuer's Secret to
# ours, and costs nothing: the retired CA has no key any more.
RELOAD: Final = timedelta(days=1)
# From the writing of a caBundle until every API server acts on it. A watch brings it in well under a second; a minute
# is what a watch takes that broke and is set up anew.
PROPAGATION: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class State:
    """What there is.

    `authority` and `leaf` are the Secrets' data, None where there is no Secret. `bundles` has the caBundle of each
    webhook, by the configuration's kind. `known` is the CA, if any, that every API server is known to trust. `written`
    is when the leaf was stored, by the API server's clock: its own dates are of when somebody thought of writing it.
    """

    dns_names: tuple[str, ...]
    authority: secret.Data | None = field(repr=False)
    leaf: secret.Data | None = field(repr=False)
    written: datetime | None
    bundles: Mapping[str, tuple[bytes, ...]]
    known: x509.Certificate | None = None


@dataclass(frozen=True, slots=True)
class NewAuthority:
    """Make a CA and put it into its Secret, with these retired."""

    reason: str
    retired: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class Retire:
    """Change which CAs are trusted beside the present one; none means that an overlap is over."""

    authority: Authority
    retired: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """Write the caBundle of every webhook in the configuration of this kind."""

    kind: str
    trusted: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """Wait until every API server acts on the caBundles, in which this CA is new."""

    authority: x509.Certificate
    duration: timedelta = PROPAGATION


@dataclass(frozen=True, slots=True)
class NewLeaf:
    """Let the CA sign a leaf and put it into its Secret."""

    authority: Authority
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Do nothing before this time, and then what comes next."""

    what: str
    at: datetime


Write = NewAuthority | Retire | Trust | NewLeaf


def decide(state: State, now: datetime) -> Write | Rest | Settled:
    """Return the next step: one write at most, of one object."""
    bundled = [one for pems in state.bundles.values() for pem in pems for one in bundle.certificates(pem)]
    authority = _authority(state, now)
    if isinstance(authority, str):
        return NewAuthority(authority, _unexpired((*secret.recorded(state.authority), *bundled), now))
    retired = secret.replaced(state.authority)
    trusted = (authority.certificate, *retired)
    leaf = _leaf(state, authority, now)
    # Without a date (there always is one) an overlap would not end, which is no harm.
    taken_up = (state.written or now) + RELOAD
    overlaps = isinstance(leaf, str) or now < taken_up
    # Somebody else's CA, which may be why the servers were trusted so far. While they may serve what it signed, it is
    # retired like one of ours; after that, all it does is to let others answer in our place.
    foreign = _unexpired((one for one in bundled if one not in trusted), now)
    if foreign and overlaps:
        return Retire(authority, (*retired, *foreign))
    for kind, pems in state.bundles.items():
        if any(pem != bundle.pem(trusted) for pem in pems):
            return Trust(kind, trusted)
    if isinstance(leaf, str):
        # Where nothing is retired, nothing is served that would be trusted while this leaf is not yet.
        rests = retired and state.known != authority.certificate
        return Rest(authority.certificate) if rests else NewLeaf(authority, leaf)
    if retired and not overlaps:
        return Retire(authority, ())
    return _settled(authority, leaf, taken_up if retired else None)


def _authority(state: State, now: datetime) -> Authority | str:
    """Return the CA that signs, or why there must be a new one."""
    authority = secret.authority(state.authority, state.dns_names)
    if not isinstance(authority, str) and now >= authority.certificate.not_valid_after_utc - RENEW_AUTHORITY:
        return f"the present one expires on {authority.certificate.not_valid_after_utc:%Y-%m-%d}"
    return authority


def _leaf(state: State, authority: Authority, now: datetime) -> x509.Certificate | str:
    """Return the leaf to serve, or why there must be a new one."""
    leaf = secret.leaf(state.leaf, authority, state.dns_names, now)
    if not isinstance(leaf, str) and now >= leaf.not_valid_after_utc - RENEW_LEAF:
        return f"the present one expires on {leaf.not_valid_after_utc:%Y-%m-%d}"
    return leaf


def _settled(authority: Authority, leaf: x509.Certificate, overlap_ends: datetime | None) -> Settled:
    coming = [
        Settled("a new certificate", leaf.not_valid_after_utc - RENEW_LEAF),
        Settled("a new CA", authority.certificate.not_valid_after_utc - RENEW_AUTHORITY),
    ]
    if overlap_ends:
        coming.append(Settled("the end of trust in what was replaced", overlap_ends))
    return min(coming, key=lambda settled: settled.at)


def _unexpired(certificates: Iterable[x509.Certificate], now: datetime) -> tuple[x509.Certificate, ...]:
    """Return those that may still vouch for something, each once."""
    return tuple(dict.fromkeys(one for one in certificates if now <= one.not_valid_after_utc))
