"""One violation of one rule, as a value: where, what it must be, what it is.

Source: field.Error of k8s.io/apimachinery, whose kinds, reasons and standard words are used here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from webhook.rayjob.path import Path

SHOWN_CHARACTERS = 64  # of a bad value: enough to recognise it, and a message stays one line on a terminal
PATH_CHARACTERS = 512  # the deepest field of the API, under a label's key of 317 characters, has fewer


class Kind(StrEnum):
    """The kinds of field errors; the value is the machine-readable ``reason`` of a status cause."""

    REQUIRED = "FieldValueRequired"
    INVALID = "FieldValueInvalid"
    TYPE_INVALID = "FieldValueTypeInvalid"
    NOT_SUPPORTED = "FieldValueNotSupported"
    FORBIDDEN = "FieldValueForbidden"
    DUPLICATE = "FieldValueDuplicate"
    TOO_LONG = "FieldValueTooLong"


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation: ``text`` is printed, ``value`` (raw JSON, never printed) tells two violations apart.

    A check leaves ``rule`` empty; the rule that ran it puts its id there.
    """

    path: Path
    kind: Kind
    text: str
    value: object = None
    rule: str = ""

    @property
    def where(self) -> str:
        """The path as it is printed: on one line, and cut short where a map's key makes it endless."""
        text = printable(str(self.path))
        return text if len(text) <= PATH_CHARACTERS else text[: PATH_CHARACTERS - 1] + "…"

    @property
    def cause(self) -> str:
        """The violation without its place, and the rule's id: what a status cause says beside its field."""
        return f"{self.text} [{self.rule}]"

    @property
    def message(self) -> str:
        """The violation with its place, on one line: ``spec.jobId: Invalid value: "a b": must … [rule-id]``."""
        return f"{self.where}: {self.cause}"

    @property
    def order(self) -> tuple[object, ...]:
        """A sort key: by path, then rule, then text."""
        return (self.path.order, self.rule, self.text)

    def of(self, rule: str) -> Finding:
        """The same finding, made by a rule."""
        return Finding(self.path, self.kind, self.text, self.value, rule)


def printable(text: str) -> str:
    """The text with every character that is not printable (control, bidi, surrogate) written as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def shown(value: object) -> str:
    """A bad value as messages print it: strings quoted and cut short, lists and objects by their JSON type only."""
    if isinstance(value, dict | list):
        return json_type(value)
    if isinstance(value, str):
        cut = value if len(value) <= SHOWN_CHARACTERS else value[: SHOWN_CHARACTERS - 1] + "…"
        return printable(json.dumps(cut, ensure_ascii=False))
    if type(value) is int:  # by far the most frequent, and as short as it is quick
        return str(value)[:SHOWN_CHARACTERS]
    return json.dumps(value)[:SHOWN_CHARACTERS]


def json_type(value: object) -> str:
    """The JSON type of a raw value: string, integer, number, boolean, array, object or null."""
    if isinstance(value, bool):  # before int: bool is its subclass
        return "boolean"
    names = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "null")


def required(path: Path, why: str) -> Finding:
    """A field that must be there and is not."""
    return Finding(path, Kind.REQUIRED, f"Required value: {why}")


def invalid(path: Path, value: object, must: str) -> Finding:
    """A value that must be another; it is printed."""
    return Finding(path, Kind.INVALID, f"Invalid value: {shown(value)}: {must}", value)


def invalid_secret(path: Path, value: object, must: str) -> Finding:
    """A value that must be another and is never printed, because texts like it hold credentials."""
    return Finding(path, Kind.INVALID, f"Invalid value: {must}", value)


def type_invalid(path: Path, value: object, must: str) -> Finding:
    """A value of the wrong JSON type; its type is printed, never the value."""
    return Finding(path, Kind.TYPE_INVALID, f"Invalid value: {json_type(value)}: {must}", value)


def not_supported(path: Path, value: object, supported: Iterable[str], hint: str = "") -> Finding:
    """A value that is none of a closed set; ``hint`` is added behind the set."""
    names = ", ".join(json.dumps(name) for name in supported)
    return Finding(
        path, Kind.NOT_SUPPORTED, f"Unsupported value: {shown(value)}: supported values: {names}{hint}", value
    )


def forbidden(path: Path, value: object, why: str) -> Finding:
    """A field that must not be there beside the others."""
    return Finding(path, Kind.FORBIDDEN, f"Forbidden: {why}", value)


def duplicate(path: Path, value: object, must: str) -> Finding:
    """A value that another item has already."""
    return Finding(path, Kind.DUPLICATE, f"Duplicate value: {shown(value)}: {must}", value)


def too_long(path: Path, value: str, limit_bytes: int, why: str) -> Finding:
    """A text of more bytes than its limit."""
    size = len(value.encode("utf-8", "surrogatepass"))
    text = f"Too long: may not be more than {limit_bytes} bytes, is {size}: {why}"
    return Finding(path, Kind.TOO_LONG, text, value)
