"""What the control plane needs to know its administrator by, and to sign the tokens of service accounts.

Made here and not by `certs`, which issues no client certificates: the control plane does not rest on what it tests.
"""

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = dt.timedelta(days=1)


def write_credentials(folder: Path) -> None:
    """Write client-ca.crt, administrator.crt, administrator.key and service-account.key, all PEM, into a folder."""
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clients")])
    # The group is the one that every cluster binds to cluster-admin.
    administrator_name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "system:masters"),
            x509.NameAttribute(NameOID.COMMON_NAME, "administrator"),
        ]
    )
    authority_key, administrator_key, service_account_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    authority = (
        _unsigned(authority_name, authority_key)
        .issuer_name(authority_name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    administrator = (
        _unsigned(administrator_name, administrator_key)
        .issuer_name(authority_name)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    (folder / "client-ca.crt").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (folder / "administrator.crt").write_bytes(administrator.public_bytes(serialization.Encoding.PEM))
    _write_key(folder / "administrator.key", administrator_key)
    _write_key(folder / "service-account.key", service_account_key)


def _unsigned(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _LIFETIME)
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    # The API server derives a service account key's public half from this form, and not from PKCS #8.
    form = serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
