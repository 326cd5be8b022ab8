import copy
from typing import Any

import pytest
from hypothesis import given

from tests.objects import objects
from webhook.rayjob import crd_defaults
from webhook.rayjob.kuberay import NEWEST, Release


def defaulted(raw: Any, release: Release) -> Any:
    """The same of any object: the tests write nulls, which no TypedDict has a word for."""
    return crd_defaults.defaulted(raw, release)


def test_nothing_is_filled_into_an_object_that_is_not_there():
    assert defaulted({}, NEWEST) == {}
    assert defaulted({"spec": None, "status": None}, NEWEST) == {"spec": None, "status": None}


def test_the_defaults_of_kuberays_own_fields():
    group: Any = {"groupName": "gpu", "template": {}, "replicas": None}

    filled = defaulted(
        {
            "metadata": {"name": "job"},
            "spec": {
                "deletionStrategy": {"deletionRules": [{"policy": "DeleteSelf", "condition": {}}, None]},
                "rayClusterSpec": {"networkPolicy": {}, "workerGroupSpecs": [group, None]},
            },
            "status": {},
        },
        NEWEST,
    )

    assert filled == {
        "metadata": {"name": "job"},
        "spec": {
            "backoffLimit": 0,
            "submissionMode": "K8sJobMode",
            "ttlSecondsAfterFinished": 0,
            "deletionStrategy": {"deletionRules": [{"policy": "DeleteSelf", "condition": {"ttlSeconds": 0}}, None]},
            "rayClusterSpec": {
                "networkPolicy": {"mode": "DenyAll"},
                "workerGroupSpecs": [
                    {
                        "groupName": "gpu",
                        "template": {},
                        "replicas": 0,
                        "minReplicas": 0,
                        "maxReplicas": 2147483647,
                        "numOfHosts": 1,
                        "priority": 0,
                    },
                    None,
                ],
            },
        },
        "status": {"failed": 0, "succeeded": 0},
    }


def test_the_defaults_of_a_pod():
    ports = [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}]
    pod = {"containers": [{"name": "a", "ports": ports}], "imagePullSecrets": [{}]}

    filled = defaulted({"spec": {"submitterPodTemplate": {"spec": pod}}}, NEWEST)

    assert filled["spec"]["submitterPodTemplate"]["spec"] == {
        "containers": [
            {
                "name": "a",
                "ports": [{"containerPort": 80, "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP"}],
            }
        ],
        "imagePullSecrets": [{"name": ""}],
    }


def test_what_is_there_stays_empty_texts_and_zeros_included():
    spec = {"submissionMode": "", "backoffLimit": 3, "ttlSecondsAfterFinished": 0, "entrypoint": "x"}

    assert defaulted({"spec": spec}, NEWEST) == {"spec": spec}


@pytest.mark.parametrize(("release", "priority"), [(Release.V1_6, None), (Release.V1_7, 0)])
def test_a_field_that_the_release_does_not_have_is_not_filled(release, priority):
    filled = defaulted({"spec": {"rayClusterSpec": {"workerGroupSpecs": [{}]}}}, release)

    assert filled["spec"]["rayClusterSpec"]["workerGroupSpecs"][0].get("priority") == priority


@given(objects(lapses=False))
def test_the_object_itself_is_not_changed_and_twice_is_as_good_as_once(raw):
    before = copy.deepcopy(raw)

    filled = defaulted(raw, NEWEST)

    assert raw == before
    assert defaulted(filled, NEWEST) == filled
