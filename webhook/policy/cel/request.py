"""What expressions may ask of a request, and how it is given to them.

Source: BuildRequestType and CreateAdmissionRequest of k8s.io/apiserver/pkg/admission/plugin/cel.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from webhook.policy.cel.tree import Field, Name, Node

REQUEST = "request"
BYTES = 16_384  # of it as JSON; a name with the groups of a large company has fewer

_KIND = MappingProxyType(dict.fromkeys(("group", "version", "kind"), "string"))
_RESOURCE = MappingProxyType(dict.fromkeys(("group", "version", "resource"), "string"))
_USER = MappingProxyType({"username": "string", "uid": "string", "groups": "list(string)", "extra": "dyn"})

FIELDS: Mapping[str, str | Mapping[str, str]] = MappingProxyType(
    {
        "kind": _KIND,
        "resource": _RESOURCE,
        "subResource": "string",
        "requestKind": _KIND,
        "requestResource": _RESOURCE,
        "requestSubResource": "string",
        "name": "string",
        "namespace": "string",
        "operation": "string",
        "userInfo": _USER,
        "dryRun": "bool",
        "options": "dyn",
    }
)
"""The type of each field, or those of the fields below it."""


def given(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request as an expression sees it: without the objects, and without what is empty, as the API server sends it.

    Its fields are those of an AdmissionRequest, by their names in JSON.
    """
    known = {name: request[name] for name in FIELDS if name in request}
    user = known.get("userInfo")
    if isinstance(user, Mapping):
        known["userInfo"] = {name: user[name] for name in _USER if user.get(name)}
    return {name: value for name, value in known.items() if value not in (None, "") or name == "operation"}


def field_type(node: Node) -> str | None:
    """The type of a field of the request; None for every other node, ``unknown`` where there is no such field."""
    match node:
        case Field(Name(name), field) if name == REQUEST:
            kind = FIELDS.get(field, "unknown")
            return kind if isinstance(kind, str) else "dyn"
        case Field(Field(Name(name), above), field) if name == REQUEST:
            below = FIELDS.get(above)
            return below.get(field, "unknown") if isinstance(below, Mapping) else None
        case _:
            return None
