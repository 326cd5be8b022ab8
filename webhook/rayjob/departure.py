"""Where a RayJob departs from the description of its fields, and the RayJob as far as it can be read.

One compiled check and one look at the keys of lists say yes in microseconds, for nearly every object. Only a no is
explained: the explanation follows the noes of compiled checks down to the fields, and looks at nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, cast

import jsonschema_rs

from webhook.rayjob import model, quantity
from webhook.rayjob.facet import INT64, Bounds, Doc, Format, Minimum, MinItems, Unit
from webhook.rayjob.kuberay import Release
from webhook.rayjob.list_keys import may_repeat, repeats
from webhook.rayjob.path import Key, Path, Step
from webhook.rayjob.schema import ROOT, Field, Kind, fields, json_schema

# Whoever has more mistakes than this fixes these first. It bounds what an object made of mistakes alone costs us.
MISTAKES = 100


class Sort(StrEnum):
    """In what a value departs from its field."""

    TYPE = "type"
    RANGE = "range"
    AMOUNT = "amount"
    MISSING = "missing"
    UNSUPPORTED = "unsupported"
    TOO_SMALL = "too small"
    TOO_FEW = "too few"
    DUPLICATE = "duplicate"
    MALFORMED = "malformed"


# What the operator's decoder does not take, a number without room and a text that is no amount among them. All others
# it takes, and only the CRD refuses them.
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


def settle(raw: dict[str, Any], release: Release) -> tuple[model.RayJob, tuple[Departure, ...]]:
    """A raw object as far as it can be read, and how it departs from what a KubeRay release takes.

    The object is as of `readable`. What is wrong in a field that the release's CRD does not have is not told: the API
    server prunes the field. With more than `MISTAKES` departures the object is empty; then these are told, one more as
    a sign of it, and nothing else is looked at.
    """
    settled, found = _read(raw)
    if found and len(found) <= MISTAKES:
        found = tuple(departure for departure in found if _is_in(release, departure.path))
    if may_repeat(settled, release):
        found += tuple(islice(_repeated(settled, release, found), MISTAKES + 1 - len(found)))
    return ({} if len(found) > MISTAKES else settled), found


def readable(raw: dict[str, Any]) -> model.RayJob:
    """A raw object as far as it can be read.

    It is `raw` itself where the operator can decode it, else a copy in which the `UNDECODABLE` places are null. With
    more than `MISTAKES` departures of any sort it is empty.
    """
    return _read(raw)[0]


def _read(raw: dict[str, Any]) -> tuple[model.RayJob, tuple[Departure, ...]]:
    if _takes_all()(raw):
        return cast("model.RayJob", raw), ()
    found = tuple(islice(_departures(raw, ROOT), MISTAKES + 1))
    if len(found) > MISTAKES:
        return {}, found
    return without_undecodable(cast("model.RayJob", raw), found), found


def without_undecodable(raw: model.RayJob, found: Iterable[Departure]) -> model.RayJob:
    """A copy of an object, as far as it differs, in which the `UNDECODABLE` ones among its departures are null."""
    places = [departure.path.steps for departure in found if departure.sort in UNDECODABLE]
    return cast("model.RayJob", _without(raw, places))


@cache
def _takes_all() -> Callable[[object], bool]:
    return _takes(ROOT)


@cache
def _takes(field: Field) -> Callable[[object], bool]:
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


def _departures(value: object, field: Field) -> Iterator[Departure]:
    """The departures in a value, repeated items of lists aside; it is no object's, or its field does not take it."""
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
        if name in known and entry is not None and (known[name].of is not None or not _takes(known[name])(entry)):
            for departure in _departures(entry, known[name]):
                yield departure.under(name)


def _in_map(value: dict[str, Any], field: Field) -> Iterator[Departure]:
    element = cast("Field", field.element)
    takes = _takes(element)
    for name, entry in value.items():
        if not takes(entry):
            for departure in _departures(entry, element):
                yield departure.under(Key(name))


def _in_list(value: list[Any], field: Field) -> Iterator[Departure]:
    element = cast("Field", field.element)
    takes = _takes(element)
    if (fewest := field.facet(MinItems)) is not None and len(value) < fewest.count:
        yield Departure(Path(), Sort.TOO_FEW, value, f"{fewest.count} or more items")
    for place, item in enumerate(value):
        if not takes(item):
            for departure in _departures(item, element):
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


def _repeated(settled: model.RayJob, release: Release, found: tuple[Departure, ...]) -> Iterator[Departure]:
    """The items that repeat another; where a key of one could not be read, nobody knows."""
    unknown = {departure.path.steps for departure in found if departure.sort in UNDECODABLE}
    for repeat in repeats(settled, release):
        *items, place, _ = repeat.path.steps
        if any((*items, item, name) in unknown for item in (place, repeat.first) for name in repeat.names):
            continue
        expected = f"another than {'that of ' if repeat.names else ''}item {repeat.first}"
        if len(repeat.names) > 1:
            expected += f", or stand beside another {' or '.join(repeat.names[1:])}"
        yield Departure(repeat.path, Sort.DUPLICATE, repeat.value, expected)


def _is_in(release: Release, path: Path) -> bool:
    """Whether the CRD of a release has every field on the way to a place."""
    field = ROOT
    for step in path.steps:
        field = fields(field.of)[cast("str", step)] if field.of is not None else cast("Field", field.element)
        if not field.is_in(release):
            return False
    return True


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


def _without(raw: Any, places: Collection[tuple[Step, ...]]) -> Any:
    """A copy of the containers that lead to the places, in which these are null; everything else is shared."""
    if not places:
        return raw
    if () in places:
        return None
    below: dict[Step, list[tuple[Step, ...]]] = {}
    for step, *rest in places:
        below.setdefault(step, []).append(tuple(rest))
    copied = raw.copy()
    for step, rests in below.items():
        copied[step] = _without(raw[step], rests)
    return copied
