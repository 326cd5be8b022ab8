"""Fault tolerance of the head's state (R56 to R72)."""

from __future__ import annotations

from tests.parity.draft import Draft, start_params
from tests.parity.recipe import EMBEDDED_STORAGE, Breach, behind, breach, recipe

# Everything that decides whether there is fault tolerance, and whether something is in its way.
GCS = (
    "spec.cluster.gcs",
    "annotations.ft",
    "annotations.namespace",
    "spec.cluster.head.containers.gcs",
    "spec.cluster.head.params.gcs",
    "spec.cluster.head.volumes.gcs",
)
USERNAME = ("spec.cluster.head.containers.username", "spec.cluster.head.params.username")

OPTIONS = "gcsFaultToleranceOptions"
FT_ENABLED = "ray.io/ft-enabled"
STORAGE_NAMESPACE = "ray.io/external-storage-namespace"


def embedded(*numbers: str) -> tuple[Breach, ...]:
    """The rules that embedded storage breaks, or the one of its gate."""
    return behind(EMBEDDED_STORAGE, "R62", *numbers)


def redis(draft: Draft) -> None:
    """Turns fault tolerance on, by Redis."""
    draft.cluster[OPTIONS] = draft.pick(
        {}, {"redisAddress": "r:6379"}, {"backend": "redis", "redisUsername": {}}, {"redisPassword": {"value": "p"}}
    )


def rocksdb(draft: Draft, **options: object) -> None:
    """Turns fault tolerance on, by embedded storage."""
    draft.cluster[OPTIONS] = {"backend": "rocksdb"} | options


@recipe(*GCS, breaks=(breach("R56"),))
def fault_tolerance_set_twice(draft: Draft) -> None:
    redis(draft)
    draft.annotate(FT_ENABLED, draft.pick("true", "false", " ", "x"))


@recipe(*GCS, breaks=(breach("R57"),))
def redis_address_without_fault_tolerance(draft: Draft) -> None:
    draft.add(draft.head_container, "env", draft.variable("RAY_REDIS_ADDRESS"))
    if draft.sometimes():
        draft.annotate(FT_ENABLED, draft.pick("false", "", "1", "true ", None))
    draft.leave_out(draft.cluster, OPTIONS)


@recipe(*GCS)
def fault_tolerance_by_annotation(draft: Draft) -> None:
    draft.annotate(FT_ENABLED, draft.pick("true", "TRUE", "True"))
    draft.annotate(STORAGE_NAMESPACE, draft.pick("", "a"))
    for name in draft.some("RAY_REDIS_ADDRESS", "REDIS_PASSWORD", "RAY_gcs_storage"):
        draft.add(draft.head_container, "env", draft.variable(name))
    start_params(draft.head)["redis-password"] = "p"


@recipe(*GCS)
def no_fault_tolerance(draft: Draft) -> None:
    draft.annotate(FT_ENABLED, draft.pick("false", "", None))
    for name in draft.some("REDIS_PASSWORD", "RAY_REDIS_ADDRESS ", "ray_redis_address"):
        draft.add(draft.head_container, "env", draft.variable(name))
    draft.add(draft.head_container, "volumeMounts", {"name": "gcs-storage", "mountPath": "/data/gcs"})


@recipe(*GCS)
def fault_tolerance_by_redis(draft: Draft) -> None:
    redis(draft)
    draft.annotate(FT_ENABLED, draft.pick("", None))
    draft.annotate(STORAGE_NAMESPACE, draft.pick("", None))
    start_params(draft.head)["redis-password"] = draft.pick("", None)
    draft.add(draft.head_container, "env", draft.variable("RAY_gcs_storage"))
    draft.add(draft.head_pod, "volumes", {"name": "gcs-storage"})


@recipe(*GCS, breaks=(breach("R58"),))
def redis_password_among_params(draft: Draft) -> None:
    redis(draft)
    start_params(draft.head)["redis-password"] = draft.pick("p", " ", "$REDIS_PASSWORD")


@recipe(*GCS, breaks=(breach("R59"),))
def redis_password_among_variables(draft: Draft) -> None:
    redis(draft)
    draft.add(draft.head_container, "env", draft.variable("REDIS_PASSWORD"))


@recipe(*GCS, breaks=(breach("R60"),))
def redis_address_among_variables(draft: Draft) -> None:
    redis(draft)
    draft.add(draft.head_container, "env", draft.variable("RAY_REDIS_ADDRESS"))


@recipe(*GCS, breaks=(breach("R61"),))
def storage_namespace_among_annotations(draft: Draft) -> None:
    redis(draft)
    draft.annotate(STORAGE_NAMESPACE, draft.pick("a", " "))


@recipe(*GCS, breaks=embedded())
def embedded_storage(draft: Draft) -> None:
    rocksdb(draft)
    storage = draft.pick(None, {}, {"claimName": "c", "subPath": "s"}, {"size": "1Gi", "accessModes": []})
    draft.cluster[OPTIONS] |= {"storage": storage, "redisAddress": draft.pick("", None)}
    draft.add(draft.head_container, "volumeMounts", {"name": "gcs-storage-2", "mountPath": "/data/gcs/"})
    draft.add(draft.head_container, "env", draft.variable("RAY_gcs_storage_"))


@recipe(*GCS, breaks=embedded("R63"))
def redis_address_with_embedded_storage(draft: Draft) -> None:
    rocksdb(draft, redisAddress=draft.pick("r:6379", " "))


@recipe(*GCS, breaks=embedded("R64"))
def redis_username_with_embedded_storage(draft: Draft) -> None:
    rocksdb(draft, redisUsername=draft.pick({}, {"value": "u"}, {"valueFrom": {}}))


@recipe(*GCS, breaks=embedded("R65"))
def redis_password_with_embedded_storage(draft: Draft) -> None:
    rocksdb(draft, redisPassword=draft.pick({}, {"value": "p"}))


@recipe(*GCS, breaks=embedded("R66"))
def storage_namespace_with_embedded_storage(draft: Draft) -> None:
    rocksdb(draft, externalStorageNamespace=draft.pick("a", " "))


@recipe(*GCS, breaks=embedded("R67"))
def existing_claim_with_a_new_one(draft: Draft) -> None:
    new = draft.some(("size", 5), ("size", "1Gi"), ("storageClassName", ""), ("accessModes", ["ReadWriteOnce"]))
    rocksdb(draft, storage={"claimName": "c"} | dict(new))


@recipe(*GCS, breaks=embedded("R68"))
def storage_variable_with_embedded_storage(draft: Draft) -> None:
    rocksdb(draft)
    draft.add(draft.head_container, "env", draft.variable(draft.pick("RAY_gcs_storage", "RAY_gcs_storage_path")))


@recipe(*GCS, breaks=embedded("R69"))
def storage_mount_with_embedded_storage(draft: Draft) -> None:
    rocksdb(draft)
    mount = draft.pick({"name": "a", "mountPath": "/data/gcs"}, {"name": "gcs-storage", "mountPath": "/a"})
    draft.add(draft.head_container, "volumeMounts", mount)


@recipe(*GCS, breaks=embedded("R70"))
def storage_volume_with_embedded_storage(draft: Draft) -> None:
    rocksdb(draft)
    draft.add(draft.head_pod, "volumes", {"name": "gcs-storage", "emptyDir": {}})


@recipe(*GCS, breaks=(breach("R71", since=7),))
def storage_with_redis(draft: Draft) -> None:
    redis(draft)
    draft.cluster[OPTIONS] |= {"storage": draft.pick({}, {"claimName": "c"})}
    draft.cluster[OPTIONS]["backend"] = draft.pick("redis", "", "RocksDB", None)


@recipe(*USERNAME, breaks=(breach("R72"),))
def redis_username(draft: Draft) -> None:
    if draft.sometimes():
        start_params(draft.head)["redis-username"] = draft.pick("u", " ")
    else:
        draft.add(draft.head_container, "env", draft.variable("REDIS_USERNAME"))


@recipe(*USERNAME)
def no_redis_username(draft: Draft) -> None:
    start_params(draft.head)["redis-username"] = draft.pick("", None)
    draft.add(draft.head_container, "env", draft.variable("redis_username"))
