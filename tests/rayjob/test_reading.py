"""RayJobs as far as they can be read, and their departures: tables, and the agreement with the compiled check."""

import copy
import json
from functools import cache
from pathlib import Path as File
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.objects import json_values, objects
from webhook.rayjob.departure import UNDECODABLE, Departure, Sort
from webhook.rayjob.kuberay import NEWEST, Release
from webhook.rayjob.list_keys import repeats
from webhook.rayjob.path import Key, Path, Step
from webhook.rayjob.reading import MISTAKES, readable, settle
from webhook.rayjob.schema import json_schema

SHARED = File(__file__).parents[2] / "../shared"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="KubeRay's samples and recorded verdicts are not at hand")

SPEC: tuple[Step, ...] = ("spec",)
CLUSTER: tuple[Step, ...] = ("spec", "rayClusterSpec")
CONTAINER: tuple[Step, ...] = (*CLUSTER, "headGroupSpec", "template", "spec", "containers", 0)
LIMIT: tuple[Step, ...] = (*CONTAINER, "resources", "limits", Key("cpu"))
RULE: tuple[Step, ...] = ("spec", "deletionStrategy", "deletionRules", 0)
POLICIES = ("DeleteCluster", "DeleteWorkers", "DeleteSelf", "DeleteNone")
QUANTITY = "a quantity, such as 2, 500m or 4Gi"
FRACTION = "an integer or, with a fraction, a text, such as 500m"
TIME = "a date-time as RFC 3339 writes it, such as 2026-01-31T12:00:00Z"


def job(**spec: object) -> dict[str, Any]:
    return {"spec": spec}


def cluster(**said: object) -> dict[str, Any]:
    return job(rayClusterSpec={"headGroupSpec": {"template": {}}, **said})


def head(**said: object) -> dict[str, Any]:
    """A head whose container has these fields."""
    return cluster(headGroupSpec={"template": {"spec": {"containers": [{"name": "head", **said}]}}})


def limit(amount: object) -> dict[str, Any]:
    return head(resources={"limits": {"cpu": amount}})


def deletion(**said: object) -> dict[str, Any]:
    rule = {"policy": "DeleteSelf", "condition": {"jobStatus": "FAILED"}, **said}
    return job(deletionStrategy={"deletionRules": [rule]})


def condition(**said: object) -> dict[str, Any]:
    """A condition of the cluster's status."""
    ready = {"type": "Ready", "status": "True", "reason": "Ready", "message": ""}
    return {
        "status": {
            "rayClusterStatus": {"conditions": [{**ready, "lastTransitionTime": "2026-01-02T03:04:05Z", **said}]}
        }
    }


def at(raw: Any, steps: tuple[Step, ...]) -> Any:
    for step in steps:
        raw = raw.get(step) if isinstance(raw, dict) else raw[step]
    return raw


@cache
def compiled() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json_schema(), validate_formats=True)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"spec": None},
        job(suspend=None, rayClusterSpec=None),
        job(ttlSecondsAfterFinished=3600.0, backoffLimit=2**31 - 1, entrypointNumCpus=3.4028235e38),
        cluster(workerGroupSpecs=[None, {"groupName": "gpu", "template": {}}]),
        head(env=[{"name": "A"}, {"name": "B"}], livenessProbe={"tcpSocket": {"port": "http"}}),
        limit("500m"),
        limit(2),
        deletion(),
        condition(),
        {"unknown": [1], "spec": {"Entrypoint": 1}, "metadata": {"managedFields": [{"fieldsV1": {"f:spec": 1}}]}},
    ],
)
def test_an_object_without_departures_is_itself(raw):
    assert settle(raw, NEWEST) == (raw, ())
    assert all(read is raw for read in (settle(raw, NEWEST)[0], readable(raw)))


