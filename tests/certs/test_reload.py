import os
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from certs import pair
from certs.authority import Authority, Leaf
from certs.pair import PairError
from certs.reload import Outcome, Rotating, State, context
from tests.certs import forge
from tests.certs.handshake import Handshake, serving, trusting

# OpenSSL reads the clock itself, so what it judges is made now.
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
NAME = "webhook.ray.svc"
# A client that dials an address sends no server name (RFC 6066, 3).
NAMES_AND_ADDRESSES = [NAME, "127.0.0.1"]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]

AUTHORITY = Authority.create(common_name="webhook CA", now=NOW)


def issue(authority: Authority = AUTHORITY) -> Leaf:
    return authority.issue([NAME], ["127.0.0.1"], NOW)


OLD, NEW = issue(), issue()


def mount(folder: Path, generation: str, leaf: Leaf, authority: Authority = AUTHORITY) -> None:
    """Put a pair into the folder as the kubelet does: a new folder, then one link that changes at once."""
    pair.write(folder / generation, leaf, authority)
    turn_to(folder, generation)
    for name in ("tls.crt", "tls.key", "ca.crt"):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(Path("..data", name))


def turn_to(folder: Path, generation: str) -> None:
    (folder / "..data_tmp").symlink_to(generation)
    (folder / "..data_tmp").rename(folder / "..data")


def served(server: ssl.SSLContext, client: ssl.SSLContext, name: str = NAME) -> x509.Certificate:
    return x509.load_der_x509_certificate(Handshake(server, client, name).served())


def client(version: ssl.TLSVersion | None = None, authority: Authority = AUTHORITY) -> ssl.SSLContext:
    made = trusting(authority.certificate_pem)
    if version:
        made.minimum_version = made.maximum_version = version
    return made


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES_AND_ADDRESSES)
def test_handshakes_after_a_swap_get_the_new_leaf_with_a_server_name_or_without(
    tmp_path: Path, name: str, version: ssl.TLSVersion
) -> None:
    mount(tmp_path, "..1", OLD)
    rotating = Rotating(tmp_path, NOW)
    assert served(rotating.context, client(version), name) == OLD.certificate
    mount(tmp_path, "..2", NEW)
    assert served(rotating.context, client(version), name) == OLD.certificate
    assert rotating.refresh(NOW) == Outcome(State.SWAPPED)
    assert served(rotating.context, client(version), name) == NEW.certificate


def test_a_client_that_dials_an_address_sends_no_server_name(tmp_path: Path) -> None:
    """The control of the test before: OpenSSL calls back all the same, with None."""
    seen: list[str | None] = []
    server = serving(tmp_path, OLD.certificate_pem, OLD.key_pem)
    server.sni_callback = lambda _connection, name, _context: seen.append(name)
    for name in NAMES_AND_ADDRESSES:
        Handshake(server, client(), name)
    assert seen == [NAME, None]


def test_a_folder_without_change_is_left_alone(tmp_path: Path) -> None:
    mount(tmp_path, "..1", OLD)
    rotating = Rotating(tmp_path, NOW)
    before = rotating.served
    assert rotating.refresh(NOW) == Outcome(State.UNCHANGED)
    mount(tmp_path, "..2", OLD)
    assert rotating.refresh(NOW + 200 * DAY) == Outcome(State.UNCHANGED)
    assert rotating.served is before


def test_a_swap_in_the_middle_of_a_refresh_does_not_mix_two_pairs(tmp_path: Path) -> None:
    mount(tmp_path, "..1", OLD)
    rotating = Rotating(tmp_path, NOW)
    pair.write(tmp_path / "..3", issue(), AUTHORITY)
    mount(tmp_path, "..2", NEW)
    # A pipe is opened by both ends at once: when the writer turns the link, the reader is at `tls.crt` of `..2`.
    pipe = tmp_path / "..2" / "tls.crt"
    pipe.unlink()
    os.mkfifo(pipe)

    def kubelet() -> None:
        with pipe.open("wb") as end:
            turn_to(tmp_path, "..3")
            end.write(NEW.certificate_pem)

    writer = threading.Thread(target=kubelet, daemon=True)
    writer.start()
    assert rotating.refresh(NOW) == Outcome(State.SWAPPED)
    writer.join()
    assert served(rotating.context, client()) == NEW.certificate


