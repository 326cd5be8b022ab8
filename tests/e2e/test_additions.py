"""What a policy may add is what the real API server takes: every pod that is made with it, in a server-side dry run."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from tests.e2e.kubectl import Cluster
from webhook.admission import patch
from webhook.defaults.added import fills
from webhook.defaults.additions import Additions
from webhook.rayjob.job import Job
from webhook.rules.example import smallest

pytestmark = pytest.mark.e2e

NAMES = ["", "a", "1", "A", "a.b", "a..b", "a_b", "-a", "é", "a" * 63, "a" * 253, "a" * 254]
KEYS = ["", "a", "A_b", "-", "e.x/a", "E.x/a", "/a", "e.x/", "a/b/c", "k" * 63, "k" * 64, "p" * 253 + "/a"]
VALUES = ["", "a", "A_b.c", "-a", "a b", "v" * 63, "v" * 64]
RESOURCES = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "hugepages-2Mi",
    "hugepages-x",
    "nvidia.com/gpu",
    "requests.e.x/a",
    "e.x/A_b",
    "storage",
    "pods",
    "gpu",
    "a b",
    "e.x/",
    "p" * 244 + "/a",
    "p" * 245 + "/a",
]
AMOUNTS = [None, "0", 1, "2", "2Mi", "3Mi", "500m", "1e2", "1e1000", "-1", "x", ""]


def toleration(**fields: Any) -> dict[str, Any]:
    return {"tolerations": [{name: value for name, value in fields.items() if value is not None}]}


def resources(name: str, requested: Any, limit: Any, *, beside: bool) -> dict[str, Any]:
    said: dict[str, dict[str, Any]] = {"requests": {"memory": "1Gi"} if beside else {}, "limits": {}}
    said["requests"] |= {} if requested is None else {name: requested}
    said["limits"] |= {} if limit is None else {name: limit}
    return {"resources": said}


def candidates() -> Iterator[dict[str, Any]]:
    """What an owner may try to add, one thing at a time, and wrong as often as not."""
    yield from ({"labels": {key: "a"}} for key in KEYS)
    yield from ({"labels": {"a": value}} for value in VALUES)
    yield from ({"annotations": {key: "é\n"}} for key in KEYS)
    pods: list[dict[str, Any]] = [{"serviceAccountName": name} for name in NAMES]
    pods += [{"imagePullSecrets": [{"name": name}]} for name in NAMES]
    pods += [{"nodeSelector": {key: "a"}} for key in KEYS]
    pods += [{"nodeSelector": {"a": value}} for value in VALUES]
    pods += [
        toleration(key=key, operator=operator, value=value, effect=effect, tolerationSeconds=seconds)
        for key, operator, value, effect, seconds in product(
            [None, "a", "a/b/c"],
            [None, "Exists", "Equal", "In"],
            [None, "b", "b c"],
            [None, "NoSchedule", "NoExecute"],
            [None, -1],
        )
    ]
    pods += [
        resources(name, requested, limit, beside=name != "memory")
        for name, (requested, limit) in product(RESOURCES, [(a, b) for a, b in product(AMOUNTS, AMOUNTS) if a or b])
        if name in {"cpu", "hugepages-2Mi", "nvidia.com/gpu"} or requested == limit or requested is None
    ]
    pods += [resources("hugepages-2Mi", None, "2Mi", beside=False)]
    yield from ({"head": one} for one in pods)


def accepted(raw: dict[str, Any]) -> Additions | None:
    try:
        return Additions.of(raw)
    except ValidationError:
        return None


def pod(name: str, additions: Additions) -> dict[str, Any]:
    """The pod of a head that says nothing, with what is added to it; the RayJob's own metadata stand in it as well."""
    silent = smallest()
    job: Any = patch.applied(silent, patch.operations(silent, fills(Job.of(silent), additions)))
    metadata = {"name": name} | {kept: job["metadata"].get(kept) or {} for kept in ("labels", "annotations")}
    spec = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def test_the_api_server_takes_a_pod_with_whatever_a_policy_may_add(cluster: Cluster, namespace: str) -> None:
    tried = [(raw, additions) for raw in candidates() if (additions := accepted(raw)) is not None]
    pods = [pod(f"added-{number}", additions) for number, (_, additions) in enumerate(tried)]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": pods})

    made = cluster.kubectl("create", "-n", namespace, "--dry-run=server", "-o", "name", "-f", "-", stdin=listed)

    print(f"{len(tried)} of {len([*candidates()])} candidates may be added; the API server takes each")  # noqa: T201 (told by -s)
    assert made.stderr == ""
    assert made.stdout.split() == [f"pod/{one['metadata']['name']}" for one in pods]
    assert len(tried) > 100


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"tolerations": [{"key": "a", "operator": "Exists", "value": "b"}]}, "spec.tolerations[0].operator"),
        ({"nodeSelector": {"a": "b c"}}, "spec.nodeSelector"),
        ({"serviceAccountName": "A"}, "spec.serviceAccountName"),
    ],
)
def test_a_pod_with_what_no_policy_may_add_is_refused_by_it(
    cluster: Cluster, namespace: str, wrong: dict[str, Any], told: str
) -> None:
    refused = pod("wrong", Additions())
    refused["spec"] |= wrong

    made = cluster.kubectl("create", "-n", namespace, "--dry-run=server", "-f", "-", stdin=json.dumps(refused))

    assert accepted({"head": wrong}) is None
    assert told in made.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_priority_class_may_be_added_by_a_name_that_one_can_have(cluster: Cluster, name: str) -> None:
    made = cluster.kubectl(
        "create",
        "--dry-run=server",
        "-f",
        "-",
        stdin=json.dumps(
            {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": 1}
        ),
    )

    assert (accepted({"head": {"priorityClassName": name}}) is not None) is (made.code == 0)
