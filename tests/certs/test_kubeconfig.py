import base64
import ssl
from datetime import UTC, datetime

import pytest
import yaml

from certs import kubeconfig
from certs.access import AccessError
from certs.authority import Authority
from tests.certs.handshake import Handshake, serving

AUTHORITY = Authority.create(common_name="cluster", now=datetime.now(UTC))
SERVER = AUTHORITY.issue(["api"], [], datetime.now(UTC))
# A leaf of ours says that it is for servers only; the client's side of OpenSSL presents it all the same.
CLIENT = AUTHORITY.issue(["client"], [], datetime.now(UTC))


def inline(pem):
    return base64.b64encode(pem).decode()


TOKEN = {"token": "secret-token"}
INLINE = {"client-certificate-data": inline(CLIENT.certificate_pem), "client-key-data": inline(CLIENT.key_pem)}
FILES = {"client-certificate": "tls.crt", "client-key": "tls.key"}


@pytest.fixture
def written(tmp_path):
    """Write a kubeconfig beside its files: its user, its cluster, and what else is to stand in it."""
    (tmp_path / "ca.crt").write_bytes(AUTHORITY.certificate_pem)
    (tmp_path / "tls.crt").write_bytes(CLIENT.certificate_pem)
    (tmp_path / "tls.key").write_bytes(CLIENT.key_pem)
    (tmp_path / "token").write_text("of-a-file")

    def write(user, cluster=None, **others):
        here = {"server": "https://api:6443", "certificate-authority": "ca.crt"} if cluster is None else cluster
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "preferences": {},
            "current-context": "this",
            "contexts": [
                {"name": "other", "context": {"cluster": "elsewhere", "user": "them"}},
                {"name": "this", "context": {"cluster": "here", "user": "us", "namespace": "ray"}},
            ],
            "clusters": [{"name": "here", "cluster": here}],
            "users": [{"name": "us", "user": user}],
            **others,
        }
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(document))
        return path

    return write


def fault(path):
    with pytest.raises(AccessError) as caught:
        kubeconfig.access(path)
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_token_stands_in_the_file(written):
    access = kubeconfig.access(written(TOKEN))

    assert (access.host, access.port, access.prefix, access.authorization()) == ("api", 6443, "", "Bearer secret-token")
    assert [one["subject"] for one in access.tls.get_ca_certs()] == [((("commonName", "cluster"),),)]


def test_a_token_stands_in_a_file_beside_it(written):
    assert kubeconfig.access(written({"tokenFile": "token"})).authorization() == "Bearer of-a-file"


@pytest.mark.parametrize("user", [INLINE, FILES])
def test_a_client_certificate_is_presented(written, tmp_path, user):
    access = kubeconfig.access(written(user))
    server = serving(tmp_path, SERVER.certificate_pem, SERVER.key_pem)
    server.verify_mode = ssl.CERT_OPTIONAL
    server.load_verify_locations(cadata=AUTHORITY.certificate_pem.decode())

    with pytest.raises(ssl.SSLError, match="unsuitable certificate purpose"):
        Handshake(server, access.tls, "api")

    assert access.authorization() is None


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://api", ("api", 443, "")),
        ("https://[fd00::1]:6443", ("fd00::1", 6443, "")),
        ("https://rancher/k8s/clusters/c-1/", ("rancher", 443, "/k8s/clusters/c-1")),
    ],
)
def test_a_server_may_stand_on_a_port_and_below_a_path(written, url, found):
    access = kubeconfig.access(
        written(TOKEN, {"server": url, "certificate-authority-data": inline(AUTHORITY.certificate_pem)})
    )

    assert (access.host, access.port, access.prefix) == found


def test_without_a_ca_the_machines_own_are_trusted(written):
    access = kubeconfig.access(written(TOKEN, {"server": "https://api"}))

    assert access.tls.cert_store_stats() == ssl.create_default_context().cert_store_stats()


@pytest.mark.parametrize("url", ["http://api", "api:6443", "https://", "https://api:port", "https://[api"])
def test_a_server_speaks_https(written, url):
    assert fault(written(TOKEN, {"server": url})) == f"clusters.here.server: must be a https URL, is {url!r}"


@pytest.mark.parametrize(
    "user",
    [
        {},
        {"exec": {"command": "aws"}},
        {"client-certificate": "tls.crt"},
        {"client-key": "tls.key"},
    ],
)
def test_another_way_in_is_refused(written, user):
    assert fault(written(user)) == "users.us: must have a token, or a client certificate with its key, has neither"


@pytest.mark.parametrize(
    "changes",
    [
        {"client-key-data": inline(SERVER.key_pem)},
        {"client-key-data": inline(b"garbage")},
        {"client-certificate-data": inline(b"garbage")},
    ],
)
def test_a_client_certificate_has_its_key(written, changes):
    assert (
        fault(written({**INLINE, **changes})) == "users.us: must have a client certificate as PEM with its key, has not"
    )


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"current-context": "that"}, "contexts: must have 'that', has 'other', 'this'"),
        ({"clusters": []}, "clusters: must have 'here', has none"),
        ({"users": []}, "users: must have 'us', has none"),
        ({"users": None}, "users: Input should be a valid tuple"),
        ({"users": [{"name": "us"}]}, "users.0.user: Field required"),
        (
            {"users": [{"name": "us", "user": {"client-key-data": ["secret"]}}]},
            "users.0.user.client-key-data: Input should be a valid bytes",
        ),
    ],
)
def test_what_is_missing_is_named(written, others, said):
    assert fault(written(TOKEN, **others)) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Input should be a valid dictionary or instance of _Config"),
        (b"a: [", "must be YAML, is not"),
        (b"\xff\x00", "must be YAML, is not"),
    ],
)
def test_a_file_is_a_kubeconfig(tmp_path, content, said):
    path = tmp_path / "kubeconfig"
    path.write_bytes(content)

    assert fault(path).removeprefix(": ") == said


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert fault(tmp_path / "none") == "must be a file to read, is not: No such file or directory"


def test_a_file_that_it_names_is_there(written, tmp_path):
    (tmp_path / "ca.crt").unlink()

    with pytest.raises(AccessError) as caught:
        kubeconfig.access(written(TOKEN))

    assert str(caught.value) == f"{tmp_path / 'ca.crt'}: must be a file to read, is not: No such file or directory"
