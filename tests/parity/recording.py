"""A file of recorded answers: one JSON object a line, compressed or not, of a kind that its rows tell."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

GZIP = b"\x1f\x8b"  # how every gzip file begins (RFC 1952)


class Unreadable(Exception):
    """A file that is no recording; the message says where and why."""


class Kind(StrEnum):
    """What a row records."""

    VERDICT = "the verdict on a RayJob"
    DECODING = "how far a RayJob gets"
    UPSTREAM = "a call of KubeRay's own tests"
    RUNTIME_ENV = "whether a text is a runtime environment"
    TEXT_FORM = "whether a text has a form"


# What a row of each kind must hold. No row holds what two of them ask for.
_FORMS: Mapping[Kind, Mapping[str, type]] = MappingProxyType(
    {
        Kind.UPSTREAM: {"function": str, "object": dict, "denied": bool},
        Kind.VERDICT: {"kuberay": str, "rayjob": dict, "denied": bool},
        Kind.DECODING: {"rayjob": dict, "stage": str},
        Kind.RUNTIME_ENV: {"text": str, "accepted": bool},
        Kind.TEXT_FORM: {"kind": str, "text": str, "result": str},
    }
)
# What it may hold besides; null is as good as nothing.
_BESIDES: Mapping[str, type] = MappingProxyType({"name": str, "kuberay": str, "gates": dict, "rules": list})


def rows(path: Path) -> Iterator[tuple[Kind, Row]]:
    """The rows of a file, in order; blank lines are none.

    Raises:
        Unreadable: where the file cannot be read, has no rows, or has a line that is a row of no kind.
    """
    found = False
    for number, line in enumerate(_lines(path), start=1):
        if line and not line.isspace():
            found = True
            yield _row(line, f"{path}, line {number}")
    if not found:
        raise Unreadable(f"{path}: must hold recorded answers, is empty")


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
        if data.startswith(GZIP):
            data = gzip.decompress(data)
        return data.decode().split("\n")
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: must be UTF-8: {error.reason} at byte {error.start}") from error


def _row(line: str, place: str) -> tuple[Kind, Row]:
    try:
        row = json.loads(_LONE_SURROGATE.sub(_replaced, line), parse_int=_integer, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{place}: must be JSON: {error}") from error
    if isinstance(row, dict):
        for kind, form in _FORMS.items():
            if all(isinstance(row.get(name), kept) for name, kept in form.items()):
                _check(row, place)
                return kind, row
    known = "; ".join(f"{kind} ({', '.join(form)})" for kind, form in _FORMS.items())
    raise Unreadable(f"{place}: must record one of: {known}")


def _check(row: Row, place: str) -> None:
    for name, kept in _BESIDES.items():
        if not isinstance(row.get(name), kept | None):
            raise Unreadable(f"{place}: {name} must be a {kept.__name__}, is {row[name]!r}")
    if not all(isinstance(number, str) for number in row.get("rules") or ()):
        raise Unreadable(f"{place}: rules must be numbers such as R24, are {row['rules']!r}")


def _integer(digits: str) -> int | float:
    """Python limits how many digits it converts; Go's decoder has no room for so many in any field anyway."""
    return int(digits) if len(digits) < 1000 else float(digits)


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is none")


# Half a character, escaped, as Go's decoder replaces it. Whole pairs, and escaped backslashes, are passed over.
_LONE_SURROGATE = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..|\\.")


def _replaced(escape: re.Match[str]) -> str:
    return "\\ufffd" if len(escape[0]) == len("\\ud800") else escape[0]
