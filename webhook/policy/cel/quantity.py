"""What expressions ask of a quantity, worked out from its text as Kubernetes does.

Source: Quantity, ParseQuantity, AsInt64 and AsApproximateFloat64 of k8s.io/apimachinery/pkg/api/resource.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TypeAlias

from webhook.rayjob import quantity

Facts: TypeAlias = list[str | float | bool | int]
"""A text that orders quantities by their amounts, the amount as a float, whether it is an integer, and the integer."""

_BILLIONTHS = 10**9  # of a unit: the smallest that Kubernetes keeps
_DIGITS = 10**4  # more than the amount has, whose exponent has three figures
_INT64 = 2**63
_PARTS = re.compile(r"[+-]?0*(?P<number>[0-9]*)(?:\.(?P<fraction>[0-9]*))?(?P<suffix>.*)")
_DECIMAL = {"": 0, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_FACTORS = 18  # digits of a decimal number that Kubernetes computes with in 64 bits
_BINARY_FACTORS = 14  # the same of a binary one, less its suffix
_SMALLEST_SCALE = -9


def facts(text: str) -> Facts | None:
    """What there is to know of the quantity in a text; None where there is none in it."""
    amount = None if text != text.strip(" ") else quantity.parse(text)
    if amount is None:
        return None
    scaled = _scaled(text, amount)
    if scaled is None:  # computed with any number of digits; such an amount is no integer to Kubernetes
        at_most = Fraction(_INT64 - 1)
        approximate = float(at_most) if amount == at_most else float(int(amount * _BILLIONTHS)) * 1e-9
        return [order(amount), approximate, False, 0]
    number, scale = scaled
    approximate = float(number) * float(f"1e{scale}") if scale else float(number)
    is_integer = scale >= 0 and -_INT64 <= amount < _INT64
    return [order(amount), approximate, is_integer, int(amount) if is_integer else 0]


def order(amount: Fraction) -> str:
    """A text for an amount: those of two amounts compare, character by character, as the amounts do."""
    number = int(amount * _BILLIONTHS)
    digits = str(abs(number))
    if number >= 0:
        return f"1{len(digits):04}{digits}"
    return f"0{_DIGITS - 1 - len(digits):04}{''.join(str(9 - int(digit)) for digit in digits)}"


def _scaled(text: str, amount: Fraction) -> tuple[int, int] | None:
    """The number and the power of ten that Kubernetes keeps of a quantity in 64 bits; None where they do not do."""
    if text == "0":
        return 0, 0
    match = _PARTS.fullmatch(text)
    number, fraction, suffix = match.groups("") if match else ("", "", "")
    if suffix in _BINARY:
        fits = not fraction and len(number) + _BINARY[suffix] * 3 // 10 <= _BINARY_FACTORS
        return (int(amount), 0) if fits and abs(amount) < _INT64 else None
    scale = (_DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])) - len(fraction)
    if len(number) + len(fraction) > _FACTORS or scale < _SMALLEST_SCALE:
        return None
    return int(f"{number}{fraction}" or "0") * (-1 if text.startswith("-") else 1), scale
