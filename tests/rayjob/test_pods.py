from typing import Any

import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.pods import pods
from webhook.rules.example import merged, worker_group

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0]"
WORKER = "spec.rayClusterSpec.workerGroupSpecs[{}].template.spec.containers[0]"
SUBMITTER = "spec.submitterPodTemplate.spec.containers[0]"
COLLECTOR = "spec.rayClusterSpec.historyServerOptions.collectorOptions"


def containers(spec: dict[str, Any]) -> list[list[str]]:
    """Where the containers of each pod stand."""
    return [[str(container.path) for container in made.containers] for made in pods(Job.of(merged({"spec": spec})))]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, [[HEAD], [SUBMITTER]]),
        ({"submissionMode": "HTTPMode"}, [[HEAD]]),
        ({"submissionMode": "InteractiveMode"}, [[HEAD]]),
        ({"submissionMode": "SidecarMode"}, [[HEAD, "spec.submissionMode"]]),
        ({"submissionMode": "HTTPMode", "submitterPodTemplate": {"spec": {"containers": [{}]}}}, [[HEAD], [SUBMITTER]]),
        ({"submitterPodTemplate": {}}, [[HEAD], []]),
        ({"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "a"}}, [[], [SUBMITTER]]),
        (
            {"rayClusterSpec": {"enableInTreeAutoscaling": True}},
            [[HEAD, "spec.rayClusterSpec.autoscalerOptions"], [SUBMITTER]],
        ),
        ({"rayClusterSpec": {"autoscalerOptions": {"securityContext": {"privileged": True}}}}, [[HEAD], [SUBMITTER]]),
        (
            {
                "rayClusterSpec": {
                    "workerGroupSpecs": [worker_group(), None, worker_group()],
                    "historyServerOptions": {"collectorOptions": {}},
                }
            },
            [
                [HEAD, COLLECTOR],
                [WORKER.format(0), COLLECTOR],
                [COLLECTOR],
                [WORKER.format(2), COLLECTOR],
                [SUBMITTER],
            ],
        ),
    ],
)
def test_a_pod_has_the_containers_of_its_template_and_those_that_kuberay_adds(spec, expected):
    assert containers(spec) == expected


def test_the_autoscaler_runs_as_its_options_say():
    context, mounts = {"privileged": True}, [{"name": "a", "mountPath": "/a"}]
    options = {"securityContext": context, "volumeMounts": mounts}
    job = Job.of(merged({"spec": {"rayClusterSpec": {"enableInTreeAutoscaling": True, "autoscalerOptions": options}}}))

    autoscaler = next(pods(job)).containers[1]

    assert autoscaler.context == context
    assert autoscaler.spec.get("volumeMounts") == mounts
