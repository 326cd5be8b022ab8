"""Fault tolerance of the head's state (GCS) in Redis, which only gcsFaultToleranceOptions may set up."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import HEAD, HEAD_CONTAINER, Job
from webhook.rayjob.path import Key, Path, field
from webhook.rules.example import cluster, head
from webhook.rules.finding import Finding, forbidden
from webhook.rules.rule import Layer, fails, passes, rule

OPTIONS = "spec.rayClusterSpec.gcsFaultToleranceOptions"
HEAD_ENV = "spec.rayClusterSpec.headGroupSpec.template.spec.containers[].env"

ENABLED = "ray.io/ft-enabled"  # the two annotations that did what the options do
NAMESPACE = "ray.io/external-storage-namespace"


def _annotation(job: Job, name: str) -> str | None:
    return (job.metadata.get("annotations") or {}).get(name)


def _has_options(job: Job) -> bool:
    return job.cluster.get("gcsFaultToleranceOptions") is not None


def _in_head_env(job: Job, name: str, must: str) -> Iterator[Finding]:
    """A finding if the head's Ray container has a variable of that name; its value is nobody's business."""
    if (index := job.head_env.get(name)) is not None:
        yield forbidden(HEAD_CONTAINER / "env" / index, None, f"{name} {must}")


def _in_head_params(job: Job, name: str, must: str) -> Iterator[Finding]:
    """A finding if the head's rayStartParams have a text of that name, which is not told because it is a credential."""
    if (job.head.get("rayStartParams") or {}).get(name):
        yield forbidden(HEAD / "rayStartParams" / Key(name), None, must)


def _at_annotation(name: str) -> Path:
    return field("metadata.annotations") / Key(name)


@rule(
    "GCS fault tolerance is turned on or off twice",
    layer=Layer.KUBERAY,
    source=("R56",),
    reads=("metadata.annotations", OPTIONS),
    examples=(
        passes(
            {"metadata": {"annotations": {"ray.io/ft-enabled": ""}}}
            | cluster(gcsFaultToleranceOptions={"redisAddress": "redis:6379"})
        ),
        passes({"metadata": {"annotations": {"ray.io/ft-enabled": "true"}}}),
        fails(
            {"metadata": {"annotations": {"ray.io/ft-enabled": "false"}}} | cluster(gcsFaultToleranceOptions={}),
            "metadata.annotations[ray.io/ft-enabled]",
        ),
    ),
)
def fault_tolerance_set_twice(job: Job) -> Iterator[Finding]:
    """The annotation `ray.io/ft-enabled` says something, be it "false", beside `gcsFaultToleranceOptions`.

    Why: the options alone turn fault tolerance on; KubeRay's operator refuses a job that says it twice.

    Instead: leave the annotation out.
    """
    if _has_options(job) and (enabled := _annotation(job, ENABLED)):
        yield forbidden(_at_annotation(ENABLED), enabled, "must not be set beside gcsFaultToleranceOptions")


@rule(
    "The head is given a Redis, but fault tolerance is not on",
    layer=Layer.KUBERAY,
    source=("R57",),
    reads=(HEAD_ENV,),
    examples=(
        passes(
            {"metadata": {"annotations": {"ray.io/ft-enabled": "True"}}}
            | cluster(headGroupSpec=head(env=[{"name": "RAY_REDIS_ADDRESS", "value": "redis:6379"}]))
        ),
        fails(
            cluster(headGroupSpec=head(env=[{"name": "RAY_REDIS_ADDRESS"}])),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[0]",
        ),
        fails(
            {"metadata": {"annotations": {"ray.io/ft-enabled": "yes"}}}
            | cluster(headGroupSpec=head(env=[{"name": "TEAM"}, {"name": "RAY_REDIS_ADDRESS", "value": "redis:6379"}])),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[1]",
        ),
    ),
)
def redis_address_without_fault_tolerance(job: Job) -> Iterator[Finding]:
    """The head has the variable `RAY_REDIS_ADDRESS`, with neither `gcsFaultToleranceOptions` nor the annotation for it.

    Why: the variable turns fault tolerance on behind KubeRay's back, so its operator refuses the job.

    Instead: set `gcsFaultToleranceOptions.redisAddress`.
    """
    # Go folds more letters than ASCII's, but none of them to a letter of "true".
    if not _has_options(job) and (_annotation(job, ENABLED) or "").lower() != "true":
        yield from _in_head_env(
            job, "RAY_REDIS_ADDRESS", "must not be set; set gcsFaultToleranceOptions.redisAddress instead"
        )


