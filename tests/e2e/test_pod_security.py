"""Our Pod Security against the API server's own: the same pods, and per control the same verdict."""

import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e import pod_templates
from tests.e2e.client import connect
from tests.e2e.kubectl import Cluster
from tests.e2e.pod_templates import Raw
from webhook.rayjob.job import HEAD, SUBMITTER, WORKERS, Job
from webhook.rayjob.path import Path
from webhook.rayjob.pod_security.standard import Control, Level, controls
from webhook.rules.example import smallest, worker_group
from webhook.rules.guardrail.privileged_pod import PrivilegedPod, privileged_pod

pytestmark = pytest.mark.e2e

GENERATED = 480
ENOUGH = 300
BY_REASON = {
    "forbidden AppArmor profile": "appArmorProfile",
    "forbidden AppArmor profiles": "appArmorProfile",
    "non-default capabilities": "capabilities_baseline",
    "host namespaces": "hostNamespaces",
    "hostPath volumes": "hostPathVolumes",
    "hostPort": "hostPorts",
    "probe or lifecycle host": "hostProbesAndHostLifecycle",
    "privileged": "privileged",
    "seLinuxOptions": "seLinuxOptions",
    "forbidden sysctls": "sysctls",
    "hostProcess": "windowsHostProcess",
    "allowPrivilegeEscalation != false": "allowPrivilegeEscalation",
    "unrestricted capabilities": "capabilities_restricted",
    "restricted volume types": "restrictedVolumes",
    "runAsNonRoot != true": "runAsNonRoot",
    "runAsUser=0": "runAsUser",
}
"""What the API server calls its controls in a message; two reasons stand for two controls each."""

BY_REASON_AND_LEVEL = {
    ("procMount", Level.BASELINE): "procMount",
    ("procMount", Level.RESTRICTED): "procMount_restricted",
    ("seccompProfile", Level.BASELINE): "seccompProfile_baseline",
    ("seccompProfile", Level.RESTRICTED): "seccompProfile_restricted",
}
NEVER_BROKEN = {(Level.BASELINE, "procMount")}
"""The API server takes an unmasked /proc only where *baseline* lets it pass, in a user namespace."""

INVALID = "invalid"
PLACES = (HEAD / "template", WORKERS / 0 / "template", SUBMITTER)


@pytest.fixture(scope="module")
def namespaces(cluster: Cluster) -> Mapping[Level, str]:
    """A namespace that enforces each level, in the newest version of the standards."""
    made = {level: f"pod-security-{level}-{secrets.token_hex(3)}" for level in Level}
    for level, name in made.items():
        labels = {
            "pod-security.kubernetes.io/enforce": str(level),
            "pod-security.kubernetes.io/enforce-version": "latest",
        }
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        cluster.apply_yaml(yaml.safe_dump(namespace))
    return made


@pytest.fixture(scope="module")
def client(cluster: Cluster) -> Iterator[httpx.Client]:
    with connect(cluster) as connected:
        yield connected


def theirs(answer: httpx.Response, level: Level) -> frozenset[str] | str:
    """The controls that the API server found broken, or that the pod is invalid whatever Pod Security says."""
    if answer.is_success:
        return frozenset()
    message = answer.json()["message"]
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        return INVALID
    assert answer.status_code == httpx.codes.FORBIDDEN, message
    _, found, reasons = message.partition(f'violates PodSecurity "{level}:latest": ')
    assert found, message
    while re.search(r"\([^()]*\)", reasons):  # a reason's details stand in parentheses, and may hold others
        reasons = re.sub(r" ?\([^()]*\)", "", reasons)
    return frozenset(BY_REASON.get(one) or BY_REASON_AND_LEVEL[one, level] for one in reasons.split(", "))


