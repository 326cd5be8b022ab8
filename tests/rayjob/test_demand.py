import pytest

from webhook.rayjob import demand
from webhook.rayjob.demand import Share
from webhook.rayjob.job import HEAD, SUBMITTER, WORKERS, Job

UNBOUNDED = 2**31 - 1
BILLION = 10**9


def cpu(name):
    return name == "cpu"


def asks(amount, **fields):
    return {"resources": {"limits": {"cpu": amount}}, **fields}


def head(**pod):
    return {"spec": {"rayClusterSpec": {"headGroupSpec": {"template": {"spec": pod}}}}}


def each(raw, counts=cpu):
    return [share.each / BILLION for share in demand.shares(Job.of(raw), counts)]


@pytest.mark.parametrize(
    ("pod", "amount"),
    [
        ({}, 0),
        ({"containers": []}, 0),
        ({"containers": [None, {}, {"resources": None}, {"resources": {"limits": None, "requests": {}}}]}, 0),
        ({"containers": [asks("2")]}, 2),
        ({"containers": [asks("500m"), asks(0.25), asks(1), asks("1e3"), asks(".5")]}, 1002.25),
        ({"containers": [{"resources": {"requests": {"cpu": "3"}}}]}, 3),
        ({"containers": [{"resources": {"requests": {"cpu": "3"}, "limits": {"cpu": "2"}}}]}, 3),
        ({"containers": [{"resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}}]}, 2),
        ({"containers": [{"resources": {"requests": {"cpu": "1"}, "limits": {"memory": "2"}}}]}, 1),
        ({"containers": [asks("8"), asks("-8")]}, 8),
        ({"containers": [asks(None), asks("two"), asks("1")]}, 1),
        ({"containers": [asks("1")], "initContainers": [asks("4"), asks("3"), None]}, 4),
        ({"containers": [asks("5")], "initContainers": [asks("4"), asks("3")]}, 5),
        ({"containers": [asks("1")], "initContainers": [asks("4", restartPolicy="Always")]}, 5),
        ({"containers": [asks("1")], "initContainers": [asks("2", restartPolicy="Always"), asks("4")]}, 6),
        ({"containers": [asks("1")], "initContainers": [asks("4"), asks("2", restartPolicy="Always")]}, 4),
        ({"containers": [asks("1")], "initContainers": [asks("4", restartPolicy="always")]}, 4),
        ({"containers": [asks("1")], "ephemeralContainers": [asks("4")]}, 5),
        ({"containers": [asks("1")], "resources": {"requests": {"cpu": "6"}}}, 6),
        ({"containers": [asks("8")], "resources": {"requests": {"cpu": "6"}}}, 8),
        ({"containers": [asks("1")], "overhead": {"cpu": "250m"}}, 1.25),
    ],
)
def test_a_pod_asks_for_what_kubernetes_counts(pod, amount):
    assert each(head(**pod)) == [amount]


def test_names_that_count_together_are_added_up_and_each_is_counted_for_itself():
    pod = {
        "containers": [{"resources": {"limits": {"a/gpu": 2, "b/gpu": 1, "c/npu": 4}}}],
        "initContainers": [{"resources": {"limits": {"a/gpu": 1, "b/gpu": 3}}}],
    }

    assert each(head(**pod), lambda name: name.endswith("gpu")) == [5]


@pytest.mark.parametrize(
    ("group", "pods"),
    [
        ({}, UNBOUNDED),
        ({"maxReplicas": None, "numOfHosts": None}, UNBOUNDED),
        ({"maxReplicas": "4"}, UNBOUNDED),
        ({"maxReplicas": 4}, 4),
        ({"maxReplicas": 4.0, "numOfHosts": 2.0}, 8),
        ({"maxReplicas": 4, "numOfHosts": 3}, 12),
        ({"maxReplicas": 4, "replicas": 9, "minReplicas": 1}, 4),
        ({"maxReplicas": 4, "replicas": 0}, 4),
        ({"maxReplicas": 4, "minReplicas": 6}, 6),
        ({"maxReplicas": 0}, 0),
        ({"maxReplicas": 0, "numOfHosts": 4}, 0),
        ({"maxReplicas": 4, "numOfHosts": 0}, 4),
        ({"maxReplicas": 4, "numOfHosts": 0.0}, 4),
        ({"maxReplicas": 0, "numOfHosts": -1}, UNBOUNDED),  # -8 replicas of -1 hosts are 8 pods
        ({"maxReplicas": 4, "numOfHosts": -3}, UNBOUNDED),  # 1431655764 of them are 4 pods in 32 bits
        ({"maxReplicas": -1, "numOfHosts": 3}, UNBOUNDED),  # as many below 0 too
        ({"maxReplicas": 4, "minReplicas": -8}, UNBOUNDED),
        ({"maxReplicas": 4, "suspend": True}, 4),
        ({"maxReplicas": UNBOUNDED, "numOfHosts": UNBOUNDED}, UNBOUNDED**2),
    ],
)
def test_a_worker_group_has_as_many_pods_as_it_may_have(group, pods):
    job = Job.of({"spec": {"rayClusterSpec": {"workerGroupSpecs": [group]}}})

    assert demand.workers(job) == (Share(WORKERS / 0, pods, BILLION),)


def everywhere(**spec):
    template = {"spec": {"containers": [asks("1")]}}
    return {
        "spec": {
            "rayClusterSpec": {
                "headGroupSpec": {"template": template},
                "workerGroupSpecs": [{"maxReplicas": 2, "template": template}, None, {"template": template}],
            },
            "submitterPodTemplate": template,
            **spec,
        }
    }


def test_head_worker_groups_and_submitter_have_a_share():
    shares = demand.shares(Job.of(everywhere()), cpu)

    assert shares == (
        Share(HEAD, 1, BILLION),
        Share(WORKERS / 0, 2, BILLION),
        Share(WORKERS / 2, UNBOUNDED, BILLION),
        Share(SUBMITTER, 1, BILLION),
    )
    assert [share.total // BILLION for share in shares] == [1, 2, UNBOUNDED, 1]


def test_a_job_on_a_cluster_that_is_there_asks_for_its_submitter_alone():
    job = Job.of(everywhere(clusterSelector={"ray.io/cluster": "shared"}))

    assert demand.shares(job, cpu) == (Share(SUBMITTER, 1, BILLION),)
    assert demand.workers(job) == ()
    assert [template.path for template in demand.templates(job)] == [SUBMITTER / "spec"]


@pytest.mark.parametrize(
    ("cluster", "amounts"),
    [
        ({"enableInTreeAutoscaling": True, "autoscalerOptions": asks("4")}, [4, 0]),
        ({"enableInTreeAutoscaling": False, "autoscalerOptions": asks("4")}, [0, 0]),
        ({"enableInTreeAutoscaling": True}, [0, 0]),
        ({"historyServerOptions": {"collectorOptions": asks("2")}}, [2, 2]),
        ({"historyServerOptions": {"collectorOptions": None}}, [0, 0]),
    ],
)
def test_the_containers_that_kuberay_adds_count_as_far_as_the_author_says(cluster, amounts):
    raw = {"spec": {"rayClusterSpec": {"headGroupSpec": {"template": {}}, "workerGroupSpecs": [{"template": {}}]}}}
    raw["spec"]["rayClusterSpec"] |= cluster

    assert each({"spec": {**raw["spec"], "submitterPodTemplate": {}}}) == [*amounts, 0]


def test_logical_resources_are_no_demand():
    raw = head(containers=[asks("1")])
    raw["spec"]["rayClusterSpec"]["headGroupSpec"] |= {
        "resources": {"CPU": "64", "cpu": "64"},
        "rayStartParams": {"num-cpus": "64"},
    }

    assert each(raw) == [1]


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("1e1000", True),
        (" 1e1000 ", True),
        ("9" * 257, True),
        ("0." + "9" * 257 + "Gi", True),
        ("+.5E-1000", True),
        ("1e999", False),
        ("two", False),
        ("1e1000x", False),
        ("٣e1000", False),
        ("." * 257, False),
        (["1e1000"], False),
        (None, False),
    ],
)
def test_an_amount_that_only_the_operator_would_compute_is_told(amount, told):
    job = Job.of(head(containers=[asks(amount)]))

    found = [str(departure.path) for departure in demand.uncounted(job, cpu)]

    place = "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].resources.limits[cpu]"
    assert found == ([place] if told else [])


def test_an_amount_of_what_does_not_count_is_not_told():
    raw = head(containers=[{"resources": {"limits": {"memory": "1e1000"}}}])

    assert list(demand.uncounted(Job.of(raw), cpu)) == []


def test_amounts_that_make_an_object_unreadable_are_told():
    job = Job.of(head(containers=[asks("1e1000", name=str(number)) for number in range(200)]))

    assert job.unreadable
    assert len(list(demand.uncounted(job, cpu))) == 101
