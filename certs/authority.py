"""A certificate authority, made in memory, that signs the webhook's leaf.

Keys are ECDSA on P-256: a handshake then costs two thirds of what it costs with RSA-2048, and every client that speaks
TLS 1.2 knows the curve. Signatures are over SHA-256. The clock is an argument, and knows its time zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs import names

# The clocks of the machine that signs and of the API server's differ; five minutes is what Kerberos grants for that.
CLOCK_SKEW: Final = timedelta(minutes=5)
# The CA stands in the caBundle of webhook configurations, where a change needs an overlap of old and new: seldom, then.
AUTHORITY_LIFETIME: Final = timedelta(days=3650)
# A leaf is replaced without a restart, so it may be short: a stolen key serves for a season at most, and a renewal at
# two thirds of the time leaves a month to notice that it failed.
LEAF_LIFETIME: Final = timedelta(days=90)


class LifetimeError(ValueError):
    """A certificate would have expired before it is made; the message says when."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A serving certificate with its private key. A CA that is trusted signs it directly: it is its whole chain."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as PEM: what `tls.crt` holds."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key as PEM (PKCS #8, unencrypted): what `tls.key` holds."""
        return _key_pem(self.private_key)


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA with its private key. The certificate goes into a caBundle; the key is needed only to sign."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def create(
        cls,
        *,
        common_name: str,
        now: datetime,
        lifetime: timedelta = AUTHORITY_LIFETIME,
        permitted_dns: Sequence[str] = (),
        permitted_ips: Sequence[str] = (),
    ) -> "Authority":
        """Make a self-signed CA, which signs leaves but no other CA, valid from `CLOCK_SKEW` before `now`.

        With `permitted_dns` (names, for themselves and all below them) or `permitted_ips` (addresses, or networks such
        as `10.0.0.0/8`) it can certify these and nothing else, not even names of the kind that is left empty: who
        trusts the CA for the webhook then trusts it for nothing more.

        Raises:
            names.BadNameError: when a name is malformed.
            LifetimeError: when the lifetime is not positive.
        """
        subject = names.common(common_name)
        private_key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _unsigned(private_key, now, now + lifetime)
            .subject_name(subject)
            .issuer_name(subject)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
        )
        if permitted_dns or permitted_ips:
            builder = builder.add_extension(names.constraints(permitted_dns, permitted_ips), critical=True)
        return cls(builder.sign(private_key, hashes.SHA256()), private_key)

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as PEM: what `ca.crt` and a caBundle hold."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key as PEM (PKCS #8, unencrypted)."""
        return _key_pem(self.private_key)

    def issue(
        self,
        dns_names: Sequence[str],
        ip_addresses: Sequence[str],
        now: datetime,
        lifetime: timedelta = LEAF_LIFETIME,
    ) -> Leaf:
        """Sign a serving certificate for a new key, valid from `CLOCK_SKEW` before `now`, at most as long as the CA.

        Its subject is empty: clients look for a server's name among the alternative names only (RFC 9525, 2).

        Raises:
            names.BadNameError: when there is no name, when one is malformed or outside what the CA may certify.
            LifetimeError: when the lifetime is not positive or the CA has expired.
        """
        alternative = names.alternative(dns_names, ip_addresses)
        names.require_permitted(alternative, self.certificate)
        private_key = ec.generate_private_key(ec.SECP256R1())
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.private_key.public_key())
        leaf = (
            _unsigned(private_key, now, min(now + lifetime, self.certificate.not_valid_after_utc))
            .subject_name(x509.Name([]))
            .issuer_name(self.certificate.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(authority_key, critical=False)
            .add_extension(alternative, critical=True)  # because the subject is empty (RFC 5280, 4.2.1.6)
        )
        return Leaf(leaf.sign(self.private_key, hashes.SHA256()), private_key)


def service_names(service: str, namespace: str, cluster_domain: str = "cluster.local") -> tuple[str, ...]:
    """Return the names by which a Service is called in its cluster; the first is the one that the API server dials.

    They are returned as they are put together: `Authority.issue` refuses what is no DNS name.
    """
    in_namespace = f"{service}.{namespace}"
    return (f"{in_namespace}.svc", f"{in_namespace}.svc.{cluster_domain}", in_namespace, service)


def authority_fault(certificate: x509.Certificate) -> str | None:
    """Return what keeps the certificate from signing others; None if it is a CA.

    The one place that says what makes a CA a CA, ours or not: basic constraints that claim it and, where the use of the
    key is limited, the use for signing certificates (RFC 5280, 4.2.1.9 and 4.2.1.3).

    Raises:
        ValueError: when an extension cannot be decoded.
    """
    by_type = {type(extension.value): extension.value for extension in certificate.extensions}
    constraints = by_type.get(x509.BasicConstraints)
    if not isinstance(constraints, x509.BasicConstraints) or not constraints.ca:
        return "basic constraints must say that it is a CA"
    usage = by_type.get(x509.KeyUsage)
    if isinstance(usage, x509.KeyUsage) and not usage.key_cert_sign:
        return "key usage must include the signing of certificates"
    return None


def _unsigned(private_key: ec.EllipticCurvePrivateKey, now: datetime, not_after: datetime) -> x509.CertificateBuilder:
    """Return what every certificate of ours has."""
    if not_after <= now:
        raise LifetimeError(f"not_after: must be later than now ({now}), is {not_after}")
    public_key = private_key.public_key()
    return (
        x509.CertificateBuilder()
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Return the uses of a CA's key (certificates and revocation lists) or of a leaf's (the handshake's signature)."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
