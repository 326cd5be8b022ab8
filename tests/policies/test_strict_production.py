"""What the strict policy for production denies and lets pass, and who may do more."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.policies.judging import Author, Told, policy, rayjob, set_by
from webhook.rules.example import merged

DIGEST = "@sha256:" + "0123456789abcdef" * 4
IMAGE = f"registry.example.com/ml/ray{DIGEST}"

GOOD = rayjob(f"""
apiVersion: ray.io/v1
kind: RayJob
metadata:
  name: ranking
  labels: {{example.com/team: vision, example.com/cost-center: cc-0420, kueue.x-k8s.io/queue-name: prod-vision}}
  annotations: {{example.com/contact: vision-oncall@example.com}}
spec:
  submissionMode: HTTPMode
  entrypoint: python -m ranking.train --epochs 3
  activeDeadlineSeconds: 86400
  rayClusterSpec:
    headGroupSpec:
      rayStartParams: {{num-cpus: "0"}}
      template:
        metadata:
          labels: {{example.com/team: vision, example.com/cost-center: cc-0420}}
        spec:
          containers:
            - name: ray-head
              image: {IMAGE}
              securityContext: &restricted
                allowPrivilegeEscalation: false
                runAsNonRoot: true
                capabilities: {{drop: [ALL]}}
                seccompProfile: {{type: RuntimeDefault}}
    workerGroupSpecs:
      - groupName: gpus
        minReplicas: 8
        replicas: 8
        maxReplicas: 8
        template:
          metadata:
            labels: {{example.com/team: vision, example.com/cost-center: cc-0420}}
          spec:
            nodeSelector: {{example.com/pool: gpu}}
            containers:
              - name: ray-worker
                image: {IMAGE}
                resources:
                  requests: {{cpu: 16, memory: 128Gi}}
                  limits: {{memory: 128Gi, nvidia.com/gpu: 8}}
                securityContext: *restricted
""")

CLUSTER = GOOD["spec"]["rayClusterSpec"]
RESTRICTED = CLUSTER["headGroupSpec"]["template"]["spec"]["containers"][0]["securityContext"]
SIZED = {"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
LABELS = CLUSTER["headGroupSpec"]["template"]["metadata"]
POD = {"name": "more", "image": IMAGE, "resources": SIZED, "securityContext": RESTRICTED}

TEAM = Author("prod-vision", "system:serviceaccount:argocd:argocd-application-controller")
ONCALL = replace(TEAM, username="ada", groups=("staff", "ml-oncall"))

FILLED = ("add-head", "add-workers", "dashboard-host", "shutdown", "ttl")


def spec(**fields: Any) -> dict[str, Any]:
    return {"spec": fields}


def head(container: dict[str, Any] | None = None, **of_pod: Any) -> dict[str, Any]:
    """A patch of the head's pod, and of its Ray container."""
    ray = merged(container or {}, CLUSTER["headGroupSpec"]["template"]["spec"]["containers"][0])
    return spec(rayClusterSpec={"headGroupSpec": {"template": {"spec": {"containers": [ray], **of_pod}}}})


def workers(container: dict[str, Any] | None = None, of_group: dict[str, Any] | None = None, **of_pod: Any) -> Any:
    """A patch of the one worker group, of its Ray container and of its pod."""
    (group,) = CLUSTER["workerGroupSpecs"]
    ray = merged(container or {}, group["template"]["spec"]["containers"][0])
    patch = {**(of_group or {}), "template": {"spec": {"containers": [ray], **of_pod}}}
    return spec(rayClusterSpec={"workerGroupSpecs": [merged(patch, group)]})


def submitter(container: dict[str, Any] | None = None, **of_pod: Any) -> dict[str, Any]:
    """A patch to K8sJobMode with a template as good as the rest of it, and changes to that."""
    pod = {"restartPolicy": "Never", "containers": [merged(container or {}, POD)], **of_pod}
    return spec(submissionMode="K8sJobMode", submitterPodTemplate={"metadata": LABELS, "spec": pod})