@pytest.mark.parametrize(
    ("raw", "steps", "value", "expected"),
    [
        (job(backoffLimit="3"), (*SPEC, "backoffLimit"), "3", "an integer"),
        (job(backoffLimit=True), (*SPEC, "backoffLimit"), True, "an integer"),
        (job(backoffLimit=1.5), (*SPEC, "backoffLimit"), 1.5, "an integer"),
        (job(ttlSecondsAfterFinished="60"), (*SPEC, "ttlSecondsAfterFinished"), "60", "an integer (seconds)"),
        (job(suspend="true"), (*SPEC, "suspend"), "true", "true or false"),
        (job(entrypoint=["python"]), (*SPEC, "entrypoint"), ["python"], "a string"),
        (job(entrypointNumCpus="1"), (*SPEC, "entrypointNumCpus"), "1", "a number"),
        (job(entrypointNumCpus=False), (*SPEC, "entrypointNumCpus"), False, "a number"),
        (job(metadata=["owner"]), (*SPEC, "metadata"), ["owner"], "an object"),
        (job(metadata={"owner": 1}), (*SPEC, "metadata", Key("owner")), 1, "a string"),
        (job(rayClusterSpec=[]), CLUSTER, [], "an object"),
        (cluster(workerGroupSpecs={}), (*CLUSTER, "workerGroupSpecs"), {}, "a list"),
        (cluster(workerGroupSpecs=["gpu"]), (*CLUSTER, "workerGroupSpecs", 0), "gpu", "an object"),
        (deletion(policy=1), (*RULE, "policy"), 1, "a string"),
        (limit([]), LIMIT, [], QUANTITY),
        (limit(amount=True), LIMIT, True, QUANTITY),
        (
            head(livenessProbe={"tcpSocket": {"port": 1.5}}),
            (*CONTAINER, "livenessProbe", "tcpSocket", "port"),
            1.5,
            "an integer or a string",
        ),
        ({"metadata": {"creationTimestamp": "today"}}, ("metadata", "creationTimestamp"), "today", TIME),
        ({"status": {"endTime": "2026-01-31t12:00:00Z"}}, ("status", "endTime"), "2026-01-31t12:00:00Z", TIME),
        ({"status": {"endTime": "2026-01-31T12:00:00z"}}, ("status", "endTime"), "2026-01-31T12:00:00z", TIME),
        ({"status": {"endTime": "2026-06-30T23:59:60Z"}}, ("status", "endTime"), "2026-06-30T23:59:60Z", TIME),
        (
            {"status": {"rayClusterStatus": {"stateTransitionTimes": {"ready": ""}}}},
            ("status", "rayClusterStatus", "stateTransitionTimes", Key("ready")),
            "",
            TIME,
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_told_and_cannot_be_read(raw, steps, value, expected):
    settled, departures = settle(raw, NEWEST)

    assert departures == (Departure(Path(steps), Sort.TYPE, value, expected),)
    assert at(settled, steps) is None


@pytest.mark.parametrize(
    ("raw", "steps", "value", "sort", "expected"),
    [
        (job(backoffLimit=2**31), (*SPEC, "backoffLimit"), 2**31, Sort.RANGE, "a 32-bit integer"),
        (job(backoffLimit=-1e10), (*SPEC, "backoffLimit"), -1e10, Sort.RANGE, "a 32-bit integer"),
        (
            job(preRunningDeadlineSeconds=-(2**31) - 1),
            (*SPEC, "preRunningDeadlineSeconds"),
            -(2**31) - 1,
            Sort.RANGE,
            "a 32-bit integer (seconds)",
        ),
        ({"metadata": {"generation": 2**63}}, ("metadata", "generation"), 2**63, Sort.RANGE, "a 64-bit integer"),
        (job(entrypointNumGpus=1e39), (*SPEC, "entrypointNumGpus"), 1e39, Sort.RANGE, "a 32-bit number"),
        (job(entrypointNumGpus=10**400), (*SPEC, "entrypointNumGpus"), 10**400, Sort.RANGE, "a 32-bit number"),
        (
            head(livenessProbe={"tcpSocket": {"port": 2**31}}),
            (*CONTAINER, "livenessProbe", "tcpSocket", "port"),
            2**31,
            Sort.RANGE,
            "a 32-bit integer",
        ),
        *(
            (limit(amount), LIMIT, amount, Sort.AMOUNT, QUANTITY)
            for amount in ("", "two", "1\n", "1e1.5", "1e1000000000", "1" * 257)
        ),
    ],
)
def test_what_only_the_operators_decoder_does_not_take_is_told_and_cannot_be_read(raw, steps, value, sort, expected):
    settled, departures = settle(raw, NEWEST)

    assert departures == (Departure(Path(steps), sort, value, expected),)
    assert at(settled, steps) is None


@pytest.mark.parametrize(
    ("raw", "missing"),
    [
        (job(rayClusterSpec={}), [(*CLUSTER, "headGroupSpec")]),
        (job(rayClusterSpec={"headGroupSpec": None}), [(*CLUSTER, "headGroupSpec")]),
        (
            cluster(workerGroupSpecs=[{}, None]),
            [(*CLUSTER, "workerGroupSpecs", 0, "groupName"), (*CLUSTER, "workerGroupSpecs", 0, "template")],
        ),
        (deletion(policy=None), [(*RULE, "policy")]),
        (head(name=None), [(*CONTAINER, "name")]),
        (head(env=[{"name": "A"}, {"value": "1"}]), [(*CONTAINER, "env", 1, "name")]),
        (cluster(headGroupSpec={"template": {"spec": {}}}), [CONTAINER[:-1]]),
    ],
)
def test_a_missing_field_is_told(raw, missing):
    settled, departures = settle(raw, NEWEST)

    assert [(departure.path.steps, departure.sort, departure.value) for departure in departures] == [
        (steps, Sort.MISSING, None) for steps in missing
    ]
    assert settled is raw


def test_a_missing_field_says_what_it_is_for_where_that_is_known():
    kuberays, kubernetes = (settle(raw, NEWEST)[1] for raw in (job(rayClusterSpec={}), head(name=None)))

    assert [departure.expected for departure in (*kuberays, *kubernetes)] == ["the head pod", ""]


@pytest.mark.parametrize(
    ("raw", "steps", "sort", "value", "expected"),
    [
        (deletion(policy=""), (*RULE, "policy"), Sort.UNSUPPORTED, "", "one of a closed set"),
        (
            deletion(condition={"jobStatus": "FAILED", "ttlSeconds": -1}),
            (*RULE, "condition", "ttlSeconds"),
            Sort.TOO_SMALL,
            -1,
            "0 or more (seconds)",
        ),
        (job(deletionStrategy={"deletionRules": []}), RULE[:-1], Sort.TOO_FEW, [], "1 or more items"),
        (limit(" 1"), LIMIT, Sort.MALFORMED, " 1", QUANTITY),
        (limit("Gi"), LIMIT, Sort.MALFORMED, "Gi", QUANTITY),
        (limit(0.5), LIMIT, Sort.MALFORMED, 0.5, FRACTION),
        (
            condition(reason="not a reason"),
            ("status", "rayClusterStatus", "conditions", 0, "reason"),
            Sort.MALFORMED,
            "not a reason",
            "a text of the length and the form that the CRD gives it",
        ),
        (
            condition(observedGeneration=-1),
            ("status", "rayClusterStatus", "conditions", 0, "observedGeneration"),
            Sort.TOO_SMALL,
            -1,
            "0 or more",
        ),
        (
            head(env=[{"name": "A"}, {"name": "A"}]),
            (*CONTAINER, "env", 1, "name"),
            Sort.DUPLICATE,
            "A",
            "another than that of item 0",
        ),
        (
            head(ports=[{"containerPort": 53}, {"containerPort": 53, "protocol": "TCP"}]),
            (*CONTAINER, "ports", 1, "containerPort"),
            Sort.DUPLICATE,
            53,
            "another than that of item 0, or stand beside another protocol",
        ),
        (
            head(restartPolicyRules=[{"action": "Restart", "exitCodes": {"operator": "In", "values": [1, 1]}}]),
            (*CONTAINER, "restartPolicyRules", 0, "exitCodes", "values", 1),
            Sort.DUPLICATE,
            1,
            "another than item 0",
        ),
    ],
)
def test_what_only_the_crd_refuses_is_told_and_can_be_read(raw, steps, sort, value, expected):
    settled, (departure,) = settle(raw, NEWEST)

    assert settled is raw
    assert (departure.path.steps, departure.sort, departure.value, departure.expected) == (steps, sort, value, expected)
    assert departure.choices == (POLICIES if sort is Sort.UNSUPPORTED else ())


@pytest.mark.parametrize(
    "spec",
    [
        {"imagePullSecrets": [{}, {"name": []}]},
        {"imagePullSecrets": [{"name": []}, {}]},
        {"containers": [{"name": "a", "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": 6}]}]},
    ],
)
def test_whether_an_item_repeats_another_is_not_told_where_its_key_cannot_be_read(spec):
    _, departures = settle(job(submitterPodTemplate={"spec": {"containers": [], **spec}}), NEWEST)

    assert [departure.sort for departure in departures] == [Sort.TYPE]


def test_that_an_item_repeats_another_is_told_whatever_else_in_it_cannot_be_read():
    _, departures = settle(head(env=[{"name": "A", "value": 1}, {"name": "A", "value": 2}]), NEWEST)

    assert [departure.sort for departure in departures] == [Sort.TYPE, Sort.TYPE, Sort.DUPLICATE]


def test_all_departures_are_told_and_only_what_leads_to_an_unreadable_place_is_copied():
    raw: Any = {
        "metadata": {"labels": {"team": 7, "app": "ray"}},
        "spec": {
            "suspend": "no",
            "managedBy": "me",
            "rayClusterSpec": {
                "headGroupSpec": {"template": {"spec": {"containers": [{"env": [{"name": "A"}, {"name": "A"}]}]}}},
                "workerGroupSpecs": [{"groupName": 1, "template": {}}],
            },
        },
    }
    before: Any = copy.deepcopy(raw)

    settled: Any
    settled, departures = settle(raw, NEWEST)

    assert [(str(departure.path), departure.sort) for departure in departures] == [
        ("metadata.labels[team]", Sort.TYPE),
        ("spec.suspend", Sort.TYPE),
        ("spec.managedBy", Sort.UNSUPPORTED),
        ("spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].name", Sort.MISSING),
        ("spec.rayClusterSpec.workerGroupSpecs[0].groupName", Sort.TYPE),
        ("spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[1].name", Sort.DUPLICATE),
    ]
    assert raw == before
    before["metadata"]["labels"]["team"] = None
    before["spec"]["suspend"] = None
    before["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["groupName"] = None
    assert settled == readable(raw) == before
    assert settled["spec"]["rayClusterSpec"]["headGroupSpec"] is raw["spec"]["rayClusterSpec"]["headGroupSpec"]


@pytest.mark.parametrize(
    ("raw", "releases"),
    [
        (job(deletionStrategy={"onSuccess": {"policy": "Keep"}}), ["1.5", "1.6", "1.7"]),
        (deletion(condition={"jobDeploymentStatus": "Complete"}), ["1.6", "1.7"]),
        (cluster(authOptions={"mode": "Token"}), ["1.5", "1.6", "1.7"]),
        (cluster(networkPolicy={"workerGroups": [{"groupName": "a"}, {"groupName": "a"}]}), ["1.7"]),
        (cluster(networkPolicy={"workerGroups": [{}]}), ["1.7"]),
        (job(deletionPolicy=1), ["1.4"]),
        (cluster(workerGroupSpecs=[{"groupName": "a", "template": {}, "priority": "high"}]), ["1.7"]),
        (cluster(autoscalerOptions={"version": "v3"}), ["1.4", "1.5", "1.6", "1.7"]),
    ],
)
def test_what_is_wrong_in_a_field_that_the_release_does_not_have_is_not_told(raw, releases):
    told = [str(release) for release in Release if settle(raw, release)[1]]

    assert told == releases


def test_what_is_wrong_in_a_field_that_the_release_does_not_have_cannot_be_read_all_the_same():
    settled: Any
    settled, departures = settle(job(deletionStrategy=[]), Release.V1_4)

    assert settled == {"spec": {"deletionStrategy": None}}
    assert departures == ()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"metadata": {"labels": dict.fromkeys(map(str, range(200)), 1)}}, id="types"),
        pytest.param(head(env=[{}] * 200), id="missing fields"),
        pytest.param(head(env=[{"name": "A"}] * 200), id="repeated keys"),
        pytest.param(head(env=[{}] * 100 + [{"name": "A"}] * 2), id="both"),
        pytest.param(cluster(workerGroupSpecs=[{"priority": 2**31}] * 200), id="some in fields the release lacks"),
    ],
)
def test_of_too_many_departures_one_more_than_the_limit_is_told_and_nothing_is_read(raw):
    settled, departures = settle(raw, Release.V1_6)

    assert settled == {}
    assert len(departures) == MISTAKES + 1


