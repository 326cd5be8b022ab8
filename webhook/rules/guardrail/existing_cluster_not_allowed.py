"""Whether a job may run on a cluster that it has not made."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob import environment, start_params
from webhook.rayjob.job import SUBMITTER, WORKERS, Job
from webhook.rayjob.path import Key, field
from webhook.rules.example import cluster, worker_group
from webhook.rules.finding import Finding, forbidden
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

SELECTOR = field("spec.clusterSelector")

# The variables by which `ray job submit` chooses the cluster, whatever its --address says.
ADDRESSES = ("RAY_ADDRESS", "RAY_API_SERVER_ADDRESS")

SUBMITS_ELSEWHERE = {"name": "submit", "env": [{"name": "RAY_ADDRESS", "value": "http://shared-head-svc:8265"}]}


@guardrail(
    "A job runs on a cluster that is there already",
    parameters=Parameters,
    reads=("spec.clusterSelector|spec.rayClusterSpec.workerGroupSpecs|spec.submitterPodTemplate",),
    examples=(
        passes({"spec": {"clusterSelector": {}}}),
        fails(
            {"spec": {"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "shared"}}}, "spec.clusterSelector"
        ),
        fails(
            cluster(workerGroupSpecs=[worker_group(rayStartParams={"address": "shared-head-svc:6379"})]),
            "spec.rayClusterSpec.workerGroupSpecs[0].rayStartParams[address]",
        ),
        fails(
            {"spec": {"submitterPodTemplate": {"spec": {"containers": [SUBMITS_ELSEWHERE]}}}},
            "spec.submitterPodTemplate.spec.containers[0].env[0]",
        ),
    ),
)
def existing_cluster_not_allowed(job: Job, params: Parameters) -> Iterator[Finding]:  # noqa: ARG001 (it has none)
    """`spec.clusterSelector` selects a RayCluster (an empty one selects none), or workers or the submitter go to one.

    Workers join by an `address` in their `rayStartParams`, which KubeRay sets where it is absent. The submitter heeds
    `RAY_ADDRESS` and `RAY_API_SERVER_ADDRESS` in its environment more than what KubeRay tells it. Out of reach is what
    images, entrypoint and commands do by themselves: a NetworkPolicy keeps them from the clusters of others.

    Why: the job runs with the rights, the data and the GPUs of whoever made that cluster, and nothing of a policy for
    clusters holds for it.

    Instead: describe the cluster that the job needs in `spec.rayClusterSpec`.
    """
    if job.selects_cluster:
        yield forbidden(SELECTOR, job.spec.get("clusterSelector"), "must be left out: describe a cluster of its own")
    yield from _joined(job)
    if job.spec.get("submitterPodTemplate") is not None:
        yield from _addressed(job)


def _joined(job: Job) -> Iterator[Finding]:
    for index, group in enumerate(job.workers):
        given = group.get("rayStartParams")
        for key in start_params.giving("address", given):
            place = WORKERS / index / "rayStartParams" / Key(key)
            yield forbidden(
                place, (given or {}).get(key), "must not give address: KubeRay gives that of the job's head"
            )


def _addressed(job: Job) -> Iterator[Finding]:
    must = "must not choose the cluster that the job is submitted to"
    for place, index, entry in environment.variables(job):
        if entry.get("name") in ADDRESSES and place.is_in(SUBMITTER):
            yield forbidden(place / index, entry, must)
    for path, source in environment.sources(job):
        prefix = source.get("prefix")
        if prefix and any(name.startswith(prefix) for name in ADDRESSES) and path.is_in(SUBMITTER):
            yield forbidden(path / "prefix", prefix, must)
