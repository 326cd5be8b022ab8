"""Kubernetes' ValidatingAdmissionPolicy for RayJobs: how one is written, and what it says of an object."""

import re
from collections.abc import Iterable
from typing import Any

import httpx
import yaml

from webhook.policy.custom import CustomRule

PARAMS = "custom-rules"
"""The ConfigMap with the params, in the namespace of the object."""

PROBE = "probe"
"""An object of this name is told that a policy is in force, whatever else the policy says of it."""

IN_FORCE = "in force"
FAILS = "it could not be evaluated"

_WARNING = re.compile(
    r"Validation failed for ValidatingAdmissionPolicy '(?P<policy>[^']*)' with binding '[^']*': (?P<message>.*)",
    re.DOTALL,
)


def policy(rule: CustomRule) -> dict[str, Any]:
    """Return the policy that says what a rule of ours says."""
    validation: dict[str, Any] = {"expression": rule.expression}
    if rule.message is not None:
        validation["message"] = rule.message
    if rule.message_expression is not None:
        validation["messageExpression"] = rule.message_expression
    in_force = {"expression": f"object.metadata.name != '{PROBE}'", "message": IN_FORCE}
    rules = [
        {"apiGroups": ["ray.io"], "apiVersions": ["v1"], "resources": ["rayjobs"], "operations": ["CREATE", "UPDATE"]}
    ]
    spec: dict[str, Any] = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": rules},
        "validations": [validation, in_force],
        "variables": [{"name": one.name, "expression": one.expression} for one in rule.variables],
        "matchConditions": [{"name": one.name, "expression": one.expression} for one in rule.match_conditions],
    }
    if rule.params is not None:
        spec["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
    return _document("ValidatingAdmissionPolicy", rule.id, spec)


def binding(rule: CustomRule, namespace: str) -> dict[str, Any]:
    """Return what has the policy warn in a namespace."""
    selected = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    spec: dict[str, Any] = {"policyName": rule.id, "validationActions": ["Warn"], "matchResources": selected}
    if rule.params is not None:
        spec["paramRef"] = {"name": PARAMS, "namespace": namespace, "parameterNotFoundAction": "Deny"}
    return _document("ValidatingAdmissionPolicyBinding", rule.id, spec)


def params(rule: CustomRule, namespace: str) -> dict[str, Any]:
    """Return the ConfigMap whose data are those of the rule's params."""
    metadata = {"name": PARAMS, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": (rule.params or {})["data"]}


def written(documents: Iterable[dict[str, Any]]) -> str:
    """Return documents as YAML."""
    text: str = yaml.safe_dump_all(documents)
    return text


def said(answer: httpx.Response) -> dict[str, str]:
    """Return, by policy, what the warnings of an answer say; `FAILS` where an expression had no value.

    All of them must be there: the API server leaves out what goes beyond 4096 characters.
    """
    found: dict[str, str] = {}
    for header in answer.headers.get_list("warning"):
        text = re.sub(r"\\(.)", r"\1", header.partition('"')[2].removesuffix('"'))
        match = _WARNING.fullmatch(text)
        assert match, header
        found[match["policy"]] = FAILS if "resulted in error" in match["message"] else match["message"]
    assert sum(map(len, answer.headers.get_list("warning"))) < 3500
    return found


def _document(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}