def test_as_many_departures_as_the_limit_are_told_and_the_rest_is_read():
    raw = head(env=[{}] * MISTAKES)

    settled, departures = settle(raw, NEWEST)

    assert settled is raw
    assert len(departures) == MISTAKES


def test_of_an_object_with_too_many_departures_nothing_is_readable():
    assert readable({"metadata": {"labels": dict.fromkeys(map(str, range(200)), 1)}}) == {}


def samples() -> list[dict[str, Any]]:
    files = sorted((SHARED / "samples").glob("*.yaml"))
    documents = [document for file in files for document in yaml.load_all(file.read_text(), yaml.CSafeLoader)]
    return [json.loads(json.dumps(document)) for document in documents if document and document["kind"] == "RayJob"]


@needs_shared
def test_kuberays_samples_have_no_departures():
    judged = [(sample["metadata"], settle(sample, NEWEST)[1]) for sample in samples()]

    assert len(judged) > 30
    assert [(metadata, departures) for metadata, departures in judged if departures] == []


@needs_shared
def test_what_the_operator_cannot_decode_is_undecodable_and_nothing_else():
    cases = [json.loads(line) for line in (SHARED / "parity/decoding.jsonl").read_text().splitlines()]
    refused = {case["name"] for case in cases if case["stage"] == "decode"}

    undecodable = {
        case["name"]
        for case in cases
        if any(departure.sort in UNDECODABLE for departure in settle(case["rayjob"], NEWEST)[1])
    }

    assert refused - undecodable == {"backoffLimit 1.0"}  # the API server stores it as 1 before the operator sees it
    assert undecodable - refused == set()


