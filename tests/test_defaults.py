import json

import pytest

from webhook.defaults import DEFAULTS, Fill, fills
from webhook.rayjob.authorship import LAST_APPLIED
from webhook.rayjob.job import Job
from webhook.rules.example import merged

ALL = frozenset(default.id for default in DEFAULTS)


def told(patch, *, switched_on=ALL, from_file=False):
    """What is filled into the smallest RayJob with a merge patch, as path and value."""
    return {str(fill.path): fill.value for fill in fills(Job.of(merged(patch), from_file=from_file), switched_on)}


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

    assert {str(fill.path): fill.value for fill in fills(Job.of(job), ALL)} == HOST | SHUTDOWN | TTL


@pytest.mark.parametrize("default", DEFAULTS, ids=lambda default: default.id)
def test_each_default_can_be_switched_off(default):
    patch = {"spec": {"runtimeEnv": "{}"}}
    without = told(patch, switched_on=ALL - {default.id})

    assert str(default.path) in told(patch)
    assert str(default.path) not in without


def test_a_ttl_is_not_filled_where_no_shutdown_is():
    assert told({}, switched_on=frozenset({"ttl"})) == {}


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

    (_host, ttl) = fills(Job.of(raw), ALL)

    assert (str(ttl.path), ttl.value, ttl.replaces) == ("spec.ttlSecondsAfterFinished", 3600, True)


def test_a_zero_in_a_file_is_the_authors():
    assert told({"spec": ZERO}, from_file=True) == HOST


def test_a_fill_says_what_it_is_and_nothing_secret():
    said = [fill.said for fill in fills(Job.of(merged({"spec": {"runtimeEnv": "env_vars: {TOKEN: hunter2}"}})), ALL)]

    assert said == [
        "dashboard-host=0.0.0.0",
        "shutdownAfterJobFinishes=true",
        "ttlSecondsAfterFinished=3600",
        "runtimeEnvYAML from runtimeEnv",
    ]


def test_every_default_names_the_place_that_it_fills():
    filled = fills(Job.of(merged({"spec": {"runtimeEnv": "{}"}})), ALL)

    assert [(fill.default, fill.path) for fill in filled] == [(default.id, default.path) for default in DEFAULTS]
    assert all(isinstance(fill, Fill) and not fill.replaces for fill in filled)
