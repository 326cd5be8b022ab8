import re
import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from certs.authority import CLOCK_SKEW, Authority, Leaf, LifetimeError, authority_fault, service_names
from certs.names import BadNameError
from tests.certs import forge
from tests.certs.handshake import Handshake, serving, trusting

# OpenSSL reads the clock itself, so what it judges is made now.
NOW = datetime.now(UTC).replace(microsecond=0)
NAMES = ("webhook.ray.svc", "webhook.ray.svc.cluster.local", "webhook.ray", "webhook")
DAY = timedelta(days=1)
# The reasons by which OpenSSL refuses a certificate (X509_V_ERR_*).
EXPIRED, UNKNOWN_ISSUER, NOT_PERMITTED, EXCLUDED, WRONG_NAME, WRONG_ADDRESS = 10, 20, 47, 48, 62, 64


@pytest.fixture
def authority() -> Authority:
    return Authority.create(common_name="webhook CA", now=NOW)


def extensions(certificate: x509.Certificate) -> dict[type[x509.ExtensionType], tuple[x509.ExtensionType, bool]]:
    return {type(extension.value): (extension.value, extension.critical) for extension in certificate.extensions}


def key_usage(*uses: str) -> x509.KeyUsage:
    every = [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ]
    return x509.KeyUsage(**{use: use in uses for use in every})


def refusal(tmp_path: Path, leaf: Leaf, ca_pem: bytes, name: str) -> int:
    """Return why a client that trusts the CA refuses the leaf under this name."""
    server = serving(tmp_path, leaf.certificate_pem, leaf.key_pem)
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        Handshake(server, trusting(ca_pem), name)
    return caught.value.verify_code


def beyond(bounds: Authority) -> Authority:
    """Return an authority with the key and name of another, that knows nothing of its bounds."""
    return Authority(Authority.create(common_name="webhook CA", now=NOW).certificate, bounds.private_key)


def test_a_ca_is_one_that_signs_leaves_and_no_other_ca(authority: Authority) -> None:
    certificate = authority.certificate
    assert authority_fault(certificate) is None
    assert extensions(certificate) == {
        x509.BasicConstraints: (x509.BasicConstraints(ca=True, path_length=0), True),
        x509.KeyUsage: (key_usage("key_cert_sign", "crl_sign"), True),
        x509.SubjectKeyIdentifier: (
            x509.SubjectKeyIdentifier.from_public_key(authority.private_key.public_key()),
            False,
        ),
    }
    assert certificate.subject == certificate.issuer
    assert certificate.subject.rfc4514_string() == "CN=webhook CA"
    assert (certificate.not_valid_before_utc, certificate.not_valid_after_utc) == (NOW - CLOCK_SKEW, NOW + 3650 * DAY)
    certificate.verify_directly_issued_by(certificate)


