"""How a RayJob says what is deleted at its end: by rules, or by the deprecated pair onSuccess and onFailure.

What the policies say is judged beside this, by `deletion_policy`, `deletion_rules` and `deletion_order`. While the
operator's gate is off it refuses every deletion strategy (`deletion_gate`), so all of these are silent then.
"""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, forbidden, not_supported, required
from webhook.rules.rule import Layer, fails, passes, rule

STRATEGY = field("spec.deletionStrategy")
RULES = STRATEGY / "deletionRules"
POLICY = field("spec.deletionPolicy")
POLICIES = ("DeleteCluster", "DeleteWorkers", "DeleteSelf", "DeleteNone")

PAIR = {"onSuccess": {"policy": "DeleteCluster"}, "onFailure": {"policy": "DeleteNone"}}  # for the examples
LIST = {"deletionRules": [{"policy": "DeleteCluster", "condition": {"jobStatus": "SUCCEEDED"}}]}


@rule(
    "The deletion policy is unknown",
    layer=Layer.KUBERAY,
    source=("H5",),
    until=Release.V1_4,
    reads=("spec.deletionPolicy",),
    examples=(
        passes({"spec": {"deletionPolicy": None}}),
        fails({"spec": {"deletionPolicy": "Delete"}}, "spec.deletionPolicy", also=("deletion-policy-without-gate",)),
        fails({"spec": {"deletionPolicy": ""}}, "spec.deletionPolicy", also=("deletion-policy-without-gate",)),
    ),
)
def unknown_deletion_policy(job: Job) -> Iterator[Finding]:
    """`spec.deletionPolicy` is none of KubeRay's policies; letter case counts.

    Why: the CRD of KubeRay 1.4 refuses it.

    Instead: write one of the policies exactly. KubeRay 1.5 and later have `spec.deletionStrategy` in its place.
    """
    policy = job.spec.get("deletionPolicy")
    if policy is not None and policy not in POLICIES:
        yield not_supported(POLICY, policy, POLICIES)


@rule(
    "Deletion rules stand beside the cluster's shutdown",
    layer=Layer.KUBERAY,
    source=("R7",),
    since=Release.V1_5,
    gate=(Gate.DELETION_POLICY, True),
    reads=("spec.deletionStrategy.deletionRules", "spec.shutdownAfterJobFinishes"),
    examples=(
        passes({"spec": {"deletionStrategy": LIST}}),
        passes({"spec": {"deletionStrategy": LIST, "shutdownAfterJobFinishes": False}}),
        fails(
            {"spec": {"deletionStrategy": LIST, "shutdownAfterJobFinishes": True}},
            "spec.deletionStrategy.deletionRules",
        ),
    ),
)
def deletion_rules_with_shutdown(job: Job) -> Iterator[Finding]:
    """`spec.deletionStrategy.deletionRules` has rules while `spec.shutdownAfterJobFinishes` is true.

    Why: both say what becomes of the cluster; KubeRay's operator refuses to choose.

    Instead: leave `shutdownAfterJobFinishes` and `ttlSecondsAfterFinished` out, and write a rule with DeleteCluster.
    """
    rules = (job.spec.get("deletionStrategy") or {}).get("deletionRules")
    if rules and job.spec.get("shutdownAfterJobFinishes"):
        yield forbidden(RULES, rules, "must be left out while spec.shutdownAfterJobFinishes is true")


@rule(
    "Deletion rules stand beside onSuccess or onFailure",
    layer=Layer.KUBERAY,
    source=("R8", "R127"),
    since=Release.V1_5,
    gate=(Gate.DELETION_POLICY, True),
    reads=("spec.deletionStrategy.deletionRules",),
    examples=(
        passes({"spec": {"deletionStrategy": LIST}}),
        passes({"spec": {"deletionStrategy": PAIR}}),
        fails({"spec": {"deletionStrategy": {**LIST, **PAIR}}}, "spec.deletionStrategy", number="R8"),
        fails({"spec": {"deletionStrategy": {**LIST, "onFailure": {}}}}, "spec.deletionStrategy", number="R127"),
    ),
)
def two_deletion_strategies(job: Job) -> Iterator[Finding]:
    """`spec.deletionStrategy` has `deletionRules`, and `onSuccess` or `onFailure` as well.

    Why: the pair is the older form of the same; neither the CRD nor the operator accepts both.

    Instead: keep `deletionRules` alone.
    """
    strategy = job.spec.get("deletionStrategy") or {}
    paired = strategy.get("onSuccess") is not None or strategy.get("onFailure") is not None
    if paired and strategy.get("deletionRules"):
        yield forbidden(STRATEGY, strategy, "must have deletionRules, or onSuccess and onFailure, not both")


