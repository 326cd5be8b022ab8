"""What KubeRay's CRD refuses in a single field, or in a list, and the operator would read.

The API server says it only where the CRD is that of KubeRay's release: Helm never upgrades one, and a file has met
none. The departures are found by `webhook.rayjob.departure`. Where the operator refuses the same, its own rule speaks.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.departure import Sort
from webhook.rayjob.job import Job
from webhook.rules.finding import Finding, duplicate, invalid, not_supported, required
from webhook.rules.rule import Layer, fails, passes, rule
from webhook.rules.spelling import did_you_mean
from webhook.rules.worker_group import worker_group

HEAD = "spec.rayClusterSpec.headGroupSpec"
CONTAINER = f"{HEAD}.template.spec.containers[0]"
RULE = "spec.deletionStrategy.deletionRules[0]"

TOLD_BY_OPERATOR = frozenset({"ttlSeconds", "preRunningDeadlineSeconds"})  # R132 with R19, R133 with R120
CONTAINERS_OF_GROUP = ("template", "spec", "containers")  # R149 with R36 and R41; a submitter has no `template`


def _cluster(**said: object) -> dict[str, object]:
    """For the examples: a patch of the cluster."""
    return {"spec": {"rayClusterSpec": said}}


def _container(**said: object) -> dict[str, object]:
    """For the examples: a patch of the head's container."""
    container = {"name": "ray-head", "image": "rayproject/ray:2.52.0", **said}
    return _cluster(headGroupSpec={"template": {"spec": {"containers": [container]}}})


def _deletion(**said: object) -> dict[str, object]:
    """For the examples: a patch that makes one rule of deletion."""
    rule_of_deletion = {"policy": "DeleteCluster", "condition": {"jobStatus": "FAILED"}, **said}
    return {"spec": {"deletionStrategy": {"deletionRules": [rule_of_deletion]}}}


@rule(
    "A value is not in the closed set of its field",
    layer=Layer.KUBERAY,
    source=(
        *("R123", "R125", "R136", "R137", "R138", "R139", "R140"),
        *("R141", "R142", "R143", "R144", "R145", "R146"),
    ),
    examples=(
        passes({"spec": {"managedBy": "kueue.x-k8s.io/multikueue"}}),
        passes(_cluster(autoscalerOptions={"upscalingMode": "Conservative", "version": None})),
        fails({"spec": {"managedBy": "me"}}, "spec.managedBy", number="R123"),
        fails({"spec": {"managedBy": ""}}, "spec.managedBy", number="R123"),
        fails(_cluster(managedBy="kuberay"), "spec.rayClusterSpec.managedBy", number="R125"),
        fails(_deletion(policy="deleteCluster"), f"{RULE}.policy", number="R136"),
        fails(
            {
                "spec": {
                    "deletionStrategy": {"onSuccess": {"policy": ""}, "onFailure": {"policy": "Delete"}},
                }
            },
            "spec.deletionStrategy.onFailure.policy",
            "spec.deletionStrategy.onSuccess.policy",
            number="R136",
        ),
        fails(_deletion(condition={"jobStatus": "STOPPED"}), f"{RULE}.condition.jobStatus", number="R137"),
        fails(_deletion(condition={"jobStatus": ""}), f"{RULE}.condition.jobStatus", number="R137"),
        fails(
            _deletion(condition={"jobDeploymentStatus": "Complete"}),
            f"{RULE}.condition.jobDeploymentStatus",
            number="R138",
        ),
        fails(
            _cluster(autoscalerOptions={"upscalingMode": "aggressive"}),
            "spec.rayClusterSpec.autoscalerOptions.upscalingMode",
            number="R139",
        ),
        fails(
            _cluster(autoscalerOptions={"version": "V2"}),
            "spec.rayClusterSpec.autoscalerOptions.version",
            number="R140",
        ),
        fails(_cluster(authOptions={"mode": "Token"}), "spec.rayClusterSpec.authOptions.mode", number="R141"),
        fails(
            _cluster(upgradeStrategy={"type": "RollingUpdate"}),
            "spec.rayClusterSpec.upgradeStrategy.type",
            also=("unsupported-upgrade-strategy",),
            number="R142",
        ),
        fails(
            _cluster(gcsFaultToleranceOptions={"backend": "etcd"}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.backend",
            number="R143",
        ),
        fails(
            _cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"deletionPolicy": "Keep"}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage.deletionPolicy",
            also=("embedded-storage-without-gate",),
            number="R144",
        ),
        fails(
            _cluster(networkPolicy={"mode": "DenyEgress"}),
            "spec.rayClusterSpec.networkPolicy.mode",
            also=("network-policy-without-gate",),
            number="R145",
        ),
        fails(
            _cluster(headGroupSpec={"ingressOptions": {"pathType": "prefix"}}),
            f"{HEAD}.ingressOptions.pathType",
            number="R146",
        ),
    ),
)
def unsupported_value(job: Job) -> Iterator[Finding]:
    """A field with a closed set of values has another; letter case counts, and an empty text is a value.

    Why: the CRD refuses it. Where an older CRD lets it pass, the operator takes it for something else, or does nothing.

    Instead: write one of the values exactly, or leave the field out.
    """
    for departure in job.departures:
        if departure.sort is Sort.UNSUPPORTED:
            hint = did_you_mean(str(departure.value), departure.choices)
            yield not_supported(departure.path, departure.value, departure.choices, hint)


