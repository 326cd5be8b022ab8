"""The history server's collector, which KubeRay adds to every pod of the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from webhook.rayjob import model
from webhook.rayjob.job import CLUSTER, Job, Owner
from webhook.rayjob.kuberay import Gate, Release
from webhook.rules.example import cluster, worker_group
from webhook.rules.finding import Finding, forbidden, invalid, required
from webhook.rules.rule import Layer, fails, passes, rule

HISTORY = CLUSTER / "historyServerOptions"
COLLECTOR = HISTORY / "collectorOptions"

# The variables and the container that KubeRay makes itself.
VARIABLES = frozenset(
    {
        "POD_IP",
        "FQ_RAY_IP",
        "RAY_CLUSTER_NAME",
        "RAY_CLUSTER_NAMESPACE",
        "RAY_ROLE",
        "OWNER_KIND",
        "OWNER_NAME",
        "EVENTS_PORT",
    }
)
CONTAINER = "ray-history-collector"


def _collector(job: Job) -> model.CollectorOptions | None:
    return (job.cluster.get("historyServerOptions") or {}).get("collectorOptions")


def _collecting(*env: Mapping[str, object], image: str | None = "collector:1", **fields: object) -> dict[str, object]:
    """The patch of an example: a collector that is complete, further variables of it, other fields of the cluster."""
    collector = {"image": image, "env": [{"name": "STORAGE_BACKEND", "value": "local"}, *env]}
    return cluster(historyServerOptions={"collectorOptions": collector}, **fields)


@rule(
    "The history server is used, but its gate is off",
    layer=Layer.KUBERAY,
    source=("R81",),
    since=Release.V1_7,
    gate=(Gate.HISTORY_SERVER, False),
    reads=("spec.rayClusterSpec.historyServerOptions",),
    examples=(
        passes(cluster(historyServerOptions=None)),
        fails(cluster(historyServerOptions={}), "spec.rayClusterSpec.historyServerOptions"),
    ),
)
def history_server_without_gate(job: Job) -> Iterator[Finding]:
    """`historyServerOptions` is there (`{}` too) while the operator's gate RayClusterHistoryServer is off.

    Why: KubeRay's operator refuses the job after it is stored.

    Instead: leave it out, or ask whoever runs KubeRay to start it with
    `--feature-gates=RayClusterHistoryServer=true`.
    """
    if job.cluster.get("historyServerOptions") is not None:
        yield forbidden(HISTORY, None, "the operator's feature gate RayClusterHistoryServer is off")


@rule(
    "The history server has no collector",
    layer=Layer.KUBERAY,
    source=("R82",),
    since=Release.V1_7,
    gate=(Gate.HISTORY_SERVER, True),
    reads=("spec.rayClusterSpec.historyServerOptions",),
    examples=(
        passes(_collecting()),
        fails(
            cluster(historyServerOptions={}),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions",
        ),
    ),
)
def missing_collector(job: Job) -> Iterator[Finding]:
    """`historyServerOptions` is there without `collectorOptions`.

    Why: the collector is what saves logs and events; without its settings KubeRay's operator refuses the job.

    Instead: give `collectorOptions` with an image and the storage backend's variables, or leave
    `historyServerOptions` out.
    """
    options = job.cluster.get("historyServerOptions")
    if options is not None and _collector(job) is None:
        yield required(COLLECTOR, "the collector that saves logs and events")


@rule(
    "The history server's collector has no image",
    layer=Layer.KUBERAY,
    source=("R83",),
    since=Release.V1_7,
    gate=(Gate.HISTORY_SERVER, True),
    reads=("spec.rayClusterSpec.historyServerOptions.collectorOptions",),
    examples=(
        passes(_collecting()),
        fails(_collecting(image=None), "spec.rayClusterSpec.historyServerOptions.collectorOptions.image"),
        fails(_collecting(image=""), "spec.rayClusterSpec.historyServerOptions.collectorOptions.image"),
    ),
)
def missing_collector_image(job: Job) -> Iterator[Finding]:
    """`collectorOptions.image` is absent or empty.

    Why: KubeRay has no default for it, and its operator refuses the job.

    Instead: name the image of the history server's collector.
    """
    collector = _collector(job)
    if collector is not None and not collector.get("image"):
        yield required(COLLECTOR / "image", "KubeRay has no default image for the collector")


@rule(
    "The history server's collector gets a variable that KubeRay sets itself",
    layer=Layer.KUBERAY,
    source=("R84",),
    since=Release.V1_7,
    gate=(Gate.HISTORY_SERVER, True),
    reads=("spec.rayClusterSpec.historyServerOptions.collectorOptions.env",),
    examples=(
        passes(_collecting({"name": "pod_ip", "value": "10.0.0.1"})),
        fails(
            _collecting({"name": "POD_IP", "value": "10.0.0.1"}, {"name": "EVENTS_PORT"}),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[1]",
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[2]",
        ),
    ),
)
def reserved_collector_variable(job: Job) -> Iterator[Finding]:
    """`collectorOptions.env` has a variable that KubeRay sets in the collector itself.

    They are POD_IP, FQ_RAY_IP, RAY_CLUSTER_NAME, RAY_CLUSTER_NAMESPACE, RAY_ROLE, OWNER_KIND, OWNER_NAME and
    EVENTS_PORT.

    Why: one of the two values would be lost; KubeRay's operator refuses the job.

    Instead: leave them out.
    """
    for index, entry in enumerate((_collector(job) or {}).get("env") or ()):
        name = (entry or {}).get("name")
        if name in VARIABLES:
            yield forbidden(COLLECTOR / "env" / index, name, f"KubeRay sets {name} in the collector itself")


@rule(
    "A container has the name of the history server's collector",
    layer=Layer.KUBERAY,
    source=("R94", "R95"),
    since=Release.V1_7,
    gate=(Gate.HISTORY_SERVER, True),
    reads=("spec.rayClusterSpec.historyServerOptions",),
    examples=(
        passes(_collecting()),
        fails(
            _collecting(
                headGroupSpec={
                    "template": {"spec": {"containers": [{"name": "ray-head"}, {"name": "ray-history-collector"}]}}
                }
            ),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[1].name",
            number="R94",
        ),
        fails(
            _collecting(
                workerGroupSpecs=[worker_group(template={"spec": {"containers": [{"name": "ray-history-collector"}]}})]
            ),
            "spec.rayClusterSpec.workerGroupSpecs[0].template.spec.containers[0].name",
            number="R95",
        ),
    ),
)
def reserved_collector_container(job: Job) -> Iterator[Finding]:
    """With `historyServerOptions`, a container of the head or of a worker group is named ray-history-collector.

    Why: KubeRay adds a container of that name to each of these pods, and its operator refuses the job.

    Instead: give the container another name.
    """
    if job.cluster.get("historyServerOptions") is None:
        return
    for template in job.templates:
        if template.owner is Owner.SUBMITTER:
            continue
        for index, container in enumerate(template.spec.get("containers") or ()):
            if (container or {}).get("name") == CONTAINER:
                path = template.path / "containers" / index / "name"
                yield invalid(path, CONTAINER, "must be another name: KubeRay adds a container of this one")
