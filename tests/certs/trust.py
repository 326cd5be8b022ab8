"""Whether a client trusts a leaf: the judgement of a verifier that is not ours, at any time."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError


def trusts(bundle_pem: bytes, leaf_pem: bytes, names: Sequence[str], now: datetime) -> bool:
    """Say if who trusts the bundle, and nothing else, accepts the leaf as a server of each of the names."""
    leaf = x509.load_pem_x509_certificate(leaf_pem)
    if not bundle_pem:
        return False
    policy = PolicyBuilder().store(Store(x509.load_pem_x509_certificates(bundle_pem))).time(now)
    try:
        for name in names:
            policy.build_server_verifier(x509.DNSName(name)).verify(leaf, [])
    except VerificationError:
        return False
    return True
