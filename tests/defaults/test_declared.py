import json

import pytest
from pydantic import ValidationError

from webhook.defaults.declared import DEFAULTS, SHIPPED, fills
from webhook.rayjob.authorship import LAST_APPLIED
from webhook.rayjob.job import Job
from webhook.rules.example import merged

ACCEPTS = {default.id: default.accepts for default in DEFAULTS if default.accepts is not None}


def told(patch, *, given=SHIPPED, from_file=False):
    """What is filled into the smallest RayJob with a merge patch, as path and value."""
    return {str(fill.path): fill.value for fill in fills(Job.of(merged(patch), from_file=from_file), given)}


SHUTDOWN = {"spec.shutdownAfterJobFinishes": True}
TTL = {"spec.ttlSecondsAfterFinished": 3600}
HOST = {"spec.rayClusterSpec.headGroupSpec.rayStartParams[dashboard-host]": "0.0.0.0"}  # noqa: S104 (the default)


def test_a_silent_rayjob_gets_every_default_but_what_it_has_no_use_for():
    assert told({}) == HOST | SHUTDOWN | TTL


@pytest.mark.parametrize(
    ("patch", "filled"),
    [
        ({"spec": {"shutdownAfterJobFinishes": False}}, HOST),
        ({"spec": {"shutdownAfterJobFinishes": True}}, HOST | TTL),
        ({"spec": {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 60}}, HOST),
        ({"spec": {"ttlSecondsAfterFinished": 60}}, HOST | SHUTDOWN),
        ({"spec": {"suspend": True}}, HOST | SHUTDOWN | TTL),
        ({"spec": {"deletionStrategy": {"deletionRules": [{"policy": "DeleteSelf"}]}}}, HOST),
        ({"spec": {"deletionStrategy": {"onSuccess": {"policy": "DeleteNone"}}}}, HOST),
        ({"spec": {"deletionPolicy": "DeleteNone"}}, HOST),
        ({"spec": {"clusterSelector": {"ray.io/cluster": "shared"}}}, {}),
        ({"spec": {"clusterSelector": {}}}, HOST | SHUTDOWN | TTL),
        ({"spec": {"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "shared"}}}, {}),
        (
            {"spec": {"rayClusterSpec": {"headGroupSpec": {"rayStartParams": {"dashboard-host": "127.0.0.1"}}}}},
            SHUTDOWN | TTL,
        ),
        ({"spec": {"rayClusterSpec": {"headGroupSpec": {"rayStartParams": {"dashboard-host": ""}}}}}, SHUTDOWN | TTL),
        ({"spec": {"rayClusterSpec": {"headGroupSpec": {"rayStartParams": None}}}}, HOST | SHUTDOWN | TTL),
        ({"spec": {"rayClusterSpec": {"headGroupSpec": None}}}, SHUTDOWN | TTL),
        ({"spec": {"runtimeEnv": "pip: [a]"}}, HOST | SHUTDOWN | TTL | {"spec.runtimeEnvYAML": "pip: [a]"}),
        ({"spec": {"runtimeEnv": "pip: [a]", "runtimeEnvYAML": "{}"}}, HOST | SHUTDOWN | TTL),
        ({"spec": {"runtimeEnvYAML": "pip: [a]"}}, HOST | SHUTDOWN | TTL),
        ({"spec": {"runtimeEnv": "- no mapping"}}, HOST | SHUTDOWN | TTL),
        ({"spec": {"suspend": "yes"}}, {}),
        ({"spec": None}, {}),
    ],
)
def test_a_default_fills_what_is_absent_and_only_where_it_belongs(patch, filled):
    assert told(patch) == filled


def test_a_null_is_absent():
    job = merged({})
    job["spec"] |= {"shutdownAfterJobFinishes": None, "ttlSecondsAfterFinished": None}
    job["spec"]["rayClusterSpec"]["headGroupSpec"]["rayStartParams"] = {"dashboard-host": None}

    assert {str(fill.path): fill.value for fill in fills(Job.of(job), SHIPPED)} == HOST | SHUTDOWN | TTL


@pytest.mark.parametrize("default", DEFAULTS, ids=lambda default: default.id)
def test_each_default_can_be_switched_off(default):
    patch = {"spec": {"runtimeEnv": "{}"}}
    without = told(patch, given={id_: value for id_, value in SHIPPED.items() if id_ != default.id})

    assert str(default.path) in told(patch)
    assert str(default.path) not in without


def test_a_ttl_is_not_filled_where_no_shutdown_is():
    assert told({}, given={"ttl": 3600}) == told({}, given={}) == {}
    assert told({}, given={"ttl": 3600, "shutdown": False}) == {"spec.shutdownAfterJobFinishes": False}


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({"dashboard-host": "::"}, {next(iter(HOST)): "::"}),
        ({"shutdown": True}, SHUTDOWN),
        ({"shutdown": True, "ttl": 60}, SHUTDOWN | {"spec.ttlSecondsAfterFinished": 60}),
        ({"shutdown": True, "ttl": 0}, SHUTDOWN | {"spec.ttlSecondsAfterFinished": 0}),
    ],
)
def test_a_default_fills_the_value_that_it_is_given(given, filled):
    assert told({}, given=given) == filled


def test_a_zero_of_the_crds_stays_where_the_default_is_zero():
    assert told({"spec": ZERO}, given={"ttl": 0}) == {}


def test_the_shipped_defaults_are_the_declared_ones():
    assert SHIPPED == {
        "dashboard-host": "0.0.0.0",  # noqa: S104 (the default)
        "shutdown": True,
        "ttl": 3600,
        "runtime-env-yaml": None,
    }


@pytest.mark.parametrize(
    ("id_", "values"),
    [
        ("dashboard-host", ["0.0.0.0", "::", "10.0.0.1", "fe80::1", "head.ray.svc", "h1", "127-0-0-1"]),  # noqa: S104 (in the pod)
        ("shutdown", [True, False]),
        ("ttl", [0, 1, 3600, 2147483647]),
    ],
)
def test_an_owner_may_give_what_the_field_holds(id_, values):
    assert [ACCEPTS[id_].validate_python(value) for value in values] == values


@pytest.mark.parametrize("default", DEFAULTS, ids=lambda default: default.id)
def test_the_declared_value_is_one_that_an_owner_may_give(default):
    assert (default.accepts is None) == (default.value is None)
    assert default.accepts is None or default.accepts.validate_python(default.value) == default.value


NO_HOST = "Value error, must be an IP address or a host name in lower case"
LOOPBACK = "Value error, must be reached from outside the pod, which a loopback address is not"


@pytest.mark.parametrize(
    ("id_", "value", "message"),
    [
        ("dashboard-host", "", "String should have at least 1 character"),
        ("dashboard-host", "a" * 254, "String should have at most 253 characters"),
        ("dashboard-host", "Head", NO_HOST),
        ("dashboard-host", "0.0.0.0; true", NO_HOST),
        ("dashboard-host", "fe80::1%eth0; true", NO_HOST),
        ("dashboard-host", "127.1", NO_HOST),
        ("dashboard-host", "1", NO_HOST),
        ("dashboard-host", "127.0.0.1", LOOPBACK),
        ("dashboard-host", "::1", LOOPBACK),
        ("dashboard-host", "localhost", LOOPBACK),
        ("dashboard-host", "ray.localhost", LOOPBACK),
        ("dashboard-host", 0, "Input should be a valid string"),
        ("shutdown", "true", "Input should be a valid boolean"),
        ("shutdown", 1, "Input should be a valid boolean"),
        ("ttl", -1, "Input should be greater than or equal to 0"),
        ("ttl", 2147483648, "Input should be less than or equal to 2147483647"),
        ("ttl", True, "Input should be a valid integer"),
        ("ttl", "1h", "Input should be a valid integer"),
    ],
)
def test_what_the_field_cannot_hold_or_nobody_can_reach_is_refused(id_, value, message):
    with pytest.raises(ValidationError) as refused:
        ACCEPTS[id_].validate_python(value)

    assert [error["msg"] for error in refused.value.errors()] == [message]


def test_what_an_owner_may_give_is_described_as_json_schema():
    assert {id_: accepts.json_schema() for id_, accepts in ACCEPTS.items()} == {
        "dashboard-host": {
            "type": "string",
            "minLength": 1,
            "maxLength": 253,
            "description": "an IP address or a host name, no loopback",
        },
        "shutdown": {"type": "boolean"},
        "ttl": {"type": "integer", "minimum": 0, "maximum": 2147483647, "description": "seconds"},
    }


ZERO = {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 0}


def last_applied(spec):
    return {"annotations": {LAST_APPLIED: json.dumps({"kind": "RayJob", "spec": spec})}}


def managed(operation, **spec_fields):
    fields = {"f:spec": {f"f:{name}": value for name, value in spec_fields.items()}}
    return {"managedFields": [{"manager": "m", "operation": operation, "fieldsV1": fields}]}


@pytest.mark.parametrize(
    "metadata",
    [
        last_applied({"ttlSecondsAfterFinished": 0}),
        managed("Apply", ttlSecondsAfterFinished={}),
        {**last_applied({}), **managed("Apply", ttlSecondsAfterFinished={})},
    ],
)
def test_a_zero_that_the_author_wrote_stays(metadata):
    assert told({"metadata": metadata, "spec": ZERO}) == HOST


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        last_applied({}),
        last_applied({"ttlSecondsAfterFinished": None}),
        managed("Update", ttlSecondsAfterFinished={}),
        managed("Apply", entrypoint={}),
        {"annotations": {LAST_APPLIED: "no json {"}},
        {"annotations": {LAST_APPLIED: ""}},
        {"annotations": {LAST_APPLIED: "[1]"}},
        {"annotations": {"other": "annotation"}},
        {"managedFields": [None, {"operation": "Apply", "fieldsV1": "no object"}]},
    ],
)
def test_a_zero_that_nobody_is_known_to_have_written_is_the_crds(metadata):
    raw = merged({"metadata": metadata, "spec": ZERO})
    raw["metadata"] |= metadata

    (_host, ttl) = fills(Job.of(raw), SHIPPED)

    assert (str(ttl.path), ttl.value, ttl.replaces) == ("spec.ttlSecondsAfterFinished", 3600, True)


def test_a_zero_in_a_file_is_the_authors():
    assert told({"spec": ZERO}, from_file=True) == HOST


def test_a_fill_says_what_it_is_and_nothing_secret():
    said = [
        fill.said for fill in fills(Job.of(merged({"spec": {"runtimeEnv": "env_vars: {TOKEN: hunter2}"}})), SHIPPED)
    ]

    assert said == [
        "dashboard-host=0.0.0.0",
        "shutdownAfterJobFinishes=true",
        "ttlSecondsAfterFinished=3600",
        "runtimeEnvYAML from runtimeEnv",
    ]
    assert [fill.said for fill in fills(Job.of(merged({})), {"dashboard-host": "::", "shutdown": False, "ttl": 7})] == [
        "dashboard-host=::",
        "shutdownAfterJobFinishes=false",
    ]


def test_every_default_names_the_place_that_it_fills():
    filled = fills(Job.of(merged({"spec": {"runtimeEnv": "{}"}})), SHIPPED)

    assert [(fill.default, fill.path) for fill in filled] == [(default.id, default.path) for default in DEFAULTS]
    assert not any(fill.replaces for fill in filled)
