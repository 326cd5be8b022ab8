"""AdmissionReview requests: bytes in, a Request or a refusal out.

Source: admission.k8s.io/v1 of k8s.io/api.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Operation(StrEnum):
    """What is done to the object."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    CONNECT = "CONNECT"


class BadReview(ValueError):
    """The caller sent no AdmissionReview that this webhook can answer; the message says where and why."""


class _Entry(BaseModel):
    """What the API may grow is ignored, what we read is strict."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class GroupVersionKind(_Entry):
    """What the object is."""

    group: str
    version: str
    kind: str


class _UserInfo(_Entry):
    username: str = ""
    groups: list[str] | None = None


class _Question(_Entry):
    uid: str = Field(min_length=1, max_length=256)  # a UUID has 36 characters; it is echoed, so it is limited
    kind: GroupVersionKind
    operation: Operation = Field(strict=False)  # JSON has no enums
    sub_resource: str | None = Field(default=None, alias="subResource")
    name: str | None = None
    namespace: str | None = None
    user: _UserInfo | None = Field(default=None, alias="userInfo")
    dry_run: bool | None = Field(default=None, alias="dryRun")
    object: dict[str, Any] | None = None
    old_object: dict[str, Any] | None = Field(default=None, alias="oldObject")


class _Review(_Entry):
    api_version: Literal["admission.k8s.io/v1"] = Field(alias="apiVersion")
    kind: Literal["AdmissionReview"]
    request: _Question


class Request(NamedTuple):  # a frozen dataclass of as many fields takes three times as long to make, for every review
    """One question of the API server.

    ``name`` is empty at the creation of an object with generateName. ``object`` is None at DELETE, ``old_object``
    at CREATE. ``from_file`` is true for a question that was made from a file, without an API server. ``groups`` are
    those of the user. ``question`` is the AdmissionRequest as it came, None for one from a file.
    """

    uid: str
    kind: GroupVersionKind
    operation: Operation
    sub_resource: str = ""
    name: str = ""
    namespace: str = ""
    username: str = ""
    dry_run: bool = False
    object: dict[str, Any] | None = None
    old_object: dict[str, Any] | None = None
    from_file: bool = False
    groups: Sequence[str] = ()
    question: Mapping[str, Any] | None = None

    @property
    def asked(self) -> Mapping[str, Any]:
        """The AdmissionRequest, with its fields by their names in JSON; of a question from a file, what is known."""
        if self.question is not None:
            return self.question
        resource = {"group": self.kind.group, "version": self.kind.version, "resource": "rayjobs"}
        return {
            "kind": self.kind.model_dump(),
            "resource": resource,
            "requestKind": self.kind.model_dump(),
            "requestResource": resource,
            "name": self.name,
            "namespace": self.namespace,
            "operation": str(self.operation),
            "userInfo": {"username": self.username, "groups": list(self.groups)},
            "dryRun": self.dry_run,
        }


RAYJOB = GroupVersionKind(group="ray.io", version="v1", kind="RayJob")


def parse(body: bytes) -> Request:
    """The request in the body of an HTTP request; what is null there is as if absent.

    Raises:
        BadReview: if the body is no JSON, or no AdmissionReview of version v1.
    """
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadReview(f"the body is not JSON: {error.msg}: line {error.lineno} column {error.colno}") from None
    if not isinstance(raw, dict):
        raise BadReview("the body: must be an AdmissionReview, is no JSON object")
    try:
        asked = _Review.model_validate(raw).request
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise BadReview("; ".join(_told(fault) for fault in faults)) from None
    return Request(
        asked.uid,
        asked.kind,
        asked.operation,
        asked.sub_resource or "",
        asked.name or "",
        asked.namespace or "",
        asked.user.username if asked.user else "",
        bool(asked.dry_run),
        asked.object,
        asked.old_object,
        groups=(asked.user.groups or ()) if asked.user else (),
        question=raw["request"],
    )


def of_file(raw: dict[str, Any], namespace: str) -> Request:
    """The question that `kubectl create` of a RayJob from a file would make the API server ask."""
    return Request("", RAYJOB, Operation.CREATE, namespace=namespace, dry_run=True, object=raw, from_file=True)


def _told(fault: Any) -> str:
    place = ".".join(str(step) for step in fault["loc"]) or "the body"
    return f"{place}: {fault['msg']}"
