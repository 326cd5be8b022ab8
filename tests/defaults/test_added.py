"""What is added where an author is silent, and what counts as having spoken."""

import pytest
from pydantic import ValidationError

from tests.patching import apply_rfc6902, apply_v4
from webhook.admission import patch
from webhook.defaults import declared
from webhook.defaults.added import ANNOTATIONS_BYTES, fills
from webhook.defaults.additions import Additions
from webhook.defaults.declared import SHIPPED
from webhook.rayjob.job import Job
from webhook.rayjob.queue import ELASTIC, QUEUE_NAME
from webhook.rules.example import cluster, merged, worker_group

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"
WORKERS = "spec.rayClusterSpec.workerGroupSpecs"
SUBMITTER = "spec.submitterPodTemplate.spec"


def told(raw, additions, *, old=None):
    """What is added to a RayJob, as path and value."""
    job = Job.of(raw, old=old)
    return {str(fill.path): fill.value for fill in fills(job, Additions.of(additions), declared.fills(job, SHIPPED))}


def in_head(said, **added):
    """What is added to a head, by path in its pod spec, which says something.

    ``container``, ``group`` and ``job`` among it are what the Ray container, the head group and the job say.
    """
    raw = merged(cluster(headGroupSpec=said.get("group", {})))
    raw["spec"] |= said.get("job", {})
    spec = raw["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]
    spec |= {name: value for name, value in said.items() if name not in {"container", "group", "job"}}
    spec["containers"][0] |= said.get("container", {})
    return {path.removeprefix(f"{HEAD}."): value for path, value in told(raw, {"head": added}).items()}


EVERYTHING = {
    "serviceAccountName": "ray",
    "nodeSelector": {"pool": "gpu"},
    "tolerations": [{"key": "gpu", "operator": "Exists"}],
    "priorityClassName": "high",
    "imagePullSecrets": [{"name": "regcred"}],
    "resources": {"requests": {"cpu": 1}, "limits": {"memory": "4Gi"}},
}
PLACES = {
    "serviceAccountName": "ray",
    "nodeSelector[pool]": "gpu",
    "tolerations": [{"key": "gpu", "operator": "Exists"}],
    "priorityClassName": "high",
    "imagePullSecrets": [{"name": "regcred"}],
    "containers[0].resources.requests[cpu]": "1",
    "containers[0].resources.limits[memory]": "4Gi",
}


def at(path, places=PLACES):
    return {f"{path}.{place}": value for place, value in places.items()}


def test_labels_and_annotations_are_added_key_by_key():
    raw = merged({"metadata": {"labels": {"team": "ml"}}})
    raw["metadata"]["annotations"] = {"a": "", "b": None}
    additions = {"labels": {"team": "x", "example.com/cost": "1"}, "annotations": {"a": "x", "b": "x", "c": ""}}

    assert told(raw, additions) == {
        "metadata.labels[example.com/cost]": "1",
        "metadata.annotations[b]": "x",
        "metadata.annotations[c]": "",
    }


def test_every_pod_template_that_is_there_gets_what_is_added_to_its_like():
    raw = merged(cluster(workerGroupSpecs=[worker_group(), None, worker_group(groupName="b"), {"groupName": "c"}]))
    raw["spec"]["submitterPodTemplate"] = {"spec": {"containers": [{"name": "submitter", "image": "a"}]}}

    assert told(raw, {"head": EVERYTHING}) == at(HEAD)
    assert told(raw, {"workers": EVERYTHING}) == at(f"{WORKERS}[0].template.spec") | at(f"{WORKERS}[2].template.spec")
    assert told(raw, {"submitter": EVERYTHING}) == at(SUBMITTER)


@pytest.mark.parametrize("template", [None, {}, {"spec": None}, {"spec": {}}, {"spec": {"containers": []}}])
def test_no_template_is_made_and_none_without_containers_is_filled(template):
    raw = merged(cluster(workerGroupSpecs=[worker_group()]))
    raw["spec"]["submitterPodTemplate"] = template
    raw["spec"]["rayClusterSpec"]["headGroupSpec"]["template"] = template
    raw["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["template"] = template

    assert told(raw, dict.fromkeys(("head", "workers", "submitter"), EVERYTHING)) == {}


def test_a_container_that_is_null_gets_no_resources():
    raw = merged({})
    raw["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"] = [None]

    assert told(raw, {"head": {"resources": EVERYTHING["resources"]}}) == {}


def test_a_cluster_that_the_job_selects_gets_nothing_though_its_submitter_does():
    raw = merged({"spec": {"clusterSelector": {"ray.io/cluster": "shared"}}})
    raw["spec"]["submitterPodTemplate"] = {"spec": {"containers": [{"name": "submitter", "image": "a"}]}}
    pods = {"serviceAccountName": "ray"}

    assert told(raw, {"labels": {"team": "ml"}, "head": pods, "workers": pods, "submitter": pods}) == {
        "metadata.labels[team]": "ml",
        f"{SUBMITTER}.serviceAccountName": "ray",
    }


@pytest.mark.parametrize("spec", [None, {"suspend": "yes"}, {"rayClusterSpec": []}, "text"])
def test_a_job_without_a_spec_or_with_mistyped_fields_gets_nothing(spec):
    assert told({"metadata": {"name": "job"}, "spec": spec}, {"labels": {"team": "ml"}, "head": EVERYTHING}) == {}


@pytest.mark.parametrize(
    ("said", "added"),
    [
        ({"serviceAccountName": "own"}, {}),
        ({"serviceAccountName": ""}, {}),
        ({"serviceAccount": "own"}, {}),
        ({"serviceAccountName": None, "serviceAccount": None}, {"serviceAccountName": "ray"}),
    ],
)
def test_a_service_account_is_said_by_either_of_its_names(said, added):
    assert in_head(said, serviceAccountName="ray") == added


@pytest.mark.parametrize(
    ("said", "added"),
    [
        ({"priorityClassName": "own"}, {}),
        ({"priority": 0}, {}),
        ({"preemptionPolicy": "Never"}, {}),
        ({"priorityClassName": None, "priority": None}, {"priorityClassName": "high"}),
    ],
)
def test_a_priority_is_said_by_its_class_its_number_or_whom_it_preempts(said, added):
    assert in_head(said, priorityClassName="high") == added


@pytest.mark.parametrize(
    ("said", "tolerations", "secrets"),
    [
        ({}, True, True),
        ({"tolerations": None, "imagePullSecrets": None}, True, True),
        ({"tolerations": [], "imagePullSecrets": []}, False, False),
        ({"tolerations": [{"operator": "Exists"}]}, False, True),
        ({"imagePullSecrets": [{"name": "own"}]}, True, False),
    ],
)
def test_a_list_is_added_whole_or_not_at_all(said, tolerations, secrets):
    given = {"tolerations": [{"key": "a"}], "imagePullSecrets": [{"name": "b"}]}
    there = [name for name, is_added in (("tolerations", tolerations), ("imagePullSecrets", secrets)) if is_added]

    assert in_head(said, **given) == {name: given[name] for name in there}


def affinity(key):
    return {"matchExpressions": [{"key": key, "operator": "Exists"}, None]}


@pytest.mark.parametrize(
    ("said", "added"),
    [
        ({"nodeSelector": {"pool": "own"}}, ["zone"]),
        ({"nodeSelector": {"pool": None}}, ["pool", "zone"]),
        ({"nodeSelector": {"other": "own"}}, ["pool", "zone"]),
        ({"nodeName": "node-1"}, []),
        ({"affinity": {"nodeAffinity": None}}, ["pool", "zone"]),
        (
            {
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [affinity("zone"), None]
                        }
                    }
                }
            },
            ["pool"],
        ),
        (
            {
                "affinity": {
                    "nodeAffinity": {
                        "preferredDuringSchedulingIgnoredDuringExecution": [
                            {"weight": 1, "preference": affinity("pool")},
                            None,
                        ]
                    }
                }
            },
            ["zone"],
        ),
    ],
)
def test_nodes_are_selected_by_no_label_that_the_author_chooses_nodes_by(said, added):
    given = {"pool": "gpu", "zone": "a"}

    assert in_head(said, nodeSelector=given) == {f"nodeSelector[{key}]": given[key] for key in added}