@rule(
    "A password for Redis stands outside of the options for it",
    layer=Layer.KUBERAY,
    source=("R58", "R59"),
    reads=(OPTIONS,),
    examples=(
        passes(cluster(gcsFaultToleranceOptions={}, headGroupSpec={"rayStartParams": {"redis-password": ""}})),
        passes(cluster(headGroupSpec={"rayStartParams": {"redis-password": "$REDIS_PASSWORD"}})),
        fails(
            cluster(gcsFaultToleranceOptions={}, headGroupSpec={"rayStartParams": {"redis-password": "secret"}}),
            "spec.rayClusterSpec.headGroupSpec.rayStartParams[redis-password]",
            number="R58",
        ),
        fails(
            cluster(
                gcsFaultToleranceOptions={},
                headGroupSpec=head(
                    env=[
                        {
                            "name": "REDIS_PASSWORD",
                            "valueFrom": {"secretKeyRef": {"name": "redis", "key": "password"}},
                        }
                    ]
                ),
            ),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[0]",
            number="R59",
        ),
    ),
)
def redis_password_outside_options(job: Job) -> Iterator[Finding]:
    """Beside `gcsFaultToleranceOptions` the head has `redis-password` in `rayStartParams` or `REDIS_PASSWORD` in `env`.

    Why: with the options there, KubeRay sets both itself; its operator refuses the job.

    Instead: set `gcsFaultToleranceOptions.redisPassword`, with `valueFrom` for a Secret.
    """
    if _has_options(job):
        must = "must not be set; set gcsFaultToleranceOptions.redisPassword instead"
        yield from _in_head_params(job, "redis-password", must)
        yield from _in_head_env(job, "REDIS_PASSWORD", must)


@rule(
    "The address of Redis stands outside of the options for it",
    layer=Layer.KUBERAY,
    source=("R60",),
    reads=(OPTIONS, HEAD_ENV),
    examples=(
        passes(
            cluster(
                gcsFaultToleranceOptions={"redisAddress": "redis:6379"},
                headGroupSpec=head(env=[{"name": "TEAM", "value": "a"}]),
            )
        ),
        passes(
            {"metadata": {"annotations": {"ray.io/ft-enabled": "true"}}}
            | cluster(headGroupSpec=head(env=[{"name": "RAY_REDIS_ADDRESS", "value": "redis:6379"}]))
        ),
        fails(
            cluster(gcsFaultToleranceOptions={}, headGroupSpec=head(env=[{"name": "RAY_REDIS_ADDRESS", "value": ""}])),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[0]",
        ),
    ),
)
def redis_address_outside_options(job: Job) -> Iterator[Finding]:
    """Beside `gcsFaultToleranceOptions` the head has the variable `RAY_REDIS_ADDRESS`, whatever it says.

    Why: with the options there, KubeRay sets the variable itself; its operator refuses the job.

    Instead: set `gcsFaultToleranceOptions.redisAddress`.
    """
    if _has_options(job):
        yield from _in_head_env(
            job, "RAY_REDIS_ADDRESS", "must not be set; set gcsFaultToleranceOptions.redisAddress instead"
        )


@rule(
    "The namespace in Redis stands outside of the options for it",
    layer=Layer.KUBERAY,
    source=("R61",),
    reads=("metadata.annotations", OPTIONS),
    examples=(
        passes(
            {"metadata": {"annotations": {"ray.io/external-storage-namespace": ""}}}
            | cluster(gcsFaultToleranceOptions={"externalStorageNamespace": "train"})
        ),
        passes({"metadata": {"annotations": {"ray.io/external-storage-namespace": "train"}}}),
        fails(
            {"metadata": {"annotations": {"ray.io/external-storage-namespace": "train"}}}
            | cluster(gcsFaultToleranceOptions={}),
            "metadata.annotations[ray.io/external-storage-namespace]",
        ),
    ),
)
def storage_namespace_outside_options(job: Job) -> Iterator[Finding]:
    """The annotation `ray.io/external-storage-namespace` stands beside `gcsFaultToleranceOptions`.

    Why: the options have a field for it; KubeRay's operator refuses a job that has the annotation as well.

    Instead: set `gcsFaultToleranceOptions.externalStorageNamespace`.
    """
    if _has_options(job) and (namespace := _annotation(job, NAMESPACE)):
        must = "must not be set; set gcsFaultToleranceOptions.externalStorageNamespace instead"
        yield forbidden(_at_annotation(NAMESPACE), namespace, must)


@rule(
    "A user name for Redis stands outside of the options for it",
    layer=Layer.KUBERAY,
    source=("R72",),
    reads=(f"spec.rayClusterSpec.headGroupSpec.rayStartParams.redis-username|{HEAD_ENV}",),
    examples=(
        passes(cluster(gcsFaultToleranceOptions={"redisUsername": {"value": "ray"}})),
        passes(cluster(headGroupSpec={"rayStartParams": {"redis-username": ""}})),
        fails(
            cluster(headGroupSpec={"rayStartParams": {"redis-username": "ray"}}),
            "spec.rayClusterSpec.headGroupSpec.rayStartParams[redis-username]",
        ),
        fails(
            cluster(headGroupSpec=head(env=[{"name": "REDIS_USERNAME"}])),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[0]",
        ),
    ),
)
def redis_username_outside_options(job: Job) -> Iterator[Finding]:
    """The head has `redis-username` in `rayStartParams` or `REDIS_USERNAME` in `env`, with or without the options.

    Why: KubeRay sets both itself, from `gcsFaultToleranceOptions`; its operator refuses the job.

    Instead: set `gcsFaultToleranceOptions.redisUsername`.
    """
    must = "must not be set; set gcsFaultToleranceOptions.redisUsername instead"
    yield from _in_head_params(job, "redis-username", must)
    yield from _in_head_env(job, "REDIS_USERNAME", must)
