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

_TEXT = re.compile(
    rf"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?P<suffix>[KMGTPE]i|[numkMGTPE]|{_EXPONENT})?"
)
_DECIMAL = {"": 0, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}

BILLION = 10**9
_FINEST = 9  # the power of ten of a billion
_BINARY_LARGEST = (2**63 - 1) * BILLION

# What nearly everybody writes, where nothing is to be rounded or capped: how many billionths one of a suffix is.
_PLAIN = re.compile(r"([0-9]{1,6})([mkMGT]?|[KMGT]i)")
_BILLIONTHS: dict[str, int] = {
    **{suffix: 10 ** (_DECIMAL[suffix] + _FINEST) for suffix in ("", "m", "k", "M", "G", "T")},
    **{suffix: _BINARY[suffix] * BILLION for suffix in ("Ki", "Mi", "Gi", "Ti")},
}


def parse(value: str | float) -> Fraction | None:
    """The amount in a quantity, as Go's parser computes it; None for what it refuses. See `billionths`."""
    found = billionths(value)
    return None if found is None else Fraction(found, BILLION)


def billionths(value: str | float) -> int | None:
    """The amount in a quantity in billionths, the finest that there are; None for what Go's parser refuses.

    An amount that is no multiple of a billionth is rounded away from zero to one, and one with a binary suffix is at
    the most 2**63 - 1. Blanks around a text are taken, which the CRD refuses. So are, with a sign or suffix, texts
    without any digit: they are 0. Other than by Go, a text of more than `CHARACTERS` characters and an exponent beyond
    three figures are refused.
    """
    # The API server stores a tab or line feed in a text as an escape, which Go's parser does not undo: only a blank is
    # blank to it.
    text = value.strip(" ") if isinstance(value, str) else repr(value)
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return int(plain[1]) * _BILLIONTHS[plain[2]]
    match = _TEXT.fullmatch(text) if 0 < len(text) <= CHARACTERS else None
    return None if match is None else _computed(match)


def _computed(match: re.Match[str]) -> int | None:
    sign, whole, part, suffix = match["sign"], match["whole"], match["part"] or "", match["suffix"] or ""
    if not (whole or part):
        return None if _needs_digits(suffix) else 0
    digits, power = int(whole + part), _FINEST - len(part)
    if suffix in _BINARY:
        amount = min(_scaled(digits * _BINARY[suffix], power), _BINARY_LARGEST)
    else:
        amount = _scaled(digits, power + _exponent(suffix))
    return -amount if sign == "-" else amount


def _scaled(number: int, power: int) -> int:
    """A number of 0 or more times a power of ten, rounded up."""
    ten: int = 10 ** abs(power)
    return number * ten if power >= 0 else -(-number // ten)


def _exponent(suffix: str) -> int:
    return _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])


def _needs_digits(suffix: str) -> bool:
    """Whether Go's parser leaves the way on which it takes no digits for 0: where it needs more than 64 bits."""
    return suffix in ("Pi", "Ei") or (suffix not in _BINARY and _exponent(suffix) < _DECIMAL["n"])
