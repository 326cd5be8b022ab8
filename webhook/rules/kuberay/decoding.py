"""Values that the API server stores and KubeRay's operator cannot decode."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.departure import Sort
from webhook.rayjob.job import Job
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.finding import Finding, invalid
from webhook.rules.rule import Layer, fails, passes, rule

CONTAINER = "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0]"


def _container(**fields: object) -> dict[str, object]:
    """For the examples: a patch of the head's Ray container."""
    return cluster(headGroupSpec=head(**fields))


def _limits(**said: object) -> dict[str, object]:
    return _container(resources={"limits": said})


@rule(
    "A value cannot be decoded by the operator",
    layer=Layer.KUBERAY,
    source=("C-2",),
    reads=("departures",),
    examples=(
        passes({"spec": {"backoffLimit": 2147483647, "entrypointNumCpus": 3.4028235e38}}),
        passes(_limits(cpu="1e3", memory="16Gi")),
        fails({"spec": {"backoffLimit": 3000000000}}, "spec.backoffLimit"),
        fails(
            cluster(workerGroupSpecs=[worker_group(maxReplicas=2147483648)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].maxReplicas",
        ),
        fails({"spec": {"entrypointNumGpus": 1e39}}, "spec.entrypointNumGpus"),
        fails(
            _container(livenessProbe={"tcpSocket": {"port": 2147483648}}), f"{CONTAINER}.livenessProbe.tcpSocket.port"
        ),
        fails(
            _limits(cpu="1e1.5", memory="", storage="16 Gi"),
            f"{CONTAINER}.resources.limits[cpu]",
            f"{CONTAINER}.resources.limits[memory]",
            f"{CONTAINER}.resources.limits[storage]",
        ),
        fails(_limits(memory="1e-100000000"), f"{CONTAINER}.resources.limits[memory]"),
    ),
)
def undecodable_value(job: Job) -> Iterator[Finding]:
    """A number has more room in JSON than in the operator's field, or a text is no quantity.

    Why: the CRD takes most of these, an API server before Kubernetes 1.36 any number. The operator lists all RayJobs
    at once: a single one that it cannot decode, or decodes for minutes (`1e1000000000`), stops it for all of them.

    Instead: keep numbers within the field's bits, and write quantities such as `2`, `500m` or `4Gi`.
    """
    for departure in job.departures:
        if departure.sort in (Sort.RANGE, Sort.AMOUNT):
            must = f"must be {departure.expected}: one RayJob that the operator cannot decode stops it for all RayJobs"
            yield invalid(departure.path, departure.value, must)