def test_a_leaf_is_a_server_with_its_names_and_nothing_else(authority: Authority) -> None:
    leaf = authority.issue(NAMES, ["127.0.0.1", "::1"], NOW)
    public_key = leaf.private_key.public_key()
    ca_key = x509.SubjectKeyIdentifier.from_public_key(authority.private_key.public_key())
    assert extensions(leaf.certificate) == {
        x509.BasicConstraints: (x509.BasicConstraints(ca=False, path_length=None), True),
        x509.KeyUsage: (key_usage("digital_signature"), True),
        x509.ExtendedKeyUsage: (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        x509.SubjectKeyIdentifier: (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
        x509.AuthorityKeyIdentifier: (
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_key),
            False,
        ),
        x509.SubjectAlternativeName: (
            x509.SubjectAlternativeName(
                [
                    *(x509.DNSName(name) for name in NAMES),
                    x509.IPAddress(ip_address("127.0.0.1")),
                    x509.IPAddress(ip_address("::1")),
                ]
            ),
            True,
        ),
    }
    assert authority_fault(leaf.certificate) == "basic constraints must say that it is a CA"
    assert leaf.certificate.subject == x509.Name([])
    assert leaf.certificate.public_key() == public_key
    assert (leaf.certificate.not_valid_before_utc, leaf.certificate.not_valid_after_utc) == (
        NOW - CLOCK_SKEW,
        NOW + 90 * DAY,
    )
    leaf.certificate.verify_directly_issued_by(authority.certificate)


def test_keys_are_p256_and_every_one_is_new(authority: Authority) -> None:
    leaves = [authority.issue(NAMES, [], NOW) for _ in range(2)]
    certificates = [authority.certificate, *(leaf.certificate for leaf in leaves)]
    keys = [authority.private_key, *(leaf.private_key for leaf in leaves)]
    assert [type(key.curve) for key in keys] == [ec.SECP256R1] * 3
    assert len({key.private_numbers().private_value for key in keys}) == 3
    assert len({certificate.serial_number for certificate in certificates}) == 3


def test_pem_reads_back_as_what_it_was(authority: Authority) -> None:
    leaf = authority.issue(NAMES, [], NOW)
    both: tuple[Authority, Leaf] = (authority, leaf)
    for one in both:
        assert x509.load_pem_x509_certificates(one.certificate_pem) == [one.certificate]
        key = load_pem_private_key(one.key_pem, password=None)
        assert key.public_key() == one.certificate.public_key()
        assert one.key_pem.startswith(b"-----BEGIN PRIVATE KEY-----\n")


def test_a_key_does_not_show_where_a_value_is_printed(authority: Authority) -> None:
    assert "rivate" not in repr(authority) + repr(authority.issue(NAMES, [], NOW))


def test_a_leaf_ends_with_its_ca(authority: Authority) -> None:
    late = NOW + 3649 * DAY
    assert authority.issue(NAMES, [], late).certificate.not_valid_after_utc == NOW + 3650 * DAY


def test_an_expired_ca_issues_nothing(authority: Authority) -> None:
    end = NOW + 3650 * DAY
    with pytest.raises(LifetimeError, match=re.escape(f"not_after: must be later than now ({end}), is {end}")):
        authority.issue(NAMES, [], end)


def test_a_ca_without_a_lifetime_is_not_made() -> None:
    with pytest.raises(LifetimeError, match="not_after: must be later than now"):
        Authority.create(common_name="webhook CA", now=NOW, lifetime=timedelta(0))


def test_a_service_has_four_names_and_the_api_servers_comes_first() -> None:
    assert service_names("webhook", "ray") == NAMES
    assert service_names("webhook", "ray", "corp.example")[1] == "webhook.ray.svc.corp.example"


@pytest.mark.parametrize(
    ("dns_names", "ip_addresses", "message"),
    [
        ([], [], "dns_names, ip_addresses: must hold a name: clients refuse a certificate without, are empty"),
        (["a.b", ""], [], "dns_names[1]: must be a DNS name of lower-case labels, without wildcard, is ''"),
        (["*.ray.svc"], [], "dns_names[0]: must be a DNS name of lower-case labels, without wildcard, is '*.ray.svc'"),
        (["a_b.svc"], [], "dns_names[0]: must be a DNS name of lower-case labels, without wildcard, is 'a_b.svc'"),
        (["A.svc"], [], "dns_names[0]: must be a DNS name of lower-case labels, without wildcard, is 'A.svc'"),
        (["a.svc."], [], "dns_names[0]: must be a DNS name of lower-case labels, without wildcard, is 'a.svc.'"),
        (["-a.svc"], [], "dns_names[0]: must be a DNS name of lower-case labels, without wildcard, is '-a.svc'"),
        (["a.svc\n"], [], "dns_names[0]: must be a DNS name of lower-case labels, without wildcard, is 'a.svc\\n'"),
        (["é.svc"], [], "dns_names[0]: must be a DNS name of lower-case labels, without wildcard, is 'é.svc'"),
        (["10.0.0.1"], [], "dns_names[0]: must be a DNS name of lower-case labels, without wildcard, is '10.0.0.1'"),
        ([], ["127.0.0.1", "localhost"], "ip_addresses[1]: must be an IPv4 or IPv6 address, is 'localhost'"),
        ([], ["10.0.0.0/8"], "ip_addresses[0]: must be an IPv4 or IPv6 address, is '10.0.0.0/8'"),
    ],
)
def test_a_bad_name_is_refused_with_its_place(
    authority: Authority, dns_names: list[str], ip_addresses: list[str], message: str
) -> None:
    with pytest.raises(BadNameError) as caught:
        authority.issue(dns_names, ip_addresses, NOW)
    assert str(caught.value) == message


@pytest.mark.parametrize("length", [64, 253])
def test_a_dns_name_has_labels_of_63_and_253_characters_at_most(authority: Authority, length: int) -> None:
    label, name = "a" * 63, ".".join(["a" * 63] * 3 + ["a" * 61])
    longest, too_long = (label, label + "a") if length == 64 else (name, name + "a")
    authority.issue([longest], [], NOW)
    with pytest.raises(BadNameError):
        authority.issue([too_long], [], NOW)


@pytest.mark.parametrize("common_name", ["", "a" * 65])
def test_a_ca_has_a_name_of_1_to_64_characters(common_name: str) -> None:
    with pytest.raises(BadNameError) as caught:
        Authority.create(common_name=common_name, now=NOW)
    assert str(caught.value) == f"common_name: must be 1 to 64 characters, is {common_name!r}"


@pytest.mark.parametrize(
    ("permitted_dns", "permitted_ips", "message"),
    [
        (["*.svc"], [], "permitted_dns[0]: must be a DNS name of lower-case labels, without wildcard, is '*.svc'"),
        ([], ["::1", "10.0.0.1/8"], "permitted_ips[1]: must be an address or a network, is '10.0.0.1/8'"),
    ],
)
def test_a_bad_bound_is_refused_with_its_place(
    permitted_dns: list[str], permitted_ips: list[str], message: str
) -> None:
    with pytest.raises(BadNameError) as caught:
        Authority.create(common_name="CA", now=NOW, permitted_dns=permitted_dns, permitted_ips=permitted_ips)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("permitted_dns", "permitted_ips", "constraints"),
    [
        (
            ["ray.svc"],
            ["10.0.0.0/8"],
            x509.NameConstraints([x509.DNSName("ray.svc"), x509.IPAddress(ip_network("10.0.0.0/8"))], None),
        ),
        (
            ["ray.svc"],
            [],
            x509.NameConstraints(
                [x509.DNSName("ray.svc")],
                [x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0"))],
            ),
        ),
        ([], ["::1"], x509.NameConstraints([x509.IPAddress(ip_network("::1"))], [x509.DNSName("")])),
    ],
)
def test_a_bound_ca_says_what_it_may_certify_and_excludes_the_kind_it_leaves_out(
    permitted_dns: list[str], permitted_ips: list[str], constraints: x509.NameConstraints
) -> None:
    bound = Authority.create(common_name="CA", now=NOW, permitted_dns=permitted_dns, permitted_ips=permitted_ips)
    assert extensions(bound.certificate)[x509.NameConstraints] == (constraints, True)


@pytest.mark.parametrize(
    ("dns_names", "ip_addresses", "outside"),
    [
        (["webhook.ray.svc", "ray.svc"], ["10.1.2.3", "10.255.255.255"], None),
        (["webhook.xray.svc"], [], "webhook.xray.svc"),
        (["xray.svc"], [], "xray.svc"),
        (["svc"], [], "svc"),
        (["ray.svc"], ["11.0.0.0"], "11.0.0.0"),
        (["ray.svc"], ["::1"], "::1"),
    ],
)
def test_a_bound_ca_issues_nothing_outside_its_bounds(
    dns_names: list[str], ip_addresses: list[str], outside: str | None
) -> None:
    bound = Authority.create(common_name="CA", now=NOW, permitted_dns=["ray.svc"], permitted_ips=["10.0.0.0/8"])
    if outside is None:
        assert bound.issue(dns_names, ip_addresses, NOW).certificate.issuer == bound.certificate.subject
        return
    with pytest.raises(BadNameError) as caught:
        bound.issue(dns_names, ip_addresses, NOW)
    assert str(caught.value) == f"{outside}: must be within what the CA may certify (ray.svc, 10.0.0.0/8)"


def test_a_ca_bound_by_exclusions_only_issues_nothing_since_nothing_is_expressly_permitted(
    authority: Authority,
) -> None:
    foreign = forge.authority(authority, NOW, x509.NameConstraints(None, [x509.DNSName("evil.example")]))
    with pytest.raises(BadNameError, match=re.escape("webhook: must be within what the CA may certify ()")):
        foreign.issue(["webhook"], [], NOW)


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ([], "basic constraints must say that it is a CA"),
        ([x509.BasicConstraints(ca=False, path_length=None)], "basic constraints must say that it is a CA"),
        ([x509.BasicConstraints(ca=True, path_length=None)], None),
        ([x509.BasicConstraints(ca=True, path_length=None), key_usage("key_cert_sign")], None),
        (
            [x509.BasicConstraints(ca=True, path_length=None), key_usage("digital_signature")],
            "key usage must include the signing of certificates",
        ),
    ],
)
def test_a_ca_claims_to_be_one_and_may_sign(
    authority: Authority, claims: list[x509.ExtensionType], fault: str | None
) -> None:
    assert authority_fault(forge.authority(authority, NOW, *claims).certificate) == fault


