from typing import Any

from webhook.rayjob.job import Job, Owner, first_by_name, main_container
from webhook.rayjob.kuberay import NEWEST, Release
from webhook.rules.example import merged

MANY = merged(
    {
        "spec": {
            "submitterPodTemplate": {"spec": {"containers": [{"name": "submit"}]}},
            "rayClusterSpec": {
                "headGroupSpec": {
                    "template": {
                        "spec": {
                            "containers": [{"name": "head"}, {"name": "side"}],
                            "initContainers": [{"name": "init"}],
                            "ephemeralContainers": [{"name": "debug"}],
                        }
                    }
                },
                "workerGroupSpecs": [
                    {"groupName": "a", "template": {"spec": {"containers": [{"name": "wa"}, None]}}},
                    {"groupName": "b"},
                    None,
                    {"groupName": "c", "template": {}},
                    {"groupName": "d", "template": {"spec": {"initContainers": [{"name": "id"}, {"name": "ie"}]}}},
                ],
            },
        }
    }
)


def test_every_container_is_visited_once_with_its_path():
    seen = [
        (container.template.owner, str(container.path), container.spec.get("name"), container.main)
        for container in Job.of(MANY).containers
    ]

    head, group = "spec.rayClusterSpec.headGroupSpec.template.spec", "spec.rayClusterSpec.workerGroupSpecs"
    assert seen == [
        (Owner.HEAD, f"{head}.containers[0]", "head", True),
        (Owner.HEAD, f"{head}.containers[1]", "side", False),
        (Owner.HEAD, f"{head}.initContainers[0]", "init", False),
        (Owner.HEAD, f"{head}.ephemeralContainers[0]", "debug", False),
        (Owner.WORKER, f"{group}[0].template.spec.containers[0]", "wa", True),
        (Owner.WORKER, f"{group}[0].template.spec.containers[1]", None, False),
        (Owner.WORKER, f"{group}[4].template.spec.initContainers[0]", "id", False),
        (Owner.WORKER, f"{group}[4].template.spec.initContainers[1]", "ie", False),
        (Owner.SUBMITTER, "spec.submitterPodTemplate.spec.containers[0]", "submit", True),
    ]


def test_a_template_knows_its_group():
    assert [(template.owner, template.group) for template in Job.of(MANY).templates] == [
        (Owner.HEAD, None),
        (Owner.WORKER, 0),
        (Owner.WORKER, 3),
        (Owner.WORKER, 4),
        (Owner.SUBMITTER, None),
    ]


def test_an_empty_object_reads_as_empty():
    job = Job.of({})

    assert (job.metadata, job.spec, job.cluster, job.head, job.workers, job.templates) == ({}, {}, {}, {}, (), ())
    assert (job.head_container, dict(job.head_env), job.autoscales, job.selects_cluster) == ({}, {}, False, False)
    assert job.submission_mode == "K8sJobMode"
    assert not job.unreadable


def test_an_object_of_nulls_reads_as_empty():
    job = Job.of({"metadata": None, "spec": {"rayClusterSpec": None, "clusterSelector": None, "submissionMode": None}})

    assert (job.metadata, job.cluster, job.selects_cluster, job.submission_mode) == ({}, {}, False, "K8sJobMode")


def test_an_empty_submission_mode_is_none_of_kuberays():
    assert Job.of({"spec": {"submissionMode": ""}}).submission_mode == ""


def test_the_ray_container_is_the_first_whatever_its_name():
    assert Job.of(MANY).head_container == {"name": "head"}
    nothing: Any = None  # a null in a list, which the types do not know
    assert main_container({"spec": {"containers": [nothing]}}) == {}
    assert main_container({"spec": {"containers": []}}) == {}
    assert main_container({}) == main_container(None) == {}


def test_an_environment_is_indexed_by_the_first_of_each_name():
    nothing: Any = None
    assert first_by_name([{"name": "A"}, {"name": "B"}, {"name": "A"}, nothing, {}]) == {"A": 0, "B": 1, "": 3}
    assert first_by_name(None) == {}


def test_the_stored_object_is_at_hand_as_far_as_it_is_readable():
    job = Job.of({}, old={"spec": {"managedBy": "x", "suspend": 1}})

    assert job.old == {"spec": {"managedBy": "x", "suspend": None}}
    assert Job.of({}).old is None


def test_with_the_crds_defaults_it_still_knows_what_was_written():
    raw = {"spec": {"entrypoint": "python a.py"}}

    job = Job.of(raw, from_file=True)
    filled = job.with_crd_defaults(NEWEST)

    assert filled.spec == {
        "entrypoint": "python a.py",
        "submissionMode": "K8sJobMode",
        "backoffLimit": 0,
        "ttlSecondsAfterFinished": 0,
    }
    assert job.written == filled.written == raw


def test_no_default_of_the_crd_takes_the_place_of_what_cannot_be_read():
    job = Job.of({"spec": {"backoffLimit": "1"}}).with_crd_defaults(NEWEST)

    assert job.spec == {"backoffLimit": None, "submissionMode": "K8sJobMode", "ttlSecondsAfterFinished": 0}


def test_an_object_of_which_nothing_was_read_gets_no_default_of_the_crd():
    job = Job.of({"metadata": {"labels": dict.fromkeys(map(str, range(200)), 1)}, "spec": {}})

    assert job.unreadable
    assert job.with_crd_defaults(NEWEST).raw == {}


def test_what_is_wrong_in_a_field_that_the_release_does_not_have_is_no_departure():
    raw = {"spec": {"deletionStrategy": {"onSuccess": {"policy": "Keep"}}}}

    assert len(Job.of(raw).departures) == 1
    assert Job.of(raw, release=Release.V1_4).departures == ()
