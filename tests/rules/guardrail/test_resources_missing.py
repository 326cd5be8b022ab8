import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, worker_group
from webhook.rules.guardrail.resources_missing import resources_missing

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"
WORKER = "spec.rayClusterSpec.workerGroupSpecs[1].template.spec"
ENOUGH = {"limits": {"cpu": "1", "memory": "1Gi"}}
CPU = {"requests": ["cpu"], "limits": []}


def pod(resources, **fields):
    return {"spec": {"containers": [{"name": "ray", "resources": resources}], **fields}}


def of_head(resources=None, **fields):
    return cluster(headGroupSpec={"template": pod(resources or ENOUGH, **fields)})


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, []),
        ({"limits": {"memory": 1}, "requests": {"cpu": 0.5}}, []),
        ({"limits": {"memory": "1Gi", "cpu": "1"}, "requests": {"cpu": None}}, []),
        ({"limits": {"memory": "1Gi"}}, ["requests[cpu]: Required value: more than 0"]),
        ({"limits": {"memory": "1Gi"}, "requests": {"CPU": "1"}}, ["requests[cpu]: Required value: more than 0"]),
        (
            {"requests": {"cpu": "1", "memory": "1Gi"}},
            ["limits[memory]: Required value: more than 0"],
        ),
        (
            {"requests": {"cpu": "0e3"}, "limits": {"memory": "0.0Gi"}},
            [
                'limits[memory]: Invalid value: "0.0Gi": must be more than 0',
                'requests[cpu]: Invalid value: "0e3": must be more than 0',
                'requests[memory]: Invalid value: "0.0Gi": must be more than 0',
            ],
        ),
        (
            {"limits": {"memory": "1Gi", "cpu": -1}},
            ["requests[cpu]: Invalid value: -1: must be more than 0"],
        ),
        ({"limits": {"memory": "1Gi"}, "requests": {"cpu": "one"}}, []),
        (
            {"claims": [{"name": "cpu"}], "limits": {"memory": "1Gi"}},
            ["requests[cpu]: Required value: more than 0"],
        ),
    ],
)
def test_a_container_says_more_than_nothing(resources, found):
    findings = judged(resources_missing, {}, of_head(resources))

    assert findings == [f"{HEAD}.containers[0].resources.{finding}" for finding in found]


ANY = {"name": "other"}


@pytest.mark.parametrize(
    ("patch", "all_of_them", "ray_alone"),
    [
        (of_head(initContainers=[ANY]), [f"{HEAD}.initContainers[0]"], []),
        (of_head(ephemeralContainers=[ANY]), [], []),
        (of_head(resources={"requests": {"cpu": 1}}), [], []),
        (
            cluster(headGroupSpec={"template": {"spec": {"containers": [ANY, {"name": "b"}]}}}),
            [f"{HEAD}.containers[0]", f"{HEAD}.containers[1]"],
            [f"{HEAD}.containers[0]"],
        ),
        (
            cluster(
                headGroupSpec={"template": pod(ENOUGH)},
                workerGroupSpecs=[worker_group(template=pod(ENOUGH)), worker_group(groupName="b")],
            ),
            [f"{WORKER}.containers[0]"],
            [f"{WORKER}.containers[0]"],
        ),
        (
            {"spec": {**of_head()["spec"], "submitterPodTemplate": {"spec": {"containers": [ANY]}}}},
            ["spec.submitterPodTemplate.spec.containers[0]"],
            [],
        ),
        (
            cluster(
                headGroupSpec={"template": pod(ENOUGH)},
                enableInTreeAutoscaling=True,
                autoscalerOptions={"resources": {}},
            ),
            ["spec.rayClusterSpec.autoscalerOptions"],
            [],
        ),
        (cluster(headGroupSpec={"template": pod(ENOUGH)}, autoscalerOptions={"resources": {}}), [], []),
        (cluster(headGroupSpec={"template": pod(ENOUGH)}, enableInTreeAutoscaling=True), [], []),
        (
            cluster(
                headGroupSpec={"template": pod(ENOUGH)},
                historyServerOptions={"collectorOptions": {"resources": {"limits": {"memory": 1}}}},
            ),
            ["spec.rayClusterSpec.historyServerOptions.collectorOptions"],
            [],
        ),
        (
            cluster(headGroupSpec={"template": {"spec": {"containers": [ANY], "resources": {"requests": {"cpu": 1}}}}}),
            [f"{HEAD}.containers[0]"],
            [f"{HEAD}.containers[0]"],
        ),
    ],
)
def test_containers_of_every_kind_say_it_or_the_ray_containers_alone(patch, all_of_them, ray_alone):
    for containers, places in (("all", all_of_them), ("ray", ray_alone)):
        assert judged(resources_missing, CPU | {"containers": containers}, patch) == [
            f"{place}.resources.requests[cpu]: Required value: more than 0" for place in places
        ]