def check_agreement(raw: Any) -> None:
    """That an object has departures exactly if the compiled check or the keys of its lists say so."""
    assume(not isinstance(raw.get("spec"), dict) or raw["spec"].get("deletionPolicy") is None)  # no field of NEWEST
    before = copy.deepcopy(raw)

    settled: Any
    settled, departures = settle(raw, NEWEST)

    assert raw == before
    wrong = [departure for departure in departures if departure.sort is not Sort.DUPLICATE]
    assert bool(wrong) is not compiled().is_valid(raw)
    if len(departures) <= MISTAKES:
        if not wrong:
            assert len(departures) == len(list(repeats(settled, NEWEST)))
        assert {departure.sort for departure in settle(settled, NEWEST)[1]} & UNDECODABLE == set()
        for departure in departures:
            assert departure.value is at(raw, departure.path.steps)


@settings(max_examples=300)
@given(objects())
def test_the_explanation_agrees_with_the_compiled_check(raw):
    check_agreement(raw)


odd_values = (
    json_values
    | st.sampled_from(["", "1e1.5", " 1", "2Gi", "DeleteSelf", "2026-01-02T03:04:05Z", -1, 0.5, 2**31, 1e39])
    | st.sampled_from([{}, [], [{}], [{}, {}], [None], [1, 1], {"name": "a"}, [{"name": "a"}, {"name": "a"}]])
)

