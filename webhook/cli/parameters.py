"""What a policy may tell a rule, as text: each parameter with its type, its default and what it means."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from webhook.rules.parameters import Parameters

_Schema = Mapping[str, Any]

TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}


def described(parameters: type[Parameters], width: int) -> Iterator[str]:
    """The lines, none where there is nothing to tell; those of a mapping's own keys stand deeper, below it."""
    schema = parameters.model_json_schema()
    yield from _fields(schema, schema.get("$defs", {}), width, "  ")


def _fields(schema: _Schema, named: _Schema, width: int, indent: str) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        need = ", required" if name in schema.get("required", ()) else ""
        yield from _wrapped(f"{name}: {_type(field, named)}{need}", width, indent, hang="  ")
        below = indent + "    "
        yield from _wrapped(field["description"], width, below)
        yield from _default(field.get("default"), below)
        yield from _fields(_item(field, named), named, width, below)


def _default(default: Any, indent: str) -> Iterator[str]:
    """What holds where nothing is said; a list item by item, for patterns are long."""
    if isinstance(default, list) and default:
        yield f"{indent}By default:"
        yield from (f"{indent}  {_json(item)}" for item in default)
    elif default is not None:
        yield f"{indent}By default: {_json(default) if default != [] else 'none'}"


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _wrapped(text: str, width: int, indent: str, hang: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent + hang,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _type(schema: _Schema, named: _Schema) -> str:
    """What a value must be, in words."""
    schema = _resolved(schema, named)
    if "anyOf" in schema:
        return " or ".join(_type(one, named) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    if schema["type"] == "array":
        item = _type(schema["items"], named)
        return f"list, each {item}" if item.startswith("one of") else f"list of {item}s"
    if "properties" in schema:
        return "mapping"
    if schema["type"] == "object":
        return f"mapping from keys to {_type(schema['additionalProperties'], named)}"
    return TYPES[schema["type"]] + (f" from {schema['minimum']}" if "minimum" in schema else "")


def _item(schema: _Schema, named: _Schema) -> _Schema:
    """A mapping with keys of its own, of which a parameter is or holds a list; else something without."""
    schema = _resolved(schema, named)
    return _resolved(schema["items"], named) if schema.get("type") == "array" else schema


def _resolved(schema: _Schema, named: _Schema) -> _Schema:
    resolved: _Schema = named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return resolved
