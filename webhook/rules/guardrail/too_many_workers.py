"""How many worker pods a job may have."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob import demand, quantity
from webhook.rayjob.job import Job
from webhook.rules import budget
from webhook.rules.example import cluster, worker_group
from webhook.rules.finding import Finding
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes


class TooManyWorkers(Parameters):
    """How many are too many."""

    max_workers: int = Field(ge=0, description="The most worker pods that all groups of a job may have together")


@guardrail(
    "A job has too many workers",
    parameters=TooManyWorkers,
    reads=("spec.rayClusterSpec.workerGroupSpecs",),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(maxReplicas=4, numOfHosts=2)]), given={"maxWorkers": 8}),
        fails(
            cluster(workerGroupSpecs=[worker_group(maxReplicas=5, numOfHosts=2)]),
            "spec.rayClusterSpec",
            given={"maxWorkers": 8},
        ),
    ),
)
def too_many_workers(job: Job, params: TooManyWorkers) -> Iterator[Finding]:
    """All worker groups of a job together may come to more pods than the policy's `maxWorkers`.

    Each group counts with `maxReplicas` times `numOfHosts`, whatever `replicas` says and whether the autoscaler is on
    or not. The head is no worker.

    Why: every worker is a pod to schedule and a node to buy; `maxReplicas` is 2147483647 where it is absent.

    Instead: set `maxReplicas` to what the job needs.
    """
    must = f"must be {params.max_workers} or less (workers)"
    yield from budget.overdrawn(job, demand.workers(job), params.max_workers * quantity.BILLION, must)
