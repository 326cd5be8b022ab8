"""The description of a RayJob: against KubeRay's CRD and samples where they are at hand, and by tables of values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft202012Validator

from webhook.rayjob import quantity
from webhook.rayjob.facet import (
    FLOAT32,
    INT32,
    INT64,
    TIME,
    Default,
    Doc,
    Facet,
    ListMap,
    ListSet,
    Minimum,
    MinItems,
    Required,
    Since,
    Unit,
    Until,
)
from webhook.rayjob.kuberay import Release
from webhook.rayjob.model import (
    NetworkPolicyIngressRule,
    ObjectMeta,
    RayClusterSpec,
    RayJob,
    RayJobSpec,
    RayJobStatus,
    WorkerGroupSpec,
)
from webhook.rayjob.pod import Container, EphemeralContainer, PodTemplateSpec
from webhook.rayjob.schema import Field, Kind, fields, json_schema

SHARED = Path(__file__).parents[2] / "../shared"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="KubeRay's CRD, samples and verdicts are not at hand")

# What the interface of a RayJob has, and the CRD of KubeRay 1.7 has not.
OURS = {
    "spec.runtimeEnv": {"type": {"string", "null"}},
    "spec.deletionPolicy": {"type": {"string", "null"}},
    "status.status": {"type": {"string", "null"}},
}

ValidationError = tuple[str, list[str | int], Any]


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema(), validate_formats=True)


def errors(rayjob: object) -> list[ValidationError]:
    return [(error.kind.name, error.instance_path, error.instance) for error in validator().iter_errors(rayjob)]


def crd(release: str) -> dict[str, Any]:
    """The schema of ray.io/v1 in a release's CRD."""
    manifest = yaml.load((SHARED / f"crd/rayjobs-{release}.yaml").read_text(), yaml.CSafeLoader)
    versions = {version["name"]: version for version in manifest["spec"]["versions"]}
    schema: dict[str, Any] = versions["v1"]["schema"]["openAPIV3Schema"]
    return schema


def samples() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((SHARED / "samples").glob("*.yaml")):
        for document in yaml.load_all(file.read_text(), yaml.CSafeLoader):
            if document and document["kind"] == "RayJob":
                yield file.name, json.loads(json.dumps(document, default=str))


# What the CRD's formats mean to Go's decoder.
FORMATS: dict[str, dict[str, Any]] = {
    "int32": {"minimum": INT32.minimum, "maximum": INT32.maximum},
    "int64": {"minimum": INT64.minimum, "maximum": INT64.maximum},
    "date-time": {"format": "date-time", "pattern": TIME.pattern},
}
# What Go's decoder refuses, and the CRD says nothing of: a float32 beyond its range, a port beyond int32, a quantity
# whose exponent has a fraction, or is beyond all reason.
UNSAID: dict[str, dict[str, Any]] = {
    "number": {"minimum": FLOAT32.minimum, "maximum": FLOAT32.maximum},
    "port": {"minimum": INT32.minimum, "maximum": INT32.maximum},
    "quantity": {"pattern": quantity.PATTERN, "maxLength": quantity.CHARACTERS},
}
# The CRD's pattern of a quantity (kuberay-rules C-2).
QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
# What JSON Schema has no word for, or a slow one, is held against the facets.
MANAGERS = "self in ['ray.io/kuberay-operator', 'kueue.x-k8s.io/multikueue']"
# What is told apart elsewhere, or leads to another place.
NOT_COMPARED = {"$ref", "properties", "items", "additionalProperties"}


def said_by_crd(node: dict[str, Any], *, demanded: bool) -> dict[str, Any]:
    """What the CRD says about the values in one place, in JSON Schema's words, plus `default` and `keys`."""
    types = {"integer", "string"} if "x-kubernetes-int-or-string" in node else {node["type"]}
    said: dict[str, Any] = {"type": types if demanded else types | {"null"}}
    said |= FORMATS.get(node.get("format", ""), {})
    said |= UNSAID["number"] if types == {"number"} else {}
    said |= UNSAID["port"] if len(types) > 1 and "pattern" not in node else {}
    words = ("minimum", "pattern", "minItems", "minLength", "maxLength", "default")
    said |= {word: node[word] for word in words if word in node}
    said |= UNSAID["quantity"] if node.get("pattern") == QUANTITY else {}
    said |= {"enum": [*node["enum"], None]} if "enum" in node else {}
    if MANAGERS in [validation["rule"] for validation in node.get("x-kubernetes-validations", ())]:
        said |= {"enum": ["ray.io/kuberay-operator", "kueue.x-k8s.io/multikueue", None]}
    said |= {"set": True} if node.get("x-kubernetes-list-type") == "set" else {}
    said |= {"keys": node["x-kubernetes-list-map-keys"]} if "x-kubernetes-list-map-keys" in node else {}
    said |= {"required": required} if (required := required_by_crd(node)) else {}
    return said


