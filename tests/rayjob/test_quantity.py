"""Quantities, against what Go's resource.ParseQuantity (k8s.io/apimachinery 0.36) answered for the same texts."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.rayjob.quantity import CHARACTERS, PATTERN, billionths, parse

NANO = Fraction(1, 10**9)
LARGEST_BINARY = Fraction(2**63 - 1)

texts = st.from_regex(r"\A[+-]?[0-9]{0,30}(\.[0-9]{0,30})?([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,4})?\Z")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("1", 1),
        ("-1", -1),
        ("+1.5", Fraction(3, 2)),
        ("007", 7),
        (".5", Fraction(1, 2)),
        ("1.", 1),
        ("1.5n", 2 * NANO),
        ("100u", Fraction(1, 10**4)),
        ("500m", Fraction(1, 2)),
        ("1k", 10**3),
        ("1M", 10**6),
        ("2G", 2 * 10**9),
        ("1T", 10**12),
        ("1P", 10**15),
        ("1E", 10**18),
        ("3Ki", 3 * 2**10),
        ("1Mi", 2**20),
        ("1.5Gi", 3 * 2**29),
        ("1Ti", 2**40),
        ("1Pi", 2**50),
        ("2Ei", 2**61),
        ("0.5Ki", 512),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1e+02", 100),
        ("15e-1", Fraction(3, 2)),
        ("12345678901234567890", 12345678901234567890),
        ("1e100", 10**100),
    ],
)
def test_an_amount_is_exact(text, amount):
    assert parse(text) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.1n", NANO),
        ("-0.1n", -NANO),
        ("1e-10", NANO),
        ("1.0000000001", 1 + NANO),
        ("-1.0000000001", -1 - NANO),
        ("0.0000000000", 0),
    ],
)
def test_what_is_no_whole_number_of_billionths_is_rounded_away_from_zero(text, amount):
    assert parse(text) == amount


@pytest.mark.parametrize(("text", "amount"), [("9Ei", LARGEST_BINARY), ("-9Ei", -LARGEST_BINARY), ("9E", 9 * 10**18)])
def test_amounts_with_a_binary_suffix_are_capped(text, amount):
    assert parse(text) == amount


@pytest.mark.parametrize("text", [".", "+", "-", "m", "Gi", "Ti", "+.Ki", "e3", "e-9"])
def test_without_digits_go_reads_zero(text):
    assert parse(text) == 0


@pytest.mark.parametrize("text", [" 1", "1 ", "  1  "])
def test_blanks_around_it_are_taken(text):
    assert parse(text) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "two", "1 Gi", "1\t", "1\n", "--1", "+-1", "1..2", "1.2.3", "1_000", "1,5", "0x10", "٣", "½"),
        *("1K", "1ki", "1mi", "1g", "1N", "1Zi", "1Gib", "1GB", "1i"),
        *("1e", "1E+", "1e1.5", "1e.5", "1ee5", "1e5e", "1Ei5", "1m5", "1e9223372036854775808"),
        *("Pi", "Ei", "e-10"),
        *("nan", "inf", "Infinity"),
    ],
)
def test_what_gos_parser_refuses_is_no_amount(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    ("number", "amount"),
    [
        (2, 2),
        (0, 0),
        (-3, -3),
        (0.5, Fraction(1, 2)),
        (2.0, 2),
        (1e21, 10**21),
        (1e-7, Fraction(1, 10**7)),
        (0.1, Fraction(1, 10)),
        (-0.0, 0),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_a_json_number_is_read_as_it_is_written(number, amount):
    assert parse(number) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1e999", Fraction(10**999)),
        ("1e-999", NANO),
        ("1e00000999", Fraction(10**999)),
        ("1e1000", None),
        ("1e-1000000000", None),
        ("1e1000000000", None),
        ("1" * CHARACTERS, int("1" * CHARACTERS)),
        ("1" * (CHARACTERS + 1), None),
        ("1" * 1_000_000, None),
    ],
)
def test_what_would_take_minutes_to_compute_is_no_amount(text, amount):
    assert parse(text) == amount


@given(texts)
def test_what_the_pattern_takes_is_an_amount(text):
    if re.fullmatch(PATTERN.removesuffix("$"), text):
        assert parse(text) is not None


@given(texts)
def test_an_amount_is_a_whole_number_of_billionths_and_its_sign_is_that_of_the_text(text):
    amount = parse(text)

    if amount is not None:
        assert (amount / NANO).denominator == 1
        assert amount <= 0 if text.startswith("-") else amount >= 0


FACTORS = {
    **{suffix: Fraction(10) ** power for suffix, power in zip("num", (-9, -6, -3), strict=True)},
    **{suffix: Fraction(1000) ** power for power, suffix in enumerate(("", *"kMGTPE"))},
    **{f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
}
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def computed(text):
    """An amount by arithmetic with fractions, for what has digits; slow, and with nothing of the module in it."""
    number = NUMBER.match(text)
    if number is None or len(text) > CHARACTERS:
        return None
    suffix = text[number.end() :]
    exponent = re.fullmatch("[eE]([+-]?0*[0-9]{1,3})", suffix)
    factor = FACTORS.get(suffix) if exponent is None else Fraction(10) ** int(exponent[1])
    if factor is None:
        return None
    amount = abs(Fraction(number[0])) * factor
    if suffix.endswith("i"):
        amount = min(amount, LARGEST_BINARY)
    rounded = -(-amount // NANO) * NANO
    return -rounded if text.startswith("-") else rounded


@given(texts | st.text("0123456789+-.eEinumkKMGTP ", max_size=12) | st.text(max_size=8))
def test_an_amount_is_what_arithmetic_with_fractions_makes_of_it(text):
    amount, stripped = parse(text), text.strip(" ")

    assert amount == computed(stripped) or (amount == 0 and NUMBER.match(stripped) is None)


@given(st.integers() | st.floats())
def test_a_number_is_read_as_its_text_is(number):
    assert parse(number) == (computed(repr(number)) if re.search("[0-9]", repr(number)) else None)


@given(texts)
def test_billionths_are_whole_numbers(text):
    amount = parse(text)

    assert billionths(text) == (None if amount is None else amount / NANO)
