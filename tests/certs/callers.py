"""Callers of a server: client certificates of a CA, which `certs` itself never issues."""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from certs.authority import Authority
from tests.certs import forge


def issue(
    folder: Path,
    authority: Authority,
    now: datetime,
    *names: str,
    usage: ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
) -> tuple[Path, Path]:
    """Write a caller's certificate, good for a day from `now` on, and its key into the folder; return their paths.

    The first name is its common name ("" for none), all others are DNS names.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    common_name, *dns_names = names
    # By its key: while a CA is rotated, there are two of one name.
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key())
    extensions: list[x509.ExtensionType] = [x509.ExtendedKeyUsage([usage]), issuer]
    if dns_names:
        extensions.append(x509.SubjectAlternativeName([x509.DNSName(name) for name in dns_names]))
    certificate = forge.certificate(key.public_key(), authority, now, *extensions, subject=common_name)
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "client.crt", folder / "client.key"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths
