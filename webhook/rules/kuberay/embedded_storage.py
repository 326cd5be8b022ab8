"""Fault tolerance of the head's state (GCS) on a volume of its own: the backend rocksdb."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import CLUSTER, Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.model import GcsFaultToleranceOptions
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, forbidden
from webhook.rules.rule import Layer, fails, passes, rule

OPTIONS = CLUSTER / "gcsFaultToleranceOptions"
BACKEND = "spec.rayClusterSpec.gcsFaultToleranceOptions.backend"

# While the gate is off, the backend is refused as such, and nothing else about it is worth saying.
GATE = (Gate.EMBEDDED_STORAGE, True)


def _options(job: Job) -> GcsFaultToleranceOptions:
    return job.cluster.get("gcsFaultToleranceOptions") or {}


@rule(
    "The backend rocksdb is used, but its gate is off",
    layer=Layer.KUBERAY,
    source=("R62",),
    since=Release.V1_7,
    gate=(Gate.EMBEDDED_STORAGE, False),
    reads=(BACKEND,),
    examples=(
        passes(cluster(gcsFaultToleranceOptions={"backend": "redis", "redisAddress": "redis:6379"})),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb"}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.backend",
        ),
    ),
)
def embedded_storage_without_gate(job: Job) -> Iterator[Finding]:
    """The backend is `rocksdb` while the operator's gate GCSFaultToleranceEmbeddedStorage is off.

    Why: KubeRay's operator refuses the job after it is stored.

    Instead: use Redis, or ask whoever runs KubeRay to start it with
    `--feature-gates=GCSFaultToleranceEmbeddedStorage=true`.
    """
    if job.uses_embedded_storage:
        must = "must not be rocksdb: the operator's gate GCSFaultToleranceEmbeddedStorage is off"
        yield forbidden(OPTIONS / "backend", "rocksdb", must)


@rule(
    "Redis is set up for a backend that needs none",
    layer=Layer.KUBERAY,
    source=("R63", "R64", "R65", "R66"),
    since=Release.V1_7,
    gate=GATE,
    reads=(BACKEND,),
    examples=(
        passes(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "redisAddress": "", "externalStorageNamespace": ""})
        ),
        passes(cluster(gcsFaultToleranceOptions={"backend": "redis", "redisAddress": "redis:6379"})),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "redisAddress": "redis:6379"}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.redisAddress",
            number="R63",
        ),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "redisUsername": {}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.redisUsername",
            number="R64",
        ),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "redisPassword": {}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.redisPassword",
            number="R65",
        ),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "externalStorageNamespace": "train"}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.externalStorageNamespace",
            number="R66",
        ),
    ),
)
def redis_with_embedded_storage(job: Job) -> Iterator[Finding]:
    """With the backend `rocksdb` there is an address, user name, password (`{}` too) or namespace for Redis.

    Why: this backend keeps the state on a volume; KubeRay's operator refuses the job.

    Instead: leave these fields out, or the backend.
    """
    if not job.uses_embedded_storage:
        return
    options = _options(job)
    set_up = {
        "redisAddress": bool(options.get("redisAddress")),
        "redisUsername": options.get("redisUsername") is not None,
        "redisPassword": options.get("redisPassword") is not None,
        "externalStorageNamespace": bool(options.get("externalStorageNamespace")),
    }
    for name, is_set_up in set_up.items():
        if is_set_up:
            yield forbidden(OPTIONS / name, None, "must not be set with the backend rocksdb, which needs no Redis")


@rule(
    "An existing claim is named, and a new one described",
    layer=Layer.KUBERAY,
    source=("R67",),
    since=Release.V1_7,
    gate=GATE,
    reads=(BACKEND, "spec.rayClusterSpec.gcsFaultToleranceOptions.storage.claimName"),
    examples=(
        passes(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"claimName": "gcs", "accessModes": []}})
        ),
        passes(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"claimName": "", "size": "1Gi"}}),
        ),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"claimName": "gcs", "size": "1Gi"}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage.claimName",
        ),
        fails(
            cluster(
                gcsFaultToleranceOptions={"backend": "rocksdb", "storage": {"claimName": "gcs", "storageClassName": ""}}
            ),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage.claimName",
        ),
        fails(
            cluster(
                gcsFaultToleranceOptions={
                    "backend": "rocksdb",
                    "storage": {"claimName": "gcs", "accessModes": ["ReadWriteOnce"]},
                }
            ),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage.claimName",
        ),
    ),
)
def existing_claim_with_new_claim(job: Job) -> Iterator[Finding]:
    """`storage.claimName` names a claim while `storage` has `size`, `storageClassName` (even empty) or `accessModes`.

    Why: these three describe the claim that KubeRay makes where none is named; its operator refuses the job.

    Instead: keep the name of your own claim, or the description of a new one.
    """
    storage = _options(job).get("storage") or {}
    claim = storage.get("claimName")
    describes = storage.get("size") is not None or storage.get("storageClassName") is not None
    if claim and (describes or storage.get("accessModes")) and job.uses_embedded_storage:
        must = "must not be set beside size, storageClassName or accessModes, which describe a new claim"
        yield forbidden(OPTIONS / "storage" / "claimName", claim, must)


@rule(
    "A volume is set up for a backend that needs none",
    layer=Layer.KUBERAY,
    source=("R71",),
    since=Release.V1_7,
    reads=("spec.rayClusterSpec.gcsFaultToleranceOptions.storage",),
    examples=(
        passes(cluster(gcsFaultToleranceOptions={"redisAddress": "redis:6379"})),
        fails(
            cluster(gcsFaultToleranceOptions={"backend": "redis", "storage": {"size": "1Gi"}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage",
        ),
        fails(
            cluster(gcsFaultToleranceOptions={"storage": {}}),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.storage",
        ),
    ),
)
def storage_without_embedded_storage(job: Job) -> Iterator[Finding]:
    """`gcsFaultToleranceOptions` have `storage` (`{}` too) without the backend `rocksdb`.

    Why: the state is kept in Redis then, on no volume; KubeRay's operator refuses the job.

    Instead: set `backend: rocksdb`, or leave `storage` out.
    """
    storage = _options(job).get("storage")
    if storage is not None and not job.uses_embedded_storage:
        yield forbidden(OPTIONS / "storage", storage, "must not be set unless backend is rocksdb")
