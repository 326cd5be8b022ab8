from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certs.authority import Authority
from certs.client_ca import ClientCA, ClientCAError, read
from tests.certs.callers import issue

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = Authority.create(common_name="new", now=NOW)
OLD = Authority.create(common_name="old", now=NOW - 4000 * DAY)


def der(*authorities: Authority) -> bytes:
    return b"".join(one.certificate.public_bytes(Encoding.DER) for one in authorities)


def test_a_bundle_is_all_of_its_cas_until_the_last_one_ends(tmp_path: Path) -> None:
    file = tmp_path / "ca.crt"
    pem = "# die Höchste zuerst\n".encode() + NEW.certificate_pem + b"# and its predecessor\n" + OLD.certificate_pem
    file.write_bytes(pem)

    assert read(file, NOW) == ClientCA(file, pem, der(NEW, OLD), NEW.certificate.not_valid_after_utc)


def nothing(file: Path) -> str:
    return f"{file}: must be a file to read, is not: No such file or directory"


def half_written(file: Path) -> str:
    file.write_bytes(NEW.certificate_pem + OLD.certificate_pem[:200])
    return f"{file}: must be PEM certificates, each whole, is not"


def empty(file: Path) -> str:
    file.touch()
    return f"{file}: must be PEM certificates, each whole, is not"


def no_ca(file: Path) -> str:
    certificate, _key = issue(file.parent, NEW, NOW, "caller")
    file.write_bytes(NEW.certificate_pem + certificate.read_bytes())
    return f"{file}: must hold nothing but CAs, has what is none: basic constraints must say that it is a CA"


def ended(file: Path) -> str:
    file.write_bytes(OLD.certificate_pem)
    until = x509.load_pem_x509_certificate(OLD.certificate_pem).not_valid_after_utc
    return f"{file}: must hold a CA that is valid now ({NOW}): has 'CN=old' until {until}"


@pytest.mark.parametrize("spoil", [nothing, half_written, empty, no_ca, ended])
def test_a_bundle_that_vouches_for_nobody_or_for_who_knows_whom_is_refused(
    tmp_path: Path, spoil: Callable[[Path], str]
) -> None:
    file = tmp_path / "ca.crt"
    error = spoil(file)

    with pytest.raises(ClientCAError) as caught:
        read(file, NOW)

    assert str(caught.value) == error