@pytest.mark.parametrize("name", [*NAMES, "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_ca_accepts_every_name_of_the_leaf(
    tmp_path: Path, authority: Authority, name: str
) -> None:
    leaf = authority.issue(NAMES, ["127.0.0.1", "::1"], NOW)
    server = serving(tmp_path, leaf.certificate_pem, leaf.key_pem)
    shaken = Handshake(server, trusting(authority.certificate_pem), name)
    assert x509.load_der_x509_certificate(shaken.served()) == leaf.certificate


def test_a_client_of_another_ca_of_the_same_name_refuses_the_leaf(tmp_path: Path, authority: Authority) -> None:
    other = Authority.create(common_name="webhook CA", now=NOW)
    leaf = authority.issue(NAMES, [], NOW)
    assert refusal(tmp_path, leaf, other.certificate_pem, NAMES[0]) == UNKNOWN_ISSUER


def test_a_client_refuses_a_name_that_the_leaf_has_not(tmp_path: Path, authority: Authority) -> None:
    leaf = authority.issue(NAMES, ["127.0.0.1"], NOW)
    assert refusal(tmp_path, leaf, authority.certificate_pem, "webhook.prod.svc") == WRONG_NAME
    assert refusal(tmp_path, leaf, authority.certificate_pem, "127.0.0.2") == WRONG_ADDRESS


def test_a_client_refuses_an_expired_leaf(tmp_path: Path) -> None:
    authority = Authority.create(common_name="webhook CA", now=NOW - 100 * DAY)
    leaf = authority.issue(NAMES, [], NOW - 100 * DAY)
    assert refusal(tmp_path, leaf, authority.certificate_pem, NAMES[0]) == EXPIRED


def test_a_client_refuses_a_leaf_of_an_expired_ca(tmp_path: Path, authority: Authority) -> None:
    expired = Authority.create(common_name="webhook CA", now=NOW - 2 * DAY, lifetime=DAY)
    leaf = Authority(authority.certificate, expired.private_key).issue(NAMES, [], NOW)
    assert refusal(tmp_path, leaf, expired.certificate_pem, NAMES[0]) == EXPIRED


def test_a_client_accepts_a_bound_ca_and_refuses_what_it_certifies_beyond(tmp_path: Path) -> None:
    bound = Authority.create(common_name="webhook CA", now=NOW, permitted_dns=NAMES, permitted_ips=["127.0.0.0/8"])
    leaf = bound.issue(NAMES, ["127.0.0.1"], NOW)
    trust = bound.certificate_pem
    for name in (NAMES[0], "127.0.0.1"):
        Handshake(serving(tmp_path, leaf.certificate_pem, leaf.key_pem), trusting(trust), name)
    forger = beyond(bound)
    assert refusal(tmp_path, forger.issue(["api.prod.svc"], [], NOW), trust, "api.prod.svc") == NOT_PERMITTED
    assert refusal(tmp_path, forger.issue([], ["10.0.0.1"], NOW), trust, "10.0.0.1") == NOT_PERMITTED


def test_a_client_refuses_an_address_of_a_ca_bound_to_names(tmp_path: Path) -> None:
    bound = Authority.create(common_name="webhook CA", now=NOW, permitted_dns=NAMES)
    leaf = beyond(bound).issue(NAMES, ["127.0.0.1"], NOW)
    assert refusal(tmp_path, leaf, bound.certificate_pem, "127.0.0.1") == EXCLUDED


def test_a_client_refuses_a_name_of_a_ca_bound_to_addresses(tmp_path: Path) -> None:
    bound = Authority.create(common_name="webhook CA", now=NOW, permitted_ips=["127.0.0.1"])
    leaf = beyond(bound).issue(NAMES, ["127.0.0.1"], NOW)
    assert refusal(tmp_path, leaf, bound.certificate_pem, NAMES[0]) == EXCLUDED


@pytest.mark.parametrize("permitted_dns", [(), NAMES])
def test_a_second_implementation_accepts_the_chain(permitted_dns: tuple[str, ...]) -> None:
    """Cryptography's own verifier is strict where OpenSSL is lenient: it holds leaves to the web's profile."""
    authority = Authority.create(common_name="webhook CA", now=NOW, permitted_dns=permitted_dns)
    leaf = authority.issue(NAMES, [], NOW)
    policy = PolicyBuilder().store(Store([authority.certificate])).time(NOW)
    chain = policy.build_server_verifier(x509.DNSName(NAMES[0])).verify(leaf.certificate, [])
    assert chain == [leaf.certificate, authority.certificate]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
def test_openssl_verify_accepts_the_chain_strictly(tmp_path: Path) -> None:
    authority = Authority.create(common_name="webhook CA", now=NOW, permitted_dns=NAMES, permitted_ips=["::1"])
    (tmp_path / "ca.crt").write_bytes(authority.certificate_pem)
    (tmp_path / "tls.crt").write_bytes(authority.issue(NAMES, ["::1"], NOW).certificate_pem)
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.crt", "tls.crt"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "tls.crt: OK\n", "")
