import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, worker_group
from webhook.rules.guardrail.priority_class_not_allowed import priority_class_not_allowed

HEAD = "spec.rayClusterSpec.headGroupSpec"
KUEUE = "kueue.x-k8s.io/priority-class"
KUBERAY = "ray.io/priority-class-name"
GIVEN = {"classes": ["batch", "batch-.*"], "workloadClasses": ["normal"]}
MUST = 'must be "batch" or "batch-.*", or be left out'


def in_head(name):
    return cluster(headGroupSpec={"template": {"spec": {"priorityClassName": name}}})


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        ("batch", True),
        ("batch-low", True),
        ("", True),
        (None, True),
        (5, True),
        ("normal", False),
        ("Batch", False),
        ("batches", False),
        ("b\u0430tch", False),
        ("system-node-critical", False),
    ],
)
def test_a_pod_has_an_allowed_class_or_none(name, passes):
    told = [] if passes else [f'{HEAD}.template.spec.priorityClassName: Invalid value: "{name}": {MUST}']

    assert judged(priority_class_not_allowed, GIVEN, in_head(name)) == told


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({KUEUE: "normal"}, []),
        ({KUEUE: ""}, []),
        ({KUEUE: None}, []),
        ({KUEUE: "batch"}, [f'metadata.labels[{KUEUE}]: Invalid value: "batch": must be "normal", or be left out']),
        ({KUBERAY: "batch-low"}, []),
        ({KUBERAY: "normal"}, [f'metadata.labels[{KUBERAY}]: Invalid value: "normal": {MUST}']),
        ({"priorityClassName": "batch"}, []),
        ({"priorityClassName": "high"}, [f'metadata.labels[priorityClassName]: Invalid value: "high": {MUST}']),
        ("high", []),
        (None, []),
    ],
)
def test_a_label_claims_no_other_class(labels, told):
    assert judged(priority_class_not_allowed, GIVEN, {"metadata": {"labels": labels}}) == told


def test_without_parameters_no_class_may_be_named():
    patch = {"metadata": {"labels": {KUEUE: "normal", KUBERAY: "batch"}}, **in_head("batch")}

    assert judged(priority_class_not_allowed, {}, patch) == [
        f'metadata.labels[{KUEUE}]: Invalid value: "normal": must be left out',
        f'metadata.labels[{KUBERAY}]: Invalid value: "batch": must be left out',
        f'{HEAD}.template.spec.priorityClassName: Invalid value: "batch": must be left out',
    ]


def test_no_template_and_no_label_of_a_pod_is_forgotten():
    high = {"metadata": {"labels": {"priorityClassName": "high"}}, "spec": {"priorityClassName": "high"}}
    patch = {
        "spec": {
            "submitterPodTemplate": high,
            "rayClusterSpec": {
                "headGroupSpec": {"template": high, "labels": {"priorityClassName": "high"}},
                "workerGroupSpecs": [worker_group(), worker_group(template=high)],
            },
        }
    }
    worker = "spec.rayClusterSpec.workerGroupSpecs[1]"

    assert judged(priority_class_not_allowed, GIVEN, patch) == [
        f'{place}: Invalid value: "high": {MUST}'
        for place in (
            f"{HEAD}.labels[priorityClassName]",
            f"{HEAD}.template.metadata.labels[priorityClassName]",
            f"{HEAD}.template.spec.priorityClassName",
            f"{worker}.template.metadata.labels[priorityClassName]",
            f"{worker}.template.spec.priorityClassName",
            "spec.submitterPodTemplate.metadata.labels[priorityClassName]",
            "spec.submitterPodTemplate.spec.priorityClassName",
        )
    ]