def required_by_crd(node: dict[str, Any]) -> set[str]:
    """The keys that must be there: a default is filled in before that is checked."""
    return {name for name in node.get("required", ()) if "default" not in node["properties"][name]}


def places_in_crd(node: dict[str, Any], path: str = "", *, demanded: bool = False) -> Iterator[tuple[str, Any]]:
    yield path, said_by_crd(node, demanded=demanded)
    for name, below in node.get("properties", {}).items():
        yield from places_in_crd(below, f"{path}.{name}".lstrip("."), demanded=name in required_by_crd(node))
    for word, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if word in node:
            yield from places_in_crd(node[word], path + mark)


def said_by_us(node: dict[str, Any], field: Field) -> dict[str, Any]:
    """The same of our schema and of the field that it was derived from."""
    said = {word: value for word, value in node.items() if word not in NOT_COMPARED}
    said |= {word: set(said[word]) for word in ("type", "required") if word in said}
    said |= {"default": default.value} if (default := field.facet(Default)) else {}
    said |= {"keys": list(list_map.keys)} if (list_map := field.facet(ListMap)) else {}
    said |= {"set": True} if field.facet(ListSet) else {}
    return said


def places_in_ours(
    definitions: dict[str, Any], node: dict[str, Any], field: Field, path: str = ""
) -> Iterator[tuple[str, Any]]:
    if "$ref" in node:
        node = definitions[node["$ref"].removeprefix("#/$defs/")] | node
    yield path, said_by_us(node, field)
    if field.of is not None:
        for name, inner in fields(field.of).items():
            yield from places_in_ours(definitions, node["properties"][name], inner, f"{path}.{name}".lstrip("."))
    if field.element is not None and "additionalProperties" in node:
        yield from places_in_ours(definitions, node["additionalProperties"], field.element, path + "{}")
    if field.element is not None and "items" in node:
        yield from places_in_ours(definitions, node["items"], field.element, path + "[]")


def fields_that_differ(node: dict[str, Any], field: Field, path: str = "") -> Iterator[tuple[str, str]]:
    """Fields that say since when they are there or that `node` lacks (not what is below them), each with which."""
    if field.element is not None:
        yield from fields_that_differ(node.get("items") or node["additionalProperties"], field.element, path)
    if field.of is None or field.of is ObjectMeta:
        return
    known = fields(field.of)
    for name in known.keys() | node["properties"].keys():
        below = f"{path}.{name}".lstrip(".")
        if name not in known:
            yield below, "not described"
        elif name not in node["properties"]:
            yield below, "new" if known[name].facet(Since) else "in no CRD"
        elif known[name].facet(Since):
            yield below, "not new"
        else:
            yield from fields_that_differ(node["properties"][name], known[name], below)


class TestTheDescriptionAgreesWithKubeRaysCRD:
    """Place by place: ``[]`` is a list's item, ``{}`` a map's value."""

    @needs_shared
    def test_every_field_has_the_crds_type_limits_default_and_list_keys(self) -> None:
        schema = json_schema()

        ours = dict(places_in_ours(schema["$defs"], {"$ref": schema["$ref"]}, Field("", Kind.OBJECT, of=RayJob)))

        # Of the object's own metadata the CRD says that it is an object: the API server knows the rest.
        beyond = {path: said for path, said in ours.items() if path in OURS or path.startswith("metadata.")}
        assert {path: said for path, said in ours.items() if path not in beyond} == dict(places_in_crd(crd("1.7.0")))
        assert OURS.items() <= beyond.items()

    @needs_shared
    def test_since_stands_exactly_at_the_fields_that_the_crd_of_1_4_lacks(self) -> None:
        differing = dict(fields_that_differ(crd("1.4.2"), Field("", Kind.OBJECT, of=RayJob)))

        assert {path: why for path, why in differing.items() if why != "new"} == {
            "spec.runtimeEnv": "in no CRD",
            "status.status": "in no CRD",
        }
        assert "new" in differing.values()


