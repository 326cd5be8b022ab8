"""How a value departs from the description of its field.

The explanation follows the noes of compiled checks down to the fields, and looks at nothing else: so it costs little
more than to find out that something is wrong, and what an object is full of does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import compress
from operator import not_
from typing import Any, cast

import jsonschema_rs

from webhook.rayjob import quantity
from webhook.rayjob.facet import INT64, Bounds, Doc, Format, Minimum, MinItems, Unit
from webhook.rayjob.path import Key, Path, Step
from webhook.rayjob.schema import Field, Kind, fields, json_schema


class Sort(StrEnum):
    """In what a value departs from its field."""

    TYPE = "type"  # another JSON type, or a text that is no time
    RANGE = "range"  # a number for which the operator's field has no room
    AMOUNT = "amount"  # a text that is no quantity
    MISSING = "missing"
    UNSUPPORTED = "unsupported"  # none of a closed set
    TOO_SMALL = "too small"
    TOO_FEW = "too few"
    DUPLICATE = "duplicate"  # an item of a list that repeats another
    MALFORMED = "malformed"  # of the right type, but in another form than the CRD wants


# What the operator's decoder does not take. All else it takes, and only the CRD refuses.
UNDECODABLE = frozenset({Sort.TYPE, Sort.RANGE, Sort.AMOUNT})


@dataclass(frozen=True, slots=True)
class Departure:
    """A value that its field does not take; ``expected`` says what it takes, as a phrase: `an integer (seconds)`.

    Where the field is missing, that is what the field is for. ``choices`` are the values of a closed set.
    """

    path: Path
    sort: Sort
    value: object
    expected: str
    choices: tuple[str, ...] = ()

    def under(self, step: Step) -> Departure:
        """The same departure, of the object that holds this one at a step."""
        return replace(self, path=Path((step, *self.path.steps)))


@cache
def takes(field: Field) -> Callable[[object], bool]:
    """The compiled check of a field's value."""
    return jsonschema_rs.Draft202012Validator(json_schema(field), validate_formats=True).is_valid


_EXPECTED: Mapping[Kind, str] = {
    Kind.OBJECT: "an object",
    Kind.MAP: "an object",
    Kind.LIST: "a list",
    Kind.STRING: "a string",
    Kind.INTEGER: "an integer",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.INT_OR_STRING: "an integer or a string",
    Kind.QUANTITY: "a quantity, such as 2, 500m or 4Gi",
}


def departures(value: object, field: Field) -> Iterator[Departure]:
    """The departures in a value that its field may not take, in the value's order; repeated items of lists aside."""
    if not _HAS_TYPE[field.kind](value):
        yield Departure(Path(), Sort.TYPE, value, _EXPECTED[field.kind] + _unit(field))
    elif isinstance(value, dict):
        yield from _in_object(value, fields(field.of)) if field.of is not None else _in_map(value, field)
    elif isinstance(value, list):
        yield from _in_list(value, field)
    else:
        yield _of_text(value, field) if isinstance(value, str) else _of_number(cast("float", value), field)


def _in_object(value: dict[str, Any], known: Mapping[str, Field]) -> Iterator[Departure]:
    for name, field in known.items():
        if field.demanded and value.get(name) is None:
            doc = field.facet(Doc)
            yield Departure(Path((name,)), Sort.MISSING, None, doc.text if doc else "")
    for name, entry in value.items():
        # To look at the fields of an object costs less than to ask first, and again for each object in it.
        if name in known and entry is not None and (known[name].of is not None or not takes(known[name])(entry)):
            for departure in departures(entry, known[name]):
                yield departure.under(name)


def _in_map(value: dict[str, Any], field: Field) -> Iterator[Departure]:
    element = cast("Field", field.element)
    for name in compress(value, map(not_, map(takes(element), value.values()))):
        for departure in departures(value[name], element):
            yield departure.under(Key(name))


def _in_list(value: list[Any], field: Field) -> Iterator[Departure]:
    if (fewest := field.facet(MinItems)) is not None and len(value) < fewest.count:
        yield Departure(Path(), Sort.TOO_FEW, value, f"{fewest.count} or more items")
    element = cast("Field", field.element)
    for place in compress(range(len(value)), map(not_, map(takes(element), value))):
        for departure in departures(value[place], element):
            yield departure.under(place)


def _of_text(value: str, field: Field) -> Departure:
    if field.choices:
        return Departure(Path(), Sort.UNSUPPORTED, value, "one of a closed set", field.choices)
    if (times := field.facet(Format)) is not None:
        expected = f"a {times.name} as RFC 3339 writes it, such as 2026-01-31T12:00:00Z"
        return Departure(Path(), Sort.TYPE, value, expected)
    if field.kind is Kind.QUANTITY:
        sort = Sort.AMOUNT if quantity.parse(value) is None else Sort.MALFORMED
        return Departure(Path(), sort, value, _EXPECTED[field.kind])
    return Departure(Path(), Sort.MALFORMED, value, "a text of the length and the form that the CRD gives it")


def _of_number(value: float, field: Field) -> Departure:
    bounds, least = field.facet(Bounds), field.facet(Minimum)
    if bounds is not None and not bounds.minimum <= value <= bounds.maximum:
        return Departure(Path(), Sort.RANGE, value, _range(field) + _unit(field))
    if least is not None:
        return Departure(Path(), Sort.TOO_SMALL, value, f"{least.value} or more{_unit(field)}")
    return Departure(Path(), Sort.MALFORMED, value, "an integer or, with a fraction, a text, such as 500m")


def _is_whole(value: object) -> bool:
    """Whether a value is an integer for the API server: 3600.0 is one, true is none."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_HAS_TYPE: Mapping[Kind, Callable[[object], bool]] = {
    Kind.OBJECT: lambda value: isinstance(value, dict),
    Kind.MAP: lambda value: isinstance(value, dict),
    Kind.LIST: lambda value: isinstance(value, list),
    Kind.STRING: lambda value: isinstance(value, str),
    Kind.BOOLEAN: lambda value: isinstance(value, bool),
    Kind.NUMBER: _is_number,
    Kind.INTEGER: _is_whole,
    Kind.INT_OR_STRING: lambda value: isinstance(value, str) or _is_whole(value),
    Kind.QUANTITY: lambda value: isinstance(value, str) or _is_number(value),
}


def _unit(field: Field) -> str:
    unit = field.facet(Unit)
    return f" ({unit.name})" if unit else ""


def _range(field: Field) -> str:
    kind = "number" if field.kind is Kind.NUMBER else "integer"
    return f"a {64 if INT64 in field.facets else 32}-bit {kind}"
