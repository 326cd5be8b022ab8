import ssl
from datetime import UTC, datetime

import pytest

from certs.access import Access, AccessError, in_cluster, trusting
from certs.authority import Authority

AUTHORITY = Authority.create(common_name="cluster", now=datetime.now(UTC))
WORD = "word-of-honour"
POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def mounted(tmp_path):
    (tmp_path / "ca.crt").write_bytes(AUTHORITY.certificate_pem)
    (tmp_path / "token").write_text("first\n")
    return tmp_path


def test_a_pod_reaches_its_api_server_by_what_is_mounted(mounted):
    access = in_cluster(POD, mounted)

    assert (access.host, access.port, access.prefix) == ("10.0.0.1", 443, "")
    assert [one["subject"] for one in access.tls.get_ca_certs()] == [((("commonName", "cluster"),),)]
    assert (access.tls.verify_mode, access.tls.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_the_token_is_read_each_time(mounted):
    access = in_cluster(POD, mounted)
    before = access.authorization()
    (mounted / "token").write_text("second")

    assert (before, access.authorization()) == ("Bearer first", "Bearer second")


@pytest.mark.parametrize(
    ("environ", "are"),
    [
        ({}, "'' and ''"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "'10.0.0.1' and ''"),
        ({**POD, "KUBERNETES_SERVICE_PORT": "https"}, "'10.0.0.1' and 'https'"),
    ],
)
def test_outside_of_a_pod_there_is_no_access(mounted, environ, are):
    with pytest.raises(AccessError) as caught:
        in_cluster(environ, mounted)

    assert str(caught.value) == (
        "KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT: must be an address and a port, as in a Pod, "
        f"are {are}; elsewhere give --kubeconfig"
    )


@pytest.mark.parametrize("file", ["ca.crt", "token"])
def test_a_pod_without_a_token_says_what_is_missing(mounted, file):
    (mounted / file).unlink()

    with pytest.raises(AccessError) as caught:
        in_cluster(POD, mounted)

    assert str(caught.value) == f"{mounted / file}: must be a file to read, is not: No such file or directory"


@pytest.mark.parametrize("pem", [b"", b"garbage", b"\xff", AUTHORITY.certificate_pem[:-30]])
def test_what_is_no_ca_is_not_trusted(mounted, pem):
    (mounted / "ca.crt").write_bytes(pem)

    with pytest.raises(AccessError) as caught:
        in_cluster(POD, mounted)

    assert str(caught.value) == f"{mounted / 'ca.crt'}: must be the API server's CA as PEM, is not"


def test_without_a_ca_the_machines_own_are_trusted(tmp_path):
    context = trusting(tmp_path, None)

    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.cert_store_stats() == ssl.create_default_context().cert_store_stats()


def test_an_access_shows_no_token(tmp_path):
    access = Access("host", 443, trusting(tmp_path, None), token=WORD)

    assert access.authorization() == f"Bearer {WORD}"
    assert WORD not in repr(access)
    assert Access("host", 443, access.tls).authorization() is None
