"""What the author of an object wrote, as opposed to what the API server filled in.

Two records tell (admission.md of Kubernetes' API: server-side apply, kubectl apply): the annotation with the last
applied configuration, which client-side `kubectl apply` keeps, and the managedFields entry of a server-side apply.
An entry with operation Update tells nothing: it lists the CRD's defaults too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from webhook.rayjob.model import ObjectMeta
from webhook.rayjob.path import Path

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def wrote(metadata: ObjectMeta, path: Path) -> bool:
    """Whether the records show that the author wrote the field (with a value other than null)."""
    return _in_last_applied(metadata, path) or _in_apply_entry(metadata, path)


def _in_last_applied(metadata: ObjectMeta, path: Path) -> bool:
    text = (metadata.get("annotations") or {}).get(LAST_APPLIED)
    if not text:
        return False
    try:
        applied = orjson.loads(text)
    except orjson.JSONDecodeError:  # the author may write anything into an annotation: then it tells nothing
        return False
    return _at(applied, path.steps) is not None


def _in_apply_entry(metadata: ObjectMeta, path: Path) -> bool:
    steps = [f"f:{step}" for step in path.steps]
    return any(
        entry.get("operation") == "Apply" and _at(entry.get("fieldsV1"), steps) is not None
        for entry in metadata.get("managedFields") or ()
        if entry
    )


def _at(value: Any, steps: Iterable[str | int]) -> Any:
    for step in steps:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value
