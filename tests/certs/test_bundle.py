from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs import bundle
from certs.authority import Authority

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ONE, TWO = (Authority.create(common_name=name, now=NOW) for name in ("one", "two"))
HALF = ONE.certificate_pem[:-30]


@pytest.mark.parametrize(
    ("pem", "found"),
    [
        (b"", ()),
        (b"no certificate", ()),
        (ONE.key_pem, ()),
        (HALF, ()),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ()),
        (ONE.certificate_pem, (ONE.certificate,)),
        (TWO.certificate_pem + ONE.certificate_pem + TWO.certificate_pem, (TWO.certificate, ONE.certificate)),
        (b"# the first\n" + ONE.certificate_pem + HALF + TWO.certificate_pem, (ONE.certificate, TWO.certificate)),
        (ONE.certificate_pem.replace(b"\n", b"\r\n"), (ONE.certificate,)),
    ],
)
def test_the_certificates_of_a_bundle_are_those_that_can_be_read_each_once_in_order(pem, found):
    assert bundle.certificates(pem) == found


@given(
    st.binary() | st.builds(lambda *parts: b"".join(parts), st.sampled_from([HALF, ONE.certificate_pem]), st.binary())
)
def test_any_bytes_are_a_bundle(pem):
    found = bundle.certificates(pem)

    assert bundle.certificates(bundle.pem(found)) == found


def test_a_bundle_is_written_in_order():
    assert bundle.pem([TWO.certificate, ONE.certificate]) == TWO.certificate_pem + ONE.certificate_pem