def test_a_connection_outlives_a_swap(tmp_path: Path) -> None:
    mount(tmp_path, "..1", OLD)
    rotating = Rotating(tmp_path, NOW)
    shaken = Handshake(rotating.context, client(), NAME)
    mount(tmp_path, "..2", NEW)
    rotating.refresh(NOW)
    assert shaken.echo(b"still here") == b"still here"


def test_a_new_ca_is_served_to_those_who_trust_it_and_to_nobody_else(tmp_path: Path) -> None:
    pair.write(tmp_path, OLD, AUTHORITY)
    rotating = Rotating(tmp_path, NOW)
    other = Authority.create(common_name="webhook CA", now=NOW)
    leaf = issue(other)
    pair.write(tmp_path, leaf, other)
    rotating.refresh(NOW)
    assert served(rotating.context, client(authority=other)) == leaf.certificate
    with pytest.raises(ssl.SSLCertVerificationError):
        served(rotating.context, client())


def test_an_intermediate_is_served_with_its_leaf(tmp_path: Path) -> None:
    root = forge.root(NOW)
    middle = forge.authority(root, NOW, x509.BasicConstraints(ca=True, path_length=0))
    leaf = issue(middle)
    pair.write(tmp_path, leaf, root)
    with pytest.raises(PairError):
        Rotating(tmp_path, NOW)
    (tmp_path / "tls.crt").write_bytes(leaf.certificate_pem + middle.certificate_pem)
    assert served(Rotating(tmp_path, NOW).context, client(authority=root)) == leaf.certificate


def mismatched(folder: Path) -> str:
    (folder / "tls.crt").write_bytes(NEW.certificate_pem)
    return f"{folder}/tls.key: must be the key of tls.crt, is that of another certificate"


def half_written(folder: Path) -> str:
    (folder / "tls.crt").write_bytes(NEW.certificate_pem[:200])
    return f"{folder}/tls.crt: must be PEM certificates, each whole, the leaf first, is not"


def missing(folder: Path) -> str:
    (folder / "tls.key").unlink()
    return f"{folder}/tls.key: must be a file to read, is not: No such file or directory"


def expired(folder: Path) -> str:
    begin, end = NOW - 100 * DAY, NOW - 10 * DAY
    authority = Authority.create(common_name="webhook CA", now=begin)
    pair.write(folder, authority.issue([NAME], [], begin), authority)
    valid = f"is so from {begin - timedelta(minutes=5)} until {end}"
    return f"{folder}/tls.crt: must be valid now ({NOW}), {valid}"


