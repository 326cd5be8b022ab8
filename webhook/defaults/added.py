"""What the platform adds to a RayJob where its author is silent.

The same laws hold as for the declared defaults: nothing that an author said is changed, and no RayJob that passed is
made one that does not. So an author is taken to have spoken also where a field says the same by another name, or
something that the addition might contradict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from webhook.defaults.additions import Additions, Pods
from webhook.defaults.declared import SHUTDOWN
from webhook.defaults.fill import Fill
from webhook.defaults.resources import Resources
from webhook.rayjob import pod
from webhook.rayjob.job import Job, Owner, Template
from webhook.rayjob.path import Key, Path, field
from webhook.rayjob.queue import QUEUE_NAME, is_inelastic, unfit_group_names

LABELS = field("metadata.labels")
ANNOTATIONS = field("metadata.annotations")

# Of all keys and values of annotations: the API server refuses an object with more than 256 KiB. The RayCluster gets
# those of its job and some of KubeRay's, for which a KiB is kept.
ANNOTATIONS_BYTES = 255 * 1024

# The parameters of `ray start` with which an author has said how large a group's pods are; num-cpus and num-gpus are
# not among them, for they say how many tasks Ray may run there, and often that it is none.
SIZES = ("memory", "object-store-memory", "resources")

IDS: Mapping[Owner, str] = MappingProxyType(
    {Owner.HEAD: "add-head", Owner.WORKER: "add-workers", Owner.SUBMITTER: "add-submitter"}
)


def fills(job: Job, additions: Additions, earlier: tuple[Fill, ...] = ()) -> tuple[Fill, ...]:
    """What a policy adds to a RayJob: labels, annotations, then pod by pod. ``earlier`` is what defaults put in before.

    A RayJob with mistyped fields, or without a spec, gets nothing, and neither do head and workers of a cluster that
    the job selects. A submitter gets something only if the job has a template for it: KubeRay makes its own otherwise,
    and a template of ours would take its place.
    """
    if job.mistyped or job.raw.get("spec") is None:
        return ()
    labels = _labels(job, additions.labels, earlier)
    return (*labels, *_annotations(job, additions.annotations), *_pods(job, additions))


def _labels(job: Job, labels: Mapping[str, str], earlier: tuple[Fill, ...]) -> Iterator[Fill]:
    said = job.metadata.get("labels") or {}
    for key, value in labels.items():
        if said.get(key) is None and (key != QUEUE_NAME or _can_be_queued(job, earlier)):
            yield Fill("add-labels", LABELS / Key(key), value, f"labels {key}={value}")


def _can_be_queued(job: Job, earlier: tuple[Fill, ...]) -> bool:
    """Whether Kueue takes the job into a queue.

    It refuses one whose cluster outlives it, runs outside of a queue or grows on its own, or has a group that it
    cannot count. Whoever updates a job that runs is not to be refused for a label of ours.
    """
    shuts_down = job.spec.get("shutdownAfterJobFinishes") is True or any(
        fill.path == SHUTDOWN and fill.value is True for fill in earlier
    )
    outlives = not shuts_down or job.spec.get("deletionStrategy") is not None
    runs = job.old is not None and job.spec.get("suspend") is not True
    return not (job.selects_cluster or outlives or runs or is_inelastic(job) or any(unfit_group_names(job)))


def _annotations(job: Job, annotations: Mapping[str, str]) -> Iterator[Fill]:
    said = job.metadata.get("annotations") or {}
    silent = {key: value for key, value in annotations.items() if said.get(key) is None}
    if silent and _bytes(said) + _bytes(silent) <= ANNOTATIONS_BYTES:
        for key, value in silent.items():
            # What an annotation says is nobody's business: it may be anything.
            yield Fill("add-annotations", ANNOTATIONS / Key(key), value, f"annotations {key}")


def _bytes(annotations: Mapping[str, str]) -> int:
    """How much of an object's room for annotations some of them take; a value may be null, which takes none."""
    return sum([len(key.encode()) + len((value or "").encode()) for key, value in annotations.items()])


