"""The network policies that KubeRay makes for a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from webhook.rayjob import model
from webhook.rayjob.job import CLUSTER, WORKERS, Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.path import Path
from webhook.rayjob.syntax import is_dns1123_label
from webhook.rules.example import cluster, worker_group
from webhook.rules.finding import Finding, forbidden, invalid, required
from webhook.rules.rule import Layer, fails, passes, rule

POLICY = CLUSTER / "networkPolicy"

Direction: TypeAlias = Literal["ingressRules", "egressRules"]


def _isolating(**policy: object) -> dict[str, object]:
    """The patch of an example: a network policy, and a worker group named workers."""
    return cluster(networkPolicy=policy, workerGroupSpecs=[worker_group()])


@rule(
    "A network policy is asked for, but its gate is off",
    layer=Layer.KUBERAY,
    source=("R102",),
    since=Release.V1_7,
    gate=(Gate.NETWORK_POLICY, False),
    reads=("spec.rayClusterSpec.networkPolicy",),
    examples=(
        passes(cluster(networkPolicy=None)),
        fails(cluster(networkPolicy={}), "spec.rayClusterSpec.networkPolicy"),
    ),
)
def network_policy_without_gate(job: Job) -> Iterator[Finding]:
    """`networkPolicy` is there (`{}` too) while the operator's gate RayClusterNetworkPolicy is off.

    Why: KubeRay's operator refuses the job after it is stored.

    Instead: leave it out, or ask whoever runs KubeRay to start it with
    `--feature-gates=RayClusterNetworkPolicy=true`.
    """
    if job.cluster.get("networkPolicy") is not None:
        yield forbidden(POLICY, None, "the operator's feature gate RayClusterNetworkPolicy is off")


@rule(
    "Ingress is allowed that is not denied in the first place",
    layer=Layer.KUBERAY,
    source=("R103", "R105", "R108"),
    since=Release.V1_7,
    gate=(Gate.NETWORK_POLICY, True),
    reads=("spec.rayClusterSpec.networkPolicy.mode",),
    examples=(
        passes(_isolating(mode="DenyAllEgress", head={"ingressRules": [], "egressRules": [{}]})),
        passes(_isolating(mode="DenyAll", head={"ingressRules": [{}]})),
        fails(
            _isolating(mode="DenyAllEgress", head={"ingressRules": [{}]}),
            "spec.rayClusterSpec.networkPolicy.head.ingressRules",
            number="R103",
        ),
        fails(
            _isolating(mode="DenyAllEgress", worker={"ingressRules": [{}]}),
            "spec.rayClusterSpec.networkPolicy.worker.ingressRules",
            number="R105",
        ),
        fails(
            _isolating(mode="DenyAllEgress", workerGroups=[{"groupName": "workers", "ingressRules": [{}]}]),
            "spec.rayClusterSpec.networkPolicy.workerGroups[0].ingressRules",
            number="R108",
        ),
    ),
)
def unrestricted_ingress_rules(job: Job) -> Iterator[Finding]:
    """`networkPolicy.mode` is DenyAllEgress, and there are `ingressRules` for the head, the workers or a group.

    Why: this mode leaves ingress open, so that the rules would change nothing; KubeRay's operator refuses the job.

    Instead: leave the rules out, or choose mode DenyAll or DenyAllIngress.
    """
    for path in _rules(job, "DenyAllEgress", "ingressRules"):
        yield forbidden(path, None, "networkPolicy.mode DenyAllEgress does not deny ingress")


@rule(
    "Egress is allowed that is not denied in the first place",
    layer=Layer.KUBERAY,
    source=("R104", "R106", "R109"),
    since=Release.V1_7,
    gate=(Gate.NETWORK_POLICY, True),
    reads=("spec.rayClusterSpec.networkPolicy.mode",),
    examples=(
        passes(_isolating(mode="DenyAllIngress", worker={"ingressRules": [{}], "egressRules": []})),
        passes(_isolating(mode="DenyAll", worker={"egressRules": [{}]})),
        fails(
            _isolating(mode="DenyAllIngress", head={"egressRules": [{}]}),
            "spec.rayClusterSpec.networkPolicy.head.egressRules",
            number="R104",
        ),
        fails(
            _isolating(mode="DenyAllIngress", worker={"egressRules": [{}]}),
            "spec.rayClusterSpec.networkPolicy.worker.egressRules",
            number="R106",
        ),
        fails(
            _isolating(mode="DenyAllIngress", workerGroups=[{"groupName": "workers", "egressRules": [{}]}]),
            "spec.rayClusterSpec.networkPolicy.workerGroups[0].egressRules",
            number="R109",
        ),
    ),
)
def unrestricted_egress_rules(job: Job) -> Iterator[Finding]:
    """`networkPolicy.mode` is DenyAllIngress, and there are `egressRules` for the head, the workers or a group.

    Why: this mode leaves egress open, so that the rules would change nothing; KubeRay's operator refuses the job.

    Instead: leave the rules out, or choose mode DenyAll or DenyAllEgress.
    """
    for path in _rules(job, "DenyAllIngress", "egressRules"):
        yield forbidden(path, None, "networkPolicy.mode DenyAllIngress does not deny egress")


def _policy(job: Job) -> model.NetworkPolicyConfig:
    return job.cluster.get("networkPolicy") or {}


def _rules(job: Job, mode: str, direction: Direction) -> Iterator[Path]:
    """Where there are rules of a direction, if that is the mode."""
    policy = _policy(job)
    if policy.get("mode") != mode:
        return
    if (policy.get("head") or {}).get(direction):
        yield POLICY / "head" / direction
    if (policy.get("worker") or {}).get(direction):
        yield POLICY / "worker" / direction
    for index, group in enumerate(policy.get("workerGroups") or ()):
        if (group or {}).get(direction):
            yield POLICY / "workerGroups" / index / direction


@rule(
    "A worker group's name does not fit into the name of a network policy",
    layer=Layer.KUBERAY,
    source=("R107",),
    since=Release.V1_7,
    gate=(Gate.NETWORK_POLICY, True),
    reads=("spec.rayClusterSpec.networkPolicy", "spec.rayClusterSpec.workerGroupSpecs"),
    examples=(
        passes(_isolating()),
        passes(cluster(workerGroupSpecs=[worker_group(groupName="gpu_a100")])),
        fails(
            cluster(networkPolicy={}, workerGroupSpecs=[worker_group(groupName="GPU")]),
            "spec.rayClusterSpec.workerGroupSpecs[0].groupName",
        ),
        fails(
            cluster(networkPolicy={}, workerGroupSpecs=[worker_group(groupName="a.b")]),
            "spec.rayClusterSpec.workerGroupSpecs[0].groupName",
        ),
        fails(
            cluster(networkPolicy={}, workerGroupSpecs=[worker_group(groupName="")]),
            "spec.rayClusterSpec.workerGroupSpecs[0].groupName",
        ),
    ),
)
def network_policy_with_unfit_group_name(job: Job) -> Iterator[Finding]:
    """With `networkPolicy`, the `groupName` of a worker group is not a DNS-1123 label.

    Why: KubeRay names a NetworkPolicy after each group, and its operator refuses the job.

    Instead: use lower-case letters, digits and `-`, first and last a letter or digit, 63 at the most.
    """
    if job.cluster.get("networkPolicy") is None:
        return
    for index, group in enumerate(job.workers):
        name = group.get("groupName")
        path = WORKERS / index / "groupName"
        if name is None:
            yield required(path, "KubeRay names a NetworkPolicy after the group")
        elif not is_dns1123_label(name):
            must = "must be at most 63 lower-case letters, digits and '-', with networkPolicy, which is named after it"
            yield invalid(path, name, must)


@rule(
    "A network policy is for a worker group that is not there",
    layer=Layer.KUBERAY,
    source=("R110",),
    since=Release.V1_7,
    gate=(Gate.NETWORK_POLICY, True),
    reads=("spec.rayClusterSpec.networkPolicy.workerGroups",),
    examples=(
        passes(_isolating(workerGroups=[{"groupName": "workers"}])),
        fails(
            _isolating(workerGroups=[{"groupName": "workers"}, {"groupName": "Workers"}]),
            "spec.rayClusterSpec.networkPolicy.workerGroups[1].groupName",
        ),
        fails(
            cluster(networkPolicy={"workerGroups": [{"groupName": "workers"}]}),
            "spec.rayClusterSpec.networkPolicy.workerGroups[0].groupName",
        ),
    ),
)
def network_policy_for_unknown_group(job: Job) -> Iterator[Finding]:
    """The `groupName` of an item of `networkPolicy.workerGroups` is not that of any group in `workerGroupSpecs`.

    Why: its rules would be for nobody; KubeRay's operator refuses the job.

    Instead: write a group's name exactly, or leave the item out.
    """
    known = {group.get("groupName") or "" for group in job.workers}
    for index, item in enumerate(_policy(job).get("workerGroups") or ()):
        name = (item or {}).get("groupName")
        path = POLICY / "workerGroups" / index / "groupName"
        if (name or "") in known:
            continue
        if name is None:
            yield required(path, "the group of workerGroupSpecs that is meant")
        else:
            yield invalid(path, name, "must be the groupName of a group in workerGroupSpecs")
