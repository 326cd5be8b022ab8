"""From a Verdict to the AdmissionReview that answers a Request.

Source: admission.k8s.io/v1 of k8s.io/api; the limits are those of the API server's warning filter.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import orjson

from webhook.admission import patch
from webhook.admission.decide import PASSED, Verdict
from webhook.admission.review import Request
from webhook.rules.finding import Finding, printable
from webhook.rules.rule import Action

API_VERSION = "admission.k8s.io/v1"

WARNING_CHARACTERS = 120  # what the API asks of a webhook's warnings
WARNINGS_CHARACTERS = 4096  # of all warnings of a request; past it the API server cuts every one and drops some
NAME_CHARACTERS = 253  # what the API allows; a longer one is shown in part
ANNOTATION_CHARACTERS = 10_000  # of the 10 KiB to which the API server keeps its own policies' annotations
CAUSES = 100  # of a denial: whoever has more mistakes than that fixes these first; bounds what a caller can make us say


def answer(request: Request, verdict: Verdict) -> bytes:
    """The body of the answer: JSON, the same bytes for the same request and verdict."""
    response: dict[str, Any] = {"uid": request.uid, "allowed": verdict.allowed}
    if verdict is PASSED:
        return orjson.dumps({"apiVersion": API_VERSION, "kind": "AdmissionReview", "response": response})
    if verdict.denials:
        response["status"] = _status(request, verdict.denials)
    if verdict.fills and request.object is not None:
        operations = patch.operations(request.object, verdict.fills)
        response["patchType"] = "JSONPatch"
        response["patch"] = base64.b64encode(orjson.dumps(operations)).decode()
    if warnings := _warnings(verdict):
        response["warnings"] = warnings
    if annotations := _audit_annotations(verdict):
        response["auditAnnotations"] = annotations
    return orjson.dumps({"apiVersion": API_VERSION, "kind": "AdmissionReview", "response": response})


def _status(request: Request, denials: tuple[Finding, ...]) -> dict[str, Any]:
    """A status as the API machinery's own for an invalid object: kubectl prints one line for each cause."""
    name = object_name(request)
    told, more = denials[:CAUSES], len(denials) - CAUSES
    messages, causes = [], []
    for finding in told:
        where, cause = finding.where, finding.cause
        messages.append(f"{where}: {cause}")
        causes.append({"reason": finding.kind.value, "message": cause, "field": where})
    if more > 0:
        messages.append(f"and {more} more")
        causes.append({"reason": "FieldValueInvalid", "message": f"and {more} more findings", "field": ""})
    return {
        "status": "Failure",
        "code": 422,
        "reason": "Invalid",
        "message": f'{request.kind.kind}.{request.kind.group} "{name}" is invalid: {"; ".join(messages)}',
        "details": {"name": name, "group": request.kind.group, "kind": request.kind.kind, "causes": causes},
    }


def object_name(request: Request) -> str:
    """The object's name as people know it; at the creation of one with generateName, that and an ellipsis."""
    metadata = (request.object or {}).get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    if name := request.name or _text(metadata.get("name")):
        return _short(name)
    prefix = _text(metadata.get("generateName"))
    return _short(prefix) + "…" if prefix else ""


def _text(raw: object) -> str:
    return raw if isinstance(raw, str) else ""


def _short(name: str) -> str:
    return printable(name[:NAME_CHARACTERS])


def _warnings(verdict: Verdict) -> list[str]:
    """One line each, within the limits; what is cut short says so."""
    told = [(finding.message, finding) for finding in verdict.warnings]
    told += [(f"not new, so not denied: {finding.message}", finding) for finding in verdict.standing]
    told += [(exempt.message, exempt.finding) for exempt in verdict.exempt if exempt.action is not Action.AUDIT]
    lines = [_cut(line, f" [{finding.rule}]") for line, finding in told]
    lines += dict.fromkeys(_cut(exempt.exemption.notice) for exempt in verdict.exempt if exempt.ends_soon)
    if verdict.fills:
        lines.insert(0, _cut("Defaulted: " + ", ".join(fill.said for fill in verdict.fills)))
    fitting = WARNINGS_CHARACTERS // WARNING_CHARACTERS
    if len(lines) > fitting:
        return [*lines[: fitting - 1], f"and {len(lines) - fitting + 1} more warnings"]
    return lines


def _cut(line: str, ending: str = "") -> str:
    """A line that is short enough; of a finding the ending stays, the rule's id, by which all else can be found."""
    if len(line) <= WARNING_CHARACTERS:
        return line
    return line[: WARNING_CHARACTERS - len(ending) - 1] + "…" + ending


def _audit_annotations(verdict: Verdict) -> dict[str, str]:
    """What the audit log keeps: ids of rules and defaults, sorted, so that a repeated call says the same.

    Besides, the exemptions that were used, and the digest of the policy.
    """
    annotations = {
        key: _ids(finding.rule for finding in findings) for key, findings in verdict.told.items() if findings
    }
    if verdict.fills:
        annotations["defaulted"] = _ids(fill.default for fill in verdict.fills)
    if verdict.exempt:
        annotations["exempt"] = _ids(exempt.finding.rule for exempt in verdict.exempt)
        used = sorted({f"until {exempt.exemption.expires}: {exempt.exemption.why}" for exempt in verdict.exempt})
        annotations["exemptions"] = "; ".join(used)[:ANNOTATION_CHARACTERS]
    if verdict.policy:
        annotations["policy"] = verdict.policy
    return annotations


def _ids(ids: Iterable[str]) -> str:
    return ",".join(sorted(set(ids)))
