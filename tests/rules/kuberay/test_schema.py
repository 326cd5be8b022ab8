"""What the examples of the CRD's rules cannot say: their words, releases, and how they stand beside others."""

from typing import Any

import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import NEWEST, Gate, Release, Target
from webhook.rayjob.reading import MISTAKES
from webhook.rules.example import merged, worker_group
from webhook.rules.register import RULES
from webhook.rules.table import Table

HEAD = "spec.rayClusterSpec.headGroupSpec"
CONTAINER = f"{HEAD}.template.spec.containers[0]"


def messages(
    patch: dict[str, Any], release: Release = NEWEST, *, gate: bool = True, old: dict[str, Any] | None = None
) -> list[str]:
    """What all rules find for a release, the gate for deletion on or off."""
    table = Table([rule for rule in RULES if rule.holds_for(Target(release, {Gate.DELETION_POLICY: gate}))])
    return [finding.message for finding in table.findings(Job.of(merged(patch), release=release, old=old))]


def cluster(**said: object) -> dict[str, Any]:
    return {"spec": {"rayClusterSpec": said}}


def container(**said: object) -> dict[str, Any]:
    head = {"name": "ray-head", "image": "rayproject/ray:2.52.0", **said}
    return cluster(headGroupSpec={"template": {"spec": {"containers": [head]}}})


