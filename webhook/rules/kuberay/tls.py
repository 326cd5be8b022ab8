"""mTLS inside the cluster, which KubeRay sets up in every Ray container."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob import model, pod
from webhook.rayjob.job import CLUSTER, HEAD_CONTAINER, WORKERS, Job, main_container
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.path import Path
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.finding import Finding, forbidden, invalid
from webhook.rules.rule import Layer, fails, passes, rule

TLS = CLUSTER / "tlsOptions"
AUTOSCALER = CLUSTER / "autoscalerOptions"

# What KubeRay makes itself.
VARIABLES = frozenset({"RAY_USE_TLS", "RAY_TLS_SERVER_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_CA_CERT"})
VOLUME = "ray-tls"
MOUNT_PATH = "/etc/ray/tls"


def _enabled(job: Job) -> bool:
    return (job.cluster.get("tlsOptions") or {}).get("enabled") is True


def _encrypting(*, enabled: bool = True, **fields: object) -> dict[str, object]:
    """The patch of an example: mTLS on or off, and other fields of the cluster."""
    return cluster(tlsOptions={"enabled": enabled}, **fields)


def _workers(**container: object) -> list[dict[str, object]]:
    return [worker_group(template={"spec": {"containers": [{"name": "ray-worker", **container}]}})]


@rule(
    "mTLS is configured, but its gate is off",
    layer=Layer.KUBERAY,
    source=("R111",),
    since=Release.V1_7,
    gate=(Gate.MTLS, False),
    reads=("spec.rayClusterSpec.tlsOptions",),
    examples=(
        passes(cluster(tlsOptions=None)),
        fails(cluster(tlsOptions={}), "spec.rayClusterSpec.tlsOptions"),
        fails(_encrypting(enabled=False), "spec.rayClusterSpec.tlsOptions"),
    ),
)
def tls_without_gate(job: Job) -> Iterator[Finding]:
    """`tlsOptions` is there (`{}` and `enabled: false` too) while the operator's gate RayClusterMTLS is off.

    Why: KubeRay's operator refuses the job after it is stored.

    Instead: leave it out, or ask whoever runs KubeRay to start it with `--feature-gates=RayClusterMTLS=true`.
    """
    if job.cluster.get("tlsOptions") is not None:
        yield forbidden(TLS, None, "the operator's feature gate RayClusterMTLS is off")


@rule(
    "A variable of KubeRay's own mTLS is set",
    layer=Layer.KUBERAY,
    source=("R112", "R114", "R116"),
    since=Release.V1_7,
    gate=(Gate.MTLS, True),
    reads=("spec.rayClusterSpec.tlsOptions.enabled",),
    examples=(
        passes(_encrypting(headGroupSpec=head(env=[{"name": "RAY_TLS"}]), workerGroupSpecs=_workers())),
        passes(_encrypting(enabled=False, headGroupSpec=head(env=[{"name": "RAY_USE_TLS", "value": "1"}]))),
        fails(
            _encrypting(headGroupSpec=head(env=[{"name": "RAY_USE_TLS", "value": "0"}])),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[0]",
            number="R112",
        ),
        fails(
            _encrypting(workerGroupSpecs=_workers(env=[{"name": "HOME"}, {"name": "RAY_TLS_SERVER_KEY"}])),
            "spec.rayClusterSpec.workerGroupSpecs[0].template.spec.containers[0].env[1]",
            number="R114",
        ),
        fails(
            _encrypting(autoscalerOptions={"env": [{"name": "RAY_TLS_CA_CERT"}, {"name": "RAY_TLS_SERVER_CERT"}]}),
            "spec.rayClusterSpec.autoscalerOptions.env[0]",
            "spec.rayClusterSpec.autoscalerOptions.env[1]",
            number="R116",
        ),
    ),
)
def reserved_tls_variable(job: Job) -> Iterator[Finding]:
    """With mTLS, a Ray container or `autoscalerOptions` sets a variable that KubeRay sets itself.

    They are RAY_USE_TLS, RAY_TLS_SERVER_CERT, RAY_TLS_SERVER_KEY and RAY_TLS_CA_CERT.

    Why: the container would not find the certificates that KubeRay issues; its operator refuses the job.

    Instead: leave the variable out, or leave `tlsOptions` out and bring certificates of your own.
    """
    if not _enabled(job):
        return
    for path, container in _containers(job):
        for index, entry in enumerate(container.get("env") or ()):
            name = (entry or {}).get("name")
            if name in VARIABLES:
                why = f"KubeRay sets {name} itself where tlsOptions.enabled is true"
                yield forbidden(path / "env" / index, name, why)


@rule(
    "A volume is mounted where KubeRay mounts its certificates",
    layer=Layer.KUBERAY,
    source=("R113", "R115", "R117"),
    since=Release.V1_7,
    gate=(Gate.MTLS, True),
    reads=("spec.rayClusterSpec.tlsOptions.enabled",),
    examples=(
        passes(
            _encrypting(
                headGroupSpec=head(volumeMounts=[{"name": "tls", "mountPath": "/etc/ray/tls/"}]),
                workerGroupSpecs=_workers(),
            )
        ),
        passes(
            _encrypting(
                enabled=False, autoscalerOptions={"volumeMounts": [{"name": "ray-tls", "mountPath": "/etc/ray/tls"}]}
            )
        ),
        fails(
            _encrypting(headGroupSpec=head(volumeMounts=[{"name": "ray-tls", "mountPath": "/tls"}])),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].volumeMounts[0]",
            number="R113",
        ),
        fails(
            _encrypting(workerGroupSpecs=_workers(volumeMounts=[{"name": "tls", "mountPath": "/etc/ray/tls"}])),
            "spec.rayClusterSpec.workerGroupSpecs[0].template.spec.containers[0].volumeMounts[0]",
            number="R115",
        ),
        fails(
            _encrypting(
                autoscalerOptions={
                    "volumeMounts": [
                        {"name": "data", "mountPath": "/data"},
                        {"name": "tls", "mountPath": "/etc/ray/tls"},
                    ]
                }
            ),
            "spec.rayClusterSpec.autoscalerOptions.volumeMounts[1]",
            number="R117",
        ),
    ),
)
def reserved_tls_mount(job: Job) -> Iterator[Finding]:
    """With mTLS, a Ray container or `autoscalerOptions` mounts a volume named ray-tls, or one at /etc/ray/tls.

    Why: KubeRay mounts the certificates there under that name, and its operator refuses the job.

    Instead: give the volume another name and another place.
    """
    if not _enabled(job):
        return
    for path, container in _containers(job):
        for index, mount in enumerate(container.get("volumeMounts") or ()):
            name, mount_path = (mount or {}).get("name"), (mount or {}).get("mountPath")
            if name == VOLUME or mount_path == MOUNT_PATH:
                why = f"KubeRay mounts {VOLUME} at {MOUNT_PATH} itself where tlsOptions.enabled is true"
                yield forbidden(path / "volumeMounts" / index, [name, mount_path], why)


def _containers(job: Job) -> Iterator[tuple[Path, pod.Container | model.AutoscalerOptions]]:
    """The containers that get certificates, with their paths: those that run Ray, and the autoscaler's."""
    yield HEAD_CONTAINER, job.head_container
    for index, group in enumerate(job.workers):
        yield WORKERS / index / "template" / "spec" / "containers" / 0, main_container(group.get("template"))
    yield AUTOSCALER, job.cluster.get("autoscalerOptions") or {}


