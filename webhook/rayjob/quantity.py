"""Amounts of CPU, memory and other resources as Kubernetes writes them: 500m, 2, 4Gi, 1e3.

Source: resource.Quantity of k8s.io/apimachinery, by whose parser the operator reads them; kuberay-rules C-2.
"""

from __future__ import annotations

import re
from fractions import Fraction

# Go takes any exponent, and then computes with as many digits: one of nine figures holds the operator up for minutes,
# with gigabytes. No amount needs a thousandth of that, so that these limits refuse nothing but attacks.
CHARACTERS = 256
_EXPONENT = r"[eE][+-]?0*[0-9]{1,3}"

# What both take, the CRD and Go's parser: the CRD's pattern, less the exponents with a fraction that Go refuses (1e1.5)
# and those that are out of all reason.
PATTERN = rf"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|{_EXPONENT})?$"

_TEXT = re.compile(rf"(?P<number>[+-]?[0-9]*(?:\.[0-9]*)?)(?P<suffix>[KMGTPE]i|[numkMGTPE]|{_EXPONENT})?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_BINARY_LARGEST = 2**63 - 1
_SMALLEST = Fraction(1, 10**9)


def parse(value: str | float) -> Fraction | None:
    """The amount in a quantity, as Go's parser computes it; None for what it refuses.

    An amount that is no multiple of a billionth is rounded away from zero to one, and one with a binary suffix is at
    the most 2**63 - 1. Blanks around a text are taken, which the CRD refuses. So are, with a sign or suffix, texts
    without any digit: they are 0. Other than by Go, a text of more than `CHARACTERS` characters and an exponent beyond
    three figures are refused.
    """
    # The API server stores a tab or line feed in a text as an escape, which Go's parser does not undo: only a blank is
    # blank to it.
    text = value.strip(" ") if isinstance(value, str) else repr(value)
    match = _TEXT.fullmatch(text) if 0 < len(text) <= CHARACTERS else None
    if match is None:
        return None
    number, suffix = match["number"], match["suffix"] or ""
    if number.strip("+-.") == "":
        return None if _needs_digits(suffix) else Fraction(0)
    amount = Fraction(number) * _factor(suffix)
    if suffix in _BINARY and abs(amount) > _BINARY_LARGEST:
        return Fraction(_BINARY_LARGEST if amount > 0 else -_BINARY_LARGEST)
    billionths = amount / _SMALLEST
    rounded = -(-abs(billionths) // 1)
    return (rounded if amount > 0 else -rounded) * _SMALLEST


def _factor(suffix: str) -> Fraction:
    if suffix in _BINARY:
        return Fraction(_BINARY[suffix])
    return Fraction(10) ** _exponent(suffix)


def _exponent(suffix: str) -> int:
    return _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:] or "0")


def _needs_digits(suffix: str) -> bool:
    """Whether Go's parser leaves the way on which it takes no digits for 0: where it needs more than 64 bits."""
    return suffix in ("Pi", "Ei") or (suffix not in _BINARY and _exponent(suffix) < _DECIMAL["n"])
