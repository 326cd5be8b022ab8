import dataclasses
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from certs import pair
from certs.authority import Authority, Leaf
from certs.pair import Files, Pair, PairError
from tests.certs import forge

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ["webhook.ray.svc", "webhook"]
FOLDER = Path("/tls")
NAMED = x509.SubjectAlternativeName([x509.DNSName("webhook")])
IS_CA = x509.BasicConstraints(ca=True, path_length=None)

AUTHORITY = Authority.create(common_name="webhook CA", now=NOW)
LEAF = AUTHORITY.issue(NAMES, ["127.0.0.1", "::1"], NOW)
GOOD = Files(FOLDER, LEAF.certificate_pem, LEAF.key_pem, AUTHORITY.certificate_pem)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def forged(*extensions: x509.ExtensionType) -> Files:
    """Return the files of a leaf with these extensions only."""
    leaf = forge.authority(AUTHORITY, NOW, *extensions)
    return Files(FOLDER, leaf.certificate_pem, leaf.key_pem, AUTHORITY.certificate_pem)


def fault(files: Files, now: datetime = NOW) -> str:
    with pytest.raises(PairError) as caught:
        pair.judge(files, now)
    return str(caught.value)


def test_a_pair_says_what_its_leaf_is() -> None:
    assert pair.judge(GOOD, NOW) == Pair(
        files=GOOD,
        not_after=NOW + 90 * DAY,
        dns_names=("webhook.ray.svc", "webhook"),
        ip_addresses=("127.0.0.1", "::1"),
        fingerprint=LEAF.certificate.fingerprint(hashes.SHA256()).hex(),
    )


@pytest.mark.parametrize("days", [0, 90])
def test_a_pair_is_good_from_the_first_second_to_the_last(days: int) -> None:
    assert pair.judge(GOOD, NOW + days * DAY).not_after == NOW + 90 * DAY


@pytest.mark.parametrize("now", [NOW - timedelta(minutes=5, seconds=1), NOW + 90 * DAY + timedelta(seconds=1)])
def test_a_leaf_is_valid_now(now: datetime) -> None:
    assert fault(GOOD, now) == (
        f"/tls/tls.crt: must be valid now ({now}), is so from 2026-02-28 23:55:00+00:00 until 2026-05-30 00:00:00+00:00"
    )


def test_a_leaf_has_a_name() -> None:
    assert fault(forged()) == (
        "/tls/tls.crt: must have a DNS name or an IP address among its subject alternative names, has none"
    )


def test_a_leaf_of_an_address_alone_will_do() -> None:
    leaf = AUTHORITY.issue([], ["::1"], NOW)
    files = Files(FOLDER, leaf.certificate_pem, leaf.key_pem, None)
    found = pair.judge(files, NOW)
    assert (found.dns_names, found.ip_addresses) == ((), ("::1",))


def test_a_leaf_for_clients_only_is_refused() -> None:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    assert fault(forged(NAMED, usage)) == ("/tls/tls.crt: must have serverAuth among its extended key usages, has not")


@pytest.mark.parametrize(
    "usages",
    [
        [],
        [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH])],
        [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])],
    ],
)
def test_a_leaf_for_servers_too_will_do(usages: list[x509.ExtensionType]) -> None:
    assert pair.judge(forged(NAMED, *usages), NOW).dns_names == ("webhook",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no certificate",
        LEAF.key_pem,
        LEAF.certificate_pem + LEAF.key_pem,
        LEAF.certificate_pem[:-30],
        LEAF.certificate_pem + AUTHORITY.certificate_pem[:-30],
        LEAF.certificate_pem + b"-----BEGIN CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ],
)
def test_certificates_are_whole_pem_and_nothing_else(content: bytes) -> None:
    assert fault(dataclasses.replace(GOOD, certificate_pem=content)) == (
        "/tls/tls.crt: must be PEM certificates, each whole, the leaf first, is not"
    )
    if content:
        assert fault(dataclasses.replace(GOOD, ca_pem=content)) == (
            "/tls/ca.crt: must be PEM certificates, each whole, is not"
        )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no key",
        LEAF.certificate_pem,
        LEAF.key_pem[:-40],
        LEAF.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")),
    ],
)
def test_a_key_is_whole_pem_and_not_encrypted(content: bytes) -> None:
    assert fault(dataclasses.replace(GOOD, key_pem=content)) == (
        "/tls/tls.key: must be one private key as PEM, unencrypted, is not"
    )


