"""What must be in an object, and what no two items of a list may share, for KubeRay's CRD.

The API server refuses it only where the CRD is that of KubeRay's release: Helm never upgrades one, and a file has met
none. Where the operator refuses the same, its own rule speaks.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.departure import Sort
from webhook.rayjob.job import Job
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.finding import Finding, duplicate, required
from webhook.rules.rule import Layer, fails, passes, rule

HEAD = "spec.rayClusterSpec.headGroupSpec"
CONTAINER = f"{HEAD}.template.spec.containers[0]"
RULE = "spec.deletionStrategy.deletionRules[0]"

CONTAINERS_OF_GROUP = ("template", "spec", "containers")  # R149 with R36 and R41; a submitter has no `template`


def _container(**fields: object) -> dict[str, object]:
    """For the examples: a patch of the head's Ray container."""
    return cluster(headGroupSpec=head(**fields))


@rule(
    "A field is missing that the CRD demands",
    layer=Layer.KUBERAY,
    source=("R147", "R149"),
    reads=("departures",),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(minReplicas=0, replicas=None)])),
        passes(cluster(headGroupSpec={"template": {"spec": {"volumes": [{"name": "scratch"}]}}})),
        fails(
            cluster(headGroupSpec=None),
            HEAD,
            also=("group-without-containers",),
            number="R147",
        ),
        fails(
            cluster(headGroupSpec={"template": None}),
            f"{HEAD}.template",
            also=("group-without-containers",),
            number="R147",
        ),
        fails(
            cluster(workerGroupSpecs=[worker_group(groupName=None)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].groupName",
            number="R147",
        ),
        fails(
            {"spec": {"deletionStrategy": {"deletionRules": [{"condition": {"jobStatus": "FAILED"}}]}}},
            f"{RULE}.policy",
            number="R147",
        ),
        fails(
            cluster(
                networkPolicy={"workerGroups": [{}]},
                workerGroupSpecs=[worker_group()],
            ),
            "spec.rayClusterSpec.networkPolicy.workerGroups[0].groupName",
            also=("network-policy-without-gate",),
            number="R147",
        ),
        fails(_container(name=None), f"{CONTAINER}.name", number="R149"),
        fails(_container(env=[{"value": "1"}]), f"{CONTAINER}.env[0].name", number="R149"),
        fails(
            _container(ports=[{"name": "dashboard"}], volumeMounts=[{"name": "scratch"}]),
            f"{CONTAINER}.ports[0].containerPort",
            f"{CONTAINER}.volumeMounts[0].mountPath",
            number="R149",
        ),
        fails(
            {"spec": {"submitterPodTemplate": {"spec": {"restartPolicy": "Never"}}}},
            "spec.submitterPodTemplate.spec.containers",
            number="R149",
        ),
    ),
)
def missing_field(job: Job) -> Iterator[Finding]:
    """A field is absent or null that its object cannot be without, for KubeRay's CRD.

    Why: the CRD refuses the object; an older one, or none, leaves the operator with a nameless group or container.

    Instead: write the field.
    """
    for departure in job.departures:
        if departure.sort is Sort.MISSING and departure.path.steps[-3:] != CONTAINERS_OF_GROUP:
            yield required(departure.path, departure.expected or "KubeRay's CRD demands it")


@rule(
    "Two items of a list have the same key",
    layer=Layer.KUBERAY,
    source=("R135", "R149"),
    reads=("departures",),
    examples=(
        passes(_container(env=[{"name": "A"}, {"name": "a"}])),
        passes(
            _container(
                ports=[
                    {"containerPort": 53, "protocol": "UDP"},
                    {"containerPort": 53, "protocol": "TCP"},
                    {"containerPort": 54},
                ]
            )
        ),
        fails(
            cluster(
                networkPolicy={"workerGroups": [{"groupName": "workers"}, {"groupName": "workers"}]},
                workerGroupSpecs=[worker_group()],
            ),
            "spec.rayClusterSpec.networkPolicy.workerGroups[1].groupName",
            also=("network-policy-without-gate",),
            number="R135",
        ),
        fails(
            _container(env=[{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "2"}]),
            f"{CONTAINER}.env[2].name",
            number="R149",
        ),
        fails(
            _container(ports=[{"containerPort": 53}, {"containerPort": 53, "protocol": "TCP"}]),
            f"{CONTAINER}.ports[1].containerPort",
            number="R149",
        ),
        fails(
            cluster(
                headGroupSpec={
                    "template": {
                        "spec": {
                            "containers": [
                                {"name": "ray-head", "image": "rayproject/ray:2.52.0"},
                                {"name": "ray-head", "image": "fluentbit:4"},
                            ],
                            "volumes": [{"name": "v", "emptyDir": {}}, {"name": "v", "emptyDir": {}}],
                        }
                    }
                }
            ),
            f"{HEAD}.template.spec.containers[1].name",
            f"{HEAD}.template.spec.volumes[1].name",
            number="R149",
        ),
    ),
)
def duplicate_item(job: Job) -> Iterator[Finding]:
    """Two items of a list agree in what tells its items apart.

    That is the name of containers, environment variables and volumes, the path of volume mounts, number and protocol
    (without one, TCP) of ports, and the group's name in a network policy.

    Why: the CRD refuses it. Where an older one lets it pass, one of the two is ignored, and which one is not told.

    Instead: keep one of them, or give them different keys.
    """
    for departure in job.departures:
        if departure.sort is Sort.DUPLICATE:
            yield duplicate(departure.path, departure.value, f"must be {departure.expected}")
