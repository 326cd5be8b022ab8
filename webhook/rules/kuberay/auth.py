"""Ray's token authentication.

R99 to R101 are about `enableK8sTokenAuth` and never reached in a RayJob, because R35 refuses it first.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob import rayversion
from webhook.rayjob.job import CLUSTER, Job
from webhook.rayjob.kuberay import Release
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.rule import Layer, fails, passes, rule

K8S_TOKEN_AUTH = CLUSTER / "authOptions" / "enableK8sTokenAuth"
RAY_VERSION = CLUSTER / "rayVersion"
LEAST = (2, 52, 0)  # the first Ray that has token authentication


def _demands_tokens(job: Job) -> bool:
    return (job.cluster.get("authOptions") or {}).get("mode") == "token"


@rule(
    "The API server is to check Ray's tokens",
    layer=Layer.KUBERAY,
    source=("R35",),
    since=Release.V1_6,
    reads=("spec.rayClusterSpec.authOptions.enableK8sTokenAuth",),
    examples=(
        passes(cluster(authOptions={"enableK8sTokenAuth": False})),
        fails(
            cluster(authOptions={"enableK8sTokenAuth": True}),
            "spec.rayClusterSpec.authOptions.enableK8sTokenAuth",
        ),
        fails(
            cluster(rayVersion="2.55.0", authOptions={"mode": "token", "enableK8sTokenAuth": True}),
            "spec.rayClusterSpec.authOptions.enableK8sTokenAuth",
        ),
    ),
)
def unsupported_k8s_token_auth(job: Job) -> Iterator[Finding]:
    """`authOptions.enableK8sTokenAuth` is true.

    Why: KubeRay has it for RayClusters only; in a RayJob its operator refuses it.

    Instead: leave it out. `authOptions.mode: token` alone gives the job's cluster a token of its own.
    """
    if (job.cluster.get("authOptions") or {}).get("enableK8sTokenAuth"):
        yield invalid(K8S_TOKEN_AUTH, value=True, must="must be false or left out: KubeRay has it for RayClusters only")


@rule(
    "Token authentication is on, but the Ray version is not given",
    layer=Layer.KUBERAY,
    source=("R96",),
    since=Release.V1_5,
    reads=("spec.rayClusterSpec.authOptions.mode",),
    examples=(
        passes(cluster(rayVersion="2.52.0", authOptions={"mode": "token"})),
        passes(cluster(authOptions={"mode": "disabled"})),
        passes(cluster(authOptions={})),
        fails(cluster(authOptions={"mode": "token"}), "spec.rayClusterSpec.rayVersion"),
        fails(
            cluster(rayVersion="", authOptions={"mode": "token"}),
            "spec.rayClusterSpec.rayVersion",
        ),
    ),
)
def token_auth_without_ray_version(job: Job) -> Iterator[Finding]:
    """`authOptions.mode` is token, and `rayVersion` is absent or empty.

    Why: KubeRay's operator must know that Ray is 2.52.0 or newer, and refuses the job otherwise.

    Instead: give the version of Ray that is in the images: `rayVersion: "2.52.0"`.
    """
    if _demands_tokens(job) and not job.cluster.get("rayVersion"):
        yield required(RAY_VERSION, "authOptions.mode token needs to know that Ray is 2.52.0 or newer")


@rule(
    "Token authentication is on, but the Ray version cannot be read",
    layer=Layer.KUBERAY,
    source=("R97",),
    since=Release.V1_5,
    reads=("spec.rayClusterSpec.authOptions.mode", "spec.rayClusterSpec.rayVersion"),
    examples=(
        passes(cluster(rayVersion="2.52", authOptions={"mode": "token"})),
        passes(cluster(rayVersion="nightly", authOptions={"mode": "disabled"})),
        fails(
            cluster(rayVersion="nightly", authOptions={"mode": "token"}),
            "spec.rayClusterSpec.rayVersion",
        ),
        fails(
            cluster(rayVersion="2", authOptions={"mode": "token"}),
            "spec.rayClusterSpec.rayVersion",
        ),
    ),
)
def token_auth_with_unreadable_ray_version(job: Job) -> Iterator[Finding]:
    """`authOptions.mode` is token, and `rayVersion` is no version: two or more numbers with dots between them.

    Why: KubeRay's operator must know that Ray is 2.52.0 or newer, and refuses the job otherwise.

    Instead: give the version of Ray that is in the images: `rayVersion: "2.52.0"`.
    """
    text = job.cluster.get("rayVersion")
    if text and _demands_tokens(job) and rayversion.parse(text) is None:
        yield invalid(RAY_VERSION, text, 'must be a version such as "2.52.0": authOptions.mode token needs to know it')


@rule(
    "Token authentication is on, but Ray is too old for it",
    layer=Layer.KUBERAY,
    source=("R98",),
    since=Release.V1_5,
    reads=("spec.rayClusterSpec.authOptions.mode", "spec.rayClusterSpec.rayVersion"),
    examples=(
        passes(cluster(rayVersion="2.52.0rc1", authOptions={"mode": "token"})),
        passes(cluster(rayVersion="2.51.9", authOptions={"mode": "disabled"})),
        fails(
            cluster(rayVersion="2.51.9", authOptions={"mode": "token"}),
            "spec.rayClusterSpec.rayVersion",
        ),
    ),
)
def token_auth_with_old_ray_version(job: Job) -> Iterator[Finding]:
    """`authOptions.mode` is token, and `rayVersion` is less than 2.52.0.

    Why: older versions of Ray do not know tokens, and KubeRay's operator refuses the job.

    Instead: use an image with a newer Ray, and give its version.
    """
    text = job.cluster.get("rayVersion")
    version = rayversion.parse(text) if text and _demands_tokens(job) else None
    if version is not None and not rayversion.at_least(version, LEAST):
        yield invalid(RAY_VERSION, text, "must be 2.52.0 or newer: older versions do not have authOptions.mode token")
