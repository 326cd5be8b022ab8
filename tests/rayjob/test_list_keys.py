from typing import Any

import pytest

from webhook.rayjob.kuberay import NEWEST, Release
from webhook.rayjob.list_keys import Repeat, may_repeat, repeats
from webhook.rayjob.path import Path

CONTAINER = ("spec", "submitterPodTemplate", "spec", "containers", 0)


def pod(**said: object) -> dict[str, Any]:
    return {"spec": {"submitterPodTemplate": {"spec": said}}}


def container(**said: object) -> dict[str, Any]:
    return pod(containers=[{"name": "submitter", **said}])


def exit_codes(*values: int) -> dict[str, Any]:
    return container(restartPolicyRules=[{"action": "Restart", "exitCodes": {"operator": "In", "values": [*values]}}])


@pytest.mark.parametrize(
    "rayjob",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"spec": None}, id="null for an object"),
        pytest.param(container(env=None), id="null for a list"),
        pytest.param(container(env=[]), id="an empty list"),
        pytest.param(container(env=[{"name": "A"}]), id="one item"),
        pytest.param(container(env=[{"name": "A"}, {"name": "a"}]), id="names that differ in case"),
        pytest.param(container(env=[None, {"name": "A"}, None]), id="null items"),
        pytest.param(container(env=[{"value": "1"}, {"value": "1"}]), id="items without the key"),
        pytest.param(
            container(ports=[{"containerPort": 53, "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP"}]),
            id="keys that differ in the second field",
        ),
        pytest.param(container(ports=[{"protocol": "TCP"}, {"protocol": "TCP"}]), id="items without one of two keys"),
        pytest.param(container(command=["a", "a"], envFrom=[{}, {}]), id="lists without keys"),
        pytest.param(
            {"spec": {"rayClusterSpec": {"workerGroupSpecs": [{"groupName": "a"}, {"groupName": "a"}]}}},
            id="worker groups, whose names the CRD does not compare",
        ),
        pytest.param(exit_codes(1, 2), id="a set"),
    ],
)
def test_no_item_repeats_another(rayjob):
    assert list(repeats(rayjob, NEWEST)) == []


@pytest.mark.parametrize(
    ("rayjob", "found"),
    [
        pytest.param(
            container(env=[{"name": "A"}, {"name": "B"}, {"name": "A"}, {"name": "A"}]),
            [
                Repeat(Path((*CONTAINER, "env", 2, "name")), "A", ("name",), 0),
                Repeat(Path((*CONTAINER, "env", 3, "name")), "A", ("name",), 0),
            ],
            id="by one field",
        ),
        pytest.param(
            container(ports=[{"containerPort": 53}, None, {"containerPort": 53, "protocol": "TCP"}]),
            [Repeat(Path((*CONTAINER, "ports", 2, "containerPort")), 53, ("containerPort", "protocol"), 0)],
            id="by two fields, one of them with a default",
        ),
        pytest.param(
            container(ports=[{"containerPort": 53, "protocol": None}, {"containerPort": 53.0, "protocol": "TCP"}]),
            [Repeat(Path((*CONTAINER, "ports", 1, "containerPort")), 53.0, ("containerPort", "protocol"), 0)],
            id="by a default in the place of null, and by numbers that are equal",
        ),
        pytest.param(
            pod(imagePullSecrets=[{}, {"name": ""}]),
            [Repeat(Path((*CONTAINER[:3], "imagePullSecrets", 1, "name")), "", ("name",), 0)],
            id="by a default",
        ),
        pytest.param(
            pod(imagePullSecrets=[{"name": ""}, {}]),
            [Repeat(Path((*CONTAINER[:3], "imagePullSecrets", 1, "name")), None, ("name",), 0)],
            id="by a default, with nothing in its place",
        ),
        pytest.param(
            pod(imagePullSecrets=[{}, None]),
            [Repeat(Path((*CONTAINER[:3], "imagePullSecrets", 1, "name")), None, ("name",), 0)],
            id="by a default, with null for the item",
        ),
        pytest.param(
            exit_codes(1, 2, 1),
            [Repeat(Path((*CONTAINER, "restartPolicyRules", 0, "exitCodes", "values", 2)), 1, (), 0)],
            id="as a whole, in a set",
        ),
        pytest.param(
            pod(
                containers=[
                    {"name": "a"},
                    None,
                    {"name": "a", "volumeMounts": [{"mountPath": "/"}, {"mountPath": "/"}]},
                ],
            ),
            [
                Repeat(Path((*CONTAINER[:4], 2, "name")), "a", ("name",), 0),
                Repeat(Path((*CONTAINER[:4], 2, "volumeMounts", 1, "mountPath")), "/", ("mountPath",), 0),
            ],
            id="in a list, and in an item of it",
        ),
        pytest.param(
            {"spec": {"rayClusterSpec": {"networkPolicy": {"workerGroups": [{"groupName": "a"}, {"groupName": "a"}]}}}},
            [
                Repeat(
                    Path(("spec", "rayClusterSpec", "networkPolicy", "workerGroups", 1, "groupName")),
                    "a",
                    ("groupName",),
                    0,
                )
            ],
            id="in a list of KubeRay's own",
        ),
    ],
)
def test_an_item_repeats_another(rayjob, found):
    assert list(repeats(rayjob, NEWEST)) == found
    assert may_repeat(rayjob, NEWEST)


@pytest.mark.parametrize(
    "rayjob",
    [
        {"spec": {"submitterPodTemplate": {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}}},
        container(env=[{"name": "A"}, {"name": "B"}], ports=[{"containerPort": 1}, {"containerPort": 2}]),
        container(env=[None, {"name": "A"}]),
        pod(imagePullSecrets=[{}, {"name": "b"}]),
        exit_codes(1, 2),
    ],
)
def test_where_nothing_repeats_a_glance_is_enough(rayjob):
    assert not may_repeat(rayjob, NEWEST)


def test_a_list_that_the_release_does_not_have_is_not_compared():
    rayjob: Any = {
        "spec": {"rayClusterSpec": {"networkPolicy": {"workerGroups": [{"groupName": "a"}, {"groupName": "a"}]}}}
    }

    assert list(repeats(rayjob, Release.V1_6)) == []
    assert not may_repeat(rayjob, Release.V1_6)