CPU = {"containers[0].resources.requests[cpu]": "2"}


@pytest.mark.parametrize(
    ("said", "added"),
    [
        ({}, CPU),
        ({"container": {"resources": None}}, CPU),
        ({"container": {"resources": {}}}, CPU),
        ({"container": {"resources": {"requests": {}, "limits": None}}}, CPU),
        ({"container": {"resources": {"claims": [{"name": "gpu"}]}}}, CPU),
        ({"container": {"resources": {"requests": {"memory": "1Gi"}}}}, {}),
        ({"container": {"resources": {"limits": {"memory": "1Gi"}}}}, {}),
        ({"resources": {"limits": {"cpu": "1"}}}, {}),
        ({"group": {"resources": {"CPU": "4"}}}, {}),
        ({"group": {"rayStartParams": {"memory": "1000"}}}, {}),
        ({"group": {"rayStartParams": {"object-store-memory": "1000"}}}, {}),
        ({"group": {"rayStartParams": {"resources": "{}"}}}, {}),
        ({"group": {"rayStartParams": {"num-cpus": "0", "num-gpus": "0"}}}, CPU),
        ({"job": {"entrypointNumCpus": 2}}, CPU),
        ({"job": {"entrypointNumCpus": 2.5}}, {}),
        ({"job": {"entrypointNumCpus": 2.5}, "group": {"rayStartParams": {"num-cpus": "4"}}}, CPU),
        ({"job": {"entrypointNumGpus": 1}}, CPU),
    ],
)
def test_a_container_is_given_a_size_only_if_nothing_says_or_needs_another(said, added):
    assert in_head(said, resources={"requests": {"cpu": 2}}) == added