class TestKubeRaysOwnObjects:
    @needs_shared
    def test_every_sample_passes(self) -> None:
        judged = [(file, errors(rayjob)) for file, rayjob in samples()]

        assert len(judged) > 30
        assert [(file, found) for file, found in judged if found] == []


def job(**spec: object) -> dict[str, Any]:
    return {"spec": spec}


def container(**said: object) -> dict[str, Any]:
    return job(submitterPodTemplate={"spec": {"containers": [{"name": "submitter", **said}]}})


CONTAINER = ["spec", "submitterPodTemplate", "spec", "containers", 0]
PORT = [*CONTAINER, "livenessProbe", "tcpSocket", "port"]
CPU = [*CONTAINER, "resources", "limits", "cpu"]


def probe(port: object) -> dict[str, Any]:
    return container(livenessProbe={"tcpSocket": {"port": port}})


def cpu(amount: object) -> dict[str, Any]:
    return container(resources={"limits": {"cpu": amount}})


CLUSTER: dict[str, Any] = {"headGroupSpec": {"template": {}}}
RULE: dict[str, Any] = {"policy": "DeleteSelf", "condition": {"jobStatus": "FAILED"}}


def cluster(**said: object) -> dict[str, Any]:
    return job(rayClusterSpec=CLUSTER | said)


def rules(*said: object) -> dict[str, Any]:
    return job(deletionStrategy={"deletionRules": list(said)})


