"""Which labels a job must have."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rayjob.pod_metadata import given_labels
from webhook.rules.example import cluster
from webhook.rules.finding import Finding
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes
from webhook.rules.wanted import Wanted, missing, own

LABELS = field("metadata.labels")

TEAM = {"metadata": {"labels": {"team": "vision"}}}


class MissingLabel(Parameters):
    """What must be there."""

    labels: Wanted = Field(
        min_length=1,
        description="The labels' keys, each with a pattern that the whole value must match, or with null where any "
        "value will do that is not empty",
    )
    pod_templates: bool = Field(
        default=False,
        description="Whether every pod template needs them too; labels of the RayJob do not come to its pods",
    )


@guardrail(
    "A label is missing",
    parameters=MissingLabel,
    examples=(
        passes(TEAM, given={"labels": {"team": None}}),
        fails({}, "metadata.labels[team]", given={"labels": {"team": None}}),
        fails(TEAM, "metadata.labels[team]", given={"labels": {"team": "nlp|speech"}}),
        fails(
            TEAM,
            "spec.rayClusterSpec.headGroupSpec.template.metadata.labels[team]",
            given={"labels": {"team": "vision"}, "podTemplates": True},
        ),
        passes(
            {**TEAM, **cluster(headGroupSpec={"template": {"metadata": {"labels": {"team": "vision"}}}})},
            given={"labels": {"team": "vision"}, "podTemplates": True},
        ),
    ),
)
def missing_label(job: Job, params: MissingLabel) -> Iterator[Finding]:
    """The RayJob lacks one of the policy's `labels`, or its value does not match; with `podTemplates`, a template does.

    In a head or worker group, `labels` of the group counts before those of its template, for KubeRay puts it on top.
    The submitter that KubeRay makes where there is no `submitterPodTemplate` is not asked.

    Why: bills, dashboards and alarms are sorted by labels; a job without them belongs to nobody.

    Instead: set the label in `metadata.labels`, and in `template.metadata.labels` where the message says so.
    """
    yield from missing(own(LABELS, job.metadata.get("labels")), params.labels)
    if params.pod_templates:
        for given in given_labels(job):
            yield from missing(given, params.labels)
