"""Which annotations a job must have."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rayjob.pod_metadata import given_annotations
from webhook.rules.example import cluster
from webhook.rules.finding import Finding
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes
from webhook.rules.wanted import Wanted, missing, own

ANNOTATIONS = field("metadata.annotations")

CONTACT = {"metadata": {"annotations": {"example.com/contact": "vision@example.com"}}}


class MissingAnnotation(Parameters):
    """What must be there."""

    annotations: Wanted = Field(
        min_length=1,
        description="The annotations' keys, each with a pattern that the whole value must match, or with null where "
        "any value will do that is not empty",
    )
    pod_templates: bool = Field(
        default=False,
        description="Whether every pod template needs them too; annotations of the RayJob do not come to its pods",
    )


@guardrail(
    "An annotation is missing",
    parameters=MissingAnnotation,
    examples=(
        passes(CONTACT, given={"annotations": {"example.com/contact": None}}),
        fails({}, "metadata.annotations[example.com/contact]", given={"annotations": {"example.com/contact": None}}),
        fails(
            CONTACT,
            "metadata.annotations[example.com/contact]",
            given={"annotations": {"example.com/contact": r".*@example\.org"}},
        ),
        fails(
            CONTACT,
            "spec.rayClusterSpec.headGroupSpec.template.metadata.annotations[example.com/contact]",
            given={"annotations": {"example.com/contact": None}, "podTemplates": True},
        ),
        passes(
            {**CONTACT, **cluster(headGroupSpec={"template": CONTACT})},
            given={"annotations": {"example.com/contact": None}, "podTemplates": True},
        ),
    ),
)
def missing_annotation(job: Job, params: MissingAnnotation) -> Iterator[Finding]:
    """The RayJob lacks one of the policy's `annotations`, or its value does not match; with `podTemplates`, a template.

    The submitter that KubeRay makes where there is no `submitterPodTemplate` is not asked.

    Why: what tools and people need to know of a job, whom to call or which ticket it belongs to, stands nowhere else.

    Instead: set it in `metadata.annotations`, and in `template.metadata.annotations` where the message says so.
    """
    yield from missing(own(ANNOTATIONS, job.metadata.get("annotations")), params.annotations)
    if params.pod_templates:
        for given in given_annotations(job):
            yield from missing(given, params.annotations)
