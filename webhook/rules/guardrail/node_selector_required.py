"""Which nodes pods must keep to."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob import pod
from webhook.rayjob.job import Job
from webhook.rayjob.path import Key
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.parameters import Expression, Parameters
from webhook.rules.rule import fails, guardrail, passes
from webhook.rules.wanted import Wanted, must

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"

POOL = {"labels": {"example.com/pool": "batch|gpu"}}


class NodeSelectorRequired(Parameters):
    """What must be selected."""

    labels: Wanted = Field(
        min_length=1,
        description="The keys of the nodes' labels, each with a pattern that the whole value must match, or with null "
        "where any value will do",
    )


def _head(**spec: object) -> dict[str, object]:
    return cluster(headGroupSpec={"template": {"spec": spec}})


def _affinity(*values: str) -> dict[str, object]:
    expression = {"key": "example.com/pool", "operator": "In", "values": [*values]}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}


@guardrail(
    "A pod may run on nodes that are not its own",
    parameters=NodeSelectorRequired,
    reads=("spec",),
    examples=(
        passes(_head(nodeSelector={"example.com/pool": "gpu"}), given=POOL),
        fails({}, f"{HEAD}.nodeSelector[example.com/pool]", given=POOL),
        fails(_head(nodeSelector={"example.com/pool": "system"}), f"{HEAD}.nodeSelector[example.com/pool]", given=POOL),
        passes(_head(affinity=_affinity("batch", "gpu")), given=POOL),
        fails(_head(affinity=_affinity("batch", "system")), f"{HEAD}.nodeSelector[example.com/pool]", given=POOL),
    ),
)
def node_selector_required(job: Job, params: NodeSelectorRequired) -> Iterator[Finding]:
    """A template's `nodeSelector` lacks one of the policy's `labels`, or has another value than the policy wants.

    A required nodeAffinity does as well, where every one of its terms (of which one must hold) keeps to the wanted
    values; a preferred one does not. The submitter that KubeRay makes where there is no `submitterPodTemplate` is not
    asked.

    Why: a pod that selects no nodes lands wherever there is room: on nodes of other teams, or on those that cost most.

    Instead: set the label in `nodeSelector` of every template.
    """
    for template in job.templates:
        selector = template.spec.get("nodeSelector") or {}
        terms = _terms(template.spec)
        for key, pattern in params.labels.items():
            value = selector.get(key)
            if not (_is_wanted(value, pattern) or (terms and all(_keeps(term, key, pattern) for term in terms))):
                path = template.path / "nodeSelector" / Key(key)
                yield required(path, must(pattern)) if value is None else invalid(path, value, must(pattern))


def _terms(spec: pod.PodSpec) -> list[pod.NodeSelectorTerm]:
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    selector = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    return [term or {} for term in selector.get("nodeSelectorTerms") or ()]


def _is_wanted(value: str | None, pattern: Expression | None) -> bool:
    return value is not None and (pattern is None or pattern.matches(value))


def _keeps(term: pod.NodeSelectorTerm, key: str, pattern: Expression | None) -> bool:
    """Whether a term holds only on nodes whose label has a wanted value; all its conditions hold together."""
    return any(
        condition.get("key") == key and _is_met(condition, pattern)
        for condition in (raw or {} for raw in term.get("matchExpressions") or ())
    )


def _is_met(condition: pod.NodeSelectorRequirement, pattern: Expression | None) -> bool:
    operator, values = condition.get("operator"), condition.get("values") or ()
    if operator == "In" and values:
        return all(_is_wanted(value, pattern) for value in values)
    return pattern is None and operator in {"Exists", "Gt", "Lt"}
