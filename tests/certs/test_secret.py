from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certs import secret
from certs.authority import Authority, service_names
from tests.certs import forge

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = service_names("webhook", "ray")

AUTHORITY, OTHER = (Authority.create(common_name=name, now=NOW, permitted_dns=NAMES) for name in ("CA", "other"))
LEAF = AUTHORITY.issue(NAMES, (), NOW)
CA_DATA = secret.of_authority(AUTHORITY, ())
LEAF_DATA = secret.of_leaf(LEAF, AUTHORITY)

NOT_ITS_KEY = "tls.key must be the ECDSA key of tls.crt, as PEM, unencrypted, is not"


def key_pem(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def test_the_ca_comes_back_as_it_was_put_there():
    data = secret.of_authority(AUTHORITY, [OTHER.certificate])

    found = secret.authority(data, NAMES)

    assert isinstance(found, Authority)
    assert (found.certificate, found.key_pem) == (AUTHORITY.certificate, AUTHORITY.key_pem)
    assert secret.replaced(data) == (OTHER.certificate,)
    assert secret.recorded(data) == (AUTHORITY.certificate, OTHER.certificate)


def test_the_data_are_those_of_a_tls_secret_and_what_was_replaced_without_a_key():
    assert secret.of_authority(AUTHORITY, [OTHER.certificate]) == {
        "tls.crt": AUTHORITY.certificate_pem,
        "tls.key": AUTHORITY.key_pem,
        "retired.crt": OTHER.certificate_pem,
    }
    assert {"tls.crt": LEAF.certificate_pem, "tls.key": LEAF.key_pem, "ca.crt": AUTHORITY.certificate_pem} == LEAF_DATA


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"tls.crt": b""}, "tls.crt must be a certificate, is not"),
        ({"tls.crt": b"garbage"}, "tls.crt must be a certificate, is not"),
        ({"tls.crt": LEAF.certificate_pem}, "tls.crt: basic constraints must say that it is a CA"),
        ({"tls.key": b""}, NOT_ITS_KEY),
        ({"tls.key": b"garbage"}, NOT_ITS_KEY),
        ({"tls.key": OTHER.key_pem}, NOT_ITS_KEY),
        ({"tls.key": key_pem(AUTHORITY.private_key, BestAvailableEncryption(b"password"))}, NOT_ITS_KEY),
        ({"tls.key": key_pem(rsa.generate_private_key(65537, 2048))}, NOT_ITS_KEY),
    ],
)
def test_a_ca_that_cannot_sign_is_none(changes, fault):
    assert secret.authority({**CA_DATA, **changes}, NAMES) == fault


def test_half_a_secret_is_no_ca():
    assert secret.authority({}, NAMES) == "tls.crt must be a certificate, is not"
    assert secret.authority({"tls.crt": AUTHORITY.certificate_pem}, NAMES) == NOT_ITS_KEY


def test_where_there_is_no_secret_there_is_nothing():
    assert secret.authority(None, NAMES) == "there is none"
    assert secret.leaf(None, AUTHORITY, NAMES, NOW) == "there is none"
    assert (secret.replaced(None), secret.recorded(None)) == ((), ())


def test_a_ca_that_may_not_certify_the_names_of_the_service_is_none():
    assert secret.authority(CA_DATA, service_names("renamed", "ray")) == (
        "tls.crt: renamed.ray.svc: must be within what the CA may certify "
        "(webhook.ray.svc, webhook.ray.svc.cluster.local, webhook.ray, webhook)"
    )


def test_a_ca_whose_extensions_cannot_be_read_is_none():
    undecodable = x509.UnrecognizedExtension(x509.BasicConstraints.oid, b"garbage")
    forged = forge.authority(AUTHORITY, NOW, undecodable)

    fault = secret.authority({"tls.crt": forged.certificate_pem, "tls.key": forged.key_pem}, NAMES)

    assert isinstance(fault, str)
    assert fault.startswith("tls.crt: ")


def test_the_leaf_comes_back_as_it_was_put_there():
    assert secret.leaf(LEAF_DATA, AUTHORITY, NAMES, NOW) == LEAF.certificate


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"tls.crt": b""}, "tls.crt: must be PEM certificates, each whole, the leaf first, is not"),
        ({"tls.key": b""}, "tls.key: must be one private key as PEM, unencrypted, is not"),
        ({"tls.key": OTHER.key_pem}, "tls.key: must be the key of tls.crt, is that of another certificate"),
        ({"ca.crt": b"garbage"}, "ca.crt: must be PEM certificates, each whole, is not"),
        ({"ca.crt": b""}, "ca.crt: must be PEM certificates, each whole, is not"),
        (
            {"ca.crt": AUTHORITY.certificate_pem + OTHER.certificate_pem},
            "ca.crt must be the present CA, is not",
        ),
    ],
)
def test_a_leaf_that_servers_would_refuse_is_none(changes, fault):
    assert secret.leaf({**LEAF_DATA, **changes}, AUTHORITY, NAMES, NOW) == fault


def test_half_a_secret_is_no_leaf():
    assert secret.leaf({"tls.crt": LEAF.certificate_pem}, AUTHORITY, NAMES, NOW) == (
        "tls.key: must be one private key as PEM, unencrypted, is not"
    )


def test_an_expired_leaf_is_none():
    assert secret.leaf(LEAF_DATA, AUTHORITY, NAMES, NOW + 91 * DAY) == (
        "tls.crt: must be valid now (2026-05-31 00:00:00+00:00), "
        "is so from 2026-02-28 23:55:00+00:00 until 2026-05-30 00:00:00+00:00"
    )


@pytest.mark.parametrize("issuer", [OTHER, Authority(OTHER.certificate, AUTHORITY.private_key)])
def test_a_leaf_of_another_ca_is_none(issuer):
    assert secret.leaf(LEAF_DATA, issuer, NAMES, NOW) == "tls.crt must be of the present CA, is not"


def test_a_leaf_of_a_namesake_is_none():
    namesake = Authority.create(common_name="CA", now=NOW)

    assert secret.leaf(LEAF_DATA, namesake, NAMES, NOW) == "tls.crt must be of the present CA, is not"


@pytest.mark.parametrize(
    ("names", "addresses", "has"),
    [
        (NAMES[:2], (), "webhook.ray.svc, webhook.ray.svc.cluster.local"),
        (NAMES, ("127.0.0.1",), f"{', '.join(NAMES)}, 127.0.0.1"),
    ],
)
def test_a_leaf_is_for_the_names_of_the_service_and_nothing_else(names, addresses, has):
    issuer = Authority.create(common_name="CA", now=NOW)
    data = secret.of_leaf(issuer.issue(names, addresses, NOW), issuer)

    assert secret.leaf(data, issuer, NAMES, NOW) == f"tls.crt must be for {', '.join(NAMES)}, is for {has}"
