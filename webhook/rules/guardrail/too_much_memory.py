"""How much memory a job may hold."""

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


class TooMuchMemory(Parameters):
    """How much is too much."""

    max_memory: budget.Amount = Field(
        description="The most memory that all pods of a job may ask for together, such as 512Gi"
    )


@guardrail(
    "A job holds too much memory",
    parameters=TooMuchMemory,
    examples=(
        passes(cluster(headGroupSpec=head(resources={"limits": {"memory": "8Gi"}})), given={"maxMemory": "8192Mi"}),
        fails(
            cluster(headGroupSpec=head(resources={"limits": {"memory": "8Gi"}})),
            "spec.rayClusterSpec",
            given={"maxMemory": "8G"},
        ),
    ),
)
def too_much_memory(job: Job, params: TooMuchMemory) -> Iterator[Finding]:
    """All pods of a job together may come to ask for more memory than the policy's `maxMemory`.

    Counted are the head, each worker group at `maxReplicas` times `numOfHosts`, and the submitter; of request and limit
    the larger.

    Why: one job can take the memory of a whole cluster, and its autoscaler will, if it is let.

    Instead: lower `maxReplicas`, or the memory of a pod. `memory` in `rayStartParams` changes nothing here: it tells
    Ray, not Kubernetes.
    """
    must = f"must be {params.max_memory.text} or less (memory)"
    yield from budget.overdrawn(job, demand.shares(job, _counts), params.max_memory.billionths, must, budget.size)
    yield from budget.uncountable(job, _counts)


def _counts(name: str) -> bool:
    return name == "memory"
