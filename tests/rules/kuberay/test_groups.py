import pytest

from tests.rules.kuberay.found import found
from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release, Target
from webhook.rules.example import cluster, worker_group
from webhook.rules.kuberay import groups

HEAD = "spec.rayClusterSpec.headGroupSpec"
WORKER = "spec.rayClusterSpec.workerGroupSpecs[0]"


@pytest.mark.parametrize(
    ("raw", "paths"),
    [
        ({"spec": {}}, []),
        ({"spec": {"rayClusterSpec": None}}, []),
        ({"spec": {"rayClusterSpec": {}}}, [f"{HEAD}.template.spec.containers"]),
        ({"spec": {"rayClusterSpec": {"headGroupSpec": {"template": {}}}}}, [f"{HEAD}.template.spec.containers"]),
        (
            {"spec": {"rayClusterSpec": {"workerGroupSpecs": [None, {"template": {"spec": {"containers": [None]}}}]}}},
            [f"{HEAD}.template.spec.containers", f"{WORKER}.template.spec.containers"],
        ),
    ],
)
def test_a_cluster_without_containers_is_found_however_much_of_it_is_missing(raw, paths):
    findings = groups.group_without_containers.findings(Job.of(raw))

    assert [finding.where for finding in findings] == paths


def test_a_cluster_is_judged_even_where_the_job_selects_another():
    patch = {
        "spec": {
            "clusterSelector": {"ray.io/cluster": "shared"},
            "rayClusterSpec": {"headGroupSpec": {"template": {"spec": {"containers": []}}}},
        }
    }

    assert found(groups.group_without_containers, patch) == [
        (f"{HEAD}.template.spec.containers", "Required value: the first container runs Ray")
    ]


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"num-gpus": "0", "memory": "", "resources": "{}"}, "rayStartParams[num-gpus], rayStartParams[resources]"),
        ({"num-cpus": "2"}, "rayStartParams[num-cpus]"),
    ],
)
def test_all_options_that_repeat_the_resources_are_named(params, named):
    assert found(
        groups.resources_set_twice, cluster(headGroupSpec={"resources": {"CPU": "2"}, "rayStartParams": params})
    ) == [(f"{HEAD}.resources", f"Forbidden: must not be set beside {named}: keep one of the two")]


@pytest.mark.parametrize("params", [{}, {"object-store-memory": "1000"}, {"memory": ""}])
def test_other_options_do_not_repeat_the_resources(params):
    group = worker_group(resources={"CPU": "2"}, rayStartParams=params)

    assert found(groups.resources_set_twice, cluster(workerGroupSpecs=[group])) == []


def test_a_label_with_a_wrong_key_and_a_wrong_value_is_found_twice():
    assert found(groups.invalid_node_label, cluster(workerGroupSpecs=[worker_group(labels={"a/b/c": "-"})])) == [
        (
            f"{WORKER}.labels",
            'Invalid value: "a/b/c": must be a label\'s key, such as zone or example.com/zone',
        ),
        (
            f"{WORKER}.labels[a/b/c]",
            "Invalid value: \"-\": must be 63 letters, digits, '-', '_' and '.' at most, the outer ones no punctuation",
        ),
    ]


@pytest.mark.parametrize(
    ("release", "held"),
    [
        (Release.V1_4, ["group-without-containers"]),
        (
            Release.V1_5,
            ["group-without-containers", "invalid-node-label", "labels-in-ray-start-params", "resources-set-twice"],
        ),
    ],
)
def test_kuberay_1_4_asks_of_a_group_nothing_but_containers(release, held):
    rules = (
        groups.group_without_containers,
        groups.invalid_node_label,
        groups.labels_in_ray_start_params,
        groups.resources_set_twice,
    )

    assert [rule.id for rule in rules if rule.holds_for(Target(release))] == held