class TestValues:
    """What the operator and the API server take and refuse; `test_reading` has more of them."""

    @pytest.mark.parametrize(
        "rayjob",
        [
            pytest.param({}, id="nothing"),
            pytest.param(None, id="null for the object"),
            pytest.param({"spec": None, "metadata": None, "status": None}, id="null for objects"),
            pytest.param(job(backoffLimit=None, suspend=None, entrypoint=None), id="null for scalars"),
            pytest.param(job(entrypointNumCpus=None, deletionStrategy={"deletionRules": None}), id="null elsewhere"),
            pytest.param(job(metadata={"owner": None}), id="null for a map's value"),
            pytest.param(
                cluster(networkPolicy={"head": {"ingressRules": [{"ports": [{"port": None}]}]}}),
                id="null for an int-or-string",
            ),
            pytest.param(job(ttlSecondsAfterFinished=3600.0), id="a whole number with a point"),
            pytest.param(job(backoffLimit=2**31 - 1), id="the largest int32"),
            pytest.param(job(backoffLimit=-(2**31)), id="the smallest int32"),
            pytest.param({"metadata": {"generation": 2**63 - 1}}, id="the largest int64"),
            pytest.param({"metadata": {"generation": -(2**63)}}, id="the smallest int64"),
            pytest.param(job(entrypointNumCpus=3.4028235e38), id="the largest float32"),
            pytest.param(job(entrypointNumCpus=-3.4028235e38), id="the smallest float32"),
            pytest.param(job(entrypointNumGpus=1), id="an integer for a number"),
            pytest.param(probe("http"), id="a port's name"),
            pytest.param(probe(2**31 - 1), id="a port's number"),
            pytest.param({"metadata": {"creationTimestamp": "2026-01-02T03:04:05Z"}}, id="a time"),
            pytest.param({"metadata": {"managedFields": [{"fieldsV1": {"f:spec": 1}}]}}, id="anything in raw JSON"),
            pytest.param({"statis": 1, "spec": {"entryPoint": 1}}, id="unknown keys"),
            pytest.param(cluster(), id="an empty template"),
            pytest.param(rules(RULE), id="a rule"),
            pytest.param(rules(None), id="null for a list's item"),
            pytest.param(job(submissionMode="Foo"), id="any submission mode"),
            pytest.param(job(backoffLimit=None), id="null for what is not required"),
            pytest.param(job(deletionStrategy={"onSuccess": {"policy": None}}), id="null for an enum"),
            pytest.param(
                cluster(workerGroupSpecs=[{"groupName": "gpu", "template": {}}]),
                id="required keys that have defaults, missing",
            ),
            pytest.param(
                cluster(workerGroupSpecs=[{"groupName": "gpu", "template": {}, "minReplicas": None}]),
                id="required keys that have defaults, null",
            ),
            pytest.param(cpu("500m"), id="a quantity as text"),
            pytest.param(cpu("1e3"), id="a quantity with an exponent"),
            pytest.param(cpu(2), id="a quantity as integer"),
            pytest.param(cpu(2.0), id="a quantity as a whole number with a point"),
            pytest.param(cpu(None), id="null for a quantity"),
            pytest.param(
                container(env=[{"name": "A"}, {"name": "A"}]),
                id="list maps with the same key twice",
            ),
            pytest.param(
                container(
                    restartPolicyRules=[{"action": "Restart", "exitCodes": {"operator": "In", "values": [1, 1]}}]
                ),
                id="sets with the same item twice",
            ),
        ],
    )
    def test_taken(self, rayjob: object) -> None:
        assert errors(rayjob) == []

    @pytest.mark.parametrize(
        ("rayjob", "error"),
        [
            ([], ("type", [], [])),
            (job(backoffLimit="3"), ("type", ["spec", "backoffLimit"], "3")),
            (job(ttlSecondsAfterFinished="3600"), ("type", ["spec", "ttlSecondsAfterFinished"], "3600")),
            (job(backoffLimit=True), ("type", ["spec", "backoffLimit"], True)),
            (job(backoffLimit=1.5), ("type", ["spec", "backoffLimit"], 1.5)),
            (job(backoffLimit=2**31), ("maximum", ["spec", "backoffLimit"], 2**31)),
            (job(backoffLimit=-(2**31) - 1), ("minimum", ["spec", "backoffLimit"], -(2**31) - 1)),
            ({"metadata": {"generation": 2**63}}, ("maximum", ["metadata", "generation"], 2**63)),
            ({"metadata": {"generation": -(2**63) - 1}}, ("minimum", ["metadata", "generation"], -(2**63) - 1)),
            (job(entrypointNumCpus=3.4028236e38), ("maximum", ["spec", "entrypointNumCpus"], 3.4028236e38)),
            (job(entrypointNumCpus=-3.4028236e38), ("minimum", ["spec", "entrypointNumCpus"], -3.4028236e38)),
            (job(entrypointNumCpus="1"), ("type", ["spec", "entrypointNumCpus"], "1")),
            (job(entrypointNumCpus=True), ("type", ["spec", "entrypointNumCpus"], True)),
            (job(suspend="true"), ("type", ["spec", "suspend"], "true")),
            (job(suspend=1), ("type", ["spec", "suspend"], 1)),
            (job(entrypoint=1), ("type", ["spec", "entrypoint"], 1)),
            (job(entrypoint=["python"]), ("type", ["spec", "entrypoint"], ["python"])),
            (job(metadata={"owner": 1}), ("type", ["spec", "metadata", "owner"], 1)),
            (job(metadata=["owner"]), ("type", ["spec", "metadata"], ["owner"])),
            (
                cluster(headGroupSpec={"template": {}, "rayStartParams": {"block": True}}),
                ("type", ["spec", "rayClusterSpec", "headGroupSpec", "rayStartParams", "block"], True),
            ),
            (
                cluster(workerGroupSpecs={}),
                ("type", ["spec", "rayClusterSpec", "workerGroupSpecs"], {}),
            ),
            (job(rayClusterSpec=[]), ("type", ["spec", "rayClusterSpec"], [])),
            (probe(2**31), ("maximum", PORT, 2**31)),
            (probe(1.5), ("type", PORT, 1.5)),
            (probe(port=True), ("type", PORT, True)),
            (cpu(amount=True), ("type", CPU, True)),
            (cpu([]), ("type", CPU, [])),
            (
                {"metadata": {"creationTimestamp": "2026-02-30T12:00:00Z"}},
                ("format", ["metadata", "creationTimestamp"], "2026-02-30T12:00:00Z"),
            ),
            ({"metadata": {"ownerReferences": ["me"]}}, ("type", ["metadata", "ownerReferences", 0], "me")),
            (job(rayClusterSpec={}), ("required", ["spec", "rayClusterSpec"], {})),
            (
                job(rayClusterSpec={"headGroupSpec": None}),
                ("type", ["spec", "rayClusterSpec", "headGroupSpec"], None),
            ),
            (
                container(name=None),
                ("type", [*CONTAINER, "name"], None),
            ),
            (
                rules({"policy": None, "condition": {}}),
                ("type", ["spec", "deletionStrategy", "deletionRules", 0, "policy"], None),
            ),
            (
                rules(RULE | {"policy": "deleteself"}),
                ("enum", ["spec", "deletionStrategy", "deletionRules", 0, "policy"], "deleteself"),
            ),
            (
                rules(RULE | {"condition": {"jobStatus": ""}}),
                ("enum", ["spec", "deletionStrategy", "deletionRules", 0, "condition", "jobStatus"], ""),
            ),
            (
                rules(RULE | {"condition": {"ttlSeconds": -1}}),
                ("minimum", ["spec", "deletionStrategy", "deletionRules", 0, "condition", "ttlSeconds"], -1),
            ),
            (rules(), ("minItems", ["spec", "deletionStrategy", "deletionRules"], [])),
            (job(preRunningDeadlineSeconds=0), ("minimum", ["spec", "preRunningDeadlineSeconds"], 0)),
            (job(preRunningDeadlineSeconds=2**31), ("maximum", ["spec", "preRunningDeadlineSeconds"], 2**31)),
            (cpu("two"), ("pattern", CPU, "two")),
            (cpu("1\n"), ("pattern", CPU, "1\n")),
            (cpu(""), ("pattern", CPU, "")),
            (cpu("1e1.5"), ("pattern", CPU, "1e1.5")),
            (cpu("1e1000"), ("pattern", CPU, "1e1000")),
            (cpu("1" * 257), ("maxLength", CPU, "1" * 257)),
            (cpu(0.5), ("type", CPU, 0.5)),
            (job(managedBy="me"), ("enum", ["spec", "managedBy"], "me")),
        ],
    )
    def test_refused(self, rayjob: object, error: ValidationError) -> None:
        assert errors(rayjob) == [error]

    def test_a_conditions_texts_are_measured(self) -> None:
        condition = {
            "type": "/",
            "status": "True",
            "lastTransitionTime": "2026-01-02T03:04:05Z",
            "reason": "",
            "message": "m" * 32769,
        }

        found = errors({"status": {"rayClusterStatus": {"conditions": [condition]}}})

        assert {(kind, path[-1]) for kind, path, _ in found} == {
            ("maxLength", "message"),
            ("minLength", "reason"),
            ("pattern", "reason"),
            ("pattern", "type"),
        }


