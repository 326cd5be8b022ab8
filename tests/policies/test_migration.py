"""The policy for a migration tells, and denies nothing but what the shipped one denies; whatever the RayJob."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.objects import objects
from tests.policies.judging import Author, Told, policy, rayjob, set_by, text
from tests.policies.samples import SAMPLES, rayjobs
from webhook.policy.loading import load
from webhook.policy.match import Asked
from webhook.rules.example import merged
from webhook.rules.register import EVERY_RULE, GUARDRAILS
from webhook.rules.rule import Action

OLD = rayjob("""
apiVersion: ray.io/v1
kind: RayJob
metadata:
  name: etl
spec:
  entrypoint: DB_PASSWORD=hunter2 python etl.py
  backoffLimit: 5
  runtimeEnvYAML: |
    pip: [pandas]
  rayClusterSpec:
    enableInTreeAutoscaling: true
    headGroupSpec:
      template:
        spec:
          hostNetwork: true
          tolerations: [{operator: Exists}]
          containers:
            - name: ray-head
              image: old-registry.example.net/ray
              volumeMounts: [{name: node, mountPath: /node}]
          volumes: [{name: node, hostPath: {path: /var/log}}]
    workerGroupSpecs:
      - groupName: gpus
        maxReplicas: 129
        template:
          spec:
            serviceAccountName: admin
            containers:
              - name: ray-worker
                image: rayproject/ray:2.52.0
                resources:
                  limits: {nvidia.com/gpu: 1}
""")

SOMEBODY = Author("etl", "ada")
NIGHTLY = Author("nightly-etl", "system:serviceaccount:airflow:worker")

AUDITED = ("missing-label", "resources-missing", "runtime-env-not-allowed", "service-account-not-allowed")
WARNED = (
    "deadline-missing-or-too-long",
    "host-path-not-allowed",
    "image-not-allowed",
    "inline-secret",
    "privileged-pod",
    "retries-too-many",
    "toleration-not-allowed",
    "too-many-gpus",
    "too-many-workers",
    "ttl-too-long",
    "unpinned-image",
)
SILENT = (
    "deadline-missing-or-too-long",
    "retries-too-many",
    "toleration-not-allowed",
    "ttl-too-long",
    "unpinned-image",
)


RELYING = ("queued-without-shutdown", "suspend-without-shutdown", "ttl-without-shutdown")


def test_an_old_job_passes_and_hears_what_is_coming():
    assert SOMEBODY.creates(OLD, policy("migration")) == Told(
        warned=WARNED, audited=AUDITED, filled=("dashboard-host",)
    )


def test_where_nobody_reads_warnings_the_audit_log_is_told():
    assert NIGHTLY.creates(OLD, policy("migration")) == Told(
        warned=tuple(rule for rule in WARNED if rule not in SILENT),
        audited=tuple(sorted((*AUDITED, *SILENT))),
        filled=("dashboard-host",),
    )


def test_a_job_on_another_cluster_is_told_to_the_platform_team():
    selecting = merged({"spec": {"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "a"}}}, OLD)
    selecting = merged({"spec": {"backoffLimit": None, "runtimeEnvYAML": None}}, selecting)

    assert SOMEBODY.creates(selecting, policy("migration")) == Told(
        warned=("deadline-missing-or-too-long", "inline-secret"),
        audited=("existing-cluster-not-allowed", "missing-label"),
    )


@pytest.mark.parametrize(
    ("patch", "rule"),
    [
        ({"spec": {"suspend": True}}, "suspend-without-shutdown"),
        ({"spec": {"ttlSecondsAfterFinished": 600}}, "ttl-without-shutdown"),
        ({"metadata": {"labels": {"kueue.x-k8s.io/queue-name": "etl"}}}, "queued-without-shutdown"),
    ],
)
def test_who_relies_on_a_default_that_is_not_given_yet_is_told(patch, rule):
    raw = merged(patch, OLD)

    assert rule in SOMEBODY.creates(raw, policy("migration", kueue=True)).warned
    assert SOMEBODY.creates(raw, policy("migration", kueue=True)).denied == ()
    assert SOMEBODY.creates(raw, policy("shipped", kueue=True)).denied == ()


@pytest.mark.parametrize(
    ("version", "audited"),
    [
        ("2.45.0", ("old-ray",)),
        ("2.9.0", ("old-ray",)),
        ("3.0.0", ("old-ray",)),
        ("2.46.0", ()),
        ("2.52.0", ()),
        (None, ()),
    ],
)
def test_old_versions_of_ray_are_counted(version, audited):
    told = SOMEBODY.creates(merged({"spec": {"rayClusterSpec": {"rayVersion": version}}}, OLD), policy("migration"))

    assert tuple(rule for rule in told.audited if rule == "old-ray") == audited


def test_every_rule_that_it_sets_has_told_something():
    assert set_by(policy("migration")) == {
        *WARNED,
        *AUDITED,
        *("existing-cluster-not-allowed", "old-ray", *RELYING),
    }


def test_it_changes_nothing_on_which_a_workflow_may_rely():
    kept = merged({"spec": {"shutdownAfterJobFinishes": True}}, OLD)

    assert SOMEBODY.creates(kept, policy("migration")).filled == ("dashboard-host",)
    assert SOMEBODY.creates(kept, policy("shipped")).filled == ("dashboard-host", "ttl")


@pytest.mark.parametrize("namespace", ["etl", "nightly-etl"])
def test_no_rule_denies_that_the_shipped_policy_does_not_deny_with(namespace):
    shipped = policy("shipped").base.actions
    actions = policy("migration").ruling(Asked(namespace, "CREATE")).actions

    assert {rule for rule, action in shipped.items() if action is Action.DENY} == {
        *(rule for rule, action in actions.items() if action is Action.DENY),
        *RELYING,
    }
    assert {actions[rule.id] for rule in GUARDRAILS if rule.id in actions} <= {Action.WARN, Action.AUDIT}


def compared(jobs: Iterable[dict[str, Any]]) -> None:
    """Find a RayJob that it denies by a rule by which the shipped policy does not, completed by each as it does."""
    for raw, author, kueue in product(jobs, (SOMEBODY, NIGHTLY), (None, True)):
        denied = author.creates(raw, policy("migration", kueue=kueue)).denied

        assert {*denied} <= {*author.creates(raw, policy("shipped", kueue=kueue)).denied}


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_no_example_of_a_rule_is_denied_that_the_shipped_policy_lets_pass(rule):
    compared(merged(example.patch) for example in rule.examples)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"{SAMPLES} is not here")
def test_none_of_kuberays_samples_is_denied_that_the_shipped_policy_lets_pass():
    compared(rayjobs())


@given(objects() | st.builds(merged, objects()))
def test_no_object_is_denied_that_the_shipped_policy_lets_pass(raw):
    compared([raw])


def test_a_denial_can_be_tried_in_one_namespace_as_its_comment_says():
    comment = re.search(r"^#   overrides:\n(#     .*\n)+", text("migration"), re.MULTILINE)
    assert comment is not None
    trial = re.sub("^#   ", "", comment[0], flags=re.MULTILINE)
    header, _, _ = text("migration").partition("\n\n")

    tried = load(
        [("migration.yaml", text("migration").partition("overrides:\n- ")[0]), ("trial.yaml", header + "\n" + trial)]
    )

    assert replace(SOMEBODY, namespace="ml-pilot").creates(OLD, tried).denied == ("unpinned-image",)
    assert SOMEBODY.creates(OLD, tried).denied == ()
