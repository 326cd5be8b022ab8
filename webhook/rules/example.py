"""The smallest valid RayJob, and how an example is merged into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def smallest() -> dict[str, Any]:
    """A new copy of the smallest RayJob in which no rule finds anything."""
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayJob",
        "metadata": {"name": "example", "namespace": "default"},
        "spec": {
            "entrypoint": "python script.py",
            "rayClusterSpec": {
                "headGroupSpec": {
                    "rayStartParams": {},
                    "template": {"spec": {"containers": [{"name": "ray-head", "image": "rayproject/ray:2.52.0"}]}},
                }
            },
        },
    }


def merged(patch: Mapping[str, object], into: dict[str, Any] | None = None) -> dict[str, Any]:
    """The smallest RayJob with a JSON Merge Patch applied (RFC 7396): null removes, a list replaces a list."""
    merged_object: dict[str, Any] = _merge(smallest() if into is None else into, patch)
    return merged_object


def _merge(target: object, patch: object) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge(result.get(name), value)
    return result