def ours(template: Raw, level: Level, place: Path = PLACES[0]) -> frozenset[str]:
    """The controls that our guardrail finds broken in a RayJob with this template at one of its places."""
    raw = smallest()
    raw["spec"]["rayClusterSpec"]["workerGroupSpecs"] = [worker_group()]
    *steps, last = place.steps
    holder: Any = raw
    for step in steps:
        holder = holder[step]
    holder[last] = template
    found = privileged_pod.applied(PrivilegedPod(level=level)).findings(Job.of(raw))
    return frozenset(
        match[1]
        for finding in found
        if finding.path.is_in(place) and (match := re.search(r"\((?:baseline|restricted): (\w+)\)$", finding.text))
    )


def test_per_control_a_pod_gets_the_verdict_of_the_api_servers_own_pod_security(
    client: httpx.Client, namespaces: Mapping[Level, str]
) -> None:
    templates = list(pod_templates.templates(GENERATED))
    tried = [(index, template, level) for index, template in enumerate(templates) for level in Level]

    def judged(case: tuple[int, Raw, Level]) -> frozenset[str] | str:
        index, template, level = case
        pod = {**template, "metadata": {**template["metadata"], "name": f"pod-{index}"}}
        path, params = f"/api/v1/namespaces/{namespaces[level]}/pods", {"dryRun": "All"}
        return theirs(client.post(path, params=params, json=pod), level)

    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(judged, tried))

    valid = [(case, verdict) for case, verdict in zip(tried, verdicts, strict=True) if verdict != INVALID]
    compared = [
        (template, level, verdict, ours(template, level, PLACES[index % len(PLACES)]))
        for (index, template, level), verdict in valid
    ]
    assert [case for case in compared if case[2] != case[3]] == []
    assert len(valid) / len(Level) >= ENOUGH
    assert (
        one_sided(Counter((level, control) for _, level, verdict, _ in compared for control in verdict)) == NEVER_BROKEN
    )


def one_sided(broken: Counter[tuple[Level, str]]) -> set[tuple[Level, str]]:
    """The controls that fewer than five pods broke, or that fewer than a hundred kept to."""
    asked = {(level, str(control)) for level in Level for control in controls(level)}
    return {one for one in asked if not 5 <= broken[one] <= ENOUGH - 100}


def test_a_container_for_debugging_gets_the_verdict_of_the_api_servers_own_pod_security(
    client: httpx.Client, namespaces: Mapping[Level, str]
) -> None:
    spec: Raw = {"containers": [{"name": "main", "image": "a", "securityContext": pod_templates.CONTEXT}]}
    compared = []
    for level, namespace in namespaces.items():
        made = {"metadata": {"name": "debugged"}, "spec": spec}
        pod = client.post(f"/api/v1/namespaces/{namespace}/pods", json=made).raise_for_status().json()
        for containers in pod_templates.ephemeral_containers(150):
            debugged = {**pod, "spec": {**pod["spec"], "ephemeralContainers": containers}}
            path, params = f"/api/v1/namespaces/{namespace}/pods/debugged/ephemeralcontainers", {"dryRun": "All"}
            verdict = theirs(client.put(path, params=params, json=debugged), level)
            compared.append((containers, verdict, ours({"spec": {**spec, "ephemeralContainers": containers}}, level)))

    assert [case for case in compared if case[1] not in (INVALID, case[2])] == []
    assert len([case for case in compared if case[1] != INVALID]) >= 200
    assert {control for _, verdict, _ in compared if verdict != INVALID for control in verdict} == {
        Control.ALLOW_PRIVILEGE_ESCALATION,
        Control.APP_ARMOR_PROFILE,
        Control.CAPABILITIES_BASELINE,
        Control.CAPABILITIES_RESTRICTED,
        Control.PRIVILEGED,
        Control.RUN_AS_NON_ROOT,
        Control.RUN_AS_USER,
        Control.SE_LINUX_OPTIONS,
        Control.SECCOMP_PROFILE_BASELINE,
        Control.SECCOMP_PROFILE_RESTRICTED,
    }