def unfit_for_signatures(folder: Path) -> str:
    key = x25519.X25519PrivateKey.generate()
    certificate = forge.certificate(key.public_key(), AUTHORITY, NOW, x509.SubjectAlternativeName([x509.DNSName(NAME)]))
    (folder / "tls.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "tls.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return f"{folder}: must hold a pair that OpenSSL serves, is refused: UNKNOWN_CERTIFICATE_TYPE"


@pytest.mark.parametrize("spoil", [mismatched, half_written, missing, expired, unfit_for_signatures])
@pytest.mark.parametrize("name", NAMES_AND_ADDRESSES)
def test_a_bad_pair_is_refused_and_the_old_one_serves_on(
    tmp_path: Path, spoil: Callable[[Path], str], name: str
) -> None:
    pair.write(tmp_path, OLD, AUTHORITY)
    rotating = Rotating(tmp_path, NOW)
    before = rotating.served
    error = spoil(tmp_path)
    assert rotating.refresh(NOW) == Outcome(State.REFUSED, error)
    assert rotating.refresh(NOW) == Outcome(State.REFUSED, error)
    assert rotating.served is before
    assert served(rotating.context, client(), name) == OLD.certificate
    pair.write(tmp_path, NEW, AUTHORITY)
    assert rotating.refresh(NOW) == Outcome(State.SWAPPED)
    assert served(rotating.context, client(), name) == NEW.certificate


@pytest.mark.parametrize("spoil", [mismatched, half_written, missing, expired, unfit_for_signatures])
def test_there_must_be_a_good_pair_to_begin_with(tmp_path: Path, spoil: Callable[[Path], str]) -> None:
    pair.write(tmp_path, OLD, AUTHORITY)
    error = spoil(tmp_path)
    with pytest.raises(PairError) as caught:
        Rotating(tmp_path, NOW)
    assert str(caught.value) == error


def test_what_is_served_is_what_was_judged_whatever_became_of_the_files(tmp_path: Path) -> None:
    pair.write(tmp_path, OLD, AUTHORITY)
    judged = pair.read(tmp_path, NOW)
    pair.write(tmp_path, NEW, AUTHORITY)
    assert served(context(judged), client()) == OLD.certificate


def test_a_context_leaves_no_file_open_and_none_written(tmp_path: Path) -> None:
    pair.write(tmp_path, OLD, AUTHORITY)
    judged = pair.read(tmp_path, NOW)

    def files() -> tuple[int, set[Path]]:
        return len(list(Path("/proc/self/fd").iterdir())), set(tmp_path.iterdir())

    before = files()
    context(judged)
    assert files() == before


@pytest.fixture
def rotating(tmp_path: Path) -> Rotating:
    pair.write(tmp_path, OLD, AUTHORITY)
    return Rotating(tmp_path, NOW)


def test_nothing_older_than_tls_1_2_is_spoken(rotating: Rotating) -> None:
    contexts = (rotating.context, rotating.served.context)
    assert [one.minimum_version for one in contexts] == [ssl.TLSVersion.TLSv1_2] * 2


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"])
def test_tls_1_2_is_spoken_with_forward_secrecy_and_authenticated_ciphers(rotating: Rotating, cipher: str) -> None:
    speaker = client(ssl.TLSVersion.TLSv1_2)
    speaker.set_ciphers(cipher)
    agreed = Handshake(rotating.context, speaker, NAME).client.cipher()
    assert agreed is not None
    assert agreed[:2] == (cipher, "TLSv1.2")


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-SHA256", "AES128-GCM-SHA256"])
def test_tls_1_2_is_not_spoken_otherwise(rotating: Rotating, cipher: str) -> None:
    speaker = client(ssl.TLSVersion.TLSv1_2)
    speaker.set_ciphers(cipher)
    with pytest.raises(ssl.SSLError, match="NO_SHARED_CIPHER"):
        Handshake(rotating.context, speaker, NAME)


def test_http_1_1_is_agreed_on_even_with_a_client_that_prefers_http_2(rotating: Rotating) -> None:
    speaker = client()
    speaker.set_alpn_protocols(["h2", "http/1.1"])
    assert Handshake(rotating.context, speaker, NAME).client.selected_alpn_protocol() == "http/1.1"


@pytest.mark.parametrize("version", VERSIONS)
def test_no_tickets_are_given(tmp_path: Path, rotating: Rotating, version: ssl.TLSVersion) -> None:
    def gives_tickets(server: ssl.SSLContext) -> bool:
        shaken = Handshake(server, client(version), NAME)
        shaken.echo(b"tickets come with the first answer")
        return shaken.client.session is not None and shaken.client.session.has_ticket

    stock = serving(tmp_path, OLD.certificate_pem, OLD.key_pem)
    assert (gives_tickets(stock), gives_tickets(rotating.context)) == (True, False)


def test_neither_renegotiation_nor_compression_is_on_offer(rotating: Rotating) -> None:
    refused = ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
    contexts = (rotating.context, rotating.served.context)
    assert [one.options & refused for one in contexts] == [refused] * 2
