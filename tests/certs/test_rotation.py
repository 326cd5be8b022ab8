"""The table of the rotation, row by row: what there is and what time it is, and the step that follows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from certs import bundle, secret
from certs.authority import AUTHORITY_LIFETIME, Authority, service_names
from certs.rotation import (
    PROPAGATION,
    RELOAD,
    RENEW_AUTHORITY,
    RENEW_LEAF,
    NewAuthority,
    NewLeaf,
    Rest,
    Retire,
    Settled,
    State,
    Trust,
    decide,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
NAMES = service_names("webhook", "ray")
KINDS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


def authority(name, begin=NOW):
    return Authority.create(common_name=name, now=begin, permitted_dns=NAMES)


OLD, NEW, FOREIGN = authority("old"), authority("new"), authority("foreign")
EXPIRED = authority("expired", NOW - AUTHORITY_LIFETIME - DAY)


def trusting(*authorities):
    """Return a caBundle of these."""
    return bundle.pem(one.certificate for one in authorities)


def bundles(mutating, validating=None):
    """Return the caBundles of configurations with two webhooks each."""
    return dict(zip(KINDS, ((mutating,) * 2, (mutating if validating is None else validating,) * 2), strict=True))


def leaf(issuer, begin=NOW):
    return secret.of_leaf(issuer.issue(NAMES, (), begin), issuer)


def state(present, retired=(), *, leaf, bundles, written=NOW):
    """Return a state whose CA's Secret holds the present CA and what was retired."""
    data = secret.of_authority(present, [one.certificate for one in retired])
    return State(NAMES, data, leaf, written, bundles)


def same(step, expected):
    """Say if both are the same step; two private keys are equal by nothing but what they sign, so they are left out."""
    if isinstance(step, Retire | NewLeaf) and isinstance(expected, Retire | NewLeaf):
        assert step.authority.certificate == expected.authority.certificate
        step = replace(step, authority=expected.authority)
    return step == expected


NOTHING = State(NAMES, None, None, None, bundles(b""))
AT_REST = state(NEW, leaf=leaf(NEW), bundles=bundles(trusting(NEW)))

OVERLAPPING = state(NEW, [OLD], leaf=leaf(NEW), bundles=bundles(trusting(NEW, OLD)))
ROTATING = state(NEW, [OLD], leaf=leaf(OLD), bundles=bundles(trusting(NEW, OLD)))

OF_ANOTHER = "tls.crt must be of the present CA, is not"


