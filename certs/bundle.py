"""A caBundle: the certificates that are trusted, taken out of PEM that anybody may have written, and put back."""

import re
from collections.abc import Iterable
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

# A block without an end must not swallow the whole one behind it.
_BLOCK: Final = re.compile(rb"-----BEGIN CERTIFICATE-----(?:(?!-----BEGIN ).)+?-----END CERTIFICATE-----", re.DOTALL)


def certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Return the certificates in it, each once, in order; what is none is passed over, as the API server does."""
    found: dict[x509.Certificate, None] = {}
    for block in _BLOCK.findall(pem):
        try:
            found[x509.load_pem_x509_certificate(block)] = None
        except (ValueError, x509.InvalidVersion):
            continue
    return tuple(found)


def pem(trusted: Iterable[x509.Certificate]) -> bytes:
    """Return the certificates as PEM, in order."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in trusted)
