"""What a model makes of a part of a policy: its value, or every fault with its place and what may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any, TypeVar, get_args

import orjson
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from webhook.policy.node import BadPolicy, Fault, Node
from webhook.rules.finding import json_type, shown

M = TypeVar("M", bound=BaseModel)

_COUNTED = MappingProxyType({"too_short": ("least", "min_length"), "too_long": ("most", "max_length")})

LISTED = 16  # names that fit on two lines of a terminal; a longer list is in the documentation
COMPARED_CHARACTERS = 64  # of an unknown name: comparing costs the square of it


def read(model: type[M], node: Node) -> M:
    """The part of a policy that stands at a node.

    Raises:
        BadPolicy: if the model does not take it; with every fault.
    """
    try:
        return model.model_validate_json(orjson.dumps(node.raw))
    except ValidationError as error:
        raise BadPolicy(list(_faults(error, model, node))) from None


def _faults(error: ValidationError, model: type[BaseModel], node: Node) -> Iterator[Fault]:
    for fault in error.errors(include_url=False):
        loc = tuple(step for step in fault["loc"] if step != "[key]")
        at = node.at(loc)
        if fault["type"] == "extra_forbidden":
            yield at.fault(unknown("key", str(loc[-1]), _fields(model, loc[:-1])), on_key=True)
        elif fault["type"] == "missing":
            yield at.fault(f"Required value: {_description(model, loc)}", *loc[len(at.path) - len(node.path) :])
        else:
            yield at.fault(_told(fault), on_key="[key]" in fault["loc"])


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """What to say of a name that is none of the known ones."""
    names = list(known)
    close = difflib.get_close_matches(name[:COMPARED_CHARACTERS], names, n=1)
    if close:
        return f"there is no {what} {shown(name)} here; did you mean {close[0]}?"
    if 0 < len(names) <= LISTED:
        return f"there is no {what} {shown(name)} here; there are {', '.join(names)}"
    return f"there is no {what} {shown(name)} here" + ("; `rayjob-webhook rules` lists them" if what == "rule" else "")


def _told(fault: Any) -> str:
    """A fault in our words: what it must be, what it is."""
    raw, text = fault["input"], fault["msg"]
    if fault["type"] in _COUNTED:
        words, limit = _COUNTED[fault["type"]]
        return f"must have at {words} {fault['ctx'][limit]} of them, has {fault['ctx']['actual_length']}"
    if fault["type"] == "string_type" and isinstance(raw, int | float):
        return f"Invalid value: {shown(raw)}: must be a text: put it in quotes"
    for theirs, ours in (("Value error, ", ""), ("Input should be", "must be"), ("String should", "must")):
        text = text.replace(theirs, ours)
    return f"Invalid value: {shown(raw)}: {text}"


def _fields(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The names that stand where a path leads in a model."""
    return list(_by_alias(_model(model, loc)))


def _description(model: type[BaseModel], loc: Sequence[str | int]) -> str:
    return _by_alias(_model(model, loc[:-1]))[str(loc[-1])].description or "it is missing"


def _model(model: type[BaseModel], loc: Sequence[str | int]) -> type[BaseModel]:
    """The model to which a path leads: through fields by alias, through lists and mappings by whatever step."""
    steps = list(loc)
    while steps:
        annotation = _by_alias(model)[str(steps.pop(0))].annotation
        model = next(_models(annotation))
        if _is_nested(annotation):
            del steps[:1]
    return model


def _by_alias(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _is_nested(annotation: Any) -> bool:
    """Whether a list or mapping of models stands between a field and its model."""
    return any(origin in (tuple, dict, list) for origin in _origins(annotation))


def _origins(annotation: Any) -> Iterator[Any]:
    yield getattr(annotation, "__origin__", None)
    for argument in get_args(annotation):
        yield from _origins(argument)


def described(raw: object) -> str:
    """A value and its type, as the text of a fault shows them."""
    return json_type(raw) if raw is None or isinstance(raw, dict | list) else f"{json_type(raw)} {shown(raw)}"
