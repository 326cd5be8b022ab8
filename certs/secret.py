"""The data of the two Secrets: the CA's, which only `certs ensure` reads, and the leaf's, which the servers mount.

Two, because whoever reads a Secret reads all of it: mounted `items` would keep the CA's key out of a container, but not
from the kubelets, the backups and the accounts that may read the leaf. Both are of type `kubernetes.io/tls`, with the
keys that cert-manager uses, so that the API server itself refuses half a pair, and whoever changes to cert-manager can
take the CA along.

The CA's Secret holds one private key only. Whoever is replaced signs no more, so its key is forgotten at once; its
certificate goes to `retired.crt`, to be trusted until nothing that it signed is served any more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from certs import bundle, names
from certs.authority import Authority, Leaf, authority_fault
from certs.pair import Files, PairError, judge

TYPE: Final = "kubernetes.io/tls"

_CERTIFICATE: Final = "tls.crt"
_KEY: Final = "tls.key"
_CA: Final = "ca.crt"
_RETIRED: Final = "retired.crt"

# What cryptography raises for what is no certificate of ours, or no key (TypeError: an encrypted one).
_UNDECODABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)

Data = Mapping[str, bytes]
"""What a Secret holds, decoded, by key."""


def of_authority(authority: Authority, retired: Sequence[x509.Certificate]) -> Data:
    """Return the data of the CA's Secret."""
    return {
        _CERTIFICATE: authority.certificate_pem,
        _KEY: authority.key_pem,
        _RETIRED: bundle.pem(retired),
    }


def of_leaf(leaf: Leaf, authority: Authority) -> Data:
    """Return the data of the leaf's Secret, as a server mounts it."""
    return {_CERTIFICATE: leaf.certificate_pem, _KEY: leaf.key_pem, _CA: authority.certificate_pem}


def authority(data: Data | None, dns_names: Sequence[str]) -> Authority | str:
    """Return the CA, whatever its dates; or why it cannot sign a leaf for these names (never a key)."""
    if data is None:
        return "there is none"
    found = bundle.certificates(data.get(_CERTIFICATE, b""))
    if not found:
        return f"{_CERTIFICATE} must be a certificate, is not"
    try:
        fault = authority_fault(found[0])
        names.require_permitted(names.alternative(dns_names, ()), found[0])
    except _UNDECODABLE as error:  # BadNameError among them
        fault = str(error)
    if fault:
        return f"{_CERTIFICATE}: {fault}"
    try:
        private_key = load_pem_private_key(data.get(_KEY, b""), password=None)
    except _UNDECODABLE:
        private_key = None
    if isinstance(private_key, ec.EllipticCurvePrivateKey) and private_key.public_key() == found[0].public_key():
        return Authority(found[0], private_key)
    return f"{_KEY} must be the ECDSA key of {_CERTIFICATE}, as PEM, unencrypted, is not"


def replaced(data: Data | None) -> tuple[x509.Certificate, ...]:
    """Return the certificates of the CAs that were replaced, and may still be trusted."""
    return bundle.certificates((data or {}).get(_RETIRED, b""))


def recorded(data: Data | None) -> tuple[x509.Certificate, ...]:
    """Return every certificate of the CA's Secret, also where its CA cannot sign."""
    return (*bundle.certificates((data or {}).get(_CERTIFICATE, b"")), *replaced(data))


def leaf(data: Data | None, issuer: Authority, dns_names: Sequence[str], now: datetime) -> x509.Certificate | str:
    """Return the leaf, if servers can take it up and clients accept it now; or why it is to be replaced."""
    if data is None:
        return "there is none"
    try:
        # Without a folder, so that the message begins with the Secret's key.
        files = Files(Path(), data.get(_CERTIFICATE, b""), data.get(_KEY, b""), data.get(_CA, b""))
        pair = judge(files, now)
    except PairError as error:
        return str(error)
    certificate = x509.load_pem_x509_certificates(files.certificate_pem)[0]
    try:
        certificate.verify_directly_issued_by(issuer.certificate)
    except (*_UNDECODABLE, InvalidSignature):
        return f"{_CERTIFICATE} must be of the present CA, is not"
    if files.ca_pem != issuer.certificate_pem:
        return f"{_CA} must be the present CA, is not"
    if set(pair.dns_names) != set(dns_names) or pair.ip_addresses:
        has = ", ".join([*pair.dns_names, *pair.ip_addresses])
        return f"{_CERTIFICATE} must be for {', '.join(dns_names)}, is for {has}"
    return certificate
