"""From the texts of policy files to one policy, or to every fault in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson

from webhook.policy import files
from webhook.policy.contradiction import contradictions
from webhook.policy.layer import attempt, change, understood
from webhook.policy.model import Document, TargetPart
from webhook.policy.node import BadPolicy, Fault, Node
from webhook.policy.parts import assembled
from webhook.policy.policy import Policy
from webhook.policy.target import BadGate, BadTarget, Said
from webhook.policy.validation import read
from webhook.rayjob.kuberay import Target

DIGEST_CHARACTERS = 16  # of the 64 of SHA-256: tells any two policies of a cluster apart


def load(texts: Iterable[tuple[str, str]], said: Said | None = None) -> Policy:
    """The policy that texts make together, each with its file's name.

    What ``said`` says of the target counts more than what they say. No text, or texts of nothing but comments, make
    the shipped policy.

    Raises:
        BadPolicy: if there is a fault in them; with all that can be told together.
    """
    whole = files.read(texts)
    faults: list[Fault] = []
    document = attempt(lambda: read(Document, whole), faults)
    profiles = whole.fields["profiles"].fields if "profiles" in whole.fields else {}
    if document is None:  # rules and defaults are read all the same, for their own faults
        for node in (whole, *profiles.values()):
            change(node, _custom_ids(whole) | _custom_ids(node), faults)
        raise BadPolicy(faults)
    kuberay = _target(document.target, whole, said or Said(), faults)
    ground = understood(document, whole, frozenset(), faults)
    layers = {name: understood(body, profiles[name], ground.ids, faults) for name, body in document.profiles.items()}
    if faults:
        raise BadPolicy(faults)
    parts = assembled(kuberay, [ground], faults)
    laid = {name: assembled(kuberay, [layer, ground], faults) for name, layer in layers.items()}
    if faults:
        raise BadPolicy(faults)
    digest = hashlib.sha256(orjson.dumps(whole.raw, option=orjson.OPT_SORT_KEYS)).hexdigest()[:DIGEST_CHARACTERS]
    policy = Policy(parts, digest, {name: Policy(profile, digest) for name, profile in laid.items()})
    faults += contradictions(policy)
    if faults:
        raise BadPolicy(faults)
    return policy


def _custom_ids(node: Node) -> frozenset[str]:
    """The ids of the rules of one's own, in a document that may hold anything."""
    ids = (one.fields["id"].value for one in node.at(("custom",)).items if "id" in one.fields)
    return frozenset(id_ for id_ in ids if isinstance(id_, str))


def _target(part: TargetPart, whole: Node, said: Said, faults: list[Fault]) -> Target:
    gates = ",".join(f"{gate}={str(is_on).lower()}" for gate, is_on in part.feature_gates.items())
    written = Said(part.kuberay_version, gates or None, part.batch_scheduler, part.cert_manager, part.kueue)
    try:
        return said.over(written).target()
    except BadGate as bad:
        faults.append(whole.at(("target", "featureGates", bad.name)).fault(str(bad), on_key=True))
        return Target()
    except BadTarget as bad:
        faults.append(whole.at(("target", "kuberayVersion")).fault(str(bad)))
        return Target()