@pytest.mark.parametrize(
    ("given", "step"),
    [
        # From nothing.
        (NOTHING, NewAuthority("there is none", ())),
        (state(NEW, leaf=None, bundles=bundles(b"")), Trust(KINDS[0], (NEW.certificate,))),
        (state(NEW, leaf=None, bundles=bundles(trusting(NEW), b"")), Trust(KINDS[1], (NEW.certificate,))),
        (state(NEW, leaf=None, bundles=bundles(trusting(NEW))), NewLeaf(NEW, "there is none")),
        (AT_REST, Settled("a new certificate", NOW + 60 * DAY)),
        # A rotation.
        (
            state(NEW, [OLD], leaf=leaf(OLD), bundles=bundles(trusting(OLD))),
            Trust(KINDS[0], (NEW.certificate, OLD.certificate)),
        ),
        (
            state(NEW, [OLD], leaf=leaf(OLD), bundles=bundles(trusting(NEW, OLD), trusting(OLD))),
            Trust(KINDS[1], (NEW.certificate, OLD.certificate)),
        ),
        (ROTATING, Rest(NEW.certificate, PROPAGATION)),
        (replace(ROTATING, known=OLD.certificate), Rest(NEW.certificate, PROPAGATION)),
        (replace(ROTATING, known=NEW.certificate), NewLeaf(NEW, OF_ANOTHER)),
        (OVERLAPPING, Settled("the end of trust in what was replaced", NOW + RELOAD)),
        (
            state(NEW, leaf=leaf(NEW), bundles=bundles(trusting(NEW, OLD)), written=NOW - RELOAD),
            Trust(KINDS[0], (NEW.certificate,)),
        ),
        # What is broken.
        (replace(AT_REST, authority=None), NewAuthority("there is none", (NEW.certificate,))),
        (
            replace(AT_REST, authority={"tls.crt": NEW.certificate_pem, "retired.crt": trusting(OLD)}),
            NewAuthority(
                "tls.key must be the ECDSA key of tls.crt, as PEM, unencrypted, is not",
                (NEW.certificate, OLD.certificate),
            ),
        ),
        (
            replace(AT_REST, dns_names=service_names("webhook", "elsewhere")),
            NewAuthority(
                "tls.crt: webhook.elsewhere.svc: must be within what the CA may certify "
                "(webhook.ray.svc, webhook.ray.svc.cluster.local, webhook.ray, webhook)",
                (NEW.certificate,),
            ),
        ),
        (replace(AT_REST, leaf=None, written=None), NewLeaf(NEW, "there is none")),
        (
            replace(AT_REST, leaf={**leaf(NEW), "tls.key": b""}),
            NewLeaf(NEW, "tls.key: must be one private key as PEM, unencrypted, is not"),
        ),
        (replace(AT_REST, bundles=bundles(trusting(NEW), b"garbage")), Trust(KINDS[1], (NEW.certificate,))),
        (replace(AT_REST, bundles={KINDS[0]: (trusting(NEW), b""), KINDS[1]: ()}), Trust(KINDS[0], (NEW.certificate,))),
        (replace(AT_REST, bundles={KINDS[0]: (), KINDS[1]: ()}), Settled("a new certificate", NOW + 60 * DAY)),
        # Somebody else's CA.
        (
            State(NAMES, None, None, None, bundles(trusting(FOREIGN))),
            NewAuthority("there is none", (FOREIGN.certificate,)),
        ),
        (
            state(NEW, leaf=leaf(NEW), bundles=bundles(trusting(NEW), trusting(NEW, FOREIGN))),
            Retire(NEW, (FOREIGN.certificate,)),
        ),
        (
            state(NEW, [OLD], leaf=None, written=None, bundles=bundles(trusting(FOREIGN))),
            Retire(NEW, (OLD.certificate, FOREIGN.certificate)),
        ),
        (state(NEW, leaf=leaf(NEW), bundles=bundles(trusting(NEW, EXPIRED))), Trust(KINDS[0], (NEW.certificate,))),
        (
            state(NEW, leaf=leaf(NEW), bundles=bundles(trusting(NEW, FOREIGN)), written=NOW - RELOAD),
            Trust(KINDS[0], (NEW.certificate,)),
        ),
        (
            State(NAMES, {"tls.crt": EXPIRED.certificate_pem}, None, None, bundles(trusting(EXPIRED))),
            NewAuthority("tls.key must be the ECDSA key of tls.crt, as PEM, unencrypted, is not", ()),
        ),
    ],
)
def test_a_state_has_one_next_step(given, step):
    assert same(decide(given, NOW), step)


def test_a_ca_is_replaced_two_lifetimes_of_a_leaf_before_its_end():
    end = NEW.certificate.not_valid_after_utc
    day = end - RENEW_AUTHORITY
    given = replace(AT_REST, leaf=leaf(NEW, day - DAY))

    assert RENEW_AUTHORITY == 180 * DAY
    assert decide(given, day - SECOND) == Settled("a new CA", day)
    assert decide(given, day) == NewAuthority(f"the present one expires on {end:%Y-%m-%d}", (NEW.certificate,))


def test_a_leaf_is_replaced_a_third_of_its_lifetime_before_its_end():
    day = NOW + 60 * DAY

    assert RENEW_LEAF == 30 * DAY
    assert decide(AT_REST, day - SECOND) == Settled("a new certificate", day)
    assert same(decide(AT_REST, day), NewLeaf(NEW, "the present one expires on 2026-05-30"))


def test_an_overlap_ends_a_day_after_the_leaf_was_written_whatever_its_own_dates_say():
    written = NOW + 3 * DAY
    given = replace(OVERLAPPING, written=written)

    assert RELOAD == DAY
    assert decide(given, written + DAY - SECOND) == Settled("the end of trust in what was replaced", written + DAY)
    assert same(decide(given, written + DAY), Retire(NEW, ()))


def test_an_overlap_whose_beginning_is_not_known_goes_on():
    given = replace(OVERLAPPING, written=None)

    assert decide(given, NOW + 9 * DAY) == Settled("the end of trust in what was replaced", NOW + 10 * DAY)


def test_a_leaf_that_expires_during_an_overlap_does_not_end_it():
    day = NOW + 60 * DAY
    given = replace(OVERLAPPING, written=NOW, known=NEW.certificate)

    assert same(decide(given, day), NewLeaf(NEW, "the present one expires on 2026-05-30"))


def test_a_state_shows_no_key():
    assert "tls.key" not in repr(AT_REST)
    assert b"PRIVATE" not in repr(AT_REST).encode()
