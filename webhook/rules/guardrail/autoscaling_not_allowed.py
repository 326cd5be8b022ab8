"""Whether the autoscaler may run."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import CLUSTER, Job
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, invalid
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes


@guardrail(
    "The autoscaler is on",
    parameters=Parameters,
    reads=("spec.rayClusterSpec.enableInTreeAutoscaling",),
    examples=(
        passes(cluster(enableInTreeAutoscaling=False, autoscalerOptions={"idleTimeoutSeconds": 60})),
        fails(cluster(enableInTreeAutoscaling=True), "spec.rayClusterSpec.enableInTreeAutoscaling"),
    ),
)
def autoscaling_not_allowed(job: Job, params: Parameters) -> Iterator[Finding]:  # noqa: ARG001 (it has none)
    """`spec.rayClusterSpec.enableInTreeAutoscaling` is true.

    Why: a cluster that grows by itself cannot be planned: a queue that admits jobs as a whole has no number to go by.

    Instead: leave it out and give each worker group the `replicas` that it needs.
    """
    if job.autoscales:
        yield invalid(CLUSTER / "enableInTreeAutoscaling", True, "must be false, or left out")  # noqa: FBT003 (a value)
