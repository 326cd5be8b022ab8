"""The JSON Schema (draft 2020-12) of a policy file, for editors and for whoever writes policies with a program.

It says what can be said of one file without reading its rules of one's own, and refuses nothing that loads, with one
exception: a file that names a rule which another file declares under `custom`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from webhook.defaults.additions import Additions
from webhook.defaults.declared import DEFAULTS, Default
from webhook.policy.giving import ADD, OFF, ON
from webhook.policy.model import API_VERSION, KIND, Document
from webhook.policy.setting import ACTION
from webhook.rules.register import EVERY_RULE
from webhook.rules.rule import Action, Rule

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_Schema = dict[str, Any]


class _Untitled(GenerateJsonSchema):
    """Leaves out what only repeats a field's name."""

    def field_title_should_be_set(self, _: Any) -> bool:
        return False


def text() -> str:
    """The schema as the text of a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> _Schema:
    """The schema as JSON."""
    taking = [rule.parameters for rule in EVERY_RULE if rule.parameters is not None]
    models: list[type[BaseModel]] = [Document, Additions, *taking]
    places, made = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)], schema_generator=_Untitled
    )
    models_by_name: dict[str, _Schema] = made["$defs"]
    for one in models_by_name.values():
        del one["title"]
    document = models_by_name.pop(_name(places[Document, "validation"]))
    parameters = {
        rule.id: models_by_name[_name(places[rule.parameters, "validation"])] if rule.parameters else {}
        for rule in EVERY_RULE
    }
    for model in set(taking):
        models_by_name.pop(_name(places[model, "validation"]))
    changes = {rule.id: _ref(f"rule-{rule.id}") for rule in EVERY_RULE}
    whole = {rule.id: _whole(rule, parameters[rule.id]) for rule in EVERY_RULE}
    definitions = models_by_name | {
        ACTION: {"enum": [*Action], "description": "What a finding does: deny, warn, audit (be written down), off"},
        **{f"rule-{rule.id}": _rule(rule, parameters[rule.id]) for rule in EVERY_RULE},
        "own-rule": {"anyOf": [_ref(ACTION), _mapping({})]},
        "rules": _rules(whole, document["properties"]["rules"]),
        "changed-rules": _rules(changes, document["properties"]["rules"]),
        "defaults": _defaults(document["properties"]["defaults"], places[Additions, "validation"]),
        "rule-id": {"enum": [rule.id for rule in EVERY_RULE]},
    }
    for body, rules in (
        (document, "rules"),
        (definitions["Body"], "changed-rules"),
        (definitions["OverridePart"], "changed-rules"),
    ):
        body["properties"] |= {"rules": _ref(rules), "defaults": _ref("defaults")}
    document["properties"]["profiles"]["additionalProperties"] = False
    used = _referenced([document, *definitions.values()]) | {"rule-id"}
    header = {"apiVersion": {"const": API_VERSION}, "kind": {"const": KIND}}
    return {
        "$schema": DIALECT,
        "title": f"{KIND} {API_VERSION}",
        "description": "What a cluster's owner decides about its RayJobs",
        "type": "object",
        "properties": header | document["properties"],
        "required": [*header],
        "additionalProperties": False,
        "if": {"not": _has_custom_rules()},
        "then": _names_built_in_rules(),
        "$defs": {name: one for name, one in definitions.items() if name in used},
    }


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}


def _name(reference: Mapping[str, str]) -> str:
    return reference["$ref"].rpartition("/")[2]


def _referenced(part: Any) -> set[str]:
    """The names of all definitions to which a part of the schema refers; pydantic defines some that nothing needs."""
    if isinstance(part, list):
        return {name for below in part for name in _referenced(below)}
    if not isinstance(part, dict):
        return set()
    names = {_name(part)} if isinstance(part.get("$ref"), str) else set()
    return names | _referenced([*part.values()])


def _mapping(parameters: Mapping[str, Any]) -> _Schema:
    return {
        "type": "object",
        "properties": {ACTION: _ref(ACTION), **parameters},
        "additionalProperties": False,
    }


def _rule(rule: Rule, parameters: _Schema) -> _Schema:
    """What may be said of a rule where something else is said of it already: in an override, or a profile."""
    return {
        "description": f"{rule.title}. {rule.what}",
        "default": rule.action,
        "oneOf": [_ref(ACTION), _mapping(parameters.get("properties", {}))],
    }


def _whole(rule: Rule, parameters: _Schema) -> _Schema:
    """What may be said of a rule where nothing else is said of it: all that it needs, unless it is off."""
    needed = parameters.get("required", [])
    reference = _ref(f"rule-{rule.id}")
    if rule.action is Action.OFF:
        reference["required"] = [ACTION]
    if needed:
        is_off = {"enum": [Action.OFF, {ACTION: Action.OFF}]}
        return reference | {"anyOf": [is_off, {"type": "object", "required": needed}]}
    return reference


def _rules(by_id: Mapping[str, _Schema], said: _Schema) -> _Schema:
    return {
        "description": said["description"],
        "type": "object",
        "properties": by_id,
        "additionalProperties": _ref("own-rule"),
    }


def _defaults(said: _Schema, additions: _Schema) -> _Schema:
    added = additions | {"description": "What is added to RayJobs besides, where their authors are silent"}
    return {
        "description": said["description"],
        "type": "object",
        "properties": {**{default.id: _default(default) for default in DEFAULTS}, ADD: added},
        "additionalProperties": False,
    }


def _default(default: Default) -> _Schema:
    switch = {"enum": [ON, OFF, True, False]}
    accepted = [] if default.accepts is None else [default.accepts.json_schema()]
    return {"description": f"{default.path}: {default.why}", "anyOf": [switch, *accepted]}


def _has_custom_rules() -> _Schema:
    """Whether a file declares rules of one's own, whose ids may then stand wherever a rule's may."""
    has = {"required": ["custom"]}
    in_a_profile = {"not": {"additionalProperties": {"not": has}}}
    return {"anyOf": [has, {"required": ["profiles"], "properties": {"profiles": in_a_profile}}]}


def _names_built_in_rules() -> _Schema:
    rules = {"rules": {"propertyNames": _ref("rule-id")}}
    body = rules | {
        "overrides": {"items": {"properties": rules}},
        "exemptions": {"items": {"properties": {"rules": {"items": _ref("rule-id")}}}},
    }
    return {"properties": body | {"profiles": {"additionalProperties": {"properties": body}}}}
