"""What a policy says of defaults: which are given, with what values, and what is added besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import orjson
from pydantic import ValidationError

from webhook.defaults.additions import Additions
from webhook.defaults.declared import DEFAULTS, SHIPPED
from webhook.policy.node import BadPolicy, Fault, Node, Place
from webhook.policy.validation import described, read, unknown

ADD, ON, OFF = "add", "on", "off"
WHOLE = "resources"
_BY_ID = MappingProxyType({default.id: default for default in DEFAULTS})


class Off:
    """The value of a default that is not given."""


@dataclass(frozen=True, slots=True)
class Giving:
    """What one place of a policy, its ``node``, says: by default id a value or `Off`, and the raw additions."""

    values: Mapping[str, object] = field(default_factory=dict)
    added: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    node: Node | None = field(default=None, compare=False, repr=False)


def giving(node: Node) -> Giving:
    """What stands at a node about defaults.

    Raises:
        BadPolicy: if it names an unknown default, or a value that a default does not take.
    """
    faults: list[Fault] = []
    values: dict[str, object] = {}
    added: Mapping[str, Any] = {}
    for name, below in node.fields.items():
        try:
            if name == ADD:
                read(Additions, below)
                added = below.raw
            else:
                values[name] = _value(name, below)
        except BadPolicy as bad:
            faults += bad.faults
    if faults:
        raise BadPolicy(faults)
    return Giving(values, added, {name: below.place for name, below in node.fields.items()}, node)


def _value(name: str, node: Node) -> object:
    if name not in _BY_ID:
        raise BadPolicy([node.fault(unknown("default", name, (*_BY_ID, ADD)), on_key=True)])
    default, raw = _BY_ID[name], node.raw
    if raw is False or raw == OFF:
        return Off
    if raw is True or raw == ON:
        return default.value
    if default.accepts is None:
        raise BadPolicy([node.fault(f"must be on or off, is {described(raw)}")])
    try:
        return default.accepts.validate_json(orjson.dumps(raw))
    except ValidationError as error:
        told = "; ".join(fault["msg"].removeprefix("Value error, ") for fault in error.errors(include_url=False))
        must = told.replace("Input should be", "must be")
        raise BadPolicy([node.fault(f"Invalid value: {described(raw)}: {must}, or on or off")]) from None


def given(said: Iterable[Giving]) -> tuple[dict[str, object], Additions | None]:
    """The defaults in force, and the additions: of what several places say, the first counts."""
    values: dict[str, object] = dict(SHIPPED)
    added: dict[str, Any] = {}
    for one in reversed(tuple(said)):
        values |= one.values
        added = _laid(one.added, added)
    in_force = {name: value for name, value in values.items() if value is not Off}
    return in_force, Additions.model_validate_json(orjson.dumps(added)) if added else None


def _laid(over: Mapping[str, Any], below: Mapping[str, Any]) -> dict[str, Any]:
    """One mapping laid over another, through all levels; a list takes the place of a list.

    So do resources, whose requests and limits were judged together.
    """
    laid = dict(below)
    for name, value in over.items():
        beneath = laid.get(name)
        if name != WHOLE and isinstance(value, dict) and isinstance(beneath, dict):
            laid[name] = _laid(value, beneath)
        else:
            laid[name] = value
    return laid
