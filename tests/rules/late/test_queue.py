"""Jobs in Kueue's queues: what its webhook refuses, and what it never starts."""

import pytest

from webhook.policy.policy import shipped
from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Target
from webhook.rayjob.queue import ELASTIC, QUEUE_NAME
from webhook.rules.example import cluster, merged, worker_group
from webhook.rules.late import pod_sets, queue_labels, queued
from webhook.rules.late.queue_labels import EXECUTION_TIME, WORKLOAD
from webhook.rules.rule import Action, Rule
from webhook.rules.table import Table

RULES = [
    value for module in (pod_sets, queue_labels, queued) for value in vars(module).values() if isinstance(value, Rule)
]
TABLE = Table(RULES)

BESIDE = shipped(Target(kueue=True)).base
ALONE = shipped().base

SHUT = {"spec": {"shutdownAfterJobFinishes": True}}
GROUPS = "spec.rayClusterSpec.workerGroupSpecs"


def labelled(**labels: str | None):
    return {"metadata": {"labels": labels}}


def queued_job(*patches, queue: str | None = "team-a"):
    raw = merged(SHUT, merged(labelled(**{QUEUE_NAME: queue})))
    for patch in patches:
        raw = merged(patch, raw)
    return raw


def found(raw, old=None):
    return [finding.message for finding in TABLE.findings(Job.of(raw, old=old))]


def groups(*names, mode="K8sJobMode"):
    listed = cluster(workerGroupSpecs=[worker_group(groupName=name) for name in names])
    return merged({"spec": {"submissionMode": mode}}, listed)


def test_there_are_seven_and_two_of_them_only_warn():
    assert {rule.id: rule.action for rule in RULES} == {
        "queued-without-shutdown": Action.DENY,
        "queued-on-selected-cluster": Action.DENY,
        "queued-with-autoscaling": Action.WARN,
        "unfit-group-name-for-queue": Action.DENY,
        "too-many-groups-for-queue": Action.WARN,
        "invalid-queue-label": Action.DENY,
        "queue-of-running-job-changed": Action.DENY,
    }


def test_none_is_in_force_where_kueue_is_not():
    ids = {rule.id for rule in RULES}

    assert ids <= BESIDE.actions.keys()
    assert ids & {rule.id for rule in ALONE.table.concerned(Job.of(queued_job(groups("head"))))} == set()
    assert BESIDE.table.findings(Job.of(queued_job(groups("head"))))
    assert ALONE.table.findings(Job.of(queued_job(groups("head")))) == ()


EVERYTHING_WRONG = {
    "spec": {
        "shutdownAfterJobFinishes": False,
        "rayClusterSpec": {
            "enableInTreeAutoscaling": True,
            "workerGroupSpecs": [worker_group(groupName=name) for name in ("head", *"abcdefgh")],
        },
    },
    "metadata": {"labels": {EXECUTION_TIME: "1h", WORKLOAD: "A"}},
}


def test_a_job_without_a_queue_is_none_of_kueues():
    assert found(queued_job(EVERYTHING_WRONG, queue=None), old=merged({})) == []


def test_of_an_empty_queue_kueue_says_nothing_but_that_it_is_none():
    raw = queued_job(EVERYTHING_WRONG, labelled(**{EXECUTION_TIME: None, WORKLOAD: None}), queue="")

    assert [message.partition(": ")[0] for message in found(raw)] == [f"metadata.labels[{QUEUE_NAME}]"]


def test_everything_is_told_at_once():
    assert [message.partition(": ")[0] for message in found(queued_job(EVERYTHING_WRONG))] == [
        f"metadata.labels[{EXECUTION_TIME}]",
        f"metadata.labels[{WORKLOAD}]",
        "spec.rayClusterSpec.enableInTreeAutoscaling",
        GROUPS,
        f"{GROUPS}[0].groupName",
        "spec.shutdownAfterJobFinishes",
    ]


def test_of_a_job_on_a_selected_cluster_only_that_is_told():
    raw = queued_job(EVERYTHING_WRONG, {"spec": {"clusterSelector": {"a": "b"}}}, labelled(**{EXECUTION_TIME: "9"}))

    assert found(merged(labelled(**{WORKLOAD: None}), raw)) == [
        "spec.clusterSelector: Forbidden: Kueue starts no job on a cluster of others [queued-on-selected-cluster]"
    ]


MUST = "must be true for Kueue, whose quota the cluster takes up for as long as it is there [queued-without-shutdown]"


@pytest.mark.parametrize(
    ("shutdown", "told"),
    [
        (True, []),
        (None, [f"spec.shutdownAfterJobFinishes: Required value: {MUST}"]),
        (False, [f"spec.shutdownAfterJobFinishes: Invalid value: false: {MUST}"]),
    ],
)
def test_the_cluster_of_a_queued_job_must_go_with_it(shutdown, told):
    assert found(queued_job({"spec": {"shutdownAfterJobFinishes": shutdown}})) == told


def test_rules_of_deletion_do_not_stand_for_the_shutdown():
    raw = queued_job({"spec": {"deletionStrategy": {"deletionRules": []}, "shutdownAfterJobFinishes": None}})

    assert found(raw) == [f"spec.shutdownAfterJobFinishes: Required value: {MUST}"]


def test_a_job_that_describes_no_cluster_is_another_rules():
    assert found(queued_job({"spec": {"rayClusterSpec": None, "shutdownAfterJobFinishes": None}})) == []


