"""What the pods of a RayJob ask of a Kubernetes cluster when there are as many of them as there may be.

Logical resources (a group's `resources`, and num-cpus, num-gpus, memory in its `rayStartParams`) are no part of it:
they tell Ray what to schedule, and change nothing at a pod. Nor is what KubeRay adds without being told.

Source: CalculateMaxReplicas, GetWorkerGroupDesiredReplicas and mergeAutoscalerOverrides of KubeRay's operator for the
pods; PodRequests of k8s.io/component-helpers for what a pod asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from webhook.rayjob import quantity
from webhook.rayjob.departure import Departure, Sort
from webhook.rayjob.job import HEAD, SUBMITTER, WORKERS, Job, Owner, Template
from webhook.rayjob.model import WorkerGroupSpec
from webhook.rayjob.path import Path
from webhook.rayjob.pod import Container, EphemeralContainer, PodSpec, ResourceRequirements

UNBOUNDED = 2**31 - 1  # maxReplicas where it is absent, by the CRD's default as by the operator

Amounts: TypeAlias = Mapping[str, int]  # billionths, by the resource's name
Counts: TypeAlias = Callable[[str], bool]  # whether a resource of that name is counted


@dataclass(frozen=True, slots=True)
class Share:
    """The pods of one template, at their place: how many there may be, and how many billionths ``each`` asks for."""

    path: Path
    pods: int
    each: int

    @property
    def total(self) -> int:
        """How much they ask for together, in billionths."""
        return self.pods * self.each


def templates(job: Job) -> Iterator[Template]:
    """The templates of which pods are made: without those of a cluster that a job with clusterSelector ignores."""
    for template in job.templates:
        if template.owner is Owner.SUBMITTER or not job.selects_cluster:
            yield template


def most_pods(group: WorkerGroupSpec) -> int:
    """How many pods a worker group may have.

    Without the autoscaler as with it: `replicas` of a running RayCluster can be raised to `maxReplicas` by whoever may
    change it, and no RayJob passes by here again. For the same reason, a suspended group is no smaller than another. A
    lower bound above the upper one wins, as it does in the operator. `numOfHosts: 0` is as good as absent, since the
    operator leaves it out of the RayCluster, where it is 1 then. With a negative number there may be any number: the
    operator multiplies in 32 bits, which turns it into a positive one.
    """
    most, least, hosts = group.get("maxReplicas"), group.get("minReplicas") or 0, group.get("numOfHosts") or 1
    most = UNBOUNDED if most is None else most
    return UNBOUNDED if min(most, least, hosts) < 0 else int(max(most, least)) * int(hosts)


def workers(job: Job) -> tuple[Share, ...]:
    """The worker groups of the job's own cluster, where each pod counts for one."""
    groups = () if job.selects_cluster else job.workers
    return tuple(Share(WORKERS / index, most_pods(group), quantity.BILLION) for index, group in enumerate(groups))


def shares(job: Job, counts: Counts) -> tuple[Share, ...]:
    """What the pods ask for of the resources that count, added up over these.

    The submitter is one of them: it is a pod like another, and its template is the author's. There is one at a time.
    """
    return tuple(_shares(job, counts))


def _shares(job: Job, counts: Counts) -> Iterator[Share]:
    for template in templates(job):
        each = sum(_of_pod(template.spec, _added(job, template.owner), counts).values())
        if template.group is not None:
            yield Share(WORKERS / template.group, most_pods(job.workers[template.group]), each)
        else:
            yield Share(HEAD if template.owner is Owner.HEAD else SUBMITTER, 1, each)


def _added(job: Job, owner: Owner) -> Iterator[ResourceRequirements]:
    """The resources of containers that KubeRay adds to a pod, as far as the author says them."""
    if owner is Owner.HEAD and job.autoscales:
        yield (job.cluster.get("autoscalerOptions") or {}).get("resources") or {}
    if owner is not Owner.SUBMITTER:
        collector = (job.cluster.get("historyServerOptions") or {}).get("collectorOptions")
        if collector:
            yield collector.get("resources") or {}


def _of_pod(spec: PodSpec, added: Iterator[ResourceRequirements], counts: Counts) -> Amounts:
    """What a pod asks for: its containers together, or more where an init container needs it, and its overhead.

    A sidecar, an init container that restarts always, runs beside what starts after it. No pod is made with ephemeral
    containers; those in a template count like others, so that nothing hangs on that. Resources of the pod itself take
    the place of its containers' in Kubernetes; here they count where they are more.
    """
    started: dict[str, int] = {}
    peak: dict[str, int] = {}
    for init in spec.get("initContainers") or ():
        asked = _of_container(init, counts)
        if (init or {}).get("restartPolicy") == "Always":
            _add(started, asked)
        else:
            _add(asked, started)
            _raise(peak, asked)
    for container in (*(spec.get("containers") or ()), *(spec.get("ephemeralContainers") or ())):
        _add(started, _of_container(container, counts))
    for resources in added:
        _add(started, _asked(resources, counts))
    _raise(started, peak)
    if of_pod := spec.get("resources"):
        _raise(started, _asked(of_pod, counts))
    if overhead := spec.get("overhead"):
        _add(started, _asked({"requests": overhead}, counts))
    return started


def _of_container(container: Container | EphemeralContainer | None, counts: Counts) -> dict[str, int]:
    return _asked((container or {}).get("resources") or {}, counts)


def _asked(resources: ResourceRequirements, counts: Counts) -> dict[str, int]:
    """The larger of request and limit, by resource; an amount below nothing, which no pod may have, takes none away."""
    asked: dict[str, int] = {}
    for said in (resources.get("requests") or {}, resources.get("limits") or {}):
        for name, value in said.items():
            if counts(name):  # one that is null is no quantity, so that it comes to nothing
                asked[name] = max(asked.get(name, 0), quantity.billionths(value) or 0)
    return asked


def _add(total: dict[str, int], more: Amounts) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, 0) + amount


def _raise(total: dict[str, int], least: Amounts) -> None:
    for name, amount in least.items():
        total[name] = max(total.get(name, 0), amount)


# An amount in Go's grammar, of any length and with any exponent.
_AMOUNT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?")


def uncounted(job: Job, counts: Counts) -> Iterator[Departure]:
    """The amounts of resources that count which the operator would read, but `quantity` refuses to compute.

    What neither reads is left out: no operator can make pods of it.
    """
    for departure in job.mistyped:
        steps, value = departure.path.steps, departure.value
        counted = departure.sort is Sort.AMOUNT and steps[0] == "spec" and counts(str(steps[-1]))
        if counted and _AMOUNT.fullmatch(str(value).strip(" ")):
            yield departure
