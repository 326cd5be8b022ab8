"""Kueue starts and stops jobs by updating them: nothing of ours gets in its way, and nobody else gets by as Kueue."""

from datetime import date

import pytest

from tests.policy.written import policy
from webhook.admission.decide import mutate, validate
from webhook.admission.review import RAYJOB, Operation, Request
from webhook.defaults.added import fills
from webhook.defaults.additions import Additions
from webhook.defaults.declared import DEFAULTS
from webhook.rayjob.job import Job
from webhook.rayjob.queue import CONTROLLER, QUEUE_NAME
from webhook.rules.example import merged, worker_group

TODAY = date(2026, 11, 24)

STRICT = """
target: {kueue: true}
defaults:
  add:
    labels: {team: ml}
    workers: {nodeSelector: {pool: cpu}, tolerations: [{operator: Exists, key: ray}], resources: {limits: {cpu: 1}}}
rules:
  toleration-not-allowed: {action: deny, tolerations: [{key: ray}]}
  node-selector-required: {action: deny, labels: {pool: null}}
  service-account-not-allowed: {action: deny, accounts: [ray-job]}
  image-not-allowed: {action: deny, registries: [registry.example.com]}
  privileged-pod: {action: deny, level: restricted}
"""

QUEUED = {"metadata": {"labels": {QUEUE_NAME: "team"}}, "spec": {"shutdownAfterJobFinishes": True}}
TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}


def job(suspended: bool, **pods):
    """A queued job, older than the policy; started, its pods have what a ResourceFlavor says."""
    spec = {"containers": [{"name": "ray", "image": "rayproject/ray:2.52.0"}], **pods}
    group = worker_group(template={"metadata": {"labels": {}}, "spec": spec})
    clustered = {"headGroupSpec": {"template": {"spec": spec}}, "workerGroupSpecs": [group]}
    raw = merged({"spec": {"suspend": suspended, "rayClusterSpec": clustered}}, merged(QUEUED))
    if not suspended:  # in K8sJobMode Kueue writes down the submitter that KubeRay would make
        submitter = {"name": "ray-job-submitter", "image": "rayproject/ray:2.52.0"}
        raw = merged({"spec": {"submitterPodTemplate": {"spec": {**pods, "containers": [submitter]}}}}, raw)
    return raw


WAITING = job(suspended=True)
RUNNING = job(
    suspended=False,
    nodeSelector={"pool": "gpu"},
    tolerations=[TOLERATION],
    schedulingGates=[{"name": "kueue.x-k8s.io/topology"}],
)


def update(new, old, username=CONTROLLER):
    return Request(
        uid="u", kind=RAYJOB, operation=Operation.UPDATE, object=new, old_object=old, namespace="n", username=username
    )


def rules(findings):
    return sorted({finding.rule for finding in findings})


STARTS = ["image-not-allowed", "service-account-not-allowed", "toleration-not-allowed"]
STOPS = ["node-selector-required"]


@pytest.mark.parametrize(
    ("new", "old", "brought"), [(RUNNING, WAITING, STARTS), (WAITING, RUNNING, STOPS)], ids=["start", "stop"]
)
def test_kueue_starts_and_stops_a_job_whatever_the_policy_says_of_what_that_brings(new, old, brought):
    by_kueue = validate(update(new, old), policy(STRICT), TODAY)
    by_author = validate(update(new, old, "alice"), policy(STRICT), TODAY)

    assert rules(by_author.denials) == brought
    assert by_kueue.denials == ()
    assert [finding for finding in by_kueue.warnings if finding in by_author.denials] == [*by_author.denials]
    assert by_kueue.standing == by_author.standing
    assert list(by_kueue.warnings) == sorted(by_kueue.warnings, key=lambda finding: finding.order)


@pytest.mark.parametrize("username", ["alice", f"{CONTROLLER}x", "system:serviceaccount:mine:kueue-controller-manager"])
def test_nobody_else_gets_by_as_kueue(username):
    assert not validate(update(RUNNING, WAITING, username), policy(STRICT), TODAY).allowed


def test_kueues_name_is_worth_nothing_where_kueue_is_not():
    alone = policy(STRICT.replace("kueue: true", "kueue: false"))

    assert validate(update(RUNNING, WAITING), alone, TODAY) == validate(update(RUNNING, WAITING, "alice"), alone, TODAY)
    assert mutate(update(RUNNING, WAITING), alone) == mutate(update(RUNNING, WAITING, "alice"), alone)


def test_kueues_name_is_worth_nothing_for_a_new_job():
    request = update(RUNNING, None)._replace(operation=Operation.CREATE)

    assert not validate(request, policy(STRICT), TODAY).allowed


@pytest.mark.parametrize(("new", "old"), [(RUNNING, WAITING), (WAITING, RUNNING)], ids=["start", "stop"])
def test_nothing_is_filled_into_what_kueue_has_counted_or_taken_back(new, old):
    assert mutate(update(new, old), policy(STRICT)).fills == ()
    assert mutate(update(new, old, "alice"), policy(STRICT)).fills


def test_what_belongs_to_kueue_is_filled_by_no_default():
    everything = {"labels": {QUEUE_NAME: "team"}, "head": {"nodeSelector": {"pool": "cpu"}}, "workers": {}}
    paths = [default.path for default in DEFAULTS]
    paths += [fill.path for fill in fills(Job.of(WAITING), Additions.of(everything))]

    assert {str(path) for path in paths} & {"spec.suspend", "spec.managedBy"} == set()


@pytest.mark.parametrize("changed", [{"suspend": True}, {"managedBy": "kueue.x-k8s.io/multikueue"}])
def test_what_kueue_says_of_a_new_job_is_not_held_against_it(changed):
    request = update(merged({"spec": changed}, merged(QUEUED)), None, "alice")._replace(operation=Operation.CREATE)

    assert validate(request, policy("target: {kueue: true}"), TODAY).allowed
