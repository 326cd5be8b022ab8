import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from certs.authority import Authority
from certs.pair import write
from certs.reload import Rotating, State
from webhook.serving.run import expired, follow

NOW = datetime.now(UTC)


def issue(folder):
    authority = Authority.create(common_name="test", now=NOW)
    write(folder, authority.issue(["localhost"], [], now=NOW), authority)


async def followed_until(certificate, caplog, text):
    """Follows the certificate's folder until the log says something, and returns what was told of it."""
    told: list[State] = []
    following = asyncio.create_task(follow(certificate, 0, told.append))
    while text not in caplog.text:  # noqa: ASYNC110 (the log has no event to wait for)
        await asyncio.sleep(0)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    return told


def test_a_renewed_certificate_is_served_and_a_bad_one_is_not(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    issue(tmp_path)
    certificate = Rotating(tmp_path, NOW)
    first = certificate.served.pair.fingerprint

    issue(tmp_path)
    swapped = asyncio.run(followed_until(certificate, caplog, "serving a new certificate, valid until"))
    second = certificate.served.pair.fingerprint
    (tmp_path / "tls.crt").write_text("half")
    refused = asyncio.run(followed_until(certificate, caplog, "still serving the old certificate: "))

    assert swapped == [State.SWAPPED]
    assert {*refused} == {State.REFUSED}
    assert first != second
    assert certificate.served.pair.fingerprint == second


def test_a_certificate_that_stays_is_no_news(tmp_path, caplog):
    issue(tmp_path)
    certificate = Rotating(tmp_path, NOW)

    told: list[State] = []

    async def several_rounds():
        following = asyncio.create_task(follow(certificate, 0, told.append))
        for _ in range(10):
            await asyncio.sleep(0)
        following.cancel()

    asyncio.run(several_rounds())

    assert (caplog.text, told) == ("", [])


def test_a_certificate_is_good_until_its_last_second(tmp_path):
    issue(tmp_path)
    certificate = Rotating(tmp_path, NOW)
    end = certificate.served.pair.not_after

    assert expired(certificate, end - timedelta(seconds=1)) is None
    assert expired(certificate, end) == f"the certificate was valid until {end:%Y-%m-%dT%H:%M:%SZ}"