@rule(
    "mTLS is on, but nobody issues the certificates",
    layer=Layer.KUBERAY,
    source=("R153",),
    since=Release.V1_7,
    gate=(Gate.MTLS, True),
    cert_manager=False,
    reads=("spec.rayClusterSpec.tlsOptions.enabled",),
    examples=(
        passes(_encrypting(enabled=False)),
        passes(
            {
                "spec": {
                    "rayClusterSpec": {"tlsOptions": {"enabled": True}},
                    "clusterSelector": {"ray.io/cluster": "shared"},
                }
            }
        ),
        fails(_encrypting(), "spec.rayClusterSpec.tlsOptions.enabled"),
    ),
)
def tls_without_cert_manager(job: Job) -> Iterator[Finding]:
    """`tlsOptions.enabled` is true, and cert-manager is not installed.

    Why: KubeRay lets cert-manager issue the certificates. Its operator accepts the job and refuses the cluster it
    makes for it, so that the job waits without end.

    Instead: leave `tlsOptions` out, or ask whoever runs the cluster to install cert-manager.
    """
    # A cluster that is there already is not made.
    if _enabled(job) and not job.selects_cluster:
        must = "must be false or left out: cert-manager, which would issue the certificates, is not installed"
        yield invalid(TLS / "enabled", value=True, must=must)
