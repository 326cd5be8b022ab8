"""What KubeRay itself gives the head for the backend rocksdb: variables, a volume and its mount."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import HEAD, HEAD_CONTAINER, Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rules.example import cluster, head
from webhook.rules.finding import Finding, forbidden
from webhook.rules.rule import Layer, fails, passes, rule

BACKEND = "spec.rayClusterSpec.gcsFaultToleranceOptions.backend"
GATE = (Gate.EMBEDDED_STORAGE, True)  # while it is off, the backend is refused as such

VARIABLES = ("RAY_gcs_storage", "RAY_gcs_storage_path")
VOLUME = "gcs-storage"
MOUNT_PATH = "/data/gcs"


@rule(
    "The head's environment says where rocksdb is",
    layer=Layer.KUBERAY,
    source=("R68",),
    since=Release.V1_7,
    gate=GATE,
    reads=(BACKEND, "spec.rayClusterSpec.headGroupSpec.template.spec.containers[].env"),
    examples=(
        passes(
            cluster(
                gcsFaultToleranceOptions={"backend": "redis"},
                headGroupSpec=head(env=[{"name": "RAY_gcs_storage", "value": "memory"}]),
            )
        ),
        fails(
            cluster(
                gcsFaultToleranceOptions={"backend": "rocksdb"},
                headGroupSpec=head(
                    env=[{"name": "RAY_gcs_storage_path", "value": "/gcs"}, {"name": "RAY_gcs_storage"}]
                ),
            ),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[0]",
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[1]",
        ),
        fails(
            cluster(
                gcsFaultToleranceOptions={"backend": "rocksdb"},
                headGroupSpec=head(env=[{"name": "TEAM", "value": "a"}, {"name": "RAY_gcs_storage", "value": ""}]),
            ),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[1]",
        ),
    ),
)
def reserved_storage_env(job: Job) -> Iterator[Finding]:
    """With the backend `rocksdb` the head has the variable `RAY_gcs_storage` or `RAY_gcs_storage_path`.

    Why: KubeRay sets both itself; its operator refuses the job.

    Instead: leave them out; `storage.subPath` chooses a directory on the volume.
    """
    if job.uses_embedded_storage:
        for name in VARIABLES:
            if (index := job.head_env.get(name)) is not None:
                place = HEAD_CONTAINER / "env" / index
                yield forbidden(place, None, f"{name} must not be set with the backend rocksdb: KubeRay sets it")


@rule(
    "The head has a volume or mount that is KubeRay's own",
    layer=Layer.KUBERAY,
    source=("R69", "R70"),
    since=Release.V1_7,
    gate=GATE,
    reads=(BACKEND,),
    examples=(
        passes(
            cluster(
                gcsFaultToleranceOptions={"backend": "rocksdb"},
                headGroupSpec=head(volumeMounts=[{"name": "data", "mountPath": "/data/gcs/"}]),
            )
        ),
        fails(
            cluster(
                gcsFaultToleranceOptions={"backend": "rocksdb"},
                headGroupSpec=head(
                    volumeMounts=[
                        {"name": "data", "mountPath": "/data/gcs"},
                        {"name": "gcs-storage", "mountPath": "/gcs"},
                    ]
                ),
            ),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].volumeMounts[0]",
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].volumeMounts[1]",
            number="R69",
        ),
        fails(
            cluster(
                gcsFaultToleranceOptions={"backend": "rocksdb"},
                headGroupSpec={"template": {"spec": {"volumes": [{"name": "gcs-storage", "emptyDir": {}}]}}},
            ),
            "spec.rayClusterSpec.headGroupSpec.template.spec.volumes[0]",
            number="R70",
        ),
    ),
)
def reserved_storage_volume(job: Job) -> Iterator[Finding]:
    """With the backend `rocksdb` the head has a volume or mount `gcs-storage`, or a mount at exactly `/data/gcs`.

    Why: KubeRay adds a volume of this name and mounts it there; its operator refuses the job.

    Instead: use another name and another path.
    """
    if not job.uses_embedded_storage:
        return
    for index, mount in enumerate(job.head_container.get("volumeMounts") or ()):
        if (mount or {}).get("mountPath") == MOUNT_PATH or (mount or {}).get("name") == VOLUME:
            must = f"must neither be named {VOLUME} nor be at {MOUNT_PATH}: KubeRay mounts its own there"
            yield forbidden(HEAD_CONTAINER / "volumeMounts" / index, mount, must)
    for index, volume in enumerate(((job.head.get("template") or {}).get("spec") or {}).get("volumes") or ()):
        if (volume or {}).get("name") == VOLUME:
            must = f"must not be named {VOLUME}: KubeRay adds its own"
            yield forbidden(HEAD / "template" / "spec" / "volumes" / index, volume, must)
