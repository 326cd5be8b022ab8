"""Protocol Buffers' wire format, as far as the trees of expressions need it.

Source: protobuf.dev/programming-guides/encoding. The CEL library hands out its trees in this format only, and does not
bring the library that reads it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

_VARINT, _FIXED64, _DELIMITED = 0, 1, 2
_MASK64 = 2**64 - 1


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message, by number, in their order: a varint as an unsigned number, all else as its bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 == _VARINT:
            number, at = _varint(message, at)
            yield key >> 3, number
            continue
        size = 8
        if key & 7 == _DELIMITED:
            size, at = _varint(message, at)
        yield key >> 3, message[at : at + size]
        at += size


def grouped(message: bytes) -> dict[int, list[bytes]]:
    """The fields of a message that hold bytes (texts and messages), by number."""
    found: dict[int, list[bytes]] = {}
    for number, value in fields(message):
        if isinstance(value, bytes):
            found.setdefault(number, []).append(value)
    return found


def numbers(message: bytes) -> dict[int, int]:
    """The fields of a message that hold a varint, by number."""
    return {number: value for number, value in fields(message) if isinstance(value, int)}


def signed(number: int) -> int:
    """A varint as the 64-bit number in two's complement that it stands for."""
    return number - 2**64 if number >= 2**63 else number


def double(value: bytes) -> float:
    """A fixed 64-bit field as a floating-point number."""
    number: float = struct.unpack("<d", value)[0]
    return number


def text(number: int, value: str | bytes) -> bytes:
    """A field that holds a text or bytes."""
    return message(number, [value.encode() if isinstance(value, str) else value])


def message(number: int, parts: Iterable[bytes]) -> bytes:
    """A field that holds a message of these parts."""
    whole = b"".join(parts)
    return varint(number << 3 | _DELIMITED) + varint(len(whole)) + whole


def integer(number: int, value: int) -> bytes:
    """A field that holds a varint; a negative number in two's complement."""
    return varint(number << 3 | _VARINT) + varint(value & _MASK64)


def floating(number: int, value: float) -> bytes:
    """A field that holds a floating-point number of 64 bits."""
    return varint(number << 3 | _FIXED64) + struct.pack("<d", value)


def packed(values: bytes) -> Iterator[int]:
    """The numbers in a field that holds several varints."""
    at = 0
    while at < len(values):
        number, at = _varint(values, at)
        yield number


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 (the bit that says that another byte follows)
            return value, at


def varint(value: int) -> bytes:
    """A number from 0 to 2**64 - 1 as it is written."""
    written = bytearray()
    while value > 0x7F:  # noqa: PLR2004 (seven bits to a byte)
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
