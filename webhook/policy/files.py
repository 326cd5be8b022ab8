"""The files of a policy as one tree: lists go on from file to file, mappings are mixed, two answers are a conflict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from types import MappingProxyType

from webhook.policy.model import API_VERSION, KIND
from webhook.policy.node import BadPolicy, Fault, Node, Place, parse
from webhook.policy.validation import described

_JOINED = frozenset({"overrides", "custom", "exemptions", "trustedLabels"})
_MIXED = frozenset({"target", "defaults", "rules", "profiles"})
_HEADER = MappingProxyType({"apiVersion": API_VERSION, "kind": KIND})
_NOWHERE = Place("policy")


def read(texts: Iterable[tuple[str, str]]) -> Node:
    """The tree that texts make together, each with its file's name, in the order of the names; without the headers.

    Raises:
        BadPolicy: if a text is no policy file, or two say the same; with the faults of all texts.
    """
    nodes: list[Node] = []
    faults: list[Fault] = []
    named = sorted(texts)
    times = Counter(file for file, _ in named)
    faults += [Fault(Place(file), "", f"is given {count} times") for file, count in times.items() if count > 1]
    for file, text in named:
        try:
            node = parse(file, text)
            if node is not None:
                nodes.append(_headed(node))
        except BadPolicy as bad:
            faults += bad.faults
    whole = _merged(nodes, faults)
    if faults:
        raise BadPolicy(faults)
    return whole


def _headed(node: Node) -> Node:
    """A document without its header, if it has the right one."""
    if not isinstance(node.value, dict):
        raise BadPolicy([node.fault(f"must be a mapping: apiVersion: {API_VERSION}, kind: {KIND}, and what it says")])
    faults = []
    for name, must in _HEADER.items():
        said = node.fields.get(name)
        if said is None:
            faults.append(node.fault(f"Required value: must be {must}", name))
        elif said.raw != must:
            faults.append(said.fault(f"must be {must}, is {described(said.raw)}"))
    if faults:
        raise BadPolicy(faults)
    return Node({name: below for name, below in node.fields.items() if name not in _HEADER}, node.place, node.key)


def _merged(nodes: Iterable[Node], faults: list[Fault]) -> Node:
    fields: dict[str, Node] = {}
    for node in nodes:
        for name, below in node.fields.items():
            fields[name] = _joined(name, fields[name], below, faults) if name in fields else below
    return Node(fields, _NOWHERE, _NOWHERE)


def _joined(name: str, one: Node, other: Node, faults: list[Fault]) -> Node:
    if name in _JOINED and isinstance(one.value, list) and isinstance(other.value, list):
        return Node([*one.value, *other.value], one.place, one.key, one.path)
    if name in _MIXED and isinstance(one.value, dict) and isinstance(other.value, dict):
        faults += [_conflict(one.value[key], below) for key, below in other.value.items() if key in one.value]
        return Node({**other.value, **one.value}, one.place, one.key, one.path)
    faults.append(_conflict(one, other))
    return one


def _conflict(one: Node, other: Node) -> Fault:
    return other.fault(f"is said at {one.key} already", on_key=True)