def test_a_key_of_another_certificate_is_refused() -> None:
    other = AUTHORITY.issue(NAMES, [], NOW)
    assert fault(dataclasses.replace(GOOD, key_pem=other.key_pem)) == (
        "/tls/tls.key: must be the key of tls.crt, is that of another certificate"
    )


def test_a_key_of_another_kind_is_refused() -> None:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert fault(dataclasses.replace(GOOD, key_pem=key)) == (
        "/tls/tls.key: must be the key of tls.crt, is that of another certificate"
    )


def test_an_rsa_key_in_openssls_own_format_will_do() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = forge.certificate(key.public_key(), AUTHORITY, NOW, NAMED)
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    files = Files(FOLDER, pem(certificate), key_pem, AUTHORITY.certificate_pem)
    assert pair.judge(files, NOW).dns_names == ("webhook",)


UPPER = forge.authority(AUTHORITY, NOW, IS_CA)
LOWER = forge.authority(UPPER, NOW, IS_CA)
BELOW = LOWER.issue(NAMES, [], NOW)
OTHER = Authority.create(common_name="webhook CA", now=NOW)


@pytest.mark.parametrize(
    ("chain", "roots"),
    [
        ([LOWER, UPPER], [AUTHORITY]),
        ([UPPER, LOWER], [AUTHORITY]),
        ([LOWER, OTHER, UPPER], [OTHER, AUTHORITY]),
        ([LOWER, UPPER, AUTHORITY], [AUTHORITY]),
        ([LOWER], [UPPER]),
        ([], [LOWER]),
        ([], [BELOW]),
    ],
    ids=["in order", "out of order", "among strangers", "with the root", "from the middle", "direct", "itself"],
)
def test_a_leaf_descends_from_a_ca_of_the_bundle(chain: list[Authority], roots: list[Authority | Leaf]) -> None:
    sent = pem(BELOW.certificate, *(one.certificate for one in chain))
    files = Files(FOLDER, sent, BELOW.key_pem, pem(*(one.certificate for one in roots)))
    assert pair.judge(files, NOW).files == files


@pytest.mark.parametrize(
    ("chain", "roots"),
    [
        ([LOWER], [AUTHORITY]),
        ([UPPER], [AUTHORITY]),
        ([LOWER, UPPER], [OTHER]),
        ([LOWER, UPPER, AUTHORITY], [OTHER]),
    ],
    ids=["upper missing", "lower missing", "another of its name", "a root in the chain only"],
)
def test_a_leaf_without_a_path_to_the_bundle_is_refused(chain: list[Authority], roots: list[Authority]) -> None:
    sent = pem(BELOW.certificate, *(one.certificate for one in chain))
    assert fault(Files(FOLDER, sent, BELOW.key_pem, pem(*(one.certificate for one in roots)))) == (
        "/tls/ca.crt: must hold a CA above tls.crt (issued by 'CN=forged'), valid now: "
        "has 'CN=webhook CA' until 2036-02-27 00:00:00+00:00"
    )


def test_a_leaf_of_an_expired_ca_is_refused() -> None:
    issuer = forge.authority(AUTHORITY, NOW, IS_CA)
    leaf = forge.certificate(LEAF.private_key.public_key(), issuer, NOW, NAMED, days=90)
    files = Files(FOLDER, pem(leaf), LEAF.key_pem, issuer.certificate_pem)
    assert pair.judge(files, NOW).not_after == NOW + 90 * DAY
    assert fault(files, NOW + 2 * DAY) == (
        "/tls/ca.crt: must hold a CA above tls.crt (issued by 'CN=forged'), valid now: "
        "has 'CN=forged' until 2026-03-02 00:00:00+00:00"
    )


def test_a_leaf_signed_by_what_is_no_ca_is_refused() -> None:
    issuer = forge.authority(AUTHORITY, NOW)
    leaf = issuer.issue(NAMES, [], NOW)
    files = Files(FOLDER, leaf.certificate_pem, leaf.key_pem, issuer.certificate_pem)
    assert fault(files).startswith("/tls/ca.crt: must hold a CA above tls.crt (issued by 'CN=forged'), valid now: ")


def test_without_a_bundle_nobody_asks_who_signed() -> None:
    assert pair.judge(dataclasses.replace(GOOD, ca_pem=None), NOW).files.ca_pem is None


