"""What a YAML scalar stands for, as Go's YAML library resolves it.

It is YAML 1.1 (`on`, `y`, `0777`) without sexagesimals, with Go's own number syntax; dates stay texts.

Source: resolve.go of go.yaml.in/yaml/v2 2.4, and convertToJSONableObject of sigs.k8s.io/yaml 1.6 for the keys.
"""

from __future__ import annotations

import base64
import calendar
import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

NoText: TypeAlias = int | float | bool | None
Scalar: TypeAlias = str | NoText

_STANDARD: Final = "tag:yaml.org,2002:"
MERGE_TAG: Final = _STANDARD + "merge"

_NAMED: Final[MappingProxyType[str, Scalar]] = MappingProxyType(
    {
        **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
        **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
        **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
        **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
        **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    }
)
_NOT_A_NUMBER: Final = frozenset((".nan", ".NaN", ".NAN"))  # by name: each NaN must be one of its own, as a key
_FIRST_CHARACTERS: Final = frozenset("+-.0123456789~yYnNtTfFoO")  # of all that is not a text; most texts end here

_INTEGER: Final = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_DECIMAL_BASE: Final = 10
_BASES: Final = (16, 2, 8, _DECIMAL_BASE)  # of the groups of _INTEGER
_SIGN_AFTER_PREFIX: Final = re.compile(r"0b([-+][01]+)")
_DECIMAL: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_POINT_FIRST: Final = re.compile(r"\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?")
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_TIME: Final = r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?"
_TIMESTAMP: Final = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})" + rf"(?:[Tt]{_TIME}(?:Z|[-+]([0-9]{{2}}):([0-9]{{2}}))| +{_TIME})?"
)
_TIMESTAMP_LIMITS: Final = (23, 59, 59, 24, 60, 23, 59, 59)  # Go takes an offset of 24 hours, but no such time of day
_MONTHS: Final = 12
_INT64_MAX: Final = 2**63 - 1
_INT64_DIGITS: Final = 19  # fewer than these always fit
_UINT64_DIGITS: Final = 20  # decimal digits of 2^64; Python refuses to read integers of thousands of digits
_FLOAT32_NORMAL: Final = 2.0**-126  # below it, a float32 has fewer digits
_FIXED_LIMIT: Final = 1e6  # from here on strconv's shortest %g prints an exponent


@dataclass(frozen=True, slots=True)
class Misfit:
    """A scalar that is not what its tag says; ``expected`` is a phrase: `an integer`."""

    expected: str


def plain(text: str) -> Scalar:
    """The value of a plain scalar without a tag. A float may be infinite or NaN, which JSON cannot say."""
    if text and text[0] not in _FIRST_CHARACTERS:
        return text
    if text in _NAMED:
        return _NAMED[text]
    if text[0] in "123456789" and len(text) < _INT64_DIGITS and text.isdecimal() and text.isascii():
        return int(text)
    number = _number(text)
    return text if number is None else number


def tagged(tag: str, text: str) -> Scalar | Misfit:
    """The value of a scalar with a tag, in its long form; a tag that Go does not know makes it a text."""
    read = _TAGGED.get(tag)
    return text if read is None else read(text)


def key_text(key: NoText) -> str | None:
    """The text that a key becomes in JSON; ``None`` for null and for integers above int64, which Go refuses as keys."""
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return str(key) if key <= _INT64_MAX else None
    return None if key is None else _float32_text(key)


def _number(text: str) -> int | float | None:
    if text in _NOT_A_NUMBER:
        return float("nan")
    if text[0] == ".":
        return _finite(text) if _POINT_FIRST.fullmatch(text) else None
    digits = text.replace("_", "")
    if "." not in digits and (integer := _integer(digits)) is not None:
        return integer
    if _DECIMAL.fullmatch(digits):
        return _finite(digits)
    signed = _SIGN_AFTER_PREFIX.fullmatch(digits)
    return _in_int64(int(signed[1], 2)) if signed else None


