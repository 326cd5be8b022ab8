"""JSON Patch as the API server applies it: gopkg.in/evanphx/json-patch v4, in the operations that we emit.

Emulated after admission.md 5.6: `add` and `replace` need their parent to be a container (null is none), `replace` of
a missing member of an object sets it, tokens are unescaped in one pass.
"""

import copy
from typing import Any

import jsonpatch


class NotApplied(Exception):
    """What the API server answers with an Internal error."""


def apply_v4(document: Any, operations: list[dict[str, Any]]) -> Any:
    document = copy.deepcopy(document)
    for operation in operations:
        if operation["op"] not in {"add", "replace"}:
            raise NotApplied(operation["op"])
        *parents, last = [_unescape(token) for token in operation["path"].split("/")[1:]]
        container = document
        for token in parents:
            container = container[int(token)] if isinstance(container, list) else container.get(token)
            if not isinstance(container, dict | list):
                raise NotApplied(operation["path"])
        if isinstance(container, dict):
            container[last] = copy.deepcopy(operation["value"])
        elif operation["op"] == "add":
            container.insert(len(container) if last == "-" else int(last), copy.deepcopy(operation["value"]))
        else:
            container[int(last)] = copy.deepcopy(operation["value"])
    return document


def _unescape(token: str) -> str:
    out, rest = "", token
    while rest:
        if rest.startswith("~1"):
            out, rest = out + "/", rest[2:]
        elif rest.startswith("~0"):
            out, rest = out + "~", rest[2:]
        else:
            out, rest = out + rest[0], rest[1:]
    return out


def apply_rfc6902(document: Any, operations: list[dict[str, Any]]) -> Any:
    """The same by a library that follows the RFC to the letter."""
    return jsonpatch.apply_patch(document, operations)
