"""The description of a RayJob, read back from its TypedDicts: field by field, or whole as a JSON Schema.

Null is absent in the Kubernetes API, so the schema takes null wherever a field may be absent; keys that it does not
know, which the API server prunes, it takes as well. It is derived here rather than by pydantic, whose import and models
would cost every start 170 ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints, is_typeddict

from webhook.rayjob.facet import (
    Bounds,
    Default,
    Facet,
    Format,
    MaxLength,
    Minimum,
    MinItems,
    MinLength,
    Pattern,
    Required,
    Since,
    Until,
    Whole,
)
from webhook.rayjob.kuberay import Release
from webhook.rayjob.model import RayJob

F = TypeVar("F", bound=Facet)


class Kind(StrEnum):
    """What sort of value a field holds."""

    OBJECT = "object"
    MAP = "map"
    LIST = "list"
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INT_OR_STRING = "integer or string"
    QUANTITY = "quantity"
    ANY = "anything"


_KINDS: Mapping[object, Kind] = MappingProxyType(
    {
        str: Kind.STRING,
        int: Kind.INTEGER,
        float: Kind.NUMBER,
        bool: Kind.BOOLEAN,
        int | str: Kind.INT_OR_STRING,
        str | int | float: Kind.QUANTITY,
        Any: Kind.ANY,
    }
)

# JSON Schema's integer is a number without a fraction, 3600.0 too, as for the CRD; neither true nor "3600" is one.
_JSON_TYPES: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.OBJECT: ("object", "null"),
        Kind.MAP: ("object", "null"),
        Kind.LIST: ("array", "null"),
        Kind.STRING: ("string", "null"),
        Kind.INTEGER: ("integer", "null"),
        Kind.NUMBER: ("number", "null"),
        Kind.BOOLEAN: ("boolean", "null"),
        Kind.INT_OR_STRING: ("integer", "string", "null"),
        Kind.QUANTITY: ("number", "string", "null"),
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object, an item of a list or a value of a map; the latter two bear their container's name.

    ``element`` is what a list or a map holds, ``of`` the TypedDict of an object, ``choices`` an enum's values.
    """

    name: str
    kind: Kind
    facets: tuple[Facet, ...] = ()
    element: Field | None = None
    of: type | None = None
    choices: tuple[str, ...] = ()

    def facet(self, sort: type[F]) -> F | None:
        """The field's facet of this sort; None where it has none."""
        return next((facet for facet in self.facets if isinstance(facet, sort)), None)

    @property
    def demanded(self) -> bool:
        """Whether an object without the field is refused: required, and no default fills it in before the check."""
        return self.facet(Required) is not None and self.facet(Default) is None

    def is_in(self, release: Release) -> bool:
        """Whether the CRD of a KubeRay release has the field; the API server prunes what it has not."""
        since, until = self.facet(Since), self.facet(Until)
        return (since is None or _minor(since.release) <= release.value) and (
            until is None or release.value <= _minor(until.release)
        )


def _minor(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in release.split(".")[:2])


@cache
def fields(described: type) -> Mapping[str, Field]:
    """The fields of a TypedDict of `model` or `pod`, by name."""
    hints = get_type_hints(described, include_extras=True)
    return MappingProxyType({name: _field(name, hint) for name, hint in hints.items()})


def _field(name: str, hint: object) -> Field:
    facets: tuple[Facet, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *said = get_args(hint)
        facets = tuple(said)
    origin = get_origin(hint)
    if origin is list:
        return Field(name, Kind.LIST, facets, element=_field(name, get_args(hint)[0]))
    if origin is dict:
        return Field(name, Kind.MAP, facets, element=_field(name, get_args(hint)[1]))
    if origin is Literal:
        return Field(name, Kind.STRING, facets, choices=get_args(hint))
    if isinstance(hint, type) and is_typeddict(hint):
        return Field(name, Kind.OBJECT, facets, of=hint)
    return Field(name, _KINDS[hint], facets)


ROOT = Field("", Kind.OBJECT, of=RayJob)


def json_schema(field: Field = ROOT) -> dict[str, Any]:
    """A JSON Schema (2020-12) for the values of a field, every TypedDict in them an entry of ``$defs``.

    It refuses what Go's decoder refuses: wrong types, numbers out of bounds and, where the validator looks at formats,
    texts that are no times. It also refuses what the CRD refuses, except for what JSON Schema has no word for, or a
    slow one: CEL rules other than closed sets, and items that repeat each other. Inside an object it takes no null
    for a field that is demanded.
    """
    definitions: dict[str, Any] = {}
    schema = _value(field, definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "$defs": definitions}


def _define(described: type, definitions: dict[str, Any]) -> None:
    if described.__name__ in definitions:
        return
    schema: dict[str, Any] = {"type": list(_JSON_TYPES[Kind.OBJECT])}
    definitions[described.__name__] = schema
    known = fields(described)
    schema["properties"] = {name: _property(field, definitions) for name, field in known.items()}
    if demanded := [name for name, field in known.items() if field.demanded]:
        schema["required"] = demanded


def _property(field: Field, definitions: dict[str, Any]) -> dict[str, Any]:
    schema = _value(field, definitions)
    if field.demanded:
        # The API server drops a null before it looks: the key is then as absent as if nobody had written it.
        schema["type"] = [name for name in schema.get("type", _JSON_TYPES[field.kind]) if name != "null"]
    return schema


def _value(field: Field, definitions: dict[str, Any]) -> dict[str, Any]:
    if field.kind is Kind.ANY:
        return {}
    if field.of is not None:
        _define(field.of, definitions)
        return {"$ref": f"#/$defs/{field.of.__name__}"}
    schema: dict[str, Any] = {"type": list(_JSON_TYPES[field.kind])}
    if field.element is not None:
        inside = "items" if field.kind is Kind.LIST else "additionalProperties"
        schema[inside] = _value(field.element, definitions)
    if field.choices:
        schema["enum"] = [*field.choices, None]
    for facet in field.facets:
        _constrain(schema, facet)
    return schema


def _constrain(schema: dict[str, Any], facet: Facet) -> None:
    """Adds what a facet says about a value; a minimum of the CRD's replaces that of the decoder's bounds."""
    match facet:
        case Bounds(minimum, maximum):
            schema |= {"minimum": minimum, "maximum": maximum}
        case Format(name, pattern):
            schema |= {"format": name, "pattern": pattern}
        case Minimum(value):
            schema["minimum"] = value
        case Whole():
            schema["type"] = list(_JSON_TYPES[Kind.INT_OR_STRING])
        case Pattern(regex):
            schema["pattern"] = regex
        case MinItems(count):
            schema["minItems"] = count
        case MinLength(count):
            schema["minLength"] = count
        case MaxLength(count):
            schema["maxLength"] = count
