"""Where a RayJob departs from the types of its fields, and the RayJob without those places.

One compiled check says yes in microseconds, for nearly every object; only its no is explained, field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, cast

import jsonschema_rs

from webhook.rayjob import model
from webhook.rayjob.facet import INT64, Bounds, Format, Unit
from webhook.rayjob.path import Key, Path, Step
from webhook.rayjob.schema import Field, Kind, fields, json_schema

# Whoever has more mistakes than this fixes these first. It bounds what an object made of mistakes alone costs us.
MISTAKES = 100


@dataclass(frozen=True, slots=True)
class Mistyped:
    """A value that its field cannot hold; ``expected`` is a phrase: `an integer (seconds)`.

    ``out_of_range`` is true where the type is right, but Go's decoder has no room for the number.
    """

    path: Path
    value: object
    expected: str
    out_of_range: bool = False


def settle(raw: dict[str, Any]) -> tuple[model.RayJob, tuple[Mistyped, ...]]:
    """A raw object as far as its types are right, and the places where they are not.

    The object is `raw` itself where all is right, else a copy in which the mistyped places are null. With more than
    `MISTAKES` of them it is empty: then these are told, one more as a sign of it, and nothing else is looked at.
    """
    if _validator().is_valid(raw):
        return cast("model.RayJob", raw), ()
    found = tuple(islice(_mistyped(Path(), raw, _ROOT), MISTAKES + 1))
    if len(found) > MISTAKES:
        return {}, found
    return cast("model.RayJob", _without(raw, [mistyped.path.steps for mistyped in found])), found


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json_schema(constraints=False), validate_formats=True)


@cache
def _time_validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"format": "date-time"}, validate_formats=True)


_ROOT = Field("", Kind.OBJECT, of=model.RayJob)

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


def _mistyped(path: Path, value: object, field: Field) -> Iterator[Mistyped]:
    """The mistyped places in a value, in the value's own order; says the same as the compiled check, and why."""
    if value is None or field.kind is Kind.ANY:
        return
    if not _HAS_TYPE[field.kind](value):
        yield Mistyped(path, value, _EXPECTED[field.kind] + _unit(field))
    elif isinstance(value, dict):
        yield from _in_object(path, value, field)
    elif isinstance(value, list):
        element = cast("Field", field.element)
        for index, item in enumerate(value):
            yield from _mistyped(path / index, item, element)
    elif isinstance(value, str):
        if (expected := field.facet(Format)) is not None and not _time_validator().is_valid(value):
            yield Mistyped(path, value, f"a {expected.name} as RFC 3339 writes it, such as 2026-01-31T12:00:00Z")
    elif (bounds := field.facet(Bounds)) is not None and not bounds.minimum <= value <= bounds.maximum:  # type: ignore[operator]  # a number
        yield Mistyped(path, value, _range(field) + _unit(field), out_of_range=True)


def _in_object(path: Path, value: dict[str, Any], field: Field) -> Iterator[Mistyped]:
    if field.of is None:
        element = cast("Field", field.element)
        for name, entry in value.items():
            yield from _mistyped(path / Key(name), entry, element)
    else:
        known = fields(field.of)
        for name, entry in value.items():
            if name in known:
                yield from _mistyped(path / name, entry, known[name])


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
    if () in places:
        return None
    below: dict[Step, list[tuple[Step, ...]]] = {}
    for step, *rest in places:
        below.setdefault(step, []).append(tuple(rest))
    copied = raw.copy()
    for step, rests in below.items():
        copied[step] = _without(raw[step], rests)
    return copied
