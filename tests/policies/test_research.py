"""What the policy for researchers denies, what it only tells, and to whom."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.policies.judging import Author, Told, policy, rayjob, set_by
from webhook.rules.example import merged

FIRST = rayjob("""
apiVersion: ray.io/v1
kind: RayJob
metadata:
  generateName: try-
  labels: {example.com/project: protein-folding}
spec:
  entrypoint: python fold.py
  activeDeadlineSeconds: 43200
  rayClusterSpec:
    headGroupSpec:
      template:
        spec:
          containers:
            - name: ray-head
              image: rayproject/ray:2.52.0
    workerGroupSpecs:
      - groupName: gpus
        maxReplicas: 2
        template:
          spec:
            containers:
              - name: ray-worker
                image: rayproject/ray:2.52.0
                resources:
                  limits: {cpu: 16, memory: 64Gi, nvidia.com/gpu: 1}
""")

SOMEBODY = Author("nlp", "ada", ("staff",))
LEAD = replace(SOMEBODY, groups=("staff", "research-leads"))
STUDENT = replace(SOMEBODY, groups=("students",))

FILLED = ("add-head", "add-labels", "dashboard-host", "shutdown", "ttl")
CONTAINER = FIRST["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"][0]


def spec(**fields: Any) -> dict[str, Any]:
    return {"spec": fields}


def head(container: dict[str, Any] | None = None, **of_pod: Any) -> dict[str, Any]:
    """A patch of the head's pod, and of its Ray container."""
    pod = {"containers": [merged(container or {}, CONTAINER)], **of_pod}
    return spec(rayClusterSpec={"headGroupSpec": {"template": {"spec": pod}}})