@rule(
    "The deletion strategy is empty",
    layer=Layer.KUBERAY,
    source=("R9", "R128"),
    since=Release.V1_5,
    gate=(Gate.DELETION_POLICY, True),
    reads=("spec.deletionStrategy",),
    examples=(
        passes({"spec": {"deletionStrategy": None}}),
        passes({"spec": {"deletionStrategy": LIST}}),
        fails({"spec": {"deletionStrategy": {}}}, "spec.deletionStrategy", number="R9"),
        fails(
            {"spec": {"deletionStrategy": {}, "shutdownAfterJobFinishes": True}},
            "spec.deletionStrategy",
            number="R128",
        ),
    ),
)
def empty_deletion_strategy(job: Job) -> Iterator[Finding]:
    """`spec.deletionStrategy` is there, and has neither `deletionRules` nor `onSuccess` or `onFailure`.

    Why: neither the CRD nor the operator accepts a strategy that says nothing; an empty list of rules is none.

    Instead: list `deletionRules`, or leave `deletionStrategy` out.
    """
    strategy = job.spec.get("deletionStrategy")
    if strategy is None or strategy.get("deletionRules"):
        return
    if strategy.get("onSuccess") is None and strategy.get("onFailure") is None:
        yield required(STRATEGY, "must have deletionRules, or onSuccess and onFailure")


@rule(
    "Only one of onSuccess and onFailure is given",
    layer=Layer.KUBERAY,
    source=("R10", "R128"),
    since=Release.V1_5,
    gate=(Gate.DELETION_POLICY, True),
    reads=("spec.deletionStrategy",),
    examples=(
        passes({"spec": {"deletionStrategy": PAIR}}),
        fails(
            {"spec": {"deletionStrategy": {"onSuccess": {"policy": "DeleteNone"}}}},
            "spec.deletionStrategy.onFailure",
            number="R10",
        ),
        fails(
            {"spec": {"deletionStrategy": {"onFailure": {"policy": "DeleteNone"}}}},
            "spec.deletionStrategy.onSuccess",
            number="R128",
        ),
    ),
)
def half_deletion_strategy(job: Job) -> Iterator[Finding]:
    """`spec.deletionStrategy` has `onSuccess` or `onFailure`, but not both.

    Why: the operator wants to know either way, and refuses a job that leaves one open.

    Instead: give both, or better, list `deletionRules`: the pair is deprecated.
    """
    strategy = job.spec.get("deletionStrategy") or {}
    on_success, on_failure = strategy.get("onSuccess"), strategy.get("onFailure")
    if strategy.get("deletionRules") or (on_success is None) is (on_failure is None):
        return
    if on_success is None:
        yield required(STRATEGY / "onSuccess", "must be given beside onFailure")
    else:
        yield required(STRATEGY / "onFailure", "must be given beside onSuccess")


@rule(
    "onSuccess or onFailure names no policy",
    layer=Layer.KUBERAY,
    source=("R11", "R12"),
    since=Release.V1_5,
    gate=(Gate.DELETION_POLICY, True),
    reads=("spec.deletionStrategy",),
    examples=(
        passes({"spec": {"deletionStrategy": PAIR}}),
        fails(
            {"spec": {"deletionStrategy": {**PAIR, "onSuccess": {}}}},
            "spec.deletionStrategy.onSuccess.policy",
            number="R11",
        ),
        fails(
            {"spec": {"deletionStrategy": {**PAIR, "onFailure": {}}}},
            "spec.deletionStrategy.onFailure.policy",
            number="R12",
        ),
    ),
)
def missing_deletion_policy(job: Job) -> Iterator[Finding]:
    """`spec.deletionStrategy.onSuccess` or `onFailure` is there without its `policy`.

    Why: the CRD lets it pass, and KubeRay's operator refuses the job after it is stored.

    Instead: write `policy: DeleteNone` where nothing is to be deleted.
    """
    strategy = job.spec.get("deletionStrategy") or {}
    if strategy.get("deletionRules"):
        return
    for name, outcome in (("onSuccess", strategy.get("onSuccess")), ("onFailure", strategy.get("onFailure"))):
        if outcome is not None and outcome.get("policy") is None:
            yield required(STRATEGY / name / "policy", "one of DeleteCluster, DeleteWorkers, DeleteSelf, DeleteNone")
