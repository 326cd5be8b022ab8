"""Values that KubeRay's CRD does not take, and the operator would read.

The API server refuses them only where the CRD is that of KubeRay's release: Helm never upgrades one, and a file has met
none. Where the operator refuses the same, its own rule speaks.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.departure import Sort
from webhook.rayjob.job import Job
from webhook.rules.example import cluster, head
from webhook.rules.finding import Finding, invalid, not_supported
from webhook.rules.rule import Layer, fails, passes, rule
from webhook.rules.spelling import did_you_mean

HEAD = "spec.rayClusterSpec.headGroupSpec"
CONTAINER = f"{HEAD}.template.spec.containers[0]"
RULE = "spec.deletionStrategy.deletionRules[0]"

TOLD_BY_OPERATOR = frozenset({"ttlSeconds", "preRunningDeadlineSeconds"})  # R132 with R19, R133 with R120


def _container(**fields: object) -> dict[str, object]:
    """For the examples: a patch of the head's Ray container."""
    return cluster(headGroupSpec=head(**fields))


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
    reads=("departures",),
    examples=(
        passes({"spec": {"managedBy": "kueue.x-k8s.io/multikueue"}}),
        passes(cluster(autoscalerOptions={"upscalingMode": "Conservative", "version": None})),
        fails({"spec": {"managedBy": "me"}}, "spec.managedBy", number="R123"),
        fails({"spec": {"managedBy": ""}}, "spec.managedBy", number="R123"),
        fails(cluster(managedBy="kuberay"), "spec.rayClusterSpec.managedBy", number="R125"),
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
            cluster(autoscalerOptions={"upscalingMode": "aggressive"}),
            "spec.rayClusterSpec.autoscalerOptions.upscalingMode",
            number="R139",
        ),
        fails(
            cluster(autoscalerOptions={"version": "V2"}),
            "spec.rayClusterSpec.autoscalerOptions.version",
            number="R140",
        ),
        fails(cluster(authOptions={"mode": "Token"}), "spec.rayClusterSpec.authOptions.mode", number="R141"),
        fails(
            cluster(upgradeStrategy={"type": "RollingUpdate"}),
            "spec.rayClusterSpec.upgradeStrategy.type",
            also=("unsupported-upgrade-strategy",),
            number="R142",
        ),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "etcd"}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.backend",
            number="R143",
        ),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"deletionPolicy": "Keep"}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage.deletionPolicy",
            also=("embedded-storage-without-gate",),
            number="R144",
        ),
        fails(
            cluster(networkPolicy={"mode": "DenyEgress"}),
            "spec.rayClusterSpec.networkPolicy.mode",
            also=("network-policy-without-gate",),
            number="R145",
        ),
        fails(
            cluster(headGroupSpec={"ingressOptions": {"pathType": "prefix"}}),
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
    "A value has a form that the CRD does not take",
    layer=Layer.KUBERAY,
    source=("R148",),
    reads=("departures",),
    examples=(
        passes(_container(resources={"limits": {"cpu": 2, "memory": "0.5Gi"}})),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"size": " 1Gi"}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage.size",
            also=("embedded-storage-without-gate",),
        ),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"size": 1.5}}),
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
