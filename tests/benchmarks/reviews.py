"""Reviews as an API server sends them: what it adds to an object before it asks, and the question around it."""

import copy
import json
from collections.abc import Mapping
from typing import Any

_UID = "6f0c9a3e-2f7b-4a55-9f4e-0d8f4f1f7a11"
_NOW = "2026-08-01T08:00:00Z"
_MANAGER = "kubectl-client-side-apply"

JANE: Mapping[str, Any] = {
    "username": "oidc:jane.doe@example.com",
    "groups": ["oidc:ml-engineers", "system:authenticated"],
}
PIPELINE: Mapping[str, Any] = {
    "username": "system:serviceaccount:argocd:argocd-application-controller",
    "groups": ["system:serviceaccounts", "system:serviceaccounts:argocd", "system:authenticated"],
}
"""Who may apply where the strict policy holds."""

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_RAYJOBS = {"group": "ray.io", "version": "v1", "resource": "rayjobs"}
_KIND = {"group": "ray.io", "version": "v1", "kind": "RayJob"}

# The lists whose items KubeRay's CRD tells apart by keys; workerGroupSpecs is atomic to it, with all that is in it.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "containers": ("name",),
    "env": ("name",),
    "initContainers": ("name",),
    "ports": ("containerPort", "protocol"),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}


def mutation(written: dict[str, Any]) -> bytes:
    """The review that /mutate gets when `kubectl apply` creates an object."""
    return _review(_defaulted(written))


def validation(written: dict[str, Any], asker: Mapping[str, Any] = JANE) -> bytes:
    """The review that /validate gets for it: the object has been created but for this."""
    made = _defaulted(written)
    made["metadata"] |= {"creationTimestamp": _NOW, "generation": 1, "uid": "0b3c1a52-9a1c-4f2b-8a77-5d0a4a0e9c10"}
    return _review(made, asker)


def _review(made: dict[str, Any], asker: Mapping[str, Any] = JANE) -> bytes:
    """The question, compact and in the order of the API's struct; an unstructured object's keys are sorted."""
    request = {
        "uid": _UID,
        "kind": _KIND,
        "resource": _RAYJOBS,
        "requestKind": _KIND,
        "requestResource": _RAYJOBS,
        "name": made["metadata"]["name"],
        "namespace": made["metadata"]["namespace"],
        "operation": "CREATE",
        "userInfo": {
            **asker,
            "extra": {"authentication.kubernetes.io/credential-id": ["JTI=4e2c9a3b-1b0d-4c7e-9c76-0e5d7d3a9b21"]},
        },
        "object": json.loads(json.dumps(made, sort_keys=True)),
        "oldObject": None,
        "dryRun": False,
        "options": {
            "kind": "CreateOptions",
            "apiVersion": "meta.k8s.io/v1",
            "fieldManager": _MANAGER,
            "fieldValidation": "Strict",
        },
    }
    return _compact({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}).encode()


def _defaulted(written: dict[str, Any]) -> dict[str, Any]:
    """The object with kubectl's annotation, the CRD's defaults and the record of who wrote what."""
    made = copy.deepcopy(written)
    applied = _compact({**written, "metadata": {"annotations": {}, **written["metadata"]}}, sort_keys=True)
    annotations = {**written["metadata"].get("annotations", {}), _LAST_APPLIED: applied + "\n"}
    made["metadata"]["annotations"] = annotations
    spec = made["spec"]
    made["spec"] = {"backoffLimit": 0, "submissionMode": "K8sJobMode", "ttlSecondsAfterFinished": 0, **spec}
    cluster = spec["rayClusterSpec"]
    cluster["workerGroupSpecs"] = [{"numOfHosts": 1, "priority": 0, **group} for group in cluster["workerGroupSpecs"]]
    for port in cluster["headGroupSpec"]["template"]["spec"]["containers"][0].get("ports", ()):
        port["protocol"] = "TCP"
    made["metadata"]["managedFields"] = [
        {
            "manager": _MANAGER,
            "operation": "Update",
            "apiVersion": "ray.io/v1",
            "time": _NOW,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:metadata": _fields({name: made["metadata"][name] for name in ("annotations", "labels")}),
                "f:spec": _fields(made["spec"]),
            },
        }
    ]
    return made


def _fields(value: dict[str, Any], *, named: bool = False) -> dict[str, Any]:
    """What is in an object as FieldsV1 tells it; `named` objects are listed themselves too."""
    told: dict[str, Any] = {".": {}} if named else {}
    for name, entry in value.items():
        if isinstance(entry, dict):
            told[f"f:{name}"] = _fields(entry, named=True)
        elif name in _KEYS:
            keys = _KEYS[name]
            items = {f"k:{_compact({key: item[key] for key in keys})}": _fields(item, named=True) for item in entry}
            told[f"f:{name}"] = {".": {}, **items}
        else:
            told[f"f:{name}"] = {}
    return told


def _compact(raw: object, *, sort_keys: bool = False) -> str:
    return json.dumps(raw, separators=(",", ":"), sort_keys=sort_keys)
