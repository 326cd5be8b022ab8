"""The metadata that is submitted with the job, which not every Ray takes."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob import rayversion
from webhook.rayjob.job import CLUSTER, Job, main_container
from webhook.rayjob.kuberay import Release
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, forbidden, invalid, required
from webhook.rules.rule import Action, Layer, fails, passes, rule

METADATA = field("spec.metadata")
RAY_VERSION = CLUSTER / "rayVersion"
NEEDED = "spec.metadata needs Ray 2.6.0 or newer"


def _goes_by_command_line(job: Job) -> bool:
    """Whether there is metadata, and KubeRay puts it into a `ray job submit`."""
    return bool(job.spec.get("metadata")) and job.submission_mode in {"K8sJobMode", "SidecarMode"}


def _unfit_version(job: Job) -> Iterator[Finding]:
    """What is wrong with the Ray version, if one is given."""
    text = job.cluster.get("rayVersion")
    takes = rayversion.takes_metadata(text) if text else True
    if takes is None:
        yield invalid(RAY_VERSION, text, f'must be a semantic version such as "2.9.0": {NEEDED}')
    elif not takes:
        yield invalid(RAY_VERSION, text, f"must be 2.6.0 or newer, and no pre-release: {NEEDED}")


@rule(
    "Metadata is submitted to a Ray that does not take it",
    layer=Layer.LATE,
    source=("X5",),
    since=Release.V1_5,
    reads=("spec.metadata", "spec.rayClusterSpec.rayVersion"),
    examples=(
        passes({"spec": {"metadata": {"team": "a"}, "rayClusterSpec": {"rayVersion": "2.6.0"}}}),
        passes({"spec": {"metadata": {}, "rayClusterSpec": {"rayVersion": "nightly"}}}),
        passes(
            {
                "spec": {
                    "metadata": {"team": "a"},
                    "submissionMode": "HTTPMode",
                    "rayClusterSpec": {"rayVersion": "nightly"},
                }
            }
        ),
        fails(
            {"spec": {"metadata": {"team": "a"}, "rayClusterSpec": {"rayVersion": "2.5.9"}}},
            "spec.rayClusterSpec.rayVersion",
        ),
        fails(
            {"spec": {"metadata": {"team": "a"}, "rayClusterSpec": {"rayVersion": "2.9.0-rc1"}}},
            "spec.rayClusterSpec.rayVersion",
        ),
        fails(
            {
                "spec": {
                    "metadata": {"team": "a"},
                    "submissionMode": "SidecarMode",
                    "rayClusterSpec": {"rayVersion": "2.9.0rc1"},
                }
            },
            "spec.rayClusterSpec.rayVersion",
        ),
    ),
)
def metadata_with_old_ray_version(job: Job) -> Iterator[Finding]:
    """In K8sJobMode or SidecarMode there is `spec.metadata`, and `rayVersion` does not allow it.

    It must be a semantic version, 2.6.0 or newer, without a pre-release: `2.9.0`, not `2.9.0rc1` or `nightly`.

    Why: KubeRay's operator accepts the job, and then fails over and over to build its submitter. The cluster stays
    up and does nothing.

    Instead: give the version of Ray that is in the images as three numbers, or leave `metadata` out.
    """
    if _goes_by_command_line(job):
        yield from _unfit_version(job)


@rule(
    "Metadata is submitted to a Ray of unknown version",
    layer=Layer.LATE,
    source=("X5",),
    since=Release.V1_5,
    until=Release.V1_6,
    reads=("spec.metadata", "spec.rayClusterSpec"),
    examples=(
        passes({"spec": {"metadata": {"team": "a"}, "rayClusterSpec": {"rayVersion": "2.9.0"}}}),
        passes({"spec": {"metadata": {"team": "a"}, "submissionMode": "HTTPMode"}}),
        fails({"spec": {"metadata": {"team": "a"}}}, "spec.rayClusterSpec.rayVersion"),
        fails(
            {"spec": {"metadata": {"team": "a"}, "rayClusterSpec": {"rayVersion": ""}}},
            "spec.rayClusterSpec.rayVersion",
        ),
    ),
)
def metadata_without_ray_version(job: Job) -> Iterator[Finding]:
    """In K8sJobMode or SidecarMode there is `spec.metadata`, and `rayVersion` is absent or empty.

    Why: KubeRay before 1.7 reads that as a Ray that is too old, and fails over and over to build the submitter. The
    cluster stays up and does nothing.

    Instead: give the version of Ray that is in the images: `rayVersion: "2.9.0"`.
    """
    cluster = job.spec.get("rayClusterSpec")
    if cluster is not None and not cluster.get("rayVersion") and _goes_by_command_line(job):
        yield required(RAY_VERSION, NEEDED)


@rule(
    "Metadata is lost on a cluster that is there already",
    layer=Layer.LATE,
    action=Action.WARN,
    source=("X5",),
    since=Release.V1_5,
    until=Release.V1_6,
    reads=("spec.metadata", "spec.clusterSelector"),
    examples=(
        passes({"spec": {"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "shared"}, "metadata": {}}}),
        passes(
            {
                "spec": {
                    "rayClusterSpec": {"rayVersion": "2.9.0"},
                    "clusterSelector": {"ray.io/cluster": "shared"},
                    "metadata": {"team": "a"},
                }
            }
        ),
        fails(
            {
                "spec": {
                    "rayClusterSpec": None,
                    "clusterSelector": {"ray.io/cluster": "shared"},
                    "metadata": {"team": "a"},
                }
            },
            "spec.metadata",
        ),
    ),
)
def lost_metadata(job: Job) -> Iterator[Finding]:
    """There is `spec.metadata`, and `spec.clusterSelector` selects the cluster, without a `spec.rayClusterSpec`.

    Why: KubeRay before 1.7 cannot tell the version of such a cluster's Ray, and drops the metadata without a word.

    Instead: use HTTPMode, or leave `metadata` out.
    """
    if job.selects_cluster and job.spec.get("rayClusterSpec") is None and _goes_by_command_line(job):
        yield forbidden(METADATA, None, "KubeRay before 1.7 drops it with spec.clusterSelector")


@rule(
    "Metadata cannot be submitted",
    layer=Layer.LATE,
    source=("X5",),
    until=Release.V1_4,
    reads=("spec.metadata",),
    examples=(
        passes({"spec": {"metadata": {"team": "a"}, "rayClusterSpec": {"rayVersion": "2.6.0"}}}),
        passes({"spec": {"metadata": {"team": "a"}, "submissionMode": "HTTPMode"}}),
        passes(
            {
                "spec": {
                    "metadata": {"team": "a"},
                    "submitterPodTemplate": {
                        "spec": {
                            "restartPolicy": "Never",
                            "containers": [{"name": "submit", "image": "submit:1", "command": ["/submit"]}],
                        }
                    },
                }
            }
        ),
        fails({"spec": {"metadata": {"team": "a"}}}, "spec.rayClusterSpec.rayVersion"),
        fails(
            {"spec": {"metadata": {"team": "a"}, "rayClusterSpec": {"rayVersion": "2.5.9"}}},
            "spec.rayClusterSpec.rayVersion",
        ),
        fails(
            {
                "spec": {
                    "rayClusterSpec": None,
                    "clusterSelector": {"ray.io/cluster": "shared"},
                    "metadata": {"team": "a"},
                }
            },
            "spec.metadata",
        ),
    ),
)
def unsubmittable_metadata(job: Job) -> Iterator[Finding]:
    """In K8sJobMode there is `spec.metadata`, and KubeRay 1.4 sees no Ray of 2.6.0 or newer in `rayClusterSpec`.

    Why: its operator fails over and over to build the submitter, and panics where `rayClusterSpec` is absent. The
    cluster stays up and does nothing.

    Instead: give the version of Ray that is in the images, `rayVersion: "2.9.0"`; with `clusterSelector` leave
    `metadata` out.
    """
    submits_by_itself = bool(main_container(job.spec.get("submitterPodTemplate")).get("command"))
    if not job.spec.get("metadata") or job.submission_mode != "K8sJobMode" or submits_by_itself:
        return
    if job.spec.get("rayClusterSpec") is None:
        yield forbidden(METADATA, None, "KubeRay 1.4 reads the version of Ray for it, and only in spec.rayClusterSpec")
    elif not job.cluster.get("rayVersion"):
        yield required(RAY_VERSION, NEEDED)
    else:
        yield from _unfit_version(job)
