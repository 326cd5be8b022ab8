"""How many CPUs a job may hold."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob import demand
from webhook.rayjob.job import Job
from webhook.rules import budget
from webhook.rules.example import cluster, head
from webhook.rules.finding import Finding
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes


class TooManyCpus(Parameters):
    """How many are too many."""

    max_cpus: budget.Amount = Field(
        description="The most CPUs that all pods of a job may ask for together, such as 64 or 500m"
    )


@guardrail(
    "A job holds too many CPUs",
    parameters=TooManyCpus,
    examples=(
        passes(cluster(headGroupSpec=head(resources={"limits": {"cpu": "1500m"}})), given={"maxCpus": 1.5}),
        fails(
            cluster(headGroupSpec=head(resources={"limits": {"cpu": "1501m"}})),
            "spec.rayClusterSpec",
            given={"maxCpus": "1500m"},
        ),
    ),
)
def too_many_cpus(job: Job, params: TooManyCpus) -> Iterator[Finding]:
    """All pods of a job together may come to ask for more CPUs than the policy's `maxCpus`.

    Counted are the head, each worker group at `maxReplicas` times `numOfHosts`, and the submitter; of request and limit
    the larger.

    Why: one job can take the CPUs of a whole cluster, and its autoscaler will, if it is let.

    Instead: lower `maxReplicas`, or the CPUs of a pod. `num-cpus` changes nothing here: it tells Ray, not Kubernetes.
    """
    must = f"must be {params.max_cpus.text} or less (CPUs)"
    yield from budget.overdrawn(job, demand.shares(job, _counts), params.max_cpus.billionths, must)
    yield from budget.uncountable(job, _counts)


def _counts(name: str) -> bool:
    return name == "cpu"