def _pods(job: Job, additions: Additions) -> Iterator[Fill]:
    given = {
        Owner.HEAD: None if job.selects_cluster else additions.head,
        Owner.WORKER: None if job.selects_cluster else additions.workers,
        Owner.SUBMITTER: additions.submitter,
    }
    if any(given.values()):
        for template in job.templates:
            pods = given[template.owner]
            # Without a container there is no pod, and the schema or the operator says so.
            if pods is not None and template.spec.get("containers"):
                yield from _pod(template, pods)
                if pods.resources is not None and _may_be_sized(job, template, pods.resources):
                    yield from _resources(template, pods.resources)


def _pod(template: Template, pods: Pods) -> Iterator[Fill]:
    spec, path = template.spec, template.path
    if pods.service_account_name and spec.get("serviceAccountName") is None and spec.get("serviceAccount") is None:
        yield _fill(template, path / "serviceAccountName", pods.service_account_name)
    if pods.node_selector and spec.get("nodeName") is None:
        said, preferred = spec.get("nodeSelector") or {}, {*_keys_of_affinity(spec)}
        for key, value in pods.node_selector.items():
            if said.get(key) is None and key not in preferred:
                yield _fill(template, path / "nodeSelector" / Key(key), value)
    if pods.tolerations and spec.get("tolerations") is None:
        tolerations = [one.model_dump(by_alias=True, exclude_none=True) for one in pods.tolerations]
        yield _fill(template, path / "tolerations", tolerations)
    # The API server refuses a pod whose priority or preemption is another than that of its class.
    if pods.priority_class_name and all(
        said is None for said in (spec.get("priorityClassName"), spec.get("priority"), spec.get("preemptionPolicy"))
    ):
        yield _fill(template, path / "priorityClassName", pods.priority_class_name)
    if pods.image_pull_secrets and spec.get("imagePullSecrets") is None:
        secrets = [one.model_dump() for one in pods.image_pull_secrets]
        yield _fill(template, path / "imagePullSecrets", secrets)


def _keys_of_affinity(spec: pod.PodSpec) -> Iterator[str]:
    """The labels of nodes by which an author chooses nodes in another way than by a nodeSelector."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    terms = [*(required.get("nodeSelectorTerms") or ())]
    terms += [
        (preferred or {}).get("preference") or {}
        for preferred in affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
    ]
    for term in terms:
        for requirement in (term or {}).get("matchExpressions") or ():
            yield (requirement or {}).get("key") or ""


def _may_be_sized(job: Job, template: Template, resources: Resources) -> bool:
    """Whether nothing says how large the Ray container is, or could no longer run in one of this size."""
    container = (template.spec.get("containers") or [{}])[0]
    if not container or template.spec.get("resources"):
        return False
    said = container.get("resources") or {}
    # A Go program that says nothing writes empty ones.
    if said.get("requests") or said.get("limits"):
        return False
    if template.owner is Owner.SUBMITTER:
        return True
    group = job.head if template.group is None else job.workers[template.group]
    params = group.get("rayStartParams") or {}
    if group.get("resources") or any(params.get(name) is not None for name in SIZES):
        return False
    if (job.spec.get("entrypointNumGpus") or 0) > 0 and resources.has_devices:
        return False
    needed = job.spec.get("entrypointNumCpus") or 0
    return needed <= 0 or params.get("num-cpus") is not None or (cpus := resources.cpus) is None or needed <= cpus


def _resources(template: Template, resources: Resources) -> Iterator[Fill]:
    path = template.path / "containers" / 0 / "resources"
    for name, amount in resources.requests.items():
        yield _fill(template, path / "requests" / Key(name), amount)
    for name, amount in resources.limits.items():
        yield _fill(template, path / "limits" / Key(name), amount)


def _fill(template: Template, path: Path, value: object) -> Fill:
    """A fill into a pod; it is told by whose pod it is and by its place in it, a list without its items."""
    whose = template.owner.value if template.group is None else f"workers[{template.group}]"
    place = ".".join(str(step) for step in path.steps[len(template.path.steps) :] if isinstance(step, str))
    said = f"{whose}.{place.removeprefix('containers.resources.')}"
    return Fill(IDS[template.owner], path, value, f"{said}={value}" if isinstance(value, str) else said)