def _integer(digits: str) -> int | None:
    """An integer of Go's base 0 within int64, or within uint64 where it has no sign."""
    match = _INTEGER.fullmatch(digits)
    if match is None:
        return None
    sign, *forms = match.groups()
    base, form = next((base, form) for base, form in zip(_BASES, forms, strict=True) if form is not None)
    if base == _DECIMAL_BASE and len(form) > _UINT64_DIGITS:
        return None
    magnitude = int(form, base)
    if sign:
        return _in_int64(-magnitude if sign == "-" else magnitude)
    return magnitude if magnitude <= 2 * _INT64_MAX + 1 else None


def _in_int64(number: int) -> int | None:
    return number if -_INT64_MAX - 1 <= number <= _INT64_MAX else None


def _finite(digits: str) -> float | None:
    """A float, or ``None`` where it is beyond float64: Go reads `1e999` as a text."""
    number = float(digits)
    return number if math.isfinite(number) else None


def _int(text: str) -> int | Misfit:
    value = plain(text)
    return value if isinstance(value, int) and not isinstance(value, bool) else Misfit("an integer")


def _float(text: str) -> float | Misfit:
    value = plain(text)
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value <= _INT64_MAX:
        return float(value)
    return Misfit("a number")


def _bool(text: str) -> bool | Misfit:
    value = plain(text)
    return value if isinstance(value, bool) else Misfit("a boolean")


def _null(text: str) -> Misfit | None:
    return None if plain(text) is None else Misfit("null")


def _timestamp(text: str) -> str | Misfit:
    return text if _is_timestamp(text) else Misfit("a date or a time")


def _is_timestamp(text: str) -> bool:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return False
    year, month, day, *rest = (int(number or 0) for number in match.groups())
    if not (1 <= month <= _MONTHS and 1 <= day <= calendar.monthrange(year, month)[1]):
        return False
    return all(number <= limit for number, limit in zip(rest, _TIMESTAMP_LIMITS, strict=True))


def _binary(text: str) -> str | Misfit:
    encoded = text.replace("\r", "").replace("\n", "")
    if not _BASE64.fullmatch(encoded):
        return Misfit("base64")
    decoded = base64.b64decode(encoded).decode("utf-8", "surrogateescape")
    # encoding/json writes one replacement character for each byte that is no UTF-8; Python's own would join some.
    return re.sub("[\udc80-\udcff]", "\ufffd", decoded)


def _float32_text(number: float) -> str:
    """A float as strconv.FormatFloat(number, 'g', -1, 32) prints it, with YAML's names for what is not finite."""
    rounded = _float32(number)
    if not math.isfinite(rounded):
        return ".nan" if math.isnan(rounded) else ".inf" if rounded > 0 else "-.inf"
    # Any six digits tell two normal float32 apart, so that six digits without their zeros are the fewest possible.
    digits = next(
        digits
        for digits in range(6 if abs(rounded) >= _FLOAT32_NORMAL else 1, 10)
        if _float32(float(f"{rounded:.{digits}g}")) == rounded
    )
    text = f"{rounded:.{digits}g}"
    return text if abs(rounded) < _FIXED_LIMIT or "e" in text else f"{rounded:.{digits - 1}e}"


def _float32(number: float) -> float:
    """The nearest float32; infinite where the number is beyond it."""
    try:
        (rounded,) = struct.unpack("<f", struct.pack("<f", number))
    except OverflowError:
        return math.copysign(math.inf, number)
    return float(rounded)


_TAGGED: Final[MappingProxyType[str, Callable[[str], Scalar | Misfit]]] = MappingProxyType(
    {
        _STANDARD + "int": _int,
        _STANDARD + "float": _float,
        _STANDARD + "bool": _bool,
        _STANDARD + "null": _null,
        _STANDARD + "timestamp": _timestamp,
        _STANDARD + "binary": _binary,
    }
)
