"""Certificates that `Authority` does not make: other roots, intermediates, and faulty ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

from certs.authority import Authority


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    public_key: CertificatePublicKeyTypes, now: datetime, days: int, extensions: Sequence[x509.ExtensionType]
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=days))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder


def certificate(
    public_key: CertificatePublicKeyTypes,
    issuer: Authority,
    now: datetime,
    *extensions: x509.ExtensionType,
    days: int = 1,
    subject: str = "forged",
) -> x509.Certificate:
    """Return a certificate for the key and the subject (a common name, or "" for none), with these extensions only."""
    builder = _builder(public_key, now, days, extensions).subject_name(_name(subject) if subject else x509.Name([]))
    return builder.issuer_name(issuer.certificate.subject).sign(issuer.private_key, hashes.SHA256())


def authority(issuer: Authority, now: datetime, *extensions: x509.ExtensionType) -> Authority:
    """Return what signs like an authority under the issuer, whatever its extensions say of it; for a day."""
    private_key = ec.generate_private_key(ec.SECP256R1())
    return Authority(certificate(private_key.public_key(), issuer, now, *extensions), private_key)


def root(now: datetime) -> Authority:
    """Return a self-signed CA that may sign other CAs, as a company's is; for a day."""
    private_key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(private_key.public_key(), now, 1, [x509.BasicConstraints(ca=True, path_length=None)])
    builder = builder.subject_name(_name("root")).issuer_name(_name("root"))
    return Authority(builder.sign(private_key, hashes.SHA256()), private_key)
