"""What the laws are tried with: policies that give and add anything they may, and jobs that say some of it."""

from typing import Any

from hypothesis import strategies as st

from tests.objects import json_values
from webhook.defaults.additions import Additions
from webhook.rayjob.queue import QUEUE_NAME
from webhook.rules.example import merged, smallest, worker_group

keys = st.sampled_from(["team", "example.com/team", "a_b", QUEUE_NAME, "K" * 63])
label_values = st.sampled_from(["", "a", "ml", "v" * 63])
names = st.sampled_from(["a", "regcred", "ray-gpu.v2"])
maps = st.dictionaries(keys, label_values, max_size=3)

tolerations = st.sampled_from(
    [
        {"operator": "Exists"},
        {"key": "gpu", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "example.com/pool", "value": "ray"},
        {"key": "a", "operator": "Equal", "value": "", "effect": "NoExecute", "tolerationSeconds": -1},
    ]
)


@st.composite
def resources(draw: st.DrawFn) -> Any:
    """Requests and limits that fit each other."""
    said: Any = {"requests": {}, "limits": {}}
    for name in draw(st.sets(st.sampled_from(["cpu", "memory", "ephemeral-storage"]))):
        said["requests"][name], said["limits"][name] = draw(
            st.sampled_from([("1", "1"), ("500k", "1M"), ("0", "4Gi"), (".5k", 1000)])
        )
        del said[draw(st.sampled_from(["requests", "limits"]))][name]
    if draw(st.booleans()):
        said["limits"]["nvidia.com/gpu"] = 1
    return said


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


pods = optional(
    serviceAccountName=names,
    nodeSelector=maps,
    tolerations=st.lists(tolerations, max_size=2),
    priorityClassName=names,
    imagePullSecrets=st.lists(names.map(lambda name: {"name": name}), max_size=2, unique_by=lambda one: one["name"]),
    resources=resources(),
)
additions = optional(
    labels=maps.filter(lambda labels: labels.get(QUEUE_NAME) != ""),
    annotations=st.dictionaries(keys, st.text(max_size=3), max_size=3),
    head=pods,
    workers=pods,
    submitter=pods,
).map(Additions.of)

given = optional(
    **{
        "dashboard-host": st.sampled_from(["0.0.0.0", "::", "head.ray.svc"]),  # noqa: S104 (inside a pod)
        "shutdown": st.booleans(),
        "ttl": st.sampled_from([0, 1, 3600, 2**31 - 1]),
        "runtime-env-yaml": st.none(),
    }
)


def perhaps_null(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The values, or null."""
    return st.none() | values


affinities = st.builds(
    lambda key, required: {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": key, "operator": "Exists"}]}]
            }
            if required
            else None,
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 1, "preference": {"matchExpressions": [{"key": key, "operator": "Exists"}]}}
            ],
        }
    },
    keys,
    st.booleans(),
)


@st.composite
def templates(draw: st.DrawFn, name: str) -> Any:
    """A pod template, valid, that says some of what could be added to it."""
    container = {"name": name, "image": "rayproject/ray:2.52.0"} | draw(
        optional(
            resources=perhaps_null(
                st.just({})
                | st.just({"requests": {}, "limits": None})
                | st.just({"requests": {"cpu": "1"}})
                | st.just({"claims": [{"name": "gpu"}]})
            )
        )
    )
    said = draw(
        optional(
            serviceAccountName=perhaps_null(st.just("") | names),
            serviceAccount=names,
            nodeName=names,
            nodeSelector=perhaps_null(st.dictionaries(keys, perhaps_null(label_values), max_size=2)),
            affinity=perhaps_null(affinities),
            tolerations=perhaps_null(st.lists(tolerations, max_size=1)),
            priorityClassName=perhaps_null(names),
            priority=st.just(0),
            preemptionPolicy=st.just("Never"),
            imagePullSecrets=perhaps_null(st.just([]) | st.just([{"name": "own"}])),
            resources=st.just({}) | st.just({"limits": {"cpu": "1"}}),
        )
    )
    return {"spec": {"containers": [container], "restartPolicy": "Never"} | said}


params = optional(
    **{"num-cpus": st.just("0"), "memory": st.just("1000"), "object-store-memory": st.just("1000"), "block": st.none()}
)


@st.composite
def jobs(draw: st.DrawFn) -> Any:
    """A RayJob that KubeRay takes, more often than not, and that says some of what could be added to it."""
    job = smallest()
    job["metadata"] |= draw(
        optional(
            labels=perhaps_null(st.dictionaries(keys, perhaps_null(label_values), max_size=2)),
            annotations=perhaps_null(st.dictionaries(keys, st.text(max_size=3), max_size=2)),
        )
    )
    cluster = job["spec"]["rayClusterSpec"]
    cluster["headGroupSpec"] |= {"rayStartParams": draw(perhaps_null(params)), "template": draw(templates("head"))}
    cluster["workerGroupSpecs"] = [
        worker_group(groupName=name, rayStartParams=draw(params), template=draw(templates("worker")))
        for name in draw(st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True))
    ]
    job["spec"] |= draw(
        optional(
            submitterPodTemplate=templates("submitter"),
            clusterSelector=st.just({"ray.io/cluster": "shared"}),
            shutdownAfterJobFinishes=perhaps_null(st.booleans()),
            ttlSecondsAfterFinished=st.sampled_from([0, 60]),
            deletionStrategy=st.just({"onSuccess": {"policy": "DeleteNone"}, "onFailure": {"policy": "DeleteNone"}}),
            runtimeEnv=st.just("pip: [a]"),
            entrypointNumCpus=st.sampled_from([0, 0.5, 2, 64]),
            entrypointNumGpus=st.sampled_from([0, 1]),
            suspend=st.booleans(),
            submissionMode=st.sampled_from(["HTTPMode", "SidecarMode", "InteractiveMode"]),
        )
    )
    if draw(st.integers(0, 9)) == 0:
        patched: Any = merged({"spec": {draw(st.sampled_from([*job["spec"]])): draw(json_values)}}, into=job)
        return patched
    return job
