"""What a single worker group may ask of the autoscaler: an idle timeout of its own, a priority."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from webhook.rayjob import rayversion
from webhook.rayjob.job import CLUSTER, WORKERS, Job
from webhook.rayjob.kuberay import Release
from webhook.rules.example import cluster, worker_group
from webhook.rules.finding import Finding, forbidden, invalid, required
from webhook.rules.rule import Layer, fails, passes, rule

RAY_VERSION = CLUSTER / "rayVersion"

PRIORITY_SINCE = (2, 56, 0)  # the first Ray whose autoscaler knows the priority of a group


def _scaled_by_v2(**fields: object) -> dict[str, Any]:
    """The patch of an example: a cluster that autoscaler v2 scales."""
    return cluster(enableInTreeAutoscaling=True, autoscalerOptions={"version": "v2"}, **fields)


@rule(
    "A worker group's idle timeout is negative",
    layer=Layer.KUBERAY,
    source=("R50",),
    since=Release.V1_6,
    reads=("spec.rayClusterSpec.workerGroupSpecs[].idleTimeoutSeconds",),
    examples=(
        passes(_scaled_by_v2(workerGroupSpecs=[worker_group(idleTimeoutSeconds=0)])),
        fails(
            _scaled_by_v2(workerGroupSpecs=[worker_group(idleTimeoutSeconds=-1)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].idleTimeoutSeconds",
        ),
    ),
)
def negative_group_idle_timeout(job: Job) -> Iterator[Finding]:
    """A worker group's `idleTimeoutSeconds` is less than 0.

    Why: KubeRay's operator refuses the job after it is stored.

    Instead: give the seconds that a worker may idle before it is removed; leave it out for the autoscaler's own.
    """
    for index, group in enumerate(job.workers):
        seconds = group.get("idleTimeoutSeconds") or 0
        if seconds < 0:
            yield invalid(WORKERS / index / "idleTimeoutSeconds", seconds, "must be 0 or more (seconds)")


@rule(
    "A worker group has an idle timeout, but autoscaler v2 is not on",
    layer=Layer.KUBERAY,
    source=("R51",),
    since=Release.V1_6,
    reads=("spec.rayClusterSpec.workerGroupSpecs[].idleTimeoutSeconds",),
    examples=(
        passes(_scaled_by_v2(workerGroupSpecs=[worker_group(idleTimeoutSeconds=30)])),
        fails(
            cluster(workerGroupSpecs=[worker_group(idleTimeoutSeconds=0)]),
            "spec.rayClusterSpec.workerGroupSpecs[0].idleTimeoutSeconds",
        ),
        fails(
            cluster(
                enableInTreeAutoscaling=True,
                autoscalerOptions={"version": "v1"},
                workerGroupSpecs=[worker_group(), worker_group(groupName="b", idleTimeoutSeconds=30)],
            ),
            "spec.rayClusterSpec.workerGroupSpecs[1].idleTimeoutSeconds",
        ),
    ),
)
def group_idle_timeout_without_autoscaler_v2(job: Job) -> Iterator[Finding]:
    """A worker group has `idleTimeoutSeconds`, even 0, and neither option nor environment asks for autoscaler v2.

    Why: autoscaler v1 knows one idle timeout for all groups; KubeRay's operator refuses the job.

    Instead: set `autoscalerOptions.version: v2`, or use `autoscalerOptions.idleTimeoutSeconds` for all groups.
    """
    if job.asks_for_autoscaler_v2:
        return
    for index, group in enumerate(job.workers):
        seconds = group.get("idleTimeoutSeconds")
        if seconds is not None:
            yield forbidden(
                WORKERS / index / "idleTimeoutSeconds",
                seconds,
                "must be left out unless autoscalerOptions.version is v2",
            )


@rule(
    "A worker group has a priority, but Ray is not known to be 2.56.0 or later",
    layer=Layer.KUBERAY,
    source=("R52", "R53", "R54"),
    since=Release.V1_7,
    reads=("spec.rayClusterSpec.workerGroupSpecs[].priority",),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(priority=0)])),
        passes(_scaled_by_v2(rayVersion="2.56.0", workerGroupSpecs=[worker_group(priority=1)])),
        fails(
            _scaled_by_v2(workerGroupSpecs=[worker_group(priority=1)]),
            "spec.rayClusterSpec.rayVersion",
            number="R52",
        ),
        fails(
            _scaled_by_v2(rayVersion="nightly", workerGroupSpecs=[worker_group(priority=1)]),
            "spec.rayClusterSpec.rayVersion",
            number="R53",
        ),
        fails(
            _scaled_by_v2(rayVersion="2.55.9", workerGroupSpecs=[worker_group(priority=1)]),
            "spec.rayClusterSpec.rayVersion",
            number="R54",
        ),
    ),
)
def priority_without_fitting_ray_version(job: Job) -> Iterator[Finding]:
    """A worker group has a `priority` other than 0, and `rayVersion` is absent, unreadable or older than 2.56.0.

    Why: older autoscalers know no priority, and the operator judges by `rayVersion`, not by the image; it refuses
    the job.

    Instead: set `rayVersion` to the Ray of the images, 2.56.0 or later, or leave the priority out.
    """
    if not any(group.get("priority") for group in job.workers):
        return
    text = job.cluster.get("rayVersion")
    if not text:
        yield required(RAY_VERSION, "2.56.0 or later, because a worker group has a priority")
    elif (version := rayversion.parse(text)) is None:
        yield invalid(RAY_VERSION, text, "must be a version such as 2.56.0, because a worker group has a priority")
    elif not rayversion.at_least(version, PRIORITY_SINCE):
        yield invalid(RAY_VERSION, text, "must be 2.56.0 or later, because a worker group has a priority")


@rule(
    "A worker group has a priority, but autoscaler v2 is not on",
    layer=Layer.KUBERAY,
    source=("R55",),
    since=Release.V1_7,
    reads=("spec.rayClusterSpec.workerGroupSpecs[].priority",),
    examples=(
        passes(cluster(workerGroupSpecs=[worker_group(priority=0)])),
        passes(_scaled_by_v2(rayVersion="2.56.0", workerGroupSpecs=[worker_group(priority=-1)])),
        fails(
            cluster(
                rayVersion="2.56.0",
                workerGroupSpecs=[worker_group(priority=0), worker_group(groupName="b", priority=-1)],
            ),
            "spec.rayClusterSpec.workerGroupSpecs[1].priority",
        ),
    ),
)
def priority_without_autoscaler_v2(job: Job) -> Iterator[Finding]:
    """A worker group has a `priority` other than 0, and neither option nor environment asks for autoscaler v2.

    Why: only autoscaler v2 prefers one group to another; KubeRay's operator refuses the job.

    Instead: set `autoscalerOptions.version: v2`, or leave the priority out.
    """
    if job.asks_for_autoscaler_v2:
        return
    for index, group in enumerate(job.workers):
        if priority := group.get("priority"):
            yield forbidden(
                WORKERS / index / "priority", priority, "must be left out unless autoscalerOptions.version is v2"
            )