class TestTheFieldsOfAnObject:
    def test_a_field_says_what_it_is_and_what_its_type_cannot_say(self) -> None:
        budget: tuple[Facet, ...] = (
            INT32,
            Unit("seconds"),
            Minimum(1),
            Since("1.6"),
            Doc("time budget until the job runs; it fails beyond"),
        )

        assert fields(RayJobSpec)["preRunningDeadlineSeconds"] == Field(
            "preRunningDeadlineSeconds", Kind.INTEGER, budget
        )

    def test_a_facet_is_asked_for_by_its_sort(self) -> None:
        backoff_limit = fields(RayJobSpec)["backoffLimit"]

        assert backoff_limit.facet(Default) == Default(0)
        assert backoff_limit.facet(Required) is None

    @pytest.mark.parametrize(
        ("described", "expected"),
        [
            (RayJob, Field("spec", Kind.OBJECT, of=RayJobSpec)),
            (ObjectMeta, Field("labels", Kind.MAP, element=Field("labels", Kind.STRING))),
            (
                ObjectMeta,
                Field(
                    "managedFields",
                    Kind.LIST,
                    element=Field("managedFields", Kind.MAP, element=Field("managedFields", Kind.ANY)),
                ),
            ),
            (Container, Field("imagePullPolicy", Kind.STRING)),
            (Container, Field("tty", Kind.BOOLEAN)),
        ],
    )
    def test_lists_and_maps_say_what_they_hold(self, described: type, expected: Field) -> None:
        assert fields(described)[expected.name] == expected

    def test_an_enum_is_a_text_with_choices(self) -> None:
        authentication = json_schema()["$defs"]["AuthOptions"]["properties"]["mode"]

        assert authentication == {"type": ["string", "null"], "enum": ["disabled", "token", None]}

    def test_a_key_that_is_a_word_of_python_is_described_too(self) -> None:
        assert list(fields(NetworkPolicyIngressRule)) == ["from", "ports"]

    def test_an_ephemeral_container_is_a_container_that_looks_at_another(self) -> None:
        assert fields(EphemeralContainer) == {
            **fields(Container),
            "targetContainerName": Field("targetContainerName", Kind.STRING),
        }

    @pytest.mark.parametrize(
        ("described", "name", "releases"),
        [
            (RayJobSpec, "entrypoint", {Release.V1_4, Release.V1_5, Release.V1_6, Release.V1_7}),
            (RayJobSpec, "deletionPolicy", {Release.V1_4}),
            (RayJobSpec, "deletionStrategy", {Release.V1_5, Release.V1_6, Release.V1_7}),
            (RayClusterSpec, "authOptions", {Release.V1_5, Release.V1_6, Release.V1_7}),
            (RayClusterSpec, "tlsOptions", {Release.V1_7}),
        ],
    )
    def test_a_field_knows_the_releases_that_have_it(self, described: type, name: str, releases: set[Release]) -> None:
        assert {release for release in Release if fields(described)[name].is_in(release)} == releases

    @pytest.mark.parametrize(
        ("described", "name", "demanded"),
        [
            (RayClusterSpec, "headGroupSpec", True),
            (WorkerGroupSpec, "minReplicas", False),
            (RayJobSpec, "jobId", False),
        ],
    )
    def test_a_field_is_demanded_unless_a_default_fills_it(self, described: type, name: str, demanded: bool) -> None:
        assert fields(described)[name].demanded is demanded

    def test_what_newer_releases_prune_says_until_when_it_was_there(self) -> None:
        assert fields(RayJobSpec)["deletionPolicy"].facet(Until) == Until("1.4")

    def test_fields_cannot_be_changed(self) -> None:
        with pytest.raises(TypeError):
            fields(RayJob)["spec"] = Field("spec", Kind.ANY)  # type: ignore[index] # that it is refused is the point

    def test_every_field_of_the_spec_has_a_description(self) -> None:
        assert {name for name, field in fields(RayJobSpec).items() if not field.facet(Doc)} == set()
        assert {name for name, field in fields(RayJobStatus).items() if not field.facet(Doc)} == {"observedGeneration"}

    def test_every_field_that_counts_seconds_says_so(self) -> None:
        seconds = {
            f"{name}.{field.name}": field.facet(Unit)
            for name, described in every_described(RayJob).items()
            for field in fields(described).values()
            if "seconds" in field.name.lower()
        }

        assert len(seconds) > 15
        assert {name for name, unit in seconds.items() if unit != Unit("seconds")} == set()


