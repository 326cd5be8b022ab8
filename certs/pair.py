"""The pair a server serves with: `tls.crt`, `tls.key` and perhaps `ca.crt` of one folder, judged as a whole.

The folder is a Secret of type `kubernetes.io/tls`, filled by cert-manager and mounted by the kubelet, which replaces it
as a whole: `tls.crt` links to `..data/tls.crt`, and `..data` to a folder that gives way to a new one.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.authority import Authority, Leaf, authority_fault

_CERTIFICATE: Final = "tls.crt"
_KEY: Final = "tls.key"
_CA: Final = "ca.crt"

# What cryptography raises for bytes that are no certificate or no key (TypeError: an encrypted key without a password).
UNDECODABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class PairError(Exception):
    """There is no pair to serve with; the message says in which file, what it must be, what it is (never a key)."""


@dataclass(frozen=True, slots=True)
class Files:
    """What the files of a folder hold, byte for byte; `ca_pem` is None where an issuer does not tell its CA."""

    folder: Path
    certificate_pem: bytes
    key_pem: bytes = field(repr=False)
    ca_pem: bytes | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate chain with the leaf's key, and what is asked of the leaf; `fingerprint` is SHA-256 in hex."""

    files: Files
    not_after: datetime
    dns_names: tuple[str, ...]
    ip_addresses: tuple[str, ...]
    fingerprint: str


def read(folder: Path, now: datetime) -> Pair:
    """Read the folder and judge what it holds.

    Raises:
        PairError: when `load` or `judge` raises it.
    """
    return judge(load(folder), now)


def load(folder: Path) -> Files:
    """Read the files, all of one generation where the kubelet mounted them.

    Raises:
        PairError: when `tls.crt` or `tls.key` cannot be read, or `ca.crt` exists and cannot.
    """
    # Followed once, so that a swap between two reads does not mix one generation's certificate with the next one's key.
    generation = folder / "..data"
    source = generation.resolve() if generation.is_dir() else folder
    return Files(
        folder=folder,
        certificate_pem=_content(source / _CERTIFICATE),
        key_pem=_content(source / _KEY),
        ca_pem=(_content(source / _CA) or None) if (source / _CA).exists() else None,
    )


def judge(files: Files, now: datetime) -> Pair:
    """Return the pair that the files are: one that clients accept now, if they trust the CA.

    Raises:
        PairError: when a file does not decode; when the leaf is not valid now, has no name or is not for servers; when
            the key is not the leaf's; when there is a `ca.crt` and it has no valid CA from which the leaf descends.
    """
    path = files.folder / _CERTIFICATE
    with _decoding(path, "PEM certificates, each whole, the leaf first"):
        leaf, *intermediates = whole_certificates(files.certificate_pem)
        public_key, issuer = leaf.public_key(), leaf.issuer.rfc4514_string()
        pair = _describe(files, leaf)
        if fault := _leaf_fault(pair, leaf, now):
            raise PairError(f"{path}: {fault}")
    path = files.folder / _KEY
    with _decoding(path, "one private key as PEM, unencrypted"):
        if load_pem_private_key(files.key_pem, password=None).public_key() != public_key:
            raise PairError(f"{path}: must be the key of {_CERTIFICATE}, is that of another certificate")
    if files.ca_pem is not None:
        path = files.folder / _CA
        with _decoding(path, "PEM certificates, each whole"):
            roots = whole_certificates(files.ca_pem)
            if not _trusted(leaf, intermediates, roots, now):
                has = ", ".join(f"{root.subject.rfc4514_string()!r} until {root.not_valid_after_utc}" for root in roots)
                must = f"must hold a CA above {_CERTIFICATE} (issued by {issuer!r}), valid now"
                raise PairError(f"{path}: {must}: has {has}")
    return pair


def write(folder: Path, leaf: Leaf, authority: Authority) -> None:
    """Write the three files, each of which a reader finds old or new, never half; between two of them, `judge` refuses.

    The folder is made if it is missing, for its owner only; the key is for its owner only in any case.

    Raises:
        PairError: when the folder cannot be written to.
    """
    files = (
        (_CA, authority.certificate_pem, 0o644),
        (_KEY, leaf.key_pem, 0o600),
        (_CERTIFICATE, leaf.certificate_pem, 0o644),
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # In the same folder, because a rename is atomic only within one file system.
        with tempfile.TemporaryDirectory(prefix=".", dir=folder) as unfinished:
            for name, content, mode in files:
                file = Path(unfinished, name)
                file.touch(mode)
                file.write_bytes(content)
                file.replace(folder / name)
    except OSError as error:
        raise PairError(f"{folder}: must be a folder to write {_CERTIFICATE} to, is not: {error.strerror}") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PairError(f"{path}: must be a file to read, is not: {error.strerror}") from error


@contextmanager
def _decoding(path: Path, what: str) -> Iterator[None]:
    """Turn whatever cryptography raises into a sentence about the file. Its own words may quote what they are about."""
    try:
        yield
    except UNDECODABLE as error:
        raise PairError(f"{path}: must be {what}, is not") from error


def whole_certificates(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates, at least one, of which each must be whole.

    Raises:
        ValueError: when one is not, or when there is none; and whatever else is `UNDECODABLE`.
    """
    certificates = x509.load_pem_x509_certificates(pem)
    # A block without an end is skipped in silence: a half-written file would lose its intermediates.
    if len(certificates) != pem.count(b"-----BEGIN "):
        raise ValueError("a block is no whole certificate")
    return certificates


def _describe(files: Files, leaf: x509.Certificate) -> Pair:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    return Pair(
        files=files,
        not_after=leaf.not_valid_after_utc,
        dns_names=tuple(names.get_values_for_type(x509.DNSName)),
        ip_addresses=tuple(str(address) for address in names.get_values_for_type(x509.IPAddress)),
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(),
    )


def _leaf_fault(pair: Pair, leaf: x509.Certificate, now: datetime) -> str | None:
    """Return why clients would refuse the leaf, whoever signed it; None if they would not."""
    if not is_valid(leaf, now):
        return f"must be valid now ({now}), is so from {leaf.not_valid_before_utc} until {pair.not_after}"
    if not pair.dns_names and not pair.ip_addresses:
        return "must have a DNS name or an IP address among its subject alternative names, has none"
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None  # without limits (RFC 5280, 4.2.1.12)
    if {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}.isdisjoint(usages):
        return "must have serverAuth among its extended key usages, has not"
    return None


def _trusted(
    certificate: x509.Certificate, others: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: datetime
) -> bool:
    """Say if the certificate is a root or descends from one, directly or over the others, in whatever order."""
    if certificate in roots or any(_issued(root, certificate, now) for root in roots):
        return True
    return any(
        _issued(other, certificate, now) and _trusted(other, [one for one in others if one != other], roots, now)
        for other in others
    )


def _issued(issuer: x509.Certificate, certificate: x509.Certificate, now: datetime) -> bool:
    """Say if the issuer is a CA, valid now, that signed the certificate."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (*UNDECODABLE, InvalidSignature):
        return False
    return authority_fault(issuer) is None and is_valid(issuer, now)


def is_valid(certificate: x509.Certificate, now: datetime) -> bool:
    """Say if the certificate has begun and not ended."""
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
