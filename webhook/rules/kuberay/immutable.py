"""Fields that keep the value they were stored with."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.model import RayJob
from webhook.rayjob.path import field
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, invalid, shown
from webhook.rules.rule import Layer, fails, passes, rule

MANAGER = field("spec.managedBy")
CLUSTER_MANAGER = field("spec.rayClusterSpec.managedBy")
BACKEND = field("spec.rayClusterSpec.gcsFaultToleranceOptions.backend")

KUBERAY = "ray.io/kuberay-operator"  # for the examples
KUEUE = "kueue.x-k8s.io/multikueue"


def _backend(name: str | None) -> dict[str, object]:
    options = {"redisAddress": "redis:6379", "backend": name}
    return cluster(gcsFaultToleranceOptions=options)


@rule(
    "A field is changed that cannot change",
    layer=Layer.KUBERAY,
    source=("R124", "R126", "R134"),
    reads=("old",),
    examples=(
        passes({"spec": {"managedBy": KUBERAY}}),
        passes({"spec": {"managedBy": KUBERAY}}, old={"spec": {"managedBy": KUBERAY}}),
        passes({"spec": {"managedBy": KUBERAY}}, old={}),
        passes({}, old={"spec": {"managedBy": KUBERAY}}),
        passes({"spec": {"clusterSelector": {"ray.io/cluster": "shared"}, "rayClusterSpec": None}}, old={}),
        fails({"spec": {"managedBy": KUEUE}}, "spec.managedBy", old={"spec": {"managedBy": KUBERAY}}, number="R124"),
        fails(
            cluster(managedBy=KUBERAY),
            "spec.rayClusterSpec.managedBy",
            old=cluster(managedBy=KUEUE),
            number="R126",
        ),
        fails(
            _backend("redis"),
            "spec.rayClusterSpec.gcsFaultToleranceOptions.backend",
            old=_backend("rocksdb"),
            number="R134",
        ),
        passes(_backend("redis"), old=_backend(None)),
    ),
)
def immutable_field(job: Job) -> Iterator[Finding]:
    """An update gives another value to a field that the CRD holds to its stored one.

    To give the field for the first time, or to take it away, is allowed.

    Why: the CRD refuses it: another controller may have taken the job up, or the head's state be in another store.

    Instead: leave the value as it is stored, or make a new RayJob.
    """
    if job.old is None:
        return
    for path, new, stored in zip((MANAGER, CLUSTER_MANAGER, BACKEND), _held(job.raw), _held(job.old), strict=True):
        if new is not None and stored is not None and new != stored:
            yield invalid(path, new, f"must stay {shown(stored)}, as it is stored")


def _held(raw: RayJob) -> tuple[str | None, str | None, str | None]:
    spec = raw.get("spec") or {}
    cluster = spec.get("rayClusterSpec") or {}
    backend = (cluster.get("gcsFaultToleranceOptions") or {}).get("backend")
    return spec.get("managedBy"), cluster.get("managedBy"), backend
