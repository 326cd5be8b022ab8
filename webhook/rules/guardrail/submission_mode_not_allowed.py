"""How a job may be submitted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, not_supported
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

MODE = field("spec.submissionMode")

Mode: TypeAlias = Literal["K8sJobMode", "HTTPMode", "InteractiveMode", "SidecarMode"]


class SubmissionModeNotAllowed(Parameters):
    """What is allowed."""

    modes: tuple[Mode, ...] = Field(min_length=1, description="The submission modes that jobs may have")


@guardrail(
    "A job is submitted in a way that is not allowed",
    parameters=SubmissionModeNotAllowed,
    examples=(
        passes({}, given={"modes": ["K8sJobMode"]}),
        passes({"spec": {"submissionMode": "SidecarMode"}}, given={"modes": ["K8sJobMode", "SidecarMode"]}),
        fails({"spec": {"submissionMode": "HTTPMode"}}, "spec.submissionMode", given={"modes": ["K8sJobMode"]}),
        fails({}, "spec.submissionMode", given={"modes": ["SidecarMode"]}),
    ),
)
def submission_mode_not_allowed(job: Job, params: SubmissionModeNotAllowed) -> Iterator[Finding]:
    """`spec.submissionMode` is none of the policy's `modes`; absent, it is K8sJobMode.

    Why: the mode decides which pod submits, and who may: InteractiveMode holds a cluster until somebody comes.

    Instead: use one of the modes that the policy names.
    """
    if job.submission_mode not in params.modes:
        yield not_supported(MODE, job.submission_mode, params.modes)