def every_described(root: type) -> dict[str, type]:
    """The TypedDicts that are part of `root`, by name."""
    found: dict[str, type] = {}
    waiting = [root]
    while waiting:
        described = waiting.pop()
        if described.__name__ in found:
            continue
        found[described.__name__] = described
        for field in fields(described).values():
            inner: Field | None = field
            while inner is not None:
                if inner.of is not None:
                    waiting.append(inner.of)
                inner = inner.element
    return found


class TestTheSchema:
    def test_every_typeddict_is_one_definition(self) -> None:
        schema = json_schema()

        assert schema["$ref"] == "#/$defs/RayJob"
        assert set(schema["$defs"]) == set(every_described(RayJob))

    def test_another_root_brings_what_it_needs_and_no_more(self) -> None:
        schema = json_schema(Field("", Kind.OBJECT, of=PodTemplateSpec))

        assert schema["$ref"] == "#/$defs/PodTemplateSpec"
        assert set(schema["$defs"]) == set(every_described(PodTemplateSpec))

    def test_it_has_no_other_words_than_these(self) -> None:
        definitions = json_schema()["$defs"].values()

        assert {word for definition in definitions for word in definition} == {"type", "properties", "required"}
        assert {
            word for definition in definitions for field in definition["properties"].values() for word in field
        } == {
            "$ref",
            "additionalProperties",
            "enum",
            "format",
            "items",
            "maxLength",
            "maximum",
            "minItems",
            "minLength",
            "minimum",
            "pattern",
            "type",
        }

    def test_of_one_field_it_is_the_schema_of_its_values(self) -> None:
        lists = Field("x", Kind.LIST, (MinItems(1),), element=Field("x", Kind.STRING, choices=("a",)))

        assert json_schema(lists) == {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": ["array", "null"],
            "items": {"type": ["string", "null"], "enum": ["a", None]},
            "minItems": 1,
            "$defs": {},
        }

    def test_it_is_the_same_text_every_time(self) -> None:
        assert json.dumps(json_schema()) == json.dumps(json_schema())
