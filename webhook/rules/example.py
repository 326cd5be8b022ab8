"""What the examples of rules are made of: the smallest valid RayJob, and patches that are merged into it."""

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


def cluster(**fields: object) -> dict[str, Any]:
    """A patch of the RayJob: these fields of its `rayClusterSpec`."""
    return {"spec": {"rayClusterSpec": fields}}


def head(**fields: object) -> dict[str, Any]:
    """A patch of the head group: these fields of its Ray container.

    A merge patch replaces a list whole, so whoever patches the container must restate what else it has.
    """
    container = smallest()["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"][0]
    return {"template": {"spec": {"containers": [merged(fields, into=container)]}}}


def worker_group(**fields: object) -> dict[str, Any]:
    """A new worker group in which no rule finds anything, with the given fields merged into it: None removes one."""
    return merged(
        fields,
        into={
            "groupName": "workers",
            "minReplicas": 0,
            "maxReplicas": 4,
            "template": {"spec": {"containers": [{"name": "ray-worker", "image": "rayproject/ray:2.52.0"}]}},
        },
    )