def workers(container: dict[str, Any] | None = None, **of_group: Any) -> dict[str, Any]:
    """A patch of the one worker group, and of its Ray container."""
    (group,) = FIRST["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    ray = merged(container or {}, group["template"]["spec"]["containers"][0])
    patch = merged({"template": {"spec": {"containers": [ray]}}}, of_group)
    return spec(rayClusterSpec={"workerGroupSpecs": [merged(patch, group)]})


def on_node(path: str, image: str = CONTAINER["image"], **mount: Any) -> dict[str, Any]:
    """A patch of the head's pod, which mounts a path of its node."""
    mounted = {"image": image, "volumeMounts": [{"name": "node", "mountPath": "/node", **mount}]}
    return head(mounted, volumes=[{"name": "node", "hostPath": {"path": path}}])


def labels(**given: Any) -> dict[str, Any]:
    return {"metadata": {"labels": given}}


def created(patch: dict[str, Any], by: Author = SOMEBODY, profile: str = "", **day: date) -> Told:
    return by.creates(merged(patch, FIRST), policy("research", profile), **day)


def test_a_first_job_runs_and_waits_in_line_like_all_others():
    assert created({}) == Told(filled=FILLED)
    assert [fill.said for fill in SOMEBODY.judged(FIRST, policy("research"))[0]] == [
        "dashboard-host=0.0.0.0",
        "shutdownAfterJobFinishes=true",
        "ttlSecondsAfterFinished=7200",
        "labels kueue.x-k8s.io/queue-name=research",
        "head.requests.cpu=2",
        "head.requests.memory=8Gi",
        "head.limits.memory=8Gi",
    ]


ELASTIC = {
    "metadata": {"annotations": {"kueue.x-k8s.io/elastic-job": "true"}},
    **spec(rayClusterSpec={"enableInTreeAutoscaling": True}),
}

PASSING: list[tuple[dict[str, Any], Told]] = [
    (spec(submissionMode="InteractiveMode", entrypoint=None, preRunningDeadlineSeconds=3600), Told()),
    (spec(runtimeEnvYAML="pip: [--index-url https://packages.example.com/simple, torch]"), Told()),
    (spec(runtimeEnvYAML="pip: [torch]"), Told(audited=("runtime-env-not-allowed",))),
    (spec(runtimeEnvYAML="working_dir: s3://example-research/ada/a.zip"), Told()),
    (spec(runtimeEnvYAML="working_dir: s3://example-research-2/a.zip"), Told(audited=("runtime-env-not-allowed",))),
    (head({"image": "rayproject/ray"}), Told(warned=("unpinned-image",))),
    (head({"image": "registry.example.com/mirror/pytorch:2.9"}), Told()),
    (labels(**{"example.com/project": None}), Told(warned=("missing-label",))),
    (spec(activeDeadlineSeconds=None), Told(warned=("deadline-missing-or-too-long",))),
    (spec(activeDeadlineSeconds=172801), Told(warned=("deadline-missing-or-too-long",))),
    (workers({"resources": {"limits": {"memory": None}}}), Told(warned=("resources-missing",))),
    (ELASTIC, Told()),
    (merged(workers(minReplicas=1), ELASTIC), Told(warned=("idle-workers",))),
    (workers(minReplicas=1), Told()),
    (labels(**{"kueue.x-k8s.io/queue-name": "research-gpu"}), Told()),
    (
        workers(
            {"volumeMounts": [{"name": "sets", "mountPath": "/sets", "readOnly": True}]},
            template={"spec": {"volumes": [{"name": "sets", "persistentVolumeClaim": {"claimName": "sets"}}]}},
        ),
        Told(),
    ),
    (spec(entrypoint="bash -c 'nvidia-smi && python fold.py'"), Told()),
    (on_node("/mnt/datasets/imagenet", readOnly=True), Told()),
]


@pytest.mark.parametrize(("patch", "told"), PASSING)
def test_what_harms_nobody_else_is_told_at_most(patch, told):
    assert created(patch).of_rules(policy("research")) == told


DENIED: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    # GPUs and all else that others wait for, by whatever name and number.
    (workers(maxReplicas=9), ("too-many-gpus",)),
    (workers(maxReplicas=3, numOfHosts=3), ("too-many-gpus",)),
    (workers(maxReplicas=None), ("too-many-cpus", "too-many-gpus", "too-many-workers", "too-much-memory")),
    (workers({"resources": {"limits": {"nvidia.com/gpu": "5e0"}}}), ("too-many-gpus",)),
    (workers({"resources": {"limits": {"nvidia.com/gpu": None, "NVIDIA.com/GPU": 9}}}), ("too-many-gpus",)),
    (head({"resources": {"limits": {"nvidia.com/mig-1g.10gb": 7, "memory": 1}}}), ("too-many-gpus",)),
    (head(resourceClaims=[{"name": "gpu", "resourceClaimName": "a100"}]), ("too-many-gpus",)),
    (workers({"resources": {"limits": {"cpu": "129"}}}), ("too-many-cpus",)),
    (workers({"resources": {"requests": {"memory": "1.1Ti"}}}), ("too-much-memory",)),
    (spec(shutdownAfterJobFinishes=False), ("queue-name-missing", "ttl-too-long")),  # Kueue does not take it either
    (spec(ttlSecondsAfterFinished=43201), ("ttl-too-long",)),
    (spec(backoffLimit=4), ("retries-too-many",)),
    (
        spec(rayClusterSpec=None, clusterSelector={"ray.io/cluster": "theirs"}),
        ("existing-cluster-not-allowed", "queue-name-missing"),
    ),
    (labels(**{"kueue.x-k8s.io/queue-name": ""}), ("queue-name-missing",)),
    (labels(**{"kueue.x-k8s.io/queue-name": "production"}), ("queue-name-missing",)),
    (labels(**{"kueue.x-k8s.io/priority-class": "urgent"}), ("priority-class-not-allowed",)),
    (head(priorityClassName="system-node-critical"), ("priority-class-not-allowed",)),
    (head(tolerations=[{"operator": "Exists"}]), ("toleration-not-allowed",)),
    (head(tolerations=[{"key": "nvidia.com/gpu"}]), ("toleration-not-allowed",)),
    (head(nodeName="gpu-1"), ("toleration-not-allowed",)),
    # What reaches beyond the job.
    (head({"securityContext": {"privileged": True}}), ("privileged-pod",)),
    (
        head(initContainers=[{**CONTAINER, "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}]),
        ("privileged-pod",),
    ),
    (head(hostPID=True), ("privileged-pod",)),
    (on_node("/", readOnly=True), ("host-path-not-allowed",)),
    (on_node("/mnt/datasets"), ("host-path-not-allowed",)),
    (on_node("/mnt/datasets/../", readOnly=True), ("host-path-not-allowed",)),
    (on_node("/mnt/datasets2", readOnly=True), ("host-path-not-allowed",)),
    (head(serviceAccountName="admin"), ("service-account-not-allowed",)),
    (head({"env": [{"name": "WANDB_API_KEY", "value": "hunter2"}]}), ("inline-secret",)),
    (spec(entrypoint="HF_TOKEN=hunter2 python fold.py"), ("inline-secret",)),
    (head({"image": "evil.example.net/rayproject/ray:2.52.0"}), ("image-not-allowed",)),
    (head({"image": "rayproject.evil.example.net/ray:2.52.0"}), ("image-not-allowed",)),
    (spec(runtimeEnvYAML="image_uri: evil.example.net/ray:1"), ("image-not-allowed",)),
]


@pytest.mark.parametrize(("patch", "rules"), DENIED)
def test_what_takes_from_others_is_denied_by_the_rule_for_it_and_by_no_other(patch, rules):
    assert created(patch).of_rules(policy("research")).denied == rules


def test_every_rule_that_it_sets_has_told_something():
    told = {rule for _, one in PASSING for rule in (*one.warned, *one.audited)}

    assert set_by(policy("research")) == told | {rule for _, rules in DENIED for rule in rules}


@pytest.mark.parametrize(
    ("author", "patch", "denied"),
    [
        (LEAD, workers(maxReplicas=64), ()),
        (LEAD, workers(maxReplicas=65), ("too-many-gpus",)),
        (LEAD, head(hostPID=True), ("privileged-pod",)),
        (replace(LEAD, groups=("students", "research-leads")), workers(maxReplicas=64), ()),
        (STUDENT, {}, ()),
        (STUDENT, workers(maxReplicas=3), ("too-many-gpus",)),
        (STUDENT, workers({"resources": {"limits": {"nvidia.com/gpu": 0}}}, maxReplicas=9), ("too-many-workers",)),
        (STUDENT, spec(activeDeadlineSeconds=43201), ("deadline-missing-or-too-long",)),
        (STUDENT, spec(activeDeadlineSeconds=None), ("deadline-missing-or-too-long",)),
        (replace(SOMEBODY, groups=("Research-leads", "research-leads-2")), workers(maxReplicas=9), ("too-many-gpus",)),
        (replace(SOMEBODY, username="research-leads"), workers(maxReplicas=9), ("too-many-gpus",)),
    ],
)
def test_how_much_one_may_have_hangs_on_ones_groups(author, patch, denied):
    assert created(patch, author).denied == denied


PERSONAL = labels(**{"example.com/data": "personal"})


@pytest.mark.parametrize(
    ("patch", "denied"),
    [
        (spec(runtimeEnvYAML="pip: [torch]"), ("runtime-env-not-allowed",)),
        (spec(runtimeEnvYAML="pip: [--index-url https://packages.example.com/simple, torch]"), ()),
        (head({"image": "rayproject/ray"}), ("unpinned-image",)),
        (workers(maxReplicas=9), ("too-many-gpus",)),
        ({}, ()),
    ],
)
def test_who_says_that_data_are_personal_is_held_to_it(patch, denied):
    assert created(merged(PERSONAL, patch)).denied == denied


def test_a_large_job_of_a_leads_is_not_stopped_by_who_has_less():
    stored = LEAD.stored(merged(workers(maxReplicas=64), FIRST), policy("research"))
    operator = Author("nlp", "system:serviceaccount:kuberay-operator:kuberay-operator")
    changed = merged({"spec": {"suspend": True}}, stored)

    _, verdict = operator.judged(changed, policy("research"), stored)

    assert ([*verdict.denials], [finding.rule for finding in verdict.standing]) == (
        [],
        ["too-many-cpus", "too-many-gpus", "too-many-workers", "too-much-memory"],
    )


SCRATCH = on_node("/scratch/run-7")
GENOMICS = replace(SOMEBODY, namespace="genomics")


@pytest.mark.parametrize(
    ("author", "day", "told"),
    [
        (GENOMICS, date(2026, 11, 24), Told(exempt=("host-path-not-allowed",), filled=FILLED)),
        (GENOMICS, date(2027, 6, 30), Told(exempt=("host-path-not-allowed",), filled=FILLED)),
        (GENOMICS, date(2027, 7, 1), Told(denied=("host-path-not-allowed",), filled=FILLED)),
        (SOMEBODY, date(2026, 11, 24), Told(denied=("host-path-not-allowed",), filled=FILLED)),
    ],
)
def test_the_sequencers_may_use_their_disks_until_a_day(author, day, told):
    assert created(SCRATCH, author, today=day) == told


IMAGE = "registry.example.com/reviewed/ray@sha256:" + "0123456789abcdef" * 4
REVIEWED = merged(head({"image": IMAGE}), workers({"image": IMAGE}))


@pytest.mark.parametrize(
    ("patch", "denied"),
    [
        (REVIEWED, ()),
        ({}, ("image-not-allowed", "unpinned-image")),
        (
            merged(REVIEWED, spec(runtimeEnvYAML="working_dir: s3://example-research/a.zip")),
            ("runtime-env-not-allowed",),
        ),
        (
            merged(REVIEWED, spec(runtimeEnvYAML="pip: [--index-url https://packages.example.com/simple, torch]")),
            ("runtime-env-not-allowed",),
        ),
        (
            merged(REVIEWED, spec(submissionMode="InteractiveMode", entrypoint=None)),
            ("submission-mode-not-allowed",),
        ),
        (merged(REVIEWED, spec(ttlSecondsAfterFinished=7200)), ("ttl-too-long",)),
        (merged(on_node("/mnt/datasets", IMAGE, readOnly=True), REVIEWED), ("host-path-not-allowed",)),
    ],
)
def test_where_data_are_personal_nothing_is_loaded_that_nobody_has_looked_at(patch, denied):
    assert created(patch, profile="strict").denied == denied


def test_where_data_are_personal_no_cluster_lies_about():
    fills, _ = SOMEBODY.judged(FIRST, policy("research", "strict"))

    assert fills[2].said == "ttlSecondsAfterFinished=600"
