"""Whether containers say what they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from webhook.rayjob import quantity
from webhook.rayjob.job import CLUSTER, Job, Owner
from webhook.rayjob.path import Key, Path
from webhook.rayjob.pod import ResourceRequirements
from webhook.rules.example import cluster, head
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

AUTOSCALER = CLUSTER / "autoscalerOptions" / "resources"
COLLECTOR = CLUSTER / "historyServerOptions" / "collectorOptions" / "resources"


class ResourcesMissing(Parameters):
    """What must be said, and by whom."""

    requests: tuple[str, ...] = Field(
        default=("cpu", "memory"), description="The resources that containers must request; a limit is a request too"
    )
    limits: tuple[str, ...] = Field(default=("memory",), description="The resources that containers must limit")
    containers: Literal["all", "ray"] = Field(
        default="all", description="Which containers: all, or the Ray containers of head and workers"
    )


@guardrail(
    "A container does not say what it needs",
    parameters=ResourcesMissing,
    reads=("spec",),
    examples=(
        passes(cluster(headGroupSpec=head(resources={"limits": {"cpu": 1, "memory": "2Gi"}}))),
        passes(
            cluster(headGroupSpec=head(resources={"requests": {"cpu": 1}})), given={"requests": ["cpu"], "limits": []}
        ),
        fails(
            cluster(headGroupSpec=head(resources={"requests": {"cpu": 1, "memory": 0}})),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].resources.limits[memory]",
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].resources.requests[memory]",
        ),
    ),
)
def resources_missing(job: Job, params: ResourcesMissing) -> Iterator[Finding]:
    """A container lacks a request or a limit that the policy asks for, or says 0, which is as good as none.

    All containers are the init containers too, and those of the autoscaler and the collector where the author gives
    them resources, for then KubeRay's own are gone. Ephemeral containers cannot have any. Resources of the whole pod do
    not count: Ray does not see them, nor does a cluster whose feature for them is off.

    Why: a container without requests is scheduled as if it needed nothing, and is the first that its node ends. Ray
    takes the node's whole memory for its own where there is no limit.

    Instead: set `resources.requests` and `resources.limits` of the container.
    """
    for path, resources in _resources(job, params.containers):
        limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
        for name in params.requests:
            amount = requests.get(name)
            amount = limits.get(name) if amount is None else amount
            if not _is_enough(amount):
                yield _finding(path / "requests" / Key(name), amount)
        for name in params.limits:
            amount = limits.get(name)
            if not _is_enough(amount):
                yield _finding(path / "limits" / Key(name), amount)


def _is_enough(amount: str | float | None) -> bool:
    return amount is not None and (quantity.billionths(amount) or 0) > 0


def _finding(path: Path, amount: str | float | None) -> Finding:
    return required(path, "more than 0") if amount is None else invalid(path, amount, "must be more than 0")


def _resources(job: Job, which: str) -> Iterator[tuple[Path, ResourceRequirements]]:
    for container in job.containers:
        if which == "ray":
            concerned = container.main and container.template.owner is not Owner.SUBMITTER
        else:
            concerned = "ephemeralContainers" not in container.path.steps
        if concerned:
            yield container.path / "resources", container.spec.get("resources") or {}
    if which == "all":
        autoscaler = (job.cluster.get("autoscalerOptions") or {}).get("resources")
        if job.autoscales and autoscaler is not None:
            yield AUTOSCALER, autoscaler
        collector = ((job.cluster.get("historyServerOptions") or {}).get("collectorOptions") or {}).get("resources")
        if collector is not None:
            yield COLLECTOR, collector