def test_no_device_is_given_where_the_entrypoint_needs_gpus():
    given = {"limits": {"nvidia.com/gpu": 1}}

    assert in_head({}, resources=given) == {"containers[0].resources.limits[nvidia.com/gpu]": "1"}
    assert in_head({"job": {"entrypointNumGpus": 2}}, resources=given) == {}


QUEUED = {f"metadata.labels[{QUEUE_NAME}]": "team"}
OLD = merged({})


@pytest.mark.parametrize(
    ("spec", "old", "added"),
    [
        ({}, None, QUEUED),
        ({"shutdownAfterJobFinishes": True}, None, QUEUED),
        ({"shutdownAfterJobFinishes": False}, None, {}),
        ({"deletionStrategy": {"deletionRules": []}}, None, {}),
        ({"clusterSelector": {"ray.io/cluster": "shared"}}, None, {}),
        ({}, OLD, {}),
        ({"suspend": False}, OLD, {}),
        ({"suspend": True}, OLD, QUEUED),
    ],
)
def test_a_job_is_queued_only_where_kueue_would_take_it(spec, old, added):
    assert told(merged({"spec": spec}), {"labels": {QUEUE_NAME: "team"}}, old=old) == added


def test_a_job_whose_cluster_nobody_shuts_down_is_not_queued():
    assert fills(Job.of(merged({})), Additions.of({"labels": {QUEUE_NAME: "team"}})) == ()


@pytest.mark.parametrize("name", ["", "Team", "a_b"])
def test_what_is_no_name_of_a_queue_cannot_be_added_as_one(name):
    with pytest.raises(ValidationError, match="must be the name of a queue, which is a DNS subdomain"):
        Additions.of({"labels": {QUEUE_NAME: name}})


