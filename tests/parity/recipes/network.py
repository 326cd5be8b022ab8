"""Network isolation (R102 to R110)."""

from __future__ import annotations

from tests.parity.draft import Draft, Json
from tests.parity.recipe import NETWORK_POLICY, Breach, behind, recipe

NETWORK = "spec.cluster.network"

INGRESS, EGRESS = "ingressRules", "egressRules"


def policy(*numbers: str) -> tuple[Breach, ...]:
    """The rules that a network policy breaks, or the one of its gate."""
    return behind(NETWORK_POLICY, "R102", *numbers)


def some_rules(draft: Draft) -> list[Json | None]:
    """A list of rules that is not empty."""
    return draft.pick([{}], [{}, {}], [None])


def isolate(draft: Draft, mode: str | None, **parts: object) -> None:
    """Isolates the cluster in a mode; without one everything is denied."""
    draft.cluster["networkPolicy"] = {"mode": mode} | parts


@recipe(NETWORK, breaks=policy("R103"))
def ingress_rules_of_the_head(draft: Draft) -> None:
    isolate(draft, "DenyAllEgress", head={INGRESS: some_rules(draft), EGRESS: some_rules(draft)})


@recipe(NETWORK, breaks=policy("R104"))
def egress_rules_of_the_head(draft: Draft) -> None:
    isolate(draft, "DenyAllIngress", head={EGRESS: some_rules(draft), INGRESS: some_rules(draft)})


@recipe(NETWORK, breaks=policy("R105"))
def ingress_rules_of_all_workers(draft: Draft) -> None:
    isolate(draft, "DenyAllEgress", worker={INGRESS: some_rules(draft)}, head={INGRESS: []})


@recipe(NETWORK, breaks=policy("R106"))
def egress_rules_of_all_workers(draft: Draft) -> None:
    isolate(draft, "DenyAllIngress", worker={EGRESS: some_rules(draft)}, head={EGRESS: None})


@recipe(NETWORK, breaks=policy("R107"))
def unfit_group_name(draft: Draft) -> None:
    isolate(draft, draft.pick(None, "DenyAll", "Unknown"))
    draft.group(groupName=draft.pick("", None, "A", "a_b", "a.b", "-a", "a-", "a" * 64, "ä", "a\n"))


@recipe(NETWORK, breaks=policy("R108"))
def ingress_rules_of_a_group(draft: Draft) -> None:
    group = draft.group()
    isolate(draft, "DenyAllEgress", workerGroups=[{"groupName": group["groupName"], INGRESS: some_rules(draft)}])


@recipe(NETWORK, breaks=policy("R109"))
def egress_rules_of_a_group(draft: Draft) -> None:
    group = draft.group()
    isolate(draft, "DenyAllIngress", workerGroups=[{"groupName": group["groupName"], EGRESS: some_rules(draft)}])


@recipe(NETWORK, breaks=policy("R110"))
def policy_for_an_unknown_group(draft: Draft) -> None:
    group = draft.group()
    known, unknown = {"groupName": group["groupName"]}, {"groupName": draft.pick("nobody", "", None)}
    isolate(draft, draft.pick(None, "DenyAllEgress"), workerGroups=draft.pick([unknown], [known, unknown]))


@recipe(NETWORK, breaks=policy())
def sound_policy(draft: Draft) -> None:
    mode = draft.pick(None, "DenyAll", "DenyAllIngress", "DenyAllEgress", "denyAllEgress")
    allowed: Json = {}
    if mode != "DenyAllEgress":
        allowed[INGRESS] = some_rules(draft)
    if mode != "DenyAllIngress":
        allowed[EGRESS] = some_rules(draft)
    group = draft.group(groupName=draft.pick("0", "a-b", "a" * 63))
    isolate(draft, mode, head=allowed, worker=allowed, workerGroups=[allowed | {"groupName": group["groupName"]}])


@recipe(NETWORK)
def no_policy(draft: Draft) -> None:
    draft.cluster["networkPolicy"] = None
    draft.group(groupName=draft.pick("Any Name", "", "a.b", "group-0", None))
