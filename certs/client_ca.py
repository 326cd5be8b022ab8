"""The CA of the callers: a PEM bundle, judged as a whole, from which a client's certificate must descend."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from certs.authority import authority_fault
from certs.pair import UNDECODABLE, is_valid, whole_certificates


class ClientCAError(Exception):
    """There is no CA to judge callers by; the message says in which file, what it must be, what it is."""


@dataclass(frozen=True, slots=True)
class ClientCA:
    """A bundle of CAs; from `not_after` on, when the last of them ends, it vouches for nobody.

    `pem` is the file byte for byte; `der` is its certificates alone, for OpenSSL, which takes PEM in ASCII only.
    """

    path: Path
    pem: bytes
    der: bytes
    not_after: datetime


def read(path: Path, now: datetime) -> ClientCA:
    """Read the file and judge what it holds.

    Raises:
        ClientCAError: when `load` or `judge` raises it.
    """
    return judge(path, load(path), now)


def load(path: Path) -> bytes:
    """Read the file, which is replaced as a whole where the kubelet mounted it.

    Raises:
        ClientCAError: when it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ClientCAError(f"{path}: must be a file to read, is not: {error.strerror}") from error


def judge(path: Path, pem: bytes, now: datetime) -> ClientCA:
    """Return the bundle; while a CA is rotated, one that has ended may stand in it beside its successor.

    Raises:
        ClientCAError: when it does not decode, holds what is no CA, or holds none that is valid now.
    """
    try:
        certificates = whole_certificates(pem)
        faults = [fault for certificate in certificates if (fault := authority_fault(certificate))]
        subjects = [certificate.subject.rfc4514_string() for certificate in certificates]
    except UNDECODABLE as error:
        raise ClientCAError(f"{path}: must be PEM certificates, each whole, is not") from error
    if faults:
        raise ClientCAError(f"{path}: must hold nothing but CAs, has what is none: {faults[0]}")
    if not any(is_valid(certificate, now) for certificate in certificates):
        has = ", ".join(
            f"{subject!r} until {certificate.not_valid_after_utc}"
            for subject, certificate in zip(subjects, certificates, strict=True)
        )
        raise ClientCAError(f"{path}: must hold a CA that is valid now ({now}): has {has}")
    not_after = max(certificate.not_valid_after_utc for certificate in certificates)
    return ClientCA(path, pem, b"".join(one.public_bytes(Encoding.DER) for one in certificates), not_after)
