"""What a platform may add to RayJobs whose authors are silent: `defaults.add` of a policy.

Everything is validated here, so that no policy adds what the API server, or KubeRay's operator, would refuse.

Source: k8s.io/kubernetes' validation of pods (core/v1) and k8s.io/apimachinery's of metadata; kuberay-rules R56, R61.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias, TypeVar

from pydantic import AfterValidator, Field, model_validator

from webhook.defaults.resources import Resources
from webhook.part import Part
from webhook.rayjob.authorship import LAST_APPLIED
from webhook.rayjob.facet import INT64
from webhook.rayjob.queue import QUEUE_NAME
from webhook.rayjob.syntax import LABEL_BYTES, SUBDOMAIN_BYTES, is_dns1123_subdomain, is_label_key, is_label_value

# What an annotation may not be added for: the first would forge what an author wrote; the others are judged by
# KubeRay's operator with what else a job says (R56, R57, R61).
RESERVED = frozenset({LAST_APPLIED, "ray.io/ft-enabled", "ray.io/external-storage-namespace"})


def _label_key(text: str) -> str:
    if not is_label_key(text):
        raise ValueError("must be a label's key, such as team or example.com/team")
    return text


def _label_value(text: str) -> str:
    if not is_label_value(text):
        raise ValueError(f"must be a label's value: at most {LABEL_BYTES} letters, digits, '-', '_' and '.'")
    return text


def _annotation_key(text: str) -> str:
    if not is_label_key(text.lower()):
        raise ValueError("must be an annotation's key, such as contact or example.com/contact")
    if text in RESERVED:
        raise ValueError("must be another annotation: this one says what an author did, or is for an author to say")
    return text


def _name(text: str) -> str:
    if not is_dns1123_subdomain(text):
        raise ValueError("must be a name of lower-case letters, digits, '-' and '.'")
    return text


LabelKey = Annotated[str, AfterValidator(_label_key)]
LabelValue = Annotated[str, AfterValidator(_label_value), Field(json_schema_extra={"maxLength": LABEL_BYTES})]
AnnotationKey = Annotated[str, AfterValidator(_annotation_key)]
Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"minLength": 1, "maxLength": SUBDOMAIN_BYTES})]
Item = TypeVar("Item")
# A list in YAML as in JSON, whatever it was read by; its items stay as strict as they are.
Items: TypeAlias = Annotated[tuple[Item, ...], Field(strict=False)]


class Toleration(Part):
    """A taint that the pods bear."""

    key: LabelKey | None = Field(default=None, description="the taint's key; any, if absent")
    operator: Literal["Equal", "Exists"] | None = Field(
        default=None, description="how the value is compared; absent is Equal"
    )
    value: LabelValue | None = Field(default=None, description="the taint's value")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="the taint's effect; any, if absent"
    )
    toleration_seconds: int | None = Field(
        default=None,
        ge=INT64.minimum,
        le=INT64.maximum,
        description="for how long NoExecute is borne; for ever, if absent",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.key is None and self.operator != "Exists":
            raise ValueError("operator must be Exists where there is no key")
        if self.operator == "Exists" and self.value:
            raise ValueError("value must be left out where the operator is Exists")
        if self.toleration_seconds is not None and self.effect != "NoExecute":
            raise ValueError("effect must be NoExecute where there are tolerationSeconds")
        return self


class PullSecret(Part):
    """A Secret with which images are pulled."""

    name: Name = Field(description="the Secret's name, in the job's namespace")


class Pods(Part):
    """What is added to a pod template, each where the template says nothing of it."""

    service_account_name: Name | None = Field(default=None, description="the account that the pods run as")
    node_selector: Mapping[LabelKey, LabelValue] = Field(
        default={}, description="labels of the nodes that the pods run on"
    )
    tolerations: Items[Toleration] = Field(default=(), description="taints of nodes that the pods bear")
    priority_class_name: Name | None = Field(default=None, description="the PriorityClass of the pods")
    image_pull_secrets: Items[PullSecret] = Field(default=(), description="Secrets with which images are pulled")
    resources: Resources | None = Field(
        default=None, description="for the Ray container, which is the first; of a submitter: for the one that submits"
    )

    @model_validator(mode="after")
    def _names_each_secret_once(self) -> Self:
        if len(set(self.image_pull_secrets)) < len(self.image_pull_secrets):
            raise ValueError("imagePullSecrets must name each Secret once")
        return self


class Additions(Part):
    """What is added to a RayJob, each where its author says nothing of it."""

    labels: Mapping[LabelKey, LabelValue] = Field(default={}, description="labels of the RayJob")
    annotations: Mapping[AnnotationKey, str] = Field(default={}, description="annotations of the RayJob")
    head: Pods | None = Field(default=None, description="for the head's pod template")
    workers: Pods | None = Field(default=None, description="for the pod template of every worker group")
    submitter: Pods | None = Field(default=None, description="for submitterPodTemplate, in a job that has one")

    @model_validator(mode="after")
    def _names_a_queue(self) -> Self:
        name = self.labels.get(QUEUE_NAME)
        if name is not None and not is_dns1123_subdomain(name):
            raise ValueError(f"the label {QUEUE_NAME} must be the name of a queue, which is a DNS subdomain")
        return self