def labels(**given: Any) -> dict[str, Any]:
    return {"metadata": {"labels": given}}


def created(patch: dict[str, Any], by: Author = TEAM, profile: str = "", **day: date) -> Told:
    return by.creates(merged(patch, GOOD), policy("strict-production", profile), **day)


def test_a_job_that_keeps_to_it_passes_and_is_completed_with_what_is_alike_in_all():
    assert created({}) == Told(filled=FILLED)
    assert [fill.said for fill in TEAM.judged(GOOD, policy("strict-production"))[0]] == [
        "dashboard-host=0.0.0.0",
        "shutdownAfterJobFinishes=true",
        "ttlSecondsAfterFinished=600",
        "head.serviceAccountName=ray-job",
        "head.nodeSelector.example.com/pool=cpu",
        "head.priorityClassName=production-batch",
        "head.imagePullSecrets",
        "head.requests.cpu=4",
        "head.requests.memory=16Gi",
        "head.limits.memory=16Gi",
        "workers[0].serviceAccountName=ray-job",
        "workers[0].priorityClassName=production-batch",
        "workers[0].imagePullSecrets",
    ]


@pytest.mark.parametrize(
    "patch",
    [
        submitter(),
        spec(entrypoint="python3 -u /app/train.py --lr 1e-4 --name 'a b'"),
        spec(runtimeEnvYAML="working_dir: /app\nenv_vars: {LOG_LEVEL: info}"),
        spec(backoffLimit=2, ttlSecondsAfterFinished=0, shutdownAfterJobFinishes=True),
        head(serviceAccountName="ray-job-vision", priorityClassName="production-batch"),
        labels(**{"kueue.x-k8s.io/priority-class": "production"}),
        workers(tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]),
        workers({"env": [{"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "hf", "key": "token"}}}]}),
        head(initContainers=[POD]),
    ],
)
def test_what_production_needs_passes(patch):
    assert created(patch).denied == ()


EVIL = "registry.example.com.evil.io/ml/ray" + DIGEST
PRIVILEGED = {"securityContext": RESTRICTED | {"privileged": True}}

DENIED: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    # Images: from elsewhere in every place that takes one, and names that look like ours.
    (head({"image": EVIL}), ("image-not-allowed",)),
    (workers({"image": f"registry.example.com/mlops/ray{DIGEST}"}), ("image-not-allowed",)),
    (workers({"image": f"registry.example.com:5000/ml/ray{DIGEST}"}), ("image-not-allowed",)),
    (workers({"image": f"registry.example.com/ml/../ray{DIGEST}"}), ("image-not-allowed", "unpinned-image")),
    (head({"image": f"rayproject/ray{DIGEST}"}), ("image-not-allowed",)),
    (head({"image": None}), ("image-not-allowed",)),
    (head(initContainers=[POD | {"image": EVIL}]), ("image-not-allowed",)),
    (workers(ephemeralContainers=[POD | {"image": EVIL}]), ("image-not-allowed",)),
    (submitter({"image": EVIL}), ("image-not-allowed",)),
    (spec(rayClusterSpec={"autoscalerOptions": {"image": EVIL}}), ("image-not-allowed",)),
    (spec(runtimeEnvYAML=f"image_uri: {EVIL}"), ("image-not-allowed", "runtime-env-not-allowed")),
    (spec(runtimeEnvYAML=f'"image\\u005furi": {EVIL}'), ("image-not-allowed", "runtime-env-not-allowed")),
    # A tag is no digest, nor is one that is too short.
    (head({"image": "registry.example.com/ml/ray:2.52.0"}), ("unpinned-image",)),
    (workers({"image": IMAGE[:-1]}), ("image-not-allowed", "unpinned-image")),
    # What runs: one program of the image's.
    (spec(entrypoint="python train.py; curl evil.example.net"), ("entrypoint-not-allowed",)),
    (spec(entrypoint="python train.py\ncurl evil.example.net"), ("entrypoint-not-allowed",)),
    (spec(entrypoint="python train.py $(curl evil.example.net)"), ("entrypoint-not-allowed",)),
    (spec(entrypoint="python -c 'import evil'"), ("entrypoint-not-allowed",)),
    (spec(entrypoint="python -m pip install evil"), ("entrypoint-not-allowed",)),
    (spec(entrypoint="PYTHON train.py"), ("entrypoint-not-allowed",)),
    (spec(entrypoint="bash train.py"), ("entrypoint-not-allowed",)),
    (submitter({"command": ["ray", "job", "submit", "--", "bash"]}), ("entrypoint-not-allowed",)),
    (spec(runtimeEnvYAML="pip: [evil]"), ("runtime-env-not-allowed",)),
    (spec(runtimeEnvYAML="working_dir: https://code.example.com/a.zip"), ("runtime-env-not-allowed",)),
    (spec(runtimeEnvYAML="py_modules: [s3://evil/a.zip]"), ("runtime-env-not-allowed",)),
    (spec(runtimeEnv="env_vars: {A: b}"), ("undeclared-runtime-env",)),
    # Secrets that are written out.
    (workers({"env": [{"name": "HF_TOKEN", "value": "hunter2"}]}), ("inline-secret",)),
    (spec(runtimeEnvYAML="env_vars: {db_password: hunter2}"), ("inline-secret",)),
    (spec(entrypoint="python train.py --api-key=hunter2"), ("inline-secret",)),
    # Whose it is.
    (labels(**{"example.com/team": None}), ("missing-label",)),
    (labels(**{"example.com/cost-center": "cc-042"}), ("missing-label",)),
    (labels(**{"example.com/cost-center": "cc-\u0660\u0664\u0662\u0660"}), ("missing-label",)),
    (spec(rayClusterSpec={"headGroupSpec": {"template": {"metadata": None}}}), ("missing-label",)),
    (workers(of_group={"labels": {"example.com/team": ""}}), ("missing-label",)),
    (spec(submissionMode="K8sJobMode", submitterPodTemplate={"spec": {"containers": [POD]}}), ("missing-label",)),
    ({"metadata": {"annotations": {"example.com/contact": "me@example.com.evil.io"}}}, ("missing-annotation",)),
    # What it costs: sums, whatever they are made of.
    (workers(of_group={"maxReplicas": 9}), ("too-many-gpus",)),
    (workers(of_group={"numOfHosts": 2}), ("too-many-gpus",)),
    (workers({"resources": {"limits": {"nvidia.com/gpu": None, "nvidia.com/mig-1g.5gb": "1e1"}}}), ("too-many-gpus",)),
    (
        workers(initContainers=[POD | {"resources": SIZED | {"limits": {"memory": 1, "amd.com/gpu": 9}}}]),
        ("too-many-gpus",),
    ),
    (workers(resourceClaims=[{"name": "gpu", "resourceClaimName": "a100"}]), ("too-many-gpus",)),
    (workers({"resources": {"requests": {"cpu": "0.129k"}}}), ("too-many-cpus",)),
    (workers({"resources": {"limits": {"memory": "1.1T"}}}), ("too-much-memory",)),
    (
        workers(of_group={"maxReplicas": None}),
        ("too-many-cpus", "too-many-gpus", "too-many-workers", "too-much-memory"),
    ),
    (workers({"resources": {"requests": {"memory": None}, "limits": {"memory": None}}}), ("resources-missing",)),
    (head(initContainers=[POD | {"resources": {}}]), ("resources-missing",)),
    (
        spec(rayClusterSpec={"enableInTreeAutoscaling": True}),
        ("autoscaling-not-allowed", "privileged-pod"),  # nothing restricts the container that KubeRay adds
    ),
    (spec(rayClusterSpec={"headGroupSpec": {"rayStartParams": None}}), ("head-with-tasks",)),
    (spec(rayClusterSpec={"headGroupSpec": {"rayStartParams": {"num-cpus": "1"}}}), ("head-with-tasks",)),
    (spec(rayClusterSpec={"headGroupSpec": {"rayStartParams": {"num-cpus": "00"}}}), ("head-with-tasks",)),
    # How long it lasts.
    (spec(shutdownAfterJobFinishes=False), ("ttl-too-long",)),
    (spec(shutdownAfterJobFinishes=True, ttlSecondsAfterFinished=3601), ("ttl-too-long",)),
    (
        spec(deletionStrategy={"onSuccess": {"policy": "DeleteSelf"}, "onFailure": {"policy": "DeleteNone"}}),
        ("ttl-too-long",),
    ),
    (spec(activeDeadlineSeconds=None), ("deadline-missing-or-too-long",)),
    (spec(activeDeadlineSeconds=259201), ("deadline-missing-or-too-long",)),
    (spec(backoffLimit=3), ("retries-too-many",)),
    (merged(submitter(), spec(submitterConfig={"backoffLimit": 9})), ("retries-too-many",)),
    # How it is run.
    (spec(submissionMode="SidecarMode"), ("privileged-pod", "submission-mode-not-allowed")),
    (
        spec(submissionMode="InteractiveMode", entrypoint=None),
        ("deadline-missing-or-too-long", "entrypoint-not-allowed", "submission-mode-not-allowed"),
    ),
    (spec(submissionMode=None), ("privileged-pod",)),  # KubeRay's own submitter is restricted by nothing
    (
        spec(rayClusterSpec=None, clusterSelector={"ray.io/cluster": "theirs"}),
        ("existing-cluster-not-allowed",),
    ),
    (labels(**{"kueue.x-k8s.io/queue-name": None}), ("queue-name-missing",)),
    (labels(**{"kueue.x-k8s.io/queue-name": "Prod-vision"}), ("queue-name-missing",)),
    (
        {
            "metadata": {
                "labels": {"kueue.x-k8s.io/queue-name": None},
                "annotations": {"kueue.x-k8s.io/queue-name": "prod-vision"},
            }
        },
        ("queue-name-missing",),
    ),
    (labels(**{"kueue.x-k8s.io/priority-class": "production-batch"}), ("priority-class-not-allowed",)),
    (labels(**{"ray.io/priority-class-name": "urgent"}), ("priority-class-not-allowed",)),
    (head(priorityClassName="system-cluster-critical"), ("priority-class-not-allowed",)),
    # What its pods may do, in every container of every pod.
    (head(PRIVILEGED), ("privileged-pod",)),
    (workers(PRIVILEGED), ("privileged-pod",)),
    (submitter(PRIVILEGED), ("privileged-pod",)),
    (workers(initContainers=[POD | PRIVILEGED]), ("privileged-pod",)),
    (head(ephemeralContainers=[POD | PRIVILEGED]), ("privileged-pod",)),
    (head({"securityContext": {"runAsUser": 0}}), ("privileged-pod",)),
    (head(hostNetwork=True), ("privileged-pod",)),
    (workers(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), ("host-path-not-allowed", "privileged-pod")),
    (head(serviceAccountName="default"), ("service-account-not-allowed",)),
    (workers(serviceAccount="admin"), ("service-account-not-allowed",)),
    (head(serviceAccountName="ray-job-"), ("service-account-not-allowed",)),
    # Where they run.
    (workers(nodeSelector=None), ("node-selector-required",)),
    (head(nodeSelector={"example.com/pool": "system"}), ("node-selector-required",)),
    (workers(nodeName="gpu-1"), ("toleration-not-allowed",)),
    (workers(tolerations=[{"operator": "Exists"}]), ("toleration-not-allowed",)),
    (head(tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists"}]), ("toleration-not-allowed",)),
]


@pytest.mark.parametrize(("patch", "rules"), DENIED)
def test_what_is_not_allowed_is_denied_by_the_rule_for_it_and_by_no_other(patch, rules):
    assert created(patch).of_rules(policy("strict-production")) == Told(denied=rules)


def test_every_rule_that_it_sets_has_denied_something():
    denied = {rule for _, rules in DENIED for rule in rules}

    assert set_by(policy("strict-production")) == denied | {"not-by-pipeline"}


@pytest.mark.parametrize(
    ("by", "denied"),
    [
        (TEAM, ()),
        (ONCALL, ()),
        (replace(TEAM, username="ada", groups=("staff", "vision")), ("not-by-pipeline",)),
        (replace(TEAM, username=""), ("not-by-pipeline",)),
        (replace(TEAM, username="argocd-application-controller"), ("not-by-pipeline",)),
        (
            replace(TEAM, username="system:serviceaccount:prod-vision:argocd-application-controller"),
            ("not-by-pipeline",),
        ),
        (replace(TEAM, username="ada", groups=("ML-oncall", "ml-oncall-2")), ("not-by-pipeline",)),
    ],
)
def test_jobs_come_by_the_pipeline_or_from_somebody_on_call(by, denied):
    assert created({}, by).denied == denied
    assert created(STAGED, by, profile="staging").denied == ()


LARGE = workers(of_group={"maxReplicas": 64, "replicas": 64, "minReplicas": 64})
LONG = spec(activeDeadlineSeconds=1814400, backoffLimit=8)


def test_who_trains_foundation_models_may_do_so_for_weeks_in_the_namespace_for_it():
    foundation = merged(LONG, LARGE)

    assert created(foundation, replace(TEAM, namespace="prod-foundation")).denied == ()
    assert created(foundation, replace(TEAM, namespace="prod-foundation-2")).denied == (
        *("deadline-missing-or-too-long", "retries-too-many"),
        *("too-many-cpus", "too-many-gpus", "too-much-memory"),
    )
    assert created(workers(PRIVILEGED), replace(TEAM, namespace="prod-foundation")).denied == ("privileged-pod",)


HOTFIX = merged(
    {"metadata": {"annotations": {"example.com/contact": "ada"}}},
    head({"image": "registry.example.com/ml/ray:hotfix"}, priorityClassName="production-urgent"),
)


def test_those_on_call_may_apply_what_must_run_now_and_it_is_told():
    assert created(HOTFIX, ONCALL) == Told(warned=("missing-annotation", "unpinned-image"), filled=FILLED)
    assert created(HOTFIX).denied == ("missing-annotation", "priority-class-not-allowed", "unpinned-image")
    assert created(head({"image": EVIL}), ONCALL).denied == ("image-not-allowed",)
    assert created(merged(HOTFIX, workers(PRIVILEGED)), ONCALL).denied == ("privileged-pod",)


@pytest.mark.parametrize(
    "claim",
    [
        labels(groups="ml-oncall"),
        {"metadata": {"annotations": {"groups": "ml-oncall"}}},
        {"metadata": {"namespace": "prod-foundation"}},
    ],
)
def test_nobody_becomes_another_by_what_stands_in_the_object(claim):
    told = created(merged(claim, merged(HOTFIX, LONG)))

    assert told.denied == created(merged(HOTFIX, LONG)).denied


TAGGED = head({"image": "registry.example.com/ml/indexer:4.2.0"})
SEARCH = replace(TEAM, namespace="prod-search")


@pytest.mark.parametrize(
    ("author", "day", "told"),
    [
        (SEARCH, date(2026, 11, 24), Told(exempt=("unpinned-image",), filled=FILLED)),
        (SEARCH, date(2027, 3, 31), Told(exempt=("unpinned-image",), filled=FILLED)),
        (SEARCH, date(2027, 4, 1), Told(denied=("unpinned-image",), filled=FILLED)),
        (replace(TEAM, namespace="prod-search-2"), date(2026, 11, 24), Told(denied=("unpinned-image",), filled=FILLED)),
        (TEAM, date(2026, 11, 24), Told(denied=("unpinned-image",), filled=FILLED)),
    ],
)
def test_the_vendors_images_are_exempt_in_one_namespace_until_a_day(author, day, told):
    assert created(TAGGED, author, today=day) == told


def test_what_is_exempt_is_told_with_its_reason_and_its_end():
    _, verdict = SEARCH.judged(merged(TAGGED, GOOD), policy("strict-production"))
    (exempt,) = verdict.exempt

    assert exempt.message.startswith("exempt until 2027-03-31, would deny: spec.rayClusterSpec.headGroupSpec.template")
    assert exempt.exemption.why == (
        "the vendor of the indexer publishes signed tags, and digests from release 5 on (ML-1234)"
    )


def test_an_exemption_is_from_its_rule_alone():
    assert created(head({"image": "registry.example.com.evil.io/ml/ray:1"}), SEARCH) == Told(
        denied=("image-not-allowed",), exempt=("unpinned-image",), filled=FILLED
    )


STAGED = merged(
    labels(**{"kueue.x-k8s.io/queue-name": "staging"}),
    merged(
        spec(activeDeadlineSeconds=3600),
        workers(
            {"image": "registry.example.com/candidates/ray:build-812"},
            {"maxReplicas": 1, "replicas": 1, "minReplicas": 1},
        ),
    ),
)


@pytest.mark.parametrize(
    ("patch", "rules"),
    [
        (STAGED, ()),
        (
            merged(workers({"image": "registry.example.com/candidates/ray:latest"}), STAGED),
            ("too-many-gpus", "unpinned-image"),
        ),
        (merged(head({"image": "registry.example.com/candidate/ray:1"}), STAGED), ("image-not-allowed",)),
        (merged(labels(**{"kueue.x-k8s.io/queue-name": "prod-vision"}), STAGED), ("queue-name-missing",)),
        (merged(spec(entrypoint="bash"), STAGED), ("entrypoint-not-allowed",)),
        (merged(head(PRIVILEGED), STAGED), ("privileged-pod",)),
        ({}, ("deadline-missing-or-too-long", "queue-name-missing", "too-many-gpus")),
    ],
)
def test_in_staging_the_same_rules_hold_for_smaller_jobs_of_candidates(patch, rules):
    assert created(patch, profile="staging").denied == rules


def test_a_job_of_staging_is_none_of_production():
    assert created(STAGED).denied == ("image-not-allowed", "queue-name-missing", "unpinned-image")


KUEUE = Author("prod-vision", "system:serviceaccount:kueue-system:kueue-controller-manager")
ADMITTED = merged(
    spec(suspend=False),
    workers(
        nodeSelector={"example.com/pool": "gpu", "cloud.example.com/gpu": "h100"},
        tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    ),
)


OPERATOR = Author("prod-vision", "system:serviceaccount:kuberay-operator:kuberay-operator")
LET_GO = {"metadata": {"finalizers": None}}


@pytest.mark.parametrize(
    ("by", "stored", "patch", "denied", "standing"),
    [
        (KUEUE, {}, ADMITTED, (), ()),
        (KUEUE, HOTFIX, ADMITTED, (), ("missing-annotation", "priority-class-not-allowed", "unpinned-image")),
        (OPERATOR, HOTFIX, LET_GO, (), ("missing-annotation", "priority-class-not-allowed", "unpinned-image")),
        (TEAM, {}, merged(ADMITTED, head(hostPID=True)), ("privileged-pod",), ()),
        (TEAM, {}, spec(entrypoint="bash"), ("entrypoint-not-allowed",), ()),
        (OPERATOR, {}, spec(entrypoint="bash"), ("entrypoint-not-allowed",), ()),
    ],
)
def test_what_is_stored_can_be_admitted_and_let_go_and_an_update_is_denied_for_what_it_brings(
    by, stored, patch, denied, standing
):
    waiting = spec(suspend=True, shutdownAfterJobFinishes=True)
    old = ONCALL.stored(merged(merged(stored, waiting), GOOD), policy("strict-production"))
    _, verdict = by.judged(merged(patch, old), policy("strict-production"), old)

    assert sorted({finding.rule for finding in verdict.denials}) == [*denied]
    assert sorted({finding.rule for finding in verdict.standing}) == [*standing]