@rule(
    "A field is missing that the CRD demands",
    layer=Layer.KUBERAY,
    source=("R147", "R149"),
    examples=(
        passes(_cluster(workerGroupSpecs=[worker_group(minReplicas=0, replicas=None)])),
        passes(_cluster(headGroupSpec={"template": {"spec": {"volumes": [{"name": "scratch"}]}}})),
        fails(
            _cluster(headGroupSpec=None),
            HEAD,
            also=("group-without-containers",),
            number="R147",
        ),
        fails(
            _cluster(headGroupSpec={"template": None}),
            f"{HEAD}.template",
            also=("group-without-containers",),
            number="R147",
        ),
        fails(
            _cluster(workerGroupSpecs=[worker_group(groupName=None)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].groupName",
            number="R147",
        ),
        fails(_deletion(policy=None), f"{RULE}.policy", number="R147"),
        fails(
            _cluster(
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
            _cluster(
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
            _cluster(
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


@rule(
    "A value has a form that the CRD does not take",
    layer=Layer.KUBERAY,
    source=("R148",),
    examples=(
        passes(_container(resources={"limits": {"cpu": 2, "memory": "0.5Gi"}})),
        fails(
            _cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"size": " 1Gi"}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage.size",
            also=("embedded-storage-without-gate",),
        ),
        fails(
            _cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"size": 1.5}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage.size",
            also=("embedded-storage-without-gate",),
        ),
        fails(
            _container(resources={"limits": {"cpu": 0.5, "memory": "1Gi "}}),
            f"{CONTAINER}.resources.limits[cpu]",
            f"{CONTAINER}.resources.limits[memory]",
        ),
    ),
)
def malformed_value(job: Job) -> Iterator[Finding]:
    """A value is of the right type and would be read, but the CRD wants it in another form.

    That is, for the most part, a quantity with blanks around it or as a number with a fraction.

    Why: the CRD refuses it.

    Instead: write quantities without blanks, and with a fraction or a suffix as text: `"0.5"`, `500m`, `4Gi`.
    """
    for departure in job.departures:
        told = departure.sort is Sort.TOO_SMALL and departure.path.steps[-1] in TOLD_BY_OPERATOR
        if departure.sort in (Sort.MALFORMED, Sort.TOO_SMALL) and not told:
            yield invalid(departure.path, departure.value, f"must be {departure.expected}")