def test_a_message_is_one_line_whatever_a_certificate_is_called() -> None:
    odd = Authority.create(common_name="a\nb\x1b[31m", now=NOW)
    assert fault(dataclasses.replace(GOOD, ca_pem=odd.certificate_pem)).isprintable()


def test_neither_a_message_nor_a_printed_pair_shows_a_key() -> None:
    half = GOOD.key_pem[:-40]
    shown = fault(dataclasses.replace(GOOD, key_pem=half)) + repr(pair.judge(GOOD, NOW))
    assert [line for line in GOOD.key_pem.decode().splitlines()[1:-1] if line in shown] == []


def verdict(files: Files) -> str:
    try:
        return pair.judge(files, NOW).fingerprint
    except PairError as error:
        return str(error)


# A serial number below one is what cryptography warns of; it will refuse it one day, and so will we then.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(deadline=None)  # how long a busy machine takes is not the question
@given(st.sampled_from([GOOD.certificate_pem, GOOD.key_pem, AUTHORITY.certificate_pem]), st.data())
def test_whatever_bytes_the_files_hold_there_is_a_pair_or_a_refusal(good: bytes, data: st.DataObject) -> None:
    begin, *body, end = good.splitlines()
    der = bytearray(b64decode(b"".join(body)))
    at = data.draw(st.integers(0, len(der) - 1))
    der[at] = data.draw(st.integers(0, 255))
    bent = b"\n".join((begin, b64encode(der), end))
    broken = data.draw(st.sampled_from([bent, good[:at], good[:at] + b"?" + good[at + 1 :]]))
    alternatives = (
        dataclasses.replace(GOOD, certificate_pem=broken),
        dataclasses.replace(GOOD, key_pem=broken),
        dataclasses.replace(GOOD, ca_pem=broken),
    )
    assert all(verdict(files).isprintable() for files in alternatives)


def test_what_is_written_reads_back_as_a_pair(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "tls"
    pair.write(folder, LEAF, AUTHORITY)
    assert pair.read(folder, NOW) == pair.judge(dataclasses.replace(GOOD, folder=folder), NOW)
    assert {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())} == {
        "tls": 0o700,
        "tls.crt": 0o644,
        "tls.key": 0o600,
        "ca.crt": 0o644,
    }


def test_a_written_file_replaces_the_old_one_and_never_changes_it(tmp_path: Path) -> None:
    pair.write(tmp_path, LEAF, AUTHORITY)
    (tmp_path / "tls.key").chmod(0o644)
    with (tmp_path / "tls.crt").open("rb") as old:
        half = old.read(100)
        newer = AUTHORITY.issue(NAMES, [], NOW)
        pair.write(tmp_path, newer, AUTHORITY)
        assert half + old.read() == LEAF.certificate_pem
    assert pair.read(tmp_path, NOW).files.certificate_pem == newer.certificate_pem
    assert (tmp_path / "tls.key").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"tls.crt", "tls.key", "ca.crt"}


def test_a_folder_that_cannot_be_written_to_is_refused_and_left_tidy(tmp_path: Path) -> None:
    (tmp_path / "tls.key").mkdir()
    with pytest.raises(PairError) as caught:
        pair.write(tmp_path, LEAF, AUTHORITY)
    assert str(caught.value) == f"{tmp_path}: must be a folder to write tls.crt to, is not: Is a directory"
    assert {path.name for path in tmp_path.iterdir()} == {"tls.key", "ca.crt"}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for name in ("tls.crt", "tls.key"):
        with pytest.raises(PairError) as caught:
            pair.load(tmp_path)
        assert str(caught.value) == f"{tmp_path / name}: must be a file to read, is not: No such file or directory"
        (tmp_path / name).touch()
    assert pair.load(tmp_path) == Files(tmp_path, b"", b"", None)


def test_a_ca_that_is_there_must_be_readable_and_may_be_empty(tmp_path: Path) -> None:
    pair.write(tmp_path, LEAF, AUTHORITY)
    (tmp_path / "ca.crt").write_bytes(b"")
    assert pair.load(tmp_path).ca_pem is None
    (tmp_path / "ca.crt").unlink()
    (tmp_path / "ca.crt").mkdir()
    with pytest.raises(PairError) as caught:
        pair.load(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'ca.crt'}: must be a file to read, is not: Is a directory"
