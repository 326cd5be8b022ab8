"""The values are those of k8s.io/apimachinery 0.36.3."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.policy.cel.quantity import facts, order


@pytest.mark.parametrize(
    ("text", "approximate", "integer"),
    [
        ("0", 0.0, 0),
        ("1", 1.0, 1),
        ("-3", -3.0, -3),
        ("+3", 3.0, 3),
        ("0012", 12.0, 12),
        ("4k", 4000.0, 4000),
        ("1e3", 1000.0, 1000),
        ("4Gi", 4294967296.0, 4294967296),
        ("Mi", 0.0, 0),  # other than its documentation says
        ("500m", 0.5, None),
        ("1000m", 1.0, None),  # not to AsInt64, which does not reduce it
        ("1.0", 1.0, None),
        ("1.5Gi", 1610612736.0, None),
        ("1100m", 1.1, None),
        ("1E", 1e18, 10**18),
        ("10E", 1e19, None),
        ("9223372036854775807", 9.223372036854776e18, None),
        ("123456789012345678", 1.2345678901234568e17, 123456789012345678),
        ("0.1n", 1e-9, None),
        ("9Ei", 9.223372036854775807e18, None),
        ("1e-9", 1e-9, None),
        ("12345678901Ti", 9.223372036854775807e18, None),
    ],
)
def test_a_quantity_is_what_kubernetes_makes_of_it(text, approximate, integer):
    assert (facts(text) or [])[1:] == [approximate, integer is not None, integer or 0]


@pytest.mark.parametrize("text", ["", " 1", "1 ", "1K", "1,5", "1Gib", "one", "0x1", "1e1.5", "1e99999"])
def test_what_is_no_quantity_has_none(text):
    assert facts(text) is None


AMOUNTS = st.fractions(-(10**30), 10**30, max_denominator=10**9).map(
    lambda amount: Fraction(int(amount * 10**9), 10**9)
)


@given(AMOUNTS, AMOUNTS)
def test_orders_compare_as_amounts_do(one, other):
    assert (order(one) < order(other)) == (one < other)
    assert (order(one) == order(other)) == (one == other)


def test_one_amount_has_one_order_however_it_is_written():
    assert len({(facts(text) or [])[0] for text in ("1", "1000m", "1.0", "0.001k", "1e0", "+1")}) == 1