@pytest.mark.parametrize(
    ("patch", "where", "cause"),
    [
        (
            cluster(autoscalerOptions={"upscalingMode": "aggressive"}),
            "spec.rayClusterSpec.autoscalerOptions.upscalingMode",
            (
                'Unsupported value: "aggressive": supported values: "Default", "Aggressive", "Conservative"; did you '
                'mean "Aggressive"? [unsupported-value]'
            ),
        ),
        (
            {"spec": {"managedBy": ""}},
            "spec.managedBy",
            (
                'Unsupported value: "": supported values: "ray.io/kuberay-operator", "kueue.x-k8s.io/multikueue" '
                "[unsupported-value]"
            ),
        ),
        (
            cluster(workerGroupSpecs=[worker_group(template=None)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].template",
            "Required value: pod template of the workers; the first container runs Ray [missing-field]",
        ),
        (
            container(env=[{"value": "1"}]),
            f"{CONTAINER}.env[0].name",
            "Required value: KubeRay's CRD demands it [missing-field]",
        ),
        (
            container(env=[{"name": "A", "value": "secret"}, {"name": "A", "value": "other"}]),
            f"{CONTAINER}.env[1].name",
            'Duplicate value: "A": must be another than that of item 0 [duplicate-item]',
        ),
        (
            container(ports=[{"containerPort": 53}, {"containerPort": 53}]),
            f"{CONTAINER}.ports[1].containerPort",
            (
                "Duplicate value: 53: must be another than that of item 0, or stand beside another protocol "
                "[duplicate-item]"
            ),
        ),
        (
            container(resources={"limits": {"cpu": 0.5}}),
            f"{CONTAINER}.resources.limits[cpu]",
            "Invalid value: 0.5: must be an integer or, with a fraction, a text, such as 500m [malformed-value]",
        ),
        (
            container(resources={"limits": {"cpu": "1e1.5"}}),
            f"{CONTAINER}.resources.limits[cpu]",
            (
                'Invalid value: "1e1.5": must be a quantity, such as 2, 500m or 4Gi: one RayJob that the operator '
                "cannot decode stops it for all RayJobs [undecodable-value]"
            ),
        ),
        (
            {"spec": {"ttlSecondsAfterFinished": 3000000000}},
            "spec.ttlSecondsAfterFinished",
            (
                "Invalid value: 3000000000: must be a 32-bit integer (seconds): one RayJob that the operator "
                "cannot decode stops it for all RayJobs [undecodable-value]"
            ),
        ),
        (
            {"spec": {"deletionStrategy": {"deletionRules": [], "onSuccess": {"policy": "DeleteNone"}}}},
            "spec.deletionStrategy.deletionRules",
            (
                "Invalid value: array: must have 1 or more items, and must be left out beside onSuccess and onFailure "
                "[empty-deletion-rules]"
            ),
        ),
    ],
)
def test_a_finding_says_where_what_it_must_be_and_what_it_is(patch, where, cause):
    assert f"{where}: {cause}" in messages(patch)


def test_a_change_says_what_is_stored():
    old = {"spec": {"managedBy": "kueue.x-k8s.io/multikueue"}}

    assert messages({"spec": {"managedBy": "ray.io/kuberay-operator"}}, old=old) == [
        (
            'spec.managedBy: Invalid value: "ray.io/kuberay-operator": must stay "kueue.x-k8s.io/multikueue", as it is '
            "stored [immutable-field]"
        )
    ]


@pytest.mark.parametrize(
    ("patch", "release", "rules"),
    [
        (cluster(authOptions={"mode": "Token"}), Release.V1_4, []),
        (cluster(authOptions={"mode": "Token"}), Release.V1_5, ["unsupported-value"]),
        (cluster(networkPolicy={"mode": "None"}), Release.V1_6, []),
        (cluster(gcsFaultToleranceOptions={"backend": "etcd"}), Release.V1_6, []),
        (cluster(gcsFaultToleranceOptions={"backend": "etcd"}), Release.V1_7, ["unsupported-value"]),
        (cluster(workerGroupSpecs=[worker_group(priority="high")]), Release.V1_6, []),
        (cluster(workerGroupSpecs=[worker_group(priority="high")]), Release.V1_7, ["wrong-type"]),
        (cluster(workerGroupSpecs=[worker_group(priority=2**31)]), Release.V1_6, []),
        (cluster(workerGroupSpecs=[worker_group(priority=2**31)]), Release.V1_7, ["undecodable-value"]),
        (
            {"spec": {"deletionStrategy": {"deletionRules": [{"policy": "DeleteSelf", "condition": {}}]}}},
            Release.V1_5,
            ["deletion-rule-without-job-status"],
        ),
        (
            {"spec": {"deletionStrategy": {"deletionRules": [{"policy": "DeleteSelf", "condition": {}}]}}},
            Release.V1_6,
            ["deletion-rule-without-status"],
        ),
        (
            {"spec": {"deletionStrategy": {"deletionRules": [{"policy": "DeleteSelf"}, None]}}},
            Release.V1_5,
            ["missing-field"],
        ),
    ],
)
def test_a_field_that_the_release_does_not_have_is_not_judged(patch, release, rules):
    assert [message.rpartition("[")[2].rstrip("]") for message in messages(patch, release)] == rules


@pytest.mark.parametrize(
    ("patch", "rules"),
    [
        # R132 with R19, R133 with R120, R129 with R9, R149 with R36: the operator's rule speaks, and no second one.
        (
            {
                "spec": {
                    "deletionStrategy": {
                        "deletionRules": [
                            {"policy": "DeleteSelf", "condition": {"jobStatus": "FAILED", "ttlSeconds": -1}}
                        ]
                    }
                }
            },
            ["negative-deletion-ttl"],
        ),
        ({"spec": {"preRunningDeadlineSeconds": 0}}, ["no-time-to-start"]),
        ({"spec": {"deletionStrategy": {"deletionRules": []}}}, ["empty-deletion-strategy"]),
        (cluster(headGroupSpec={"template": {"spec": {"containers": None}}}), ["group-without-containers"]),
        (
            cluster(workerGroupSpecs=[worker_group(template={"spec": {"containers": None}})]),
            ["group-without-containers"],
        ),
    ],
)
def test_what_the_operator_refuses_too_is_told_once(patch, rules):
    assert [message.rpartition("[")[2].rstrip("]") for message in messages(patch)] == rules


def test_a_number_below_the_crds_minimum_that_no_rule_of_the_operator_speaks_of_is_told():
    condition = {
        "type": "Ready",
        "status": "True",
        "reason": "Ready",
        "message": "",
        "lastTransitionTime": "2026-01-02T03:04:05Z",
        "observedGeneration": -1,
    }

    assert messages({"status": {"rayClusterStatus": {"conditions": [condition]}}}) == [
        (
            "status.rayClusterStatus.conditions[0].observedGeneration: Invalid value: -1: must be 0 or more "
            "[malformed-value]"
        )
    ]


def test_what_cannot_be_read_is_not_reported_as_missing_a_second_time():
    assert messages(cluster(workerGroupSpecs=[worker_group(groupName=7)])) == [
        "spec.rayClusterSpec.workerGroupSpecs[0].groupName: Invalid value: integer: must be a string [wrong-type]"
    ]


def test_of_too_many_departures_nothing_but_these_is_told():
    found = messages({"metadata": {"name": None}, **container(env=[{"value": "1"}] * 200)})

    assert found == [
        f"{CONTAINER}.env[{index}].name: Required value: KubeRay's CRD demands it [missing-field]"
        for index in range(MISTAKES + 1)
    ]
