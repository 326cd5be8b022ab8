"""Which priorities a job may claim."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.path import Key, Path, field
from webhook.rayjob.pod_metadata import given_labels
from webhook.rules.choice import listed
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, invalid
from webhook.rules.parameters import Expression, Parameters, Pattern
from webhook.rules.rule import fails, guardrail, passes

LABELS = field("metadata.labels")
KUEUE = "kueue.x-k8s.io/priority-class"
KUBERAY = "ray.io/priority-class-name"  # for volcano, and kai-scheduler reads it too
KAI = "priorityClassName"  # of the job or of a pod

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"


class PriorityClassNotAllowed(Parameters):
    """What is allowed."""

    classes: tuple[Pattern, ...] = Field(
        default=(),
        description="Patterns of the PriorityClasses that pods may have; without any, they have the cluster's default",
    )
    workload_classes: tuple[Pattern, ...] = Field(
        default=(),
        description="Patterns of the classes that a job may have in Kueue: WorkloadPriorityClasses, whose names have "
        "nothing to do with those of PriorityClasses; without any, it has none",
    )


@guardrail(
    "A job claims a priority that is not allowed",
    parameters=PriorityClassNotAllowed,
    examples=(
        passes({}),
        fails(
            cluster(headGroupSpec={"template": {"spec": {"priorityClassName": "high"}}}), f"{HEAD}.priorityClassName"
        ),
        passes(
            cluster(headGroupSpec={"template": {"spec": {"priorityClassName": "batch-low"}}}),
            given={"classes": ["batch-.*"]},
        ),
        fails(
            {"metadata": {"labels": {KUEUE: "urgent"}}},
            f"metadata.labels[{KUEUE}]",
            given={"classes": ["urgent"], "workloadClasses": ["normal"]},
        ),
        passes({"metadata": {"labels": {KUEUE: "normal"}}}, given={"workloadClasses": ["normal"]}),
        fails({"metadata": {"labels": {KUBERAY: "high"}}}, f"metadata.labels[{KUBERAY}]"),
    ),
)
def priority_class_not_allowed(job: Job, params: PriorityClassNotAllowed) -> Iterator[Finding]:
    """A priority class is none of the policy's `classes`, or in Kueue none of its `workloadClasses`.

    Looked at are `priorityClassName` of every template and the labels that stand for it: Kueue's
    kueue.x-k8s.io/priority-class, KubeRay's ray.io/priority-class-name for its batch schedulers, and kai-scheduler's
    priorityClassName, also on pods. Who names no class has the cluster's default.

    Why: a pod of a higher priority throws others off their nodes, and a job of a higher one overtakes all that wait.

    Instead: leave the class out, or name an allowed one.
    """
    labels = job.metadata.get("labels") or {}
    yield from _found(LABELS / Key(KUEUE), labels.get(KUEUE), params.workload_classes)
    for key in (KUBERAY, KAI):
        yield from _found(LABELS / Key(key), labels.get(key), params.classes)
    for given in given_labels(job):
        for path, values in given:
            yield from _found(path / Key(KAI), values.get(KAI), params.classes)
    for template in job.templates:
        yield from _found(template.path / "priorityClassName", template.spec.get("priorityClassName"), params.classes)


def _found(path: Path, name: str | None, allowed: tuple[Expression, ...]) -> Iterator[Finding]:
    if name and not any(pattern.matches(name) for pattern in allowed):
        texts = [pattern.text for pattern in allowed]
        yield invalid(path, name, f"must be {listed(texts)}, or be left out" if texts else "must be left out")