WHOLE: dict[str, Any] = {
    "metadata": {"name": "job", "labels": {"a": "b"}, "creationTimestamp": "2026-01-02T03:04:05Z"},
    "spec": {
        "entrypoint": "python train.py",
        "entrypointNumCpus": 0.5,
        "backoffLimit": 1,
        "managedBy": "ray.io/kuberay-operator",
        "deletionStrategy": {"deletionRules": [{"policy": "DeleteSelf", "condition": {"jobStatus": "FAILED"}}]},
        "rayClusterSpec": {
            "autoscalerOptions": {"version": "v2", "resources": {"limits": {"cpu": 1}}},
            "headGroupSpec": {
                "rayStartParams": {"num-cpus": "0"},
                "template": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {
                        "containers": [
                            {
                                "name": "head",
                                "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {}}],
                                "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}],
                                "resources": {"limits": {"cpu": "500m", "memory": "4Gi"}},
                                "livenessProbe": {"httpGet": {"port": "http"}},
                                "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                            },
                            {
                                "name": "side",
                                "restartPolicyRules": [
                                    {"action": "Restart", "exitCodes": {"operator": "In", "values": [1, 2]}}
                                ],
                            },
                        ],
                        "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}],
                        "imagePullSecrets": [{}, {"name": "a"}],
                        "securityContext": {"supplementalGroups": [1, 2]},
                    },
                },
            },
            "workerGroupSpecs": [{"groupName": "a", "replicas": 1, "template": {}}],
            "networkPolicy": {"mode": "DenyAll", "workerGroups": [{"groupName": "a"}]},
        },
    },
    "status": {"succeeded": 1, "rayClusterStatus": {"desiredCPU": "1", "head": {"podIP": "10.0.0.1"}}},
}


@settings(max_examples=300)
@given(st.data())
def test_the_explanation_agrees_with_the_compiled_check_wherever_an_odd_value_stands(data):
    raw = copy.deepcopy(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        holder: Any = raw
        while True:
            step = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
            inner = holder[step]
            if not (isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 5))):
                break
            holder = inner
        holder[step] = copy.deepcopy(data.draw(odd_values))

    check_agreement(raw)


def test_the_whole_object_has_no_departures():
    assert settle(WHOLE, NEWEST) == (WHOLE, ())