@pytest.mark.parametrize(
    ("says", "is_told"),
    [(None, True), ("false", True), ("True", True), ("true", False)],
)
def test_a_cluster_that_grows_must_say_so_to_kueue(says, is_told):
    raw = queued_job(cluster(enableInTreeAutoscaling=True), {"metadata": {"annotations": {ELASTIC: says}}})

    assert [message.partition(": ")[0] for message in found(raw)] == is_told * [
        "spec.rayClusterSpec.enableInTreeAutoscaling"
    ]


@pytest.mark.parametrize(
    ("names", "mode", "told"),
    [
        (["workers", "GPU", "a1", "x" * 63], "K8sJobMode", {}),
        (["head"], "HTTPMode", {0: "must not be head"}),
        (["a", "HEAD"], "K8sJobMode", {1: "must not be head"}),
        (["submitter", "head-2"], "HTTPMode", {}),
        (["submitter"], "SidecarMode", {}),
        (["Submitter"], "K8sJobMode", {0: "must not be submitter"}),
        (["gpu", "Gpu", "GPU"], "K8sJobMode", {1: "must differ", 2: "must differ"}),
        (["gpu", "gpu"], "K8sJobMode", {}),
        (["a_b", "-a", "x" * 64, ""], "K8sJobMode", dict.fromkeys(range(4), "must be letters")),
        ([None, "a"], "K8sJobMode", {}),
    ],
)
def test_kueue_must_be_able_to_call_each_group_by_a_name_of_its_own(names, mode, told):
    messages = found(queued_job(groups(*names, mode=mode)))

    assert [message.partition(": ")[0] for message in messages] == [f"{GROUPS}[{index}].groupName" for index in told]
    for message, must in zip(messages, told.values(), strict=True):
        assert must in message


def test_an_absent_mode_is_the_one_with_a_submitter():
    listed = {"spec": {"rayClusterSpec": {"workerGroupSpecs": [worker_group(groupName="submitter")]}}}

    told = "must not be submitter in any case: Kueue counts the submitter's pod by that name"

    assert found(queued_job(listed)) == [
        f'{GROUPS}[0].groupName: Invalid value: "submitter": {told} [unfit-group-name-for-queue]'
    ]


@pytest.mark.parametrize(
    ("count", "mode", "told"),
    [
        (6, "K8sJobMode", None),
        (7, "K8sJobMode", "7: must be at most 6 groups for Kueue before 0.18, 8 for 0.18, 16 for a newer one"),
        (7, "SidecarMode", None),
        (8, "SidecarMode", "8: must be at most 7 groups for Kueue before 0.18, 9 for 0.18, 17 for a newer one"),
    ],
)
def test_the_head_and_the_submitter_count_among_the_pod_sets(count, mode, told):
    raw = queued_job(groups(*(f"workers-{index}" for index in range(count)), mode=mode))

    assert found(raw) == ([f"{GROUPS}: Invalid value: {told} [too-many-groups-for-queue]"] if told else [])


@pytest.mark.parametrize(
    ("name", "value", "is_told"),
    [
        (QUEUE_NAME, "team.a-1", False),
        (QUEUE_NAME, "Team", True),
        (QUEUE_NAME, "team_a", True),
        (WORKLOAD, "job.raytrain-7", False),
        (WORKLOAD, "job_7", True),
        (WORKLOAD, "", True),
        (EXECUTION_TIME, "1", False),
        (EXECUTION_TIME, "0060", False),
        (EXECUTION_TIME, "0", True),
        (EXECUTION_TIME, "00", True),
        (EXECUTION_TIME, "", True),
        (EXECUTION_TIME, "1.5", True),
        (EXECUTION_TIME, "\u0661", True),
    ],
)
def test_a_label_of_kueues_has_the_form_that_kueue_takes(name, value, is_told):
    messages = found(queued_job(labelled(**{name: value})))

    assert [message.partition(": ")[0] for message in messages] == is_told * [f"metadata.labels[{name}]"]


SUSPENDED = {"spec": {"suspend": True}}
SUSPEND_FIRST = "must stay as it is unless the job is suspended [queue-of-running-job-changed]"
STAYS = "must stay as it is while the job is not suspended [queue-of-running-job-changed]"


@pytest.mark.parametrize(
    ("new", "old", "told"),
    [
        (queued_job(), queued_job(), []),
        (queued_job(), queued_job(queue="b"), [f'[{QUEUE_NAME}]: Invalid value: "team-a": {STAYS}']),
        (queued_job(), merged({}), [f'[{QUEUE_NAME}]: Invalid value: "team-a": {STAYS}']),
        (queued_job(SUSPENDED), queued_job(queue="b"), []),
        (queued_job(), queued_job(SUSPENDED, queue="b"), [f'[{QUEUE_NAME}]: Invalid value: "team-a": {STAYS}']),
        (queued_job(SUSPENDED, labelled(**{EXECUTION_TIME: "9"})), queued_job(SUSPENDED), []),
        (
            queued_job(SUSPENDED),
            queued_job(labelled(**{EXECUTION_TIME: "9"})),
            [f"[{EXECUTION_TIME}]: Invalid value: null: {SUSPEND_FIRST}"],
        ),
        (queued_job(), {"metadata": None, "spec": None}, [f'[{QUEUE_NAME}]: Invalid value: "team-a": {STAYS}']),
    ],
)
def test_only_a_suspended_job_changes_its_queue(new, old, told):
    assert found(new, old) == [f"metadata.labels{one}" for one in told]