@pytest.mark.parametrize(
    ("patch", "added"),
    [
        (cluster(workerGroupSpecs=[worker_group()]), QUEUED),
        (cluster(workerGroupSpecs=[worker_group(groupName="Head")]), {}),
        (cluster(workerGroupSpecs=[worker_group(groupName="submitter")]), {}),
        (cluster(enableInTreeAutoscaling=True), {}),
        (cluster(enableInTreeAutoscaling=True) | {"metadata": {"annotations": {ELASTIC: "true"}}}, QUEUED),
    ],
)
def test_a_job_is_queued_only_where_kueue_can_count_it(patch, added):
    assert told(merged(patch), {"labels": {QUEUE_NAME: "team"}}) == added


@pytest.mark.parametrize(("spare", "added"), [(0, 1), (-1, 0)])
def test_annotations_are_added_only_while_there_is_room_for_them(spare, added):
    raw = merged({"metadata": {"annotations": {"a": "é" * ((ANNOTATIONS_BYTES - 4) // 2) + "x" * (1 - spare)}}})

    assert len(told(raw, {"annotations": {"b": "1"}})) == added


def test_a_fill_says_what_it_is_and_nothing_of_what_an_annotation_says():
    raw = merged(cluster(workerGroupSpecs=[worker_group()]))
    pods = EVERYTHING | {"nodeSelector": {"example.com/pool": "gpu"}}
    additions = {"labels": {"team": "ml"}, "annotations": {"example.com/key": "hunter2"}, "head": pods, "workers": pods}

    made = fills(Job.of(raw), Additions.of(additions))

    assert [(fill.default, fill.said) for fill in made] == [
        ("add-labels", "labels team=ml"),
        ("add-annotations", "annotations example.com/key"),
        ("add-head", "head.serviceAccountName=ray"),
        ("add-head", "head.nodeSelector.example.com/pool=gpu"),
        ("add-head", "head.tolerations"),
        ("add-head", "head.priorityClassName=high"),
        ("add-head", "head.imagePullSecrets"),
        ("add-head", "head.requests.cpu=1"),
        ("add-head", "head.limits.memory=4Gi"),
        ("add-workers", "workers[0].serviceAccountName=ray"),
        ("add-workers", "workers[0].nodeSelector.example.com/pool=gpu"),
        ("add-workers", "workers[0].tolerations"),
        ("add-workers", "workers[0].priorityClassName=high"),
        ("add-workers", "workers[0].imagePullSecrets"),
        ("add-workers", "workers[0].requests.cpu=1"),
        ("add-workers", "workers[0].limits.memory=4Gi"),
    ]


def test_what_is_added_becomes_a_patch_that_reaches_into_lists():
    raw = merged({})
    raw["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"][0]["resources"] = {"limits": {}}

    made = patch.operations(raw, fills(Job.of(raw), Additions.of({"head": EVERYTHING})))

    head = "/spec/rayClusterSpec/headGroupSpec/template/spec"
    assert made == [
        {"op": "add", "path": f"{head}/serviceAccountName", "value": "ray"},
        {"op": "add", "path": f"{head}/nodeSelector", "value": {"pool": "gpu"}},
        {"op": "add", "path": f"{head}/tolerations", "value": [{"key": "gpu", "operator": "Exists"}]},
        {"op": "add", "path": f"{head}/priorityClassName", "value": "high"},
        {"op": "add", "path": f"{head}/imagePullSecrets", "value": [{"name": "regcred"}]},
        {"op": "add", "path": f"{head}/containers/0/resources/requests", "value": {"cpu": "1"}},
        {"op": "add", "path": f"{head}/containers/0/resources/limits/memory", "value": "4Gi"},
    ]
    assert apply_rfc6902(raw, made) == apply_v4(raw, made) == patch.applied(raw, made)
