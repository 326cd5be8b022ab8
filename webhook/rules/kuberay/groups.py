"""What every group of pods needs, the head's as well as the workers'."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import HEAD, WORKERS, Job
from webhook.rayjob.kuberay import Release
from webhook.rayjob.model import HeadGroupSpec, WorkerGroupSpec
from webhook.rayjob.path import Key, Path
from webhook.rayjob.syntax import is_label_key, is_label_value
from webhook.rules.example import cluster, worker_group
from webhook.rules.finding import Finding, forbidden, invalid, required
from webhook.rules.rule import Layer, fails, passes, rule

RESOURCE_PARAMS = ("num-cpus", "num-gpus", "memory", "resources")  # the options of `ray start` that say the same


def _groups(job: Job) -> tuple[HeadGroupSpec | WorkerGroupSpec, ...]:
    """The head group, then the worker groups; none where there is no cluster to create."""
    return () if job.spec.get("rayClusterSpec") is None else (job.head, *job.workers)


def _place(number: int) -> Path:
    """Where the group of that number in `_groups` sits; made only for a finding, because most groups have none."""
    return WORKERS / (number - 1) if number else HEAD


def _in_any(field: str) -> str:
    """For `reads`: the field of the head group or of any worker group."""
    return f"spec.rayClusterSpec.headGroupSpec.{field}|spec.rayClusterSpec.workerGroupSpecs[].{field}"


@rule(
    "A group's pods have no container",
    layer=Layer.KUBERAY,
    source=("R36", "R41"),
    reads=("spec.rayClusterSpec",),
    examples=(
        passes(cluster(workerGroupSpecs=[])),
        passes(cluster(workerGroupSpecs=[worker_group()])),
        fails(
            cluster(headGroupSpec={"template": {"spec": {"containers": []}}}),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers",
            number="R36",
        ),
        fails(
            cluster(headGroupSpec={"template": {"spec": None}}),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers",
            number="R36",
        ),
        fails(
            cluster(workerGroupSpecs=[worker_group(), worker_group(groupName="b", template={"spec": None})]),
            "spec.rayClusterSpec.workerGroupSpecs[1].template.spec.containers",
            number="R41",
        ),
    ),
)
def group_without_containers(job: Job) -> Iterator[Finding]:
    """The pod template of the head or of a worker group has no container.

    Why: Ray runs in the first container, whatever its name. KubeRay's operator refuses the job after it is stored,
    even where `clusterSelector` makes it ignore the cluster described here.

    Instead: name the container and its image in `template.spec.containers`.
    """
    for number, group in enumerate(_groups(job)):
        if not ((group.get("template") or {}).get("spec") or {}).get("containers"):
            yield required(_place(number) / "template" / "spec" / "containers", "the first container runs Ray")


@rule(
    "A group's resources are given twice",
    layer=Layer.KUBERAY,
    source=("R37", "R46"),
    since=Release.V1_5,
    reads=(_in_any("resources"),),
    examples=(
        passes(cluster(headGroupSpec={"resources": {"CPU": "2"}, "rayStartParams": {"num-cpus": "", "port": "6379"}})),
        passes(cluster(headGroupSpec={"resources": {}, "rayStartParams": {"num-cpus": "2"}})),
        fails(
            cluster(headGroupSpec={"resources": {"CPU": "2"}, "rayStartParams": {"num-cpus": "2"}}),
            "spec.rayClusterSpec.headGroupSpec.resources",
            number="R37",
        ),
        fails(
            cluster(workerGroupSpecs=[worker_group(resources={"GPU": "1"}, rayStartParams={"memory": "1000"})]),
            "spec.rayClusterSpec.workerGroupSpecs[0].resources",
            number="R46",
        ),
    ),
)
def resources_set_twice(job: Job) -> Iterator[Finding]:
    """A group has `resources`, and its `rayStartParams` say `num-cpus`, `num-gpus`, `memory` or `resources` as well.

    Why: both say what Ray may schedule on the group's pods; KubeRay's operator does not choose, it refuses the job.

    Instead: keep one of the two.
    """
    for number, group in enumerate(_groups(job)):
        resources, params = group.get("resources"), group.get("rayStartParams")
        if resources and params:
            doubled = ", ".join(f"rayStartParams[{name}]" for name in RESOURCE_PARAMS if params.get(name))
            if doubled:
                must = f"must not be set beside {doubled}: keep one of the two"
                yield forbidden(_place(number) / "resources", resources, must)


@rule(
    "Node labels are given as an option of ray start",
    layer=Layer.KUBERAY,
    source=("R38", "R47"),
    since=Release.V1_5,
    reads=(_in_any("rayStartParams.labels"),),
    examples=(
        passes(cluster(headGroupSpec={"labels": {"zone": "a"}})),
        fails(
            cluster(headGroupSpec={"rayStartParams": {"labels": "zone=a"}}),
            "spec.rayClusterSpec.headGroupSpec.rayStartParams[labels]",
            number="R38",
        ),
        fails(
            cluster(headGroupSpec={"rayStartParams": {"labels": ""}}),
            "spec.rayClusterSpec.headGroupSpec.rayStartParams[labels]",
            number="R38",
        ),
        fails(
            cluster(workerGroupSpecs=[worker_group(rayStartParams={"labels": "zone=a"})]),
            "spec.rayClusterSpec.workerGroupSpecs[0].rayStartParams[labels]",
            number="R47",
        ),
    ),
)
def labels_in_ray_start_params(job: Job) -> Iterator[Finding]:
    """A group's `rayStartParams` have an entry `labels`, even an empty one.

    Why: KubeRay writes this option itself, from the group's field `labels`; its operator refuses the entry.

    Instead: move the labels to the group's field `labels`, a map: `labels: {zone: a}`.
    """
    for number, group in enumerate(_groups(job)):
        labels = (group.get("rayStartParams") or {}).get("labels")
        if labels is not None:
            place = _place(number) / "rayStartParams" / Key("labels")
            yield forbidden(place, labels, "must be left out: KubeRay takes labels from the group's field labels alone")


@rule(
    "A node label is no label to Kubernetes",
    layer=Layer.KUBERAY,
    source=("R39", "R40", "R48", "R49"),
    since=Release.V1_5,
    reads=(_in_any("labels"),),
    examples=(
        passes(cluster(headGroupSpec={"labels": {"example.com/zone": "eu_1.a", "spot": ""}})),
        passes(cluster(workerGroupSpecs=[worker_group(labels={"k" * 63: "v" * 63})])),
        fails(
            cluster(headGroupSpec={"labels": {"example.com/zone/rack": "a"}}),
            "spec.rayClusterSpec.headGroupSpec.labels",
            number="R39",
        ),
        fails(
            cluster(headGroupSpec={"labels": {"zone": "a b"}}),
            "spec.rayClusterSpec.headGroupSpec.labels[zone]",
            number="R40",
        ),
        fails(
            cluster(workerGroupSpecs=[worker_group(labels={"Example.com/zone": "a", "k" * 64: "b"})]),
            "spec.rayClusterSpec.workerGroupSpecs[0].labels",
            "spec.rayClusterSpec.workerGroupSpecs[0].labels",
            number="R48",
        ),
        fails(
            cluster(workerGroupSpecs=[worker_group(labels={"zone": "v" * 64})]),
            "spec.rayClusterSpec.workerGroupSpecs[0].labels[zone]",
            number="R49",
        ),
    ),
)
def invalid_node_label(job: Job) -> Iterator[Finding]:
    """A key or a value in a group's `labels` does not have the form of a label.

    Why: KubeRay gives the labels to Ray's nodes and to their pods, so its operator refuses what no pod could carry.

    Instead: use keys like `zone` or `example.com/zone`, and values that are empty or have at most 63 letters, digits,
    `-`, `_` and `.`, the first and the last a letter or digit.
    """
    for number, group in enumerate(_groups(job)):
        for key, value in (group.get("labels") or {}).items():
            if not is_label_key(key):
                yield invalid(_place(number) / "labels", key, "must be a label's key, such as zone or example.com/zone")
            if not is_label_value(value or ""):
                place = _place(number) / "labels" / Key(key)
                yield invalid(
                    place, value, "must be 63 letters, digits, '-', '_' and '.' at most, the outer ones no punctuation"
                )
