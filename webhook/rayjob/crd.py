"""A CustomResourceDefinition of the RayJob interface, for clusters and tests without KubeRay's own.

It types the fields that the interface names and preserves every other field of KubeRay, so that an object made for
either fits. What needs judgement, such as when an entrypoint may be absent, is left to the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webhook.rayjob.facet import Doc, Unit
from webhook.rayjob.model import HeadGroupSpec, RayClusterSpec, RayJob, RayJobSpec, RayJobStatus
from webhook.rayjob.schema import Field, Kind, fields

# The interface, by the TypedDict that describes it.
INTERFACE: Mapping[type, tuple[str, ...]] = {
    RayJob: ("spec", "status"),
    RayJobSpec: (
        "entrypoint",
        "runtimeEnv",
        "runtimeEnvYAML",
        "metadata",
        "shutdownAfterJobFinishes",
        "ttlSecondsAfterFinished",
        "suspend",
        "jobId",
        "rayClusterSpec",
    ),
    RayClusterSpec: ("headGroupSpec",),
    HeadGroupSpec: ("rayStartParams", "template"),
    RayJobStatus: ("jobId", "status", "message", "startTime", "endTime"),
}

# What `kubectl get` shows: the two columns by which people tell a job's state, under the interface's names.
COLUMNS = (
    {"name": "Status", "type": "string", "jsonPath": ".status.status"},
    {"name": "Job ID", "type": "string", "jsonPath": ".status.jobId"},
    {"name": "Suspended", "type": "boolean", "jsonPath": ".spec.suspend", "priority": 1},
    {"name": "Message", "type": "string", "jsonPath": ".status.message", "priority": 1},
    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
)


def custom_resource_definition() -> dict[str, Any]:
    """The CRD as a Kubernetes object."""
    schema = {
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            **_properties(RayJob),
        },
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [dict(column) for column in COLUMNS],
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "rayjobs.ray.io"},
        "spec": {
            "group": "ray.io",
            "scope": "Namespaced",
            "names": {
                "kind": "RayJob",
                "listKind": "RayJobList",
                "plural": "rayjobs",
                "singular": "rayjob",
                "categories": ["all"],
            },
            "versions": [version],
        },
    }


def _properties(described: type) -> dict[str, Any]:
    known = fields(described)
    return {name: _schema(known[name]) for name in INTERFACE[described]}


def _schema(field: Field) -> dict[str, Any]:
    doc, unit = field.facet(Doc), field.facet(Unit)
    said = " ".join(part for part in (doc.text if doc else "", f"({unit.name})" if unit else "") if part)
    described = {"description": said} if said else {}
    match field.kind:
        case Kind.OBJECT:
            known = {"properties": _properties(field.of)} if field.of and field.of in INTERFACE else {}
            return {**described, "type": "object", **known, "x-kubernetes-preserve-unknown-fields": True}
        case Kind.MAP:
            return {**described, "type": "object", "additionalProperties": {"type": "string"}}
        case Kind.INTEGER:
            return {**described, "type": "integer", "format": "int32"}
        case _:
            nullable = {"nullable": True} if field.name == "endTime" else {}
            return {**described, "type": field.kind.value, **nullable}
