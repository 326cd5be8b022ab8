"""Who gets in where callers need a certificate, with a CA that changes under the server: real handshakes in memory."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs import pair
from certs.authority import Authority
from certs.client_ca import ClientCAError
from certs.reload import Outcome, Rotating, State
from tests.certs import forge
from tests.certs.callers import issue
from tests.certs.handshake import Handshake, trusting

# OpenSSL reads the clock itself, so what it judges is made now.
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
NAME = "webhook.ray.svc"
SERVER = Authority.create(common_name="webhook CA", now=NOW)
LEAF, RENEWED = (SERVER.issue([NAME], ["127.0.0.1"], NOW) for _ in range(2))
CLIENTS, OTHERS = (Authority.create(common_name="clients", now=NOW) for _ in range(2))

# With a server name and without; a client of 1.3 is done before it hears that it is refused.
SHAKEN = [
    (name, version) for name in (NAME, "127.0.0.1") for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
]
ways = pytest.mark.parametrize(("name", "version"), SHAKEN)


def caller(certificate: tuple[Path, Path] | None, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    made = trusting(SERVER.certificate_pem)
    made.minimum_version = made.maximum_version = version
    if certificate:
        made.load_cert_chain(*certificate)
    return made


def mount(folder: Path, generation: str, content: bytes) -> None:
    """Put the CA into the folder as the kubelet does: a new folder, then one link that changes at once."""
    (folder / generation).mkdir(parents=True)
    (folder / generation / "ca.crt").write_bytes(content)
    (folder / "..data_tmp").symlink_to(generation)
    (folder / "..data_tmp").rename(folder / "..data")
    if not (folder / "ca.crt").is_symlink():
        (folder / "ca.crt").symlink_to("..data/ca.crt")


@pytest.fixture
def rotating(tmp_path: Path) -> Rotating:
    pair.write(tmp_path / "tls", LEAF, SERVER)
    mount(tmp_path / "clients", "..1", CLIENTS.certificate_pem)
    return Rotating(tmp_path / "tls", NOW, tmp_path / "clients/ca.crt")


@ways
def test_a_certificate_of_the_ca_gets_in_and_is_known_by_its_names(
    tmp_path: Path, rotating: Rotating, name: str, version: ssl.TLSVersion
) -> None:
    own = issue(tmp_path, CLIENTS, NOW, "kube-apiserver", "api.example.org")

    shaken = Handshake(rotating.context, caller(own, version), name)

    assert shaken.echo(b"hello") == b"hello"
    peer = shaken.server.getpeercert()
    assert peer is not None
    assert (peer["subject"], peer["subjectAltName"]) == (
        ((("commonName", "kube-apiserver"),),),
        (("DNS", "api.example.org"),),
    )


def nobody(_folder: Path) -> tuple[Path, Path] | None:
    return None


def of_another_ca(folder: Path) -> tuple[Path, Path]:
    return issue(folder, OTHERS, NOW, "kube-apiserver")


def expired(folder: Path) -> tuple[Path, Path]:
    return issue(folder, CLIENTS, NOW - 2 * DAY, "kube-apiserver")


def for_servers(folder: Path) -> tuple[Path, Path]:
    return issue(folder, CLIENTS, NOW, "kube-apiserver", usage=ExtendedKeyUsageOID.SERVER_AUTH)


@ways
@pytest.mark.parametrize("made", [nobody, of_another_ca, expired, for_servers])
def test_nobody_else_gets_in(
    tmp_path: Path,
    rotating: Rotating,
    made: Callable[[Path], tuple[Path, Path] | None],
    name: str,
    version: ssl.TLSVersion,
) -> None:
    with pytest.raises(ssl.SSLError, match=r"PEER_DID_NOT_RETURN_A_CERTIFICATE|CERTIFICATE_VERIFY_FAILED"):
        Handshake(rotating.context, caller(made(tmp_path), version), name)


@ways
def test_a_changed_ca_is_in_force_for_every_later_handshake_and_for_no_earlier_one(
    tmp_path: Path, rotating: Rotating, name: str, version: ssl.TLSVersion
) -> None:
    old, new = issue(tmp_path / "old", CLIENTS, NOW, "a"), issue(tmp_path / "new", OTHERS, NOW, "a")
    before = Handshake(rotating.context, caller(old, version), name)

    mount(tmp_path / "clients", "..2", OTHERS.certificate_pem)

    assert rotating.refresh(NOW) == Outcome(State.UNCHANGED)
    assert rotating.refresh_clients(NOW) == Outcome(State.SWAPPED)
    assert rotating.refresh_clients(NOW) == Outcome(State.UNCHANGED)
    Handshake(rotating.context, caller(new, version), name)
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        Handshake(rotating.context, caller(old, version), name)
    assert before.echo(b"still here") == b"still here"


def test_both_cas_get_in_while_one_follows_the_other(tmp_path: Path, rotating: Rotating) -> None:
    mount(tmp_path / "clients", "..2", CLIENTS.certificate_pem + OTHERS.certificate_pem)
    rotating.refresh_clients(NOW)

    for number, authority in enumerate((CLIENTS, OTHERS)):
        Handshake(rotating.context, caller(issue(tmp_path / str(number), authority, NOW, "a")), NAME)


def test_a_renewed_pair_is_served_to_the_same_callers(tmp_path: Path, rotating: Rotating) -> None:
    pair.write(tmp_path / "tls", RENEWED, SERVER)

    assert rotating.refresh(NOW) == Outcome(State.SWAPPED)
    shaken = Handshake(rotating.context, caller(issue(tmp_path, CLIENTS, NOW, "a")), NAME)
    assert x509.load_der_x509_certificate(shaken.served()) == RENEWED.certificate
    with pytest.raises(ssl.SSLError, match="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
        Handshake(rotating.context, caller(None), NAME)


@pytest.mark.parametrize("content", [b"", CLIENTS.certificate_pem[:200], LEAF.certificate_pem])
def test_a_broken_ca_is_refused_and_the_old_one_stays_in_force(
    tmp_path: Path, rotating: Rotating, content: bytes
) -> None:
    before = rotating.served
    mount(tmp_path / "clients", "..2", content)

    outcome = rotating.refresh_clients(NOW)

    assert outcome.state is State.REFUSED
    assert str(outcome.error).startswith(f"{tmp_path}/clients/ca.crt: must ")
    assert rotating.served is before
    Handshake(rotating.context, caller(issue(tmp_path, CLIENTS, NOW, "a")), NAME)


def test_there_must_be_a_good_ca_to_begin_with(tmp_path: Path) -> None:
    pair.write(tmp_path, LEAF, SERVER)

    with pytest.raises(ClientCAError, match="must be a file to read, is not: No such file or directory"):
        Rotating(tmp_path, NOW, tmp_path / "client-ca.crt")


def test_without_a_ca_nobody_is_asked_for_a_certificate_and_none_is_followed(tmp_path: Path) -> None:
    pair.write(tmp_path, LEAF, SERVER)
    rotating = Rotating(tmp_path, NOW)

    assert rotating.refresh_clients(NOW) == Outcome(State.UNCHANGED)
    assert Handshake(rotating.context, caller(None), NAME).server.getpeercert() is None


def test_an_intermediate_alone_in_the_bundle_is_enough(tmp_path: Path) -> None:
    root = forge.root(NOW)
    middle = forge.authority(root, NOW, x509.BasicConstraints(ca=True, path_length=0))
    pair.write(tmp_path / "tls", LEAF, SERVER)
    (tmp_path / "client-ca.crt").write_bytes(middle.certificate_pem)
    rotating = Rotating(tmp_path / "tls", NOW, tmp_path / "client-ca.crt")

    Handshake(rotating.context, caller(issue(tmp_path, middle, NOW, "a")), NAME)
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        Handshake(rotating.context, caller(issue(tmp_path, root, NOW, "a")), NAME)


def test_nobody_gets_in_by_a_session_of_before_but_by_a_whole_handshake(tmp_path: Path, rotating: Rotating) -> None:
    speaker = caller(issue(tmp_path, CLIENTS, NOW, "a"), ssl.TLSVersion.TLSv1_2)
    first = Handshake(rotating.context, speaker, NAME)  # a session is forgotten where its connection is cut off
    session = first.client.session

    with pytest.raises(ssl.SSLError, match="CALLBACK_FAILED"):
        Handshake(rotating.context, speaker, NAME, session)

    assert Handshake(rotating.context, speaker, NAME, session).server.session_reused is False


def test_where_callers_need_no_certificate_a_session_may_be_resumed(tmp_path: Path) -> None:
    """The control of the test before."""
    pair.write(tmp_path, LEAF, SERVER)
    rotating = Rotating(tmp_path, NOW)
    speaker = caller(None, ssl.TLSVersion.TLSv1_2)
    first = Handshake(rotating.context, speaker, NAME)  # a session is forgotten where its connection is cut off
    session = first.client.session

    assert Handshake(rotating.context, speaker, NAME, session).server.session_reused is True
