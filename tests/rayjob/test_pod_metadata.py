from webhook.rayjob.job import Job
from webhook.rayjob.pod_metadata import given_annotations, given_labels
from webhook.rules.example import merged, worker_group

JOB = Job.of(
    merged(
        {
            "metadata": {"labels": {"a": "job"}},
            "spec": {
                "rayClusterSpec": {
                    "headGroupSpec": {
                        "labels": {"a": "group"},
                        "template": {"metadata": {"labels": {"a": "1"}, "annotations": {"b": "2"}}},
                    },
                    "workerGroupSpecs": [worker_group(), worker_group(template=None), None],
                },
                "submitterPodTemplate": {"metadata": {"labels": {"a": None}}},
            },
        }
    )
)


def told(given):
    return [[(str(path), values) for path, values in places] for places in given]


def test_a_pods_labels_are_those_of_its_group_and_then_of_its_template():
    head, worker = "spec.rayClusterSpec.headGroupSpec", "spec.rayClusterSpec.workerGroupSpecs[0]"

    assert told(given_labels(JOB)) == [
        [(f"{head}.labels", {"a": "group"}), (f"{head}.template.metadata.labels", {"a": "1"})],
        [(f"{worker}.template.metadata.labels", {})],
        [("spec.submitterPodTemplate.metadata.labels", {})],
    ]


def test_a_pods_annotations_are_those_of_its_template():
    head, worker = "spec.rayClusterSpec.headGroupSpec", "spec.rayClusterSpec.workerGroupSpecs[0]"

    assert told(given_annotations(JOB)) == [
        [(f"{head}.template.metadata.annotations", {"b": "2"})],
        [(f"{worker}.template.metadata.annotations", {})],
        [("spec.submitterPodTemplate.metadata.annotations", {})],
    ]


def test_without_templates_there_are_no_pods_to_label():
    job = Job.of({})

    assert [*given_labels(job), *given_annotations(job)] == []
