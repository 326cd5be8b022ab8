import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from certs.authority import Authority
from certs.pair import write
from certs.reload import Rotating, State
from webhook.serving.renewal import Renewed, expired, follow

NOW = datetime.now(UTC)


def issue(folder):
    authority = Authority.create(common_name="test", now=NOW)
    write(folder, authority.issue(["localhost"], [], now=NOW), authority)


@pytest.fixture
def certificate(tmp_path):
    """What serves a certificate, and judges callers by a CA."""
    issue(tmp_path)
    (tmp_path / "client-ca.crt").write_bytes(Authority.create(common_name="a", now=NOW).certificate_pem)
    return Rotating(tmp_path, NOW, tmp_path / "client-ca.crt")


async def followed_until(certificate, caplog, text):
    """Follows the files until the log says something, and returns what was told of them."""
    told: set[tuple[Renewed, State]] = set()
    following = asyncio.create_task(follow(certificate, 0, lambda *what: told.add(what)))
    while text not in caplog.text:  # noqa: ASYNC110 (the log has no event to wait for)
        await asyncio.sleep(0)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    return told


def test_a_renewed_certificate_is_served_and_a_bad_one_is_not(tmp_path, certificate, caplog):
    caplog.set_level(logging.INFO)
    first = certificate.served.pair.fingerprint

    issue(tmp_path)
    swapped = asyncio.run(followed_until(certificate, caplog, "serving with a new certificate"))
    second = certificate.served.pair.fingerprint
    (tmp_path / "tls.crt").write_text("half")
    refused = asyncio.run(
        followed_until(certificate, caplog, f"still serving with the old certificate: {tmp_path}/tls.crt: must be ")
    )

    assert swapped == {(Renewed.CERTIFICATE, State.SWAPPED)}
    assert refused == {(Renewed.CERTIFICATE, State.REFUSED)}
    assert first != second
    assert certificate.served.pair.fingerprint == second


def test_another_ca_of_callers_is_in_force_and_a_bad_one_is_not(tmp_path, certificate, caplog):
    caplog.set_level(logging.INFO)
    file = tmp_path / "client-ca.crt"

    pem = Authority.create(common_name="b", now=NOW).certificate_pem
    file.write_bytes(pem)
    swapped = asyncio.run(followed_until(certificate, caplog, "serving with a new client CA"))
    file.write_bytes(pem[:100])
    refused = asyncio.run(
        followed_until(certificate, caplog, f"still serving with the old client CA: {file}: must be ")
    )

    assert swapped == {(Renewed.CLIENT_CA, State.SWAPPED)}
    assert refused == {(Renewed.CLIENT_CA, State.REFUSED)}
    assert certificate.served.clients.pem == pem


def test_what_stays_is_no_news(certificate, caplog):
    told: list[tuple[Renewed, State]] = []

    async def several_rounds():
        following = asyncio.create_task(follow(certificate, 0, lambda *what: told.append(what)))
        for _ in range(10):
            await asyncio.sleep(0)
        following.cancel()

    asyncio.run(several_rounds())

    assert (caplog.text, told) == ("", [])


def test_a_certificate_is_good_until_its_last_second(certificate):
    end = certificate.served.pair.not_after

    assert expired(certificate, end - timedelta(seconds=1)) is None
    assert expired(certificate, end) == f"the certificate was valid until {end:%Y-%m-%dT%H:%M:%SZ}"
