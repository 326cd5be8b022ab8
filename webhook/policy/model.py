"""The policy file: what may stand where, as its owner writes it.

Rules and defaults are read by the modules that know them (`setting`, `giving`): what may stand there hangs on the id.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from webhook.part import Part
from webhook.policy.custom import CustomRule
from webhook.policy.exemption import ExemptionPart
from webhook.policy.match import LabelKey, Match
from webhook.rayjob.kuberay import Scheduler

API_VERSION = "rayjob-webhook/v1"
KIND = "RayJobPolicy"

OWN_RULES = 100  # in CEL: each may take a second of a review, at the worst
PARTS = 1000  # of a kind, in a policy: each costs a review a little

Rules = Annotated[
    dict[str, Any],
    Field(default_factory=dict, description="By rule id: an action, or a mapping of action and parameters"),
]
Defaults = Annotated[
    dict[str, Any],
    Field(default_factory=dict, description="By default id: on, off or the value that is given; and add"),
]
ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]


class TargetPart(Part):
    """The KubeRay that the jobs are meant for."""

    kuberay_version: str | None = Field(default=None, description='Its release, as a text: "1.7", or newer')
    feature_gates: dict[str, bool] = Field(default={}, description="Feature gates of its operator")
    batch_scheduler: Scheduler | None = Field(default=None, description="Batch scheduler of its operator")
    cert_manager: bool | None = Field(default=None, description="Whether cert-manager is installed there")
    kueue: bool | None = Field(default=None, description="Whether Kueue is installed there")


class OverridePart(Part):
    """What is otherwise for some; the first override that matches and names a rule or default decides on it."""

    match: Match = Field(description="Whom it is for")
    rules: Rules
    defaults: Defaults


class Body(Part):
    """What a policy and each of its profiles may say."""

    trusted_labels: tuple[LabelKey, ...] = Field(
        default=(), max_length=PARTS, description="Labels that authors cannot set as they like: these may loosen rules"
    )
    defaults: Defaults
    rules: Rules
    overrides: tuple[OverridePart, ...] = Field(default=(), max_length=PARTS, description="What is otherwise for some")
    custom: tuple[CustomRule, ...] = Field(default=(), max_length=OWN_RULES, description="Rules of one's own, in CEL")
    exemptions: tuple[ExemptionPart, ...] = Field(
        default=(), max_length=PARTS, description="Who need not keep which rules, and until when"
    )


class Document(Body):
    """A whole policy, below the header that each of its files has (`files`)."""

    target: TargetPart = Field(default=TargetPart(), description="The KubeRay that the jobs are meant for")
    profiles: dict[ProfileName, Body] = Field(
        default={}, description="Policies laid over this one, by the name in /validate/NAME and /mutate/NAME"
    )
