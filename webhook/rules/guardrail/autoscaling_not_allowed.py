"""Whether the autoscaler may run."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob import start_params
from webhook.rayjob.job import CLUSTER, HEAD, Job
from webhook.rayjob.path import Key
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, forbidden, invalid
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes


@guardrail(
    "The autoscaler is on",
    parameters=Parameters,
    reads=("spec.rayClusterSpec.enableInTreeAutoscaling|spec.rayClusterSpec.headGroupSpec.rayStartParams",),
    examples=(
        passes(cluster(enableInTreeAutoscaling=False, autoscalerOptions={"idleTimeoutSeconds": 60})),
        fails(cluster(enableInTreeAutoscaling=True), "spec.rayClusterSpec.enableInTreeAutoscaling"),
        fails(
            cluster(headGroupSpec={"rayStartParams": {"autoscaling-config": "/etc/autoscaling.yaml"}}),
            "spec.rayClusterSpec.headGroupSpec.rayStartParams[autoscaling-config]",
        ),
    ),
)
def autoscaling_not_allowed(job: Job, params: Parameters) -> Iterator[Finding]:  # noqa: ARG001 (it has none)
    """`spec.rayClusterSpec.enableInTreeAutoscaling` is true, or the head has an `autoscaling-config` of its own.

    Why: a cluster that grows by itself cannot be planned: a queue that admits jobs as a whole has no number to go by.

    Instead: leave it out and give each worker group the `replicas` that it needs.
    """
    if job.autoscales:
        yield invalid(CLUSTER / "enableInTreeAutoscaling", True, "must be false, or left out")  # noqa: FBT003 (a value)
    params_of_head = job.head.get("rayStartParams")
    for key in start_params.giving("autoscaling-config", params_of_head):
        yield forbidden(HEAD / "rayStartParams" / Key(key), (params_of_head or {}).get(key), _CONFIG)


_CONFIG = "must not give autoscaling-config, with which Ray's own monitor starts an autoscaler"
