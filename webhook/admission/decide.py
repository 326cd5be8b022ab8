"""The decision: a Request and a Policy in, a Verdict out; pure, and the same for every door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from webhook.admission.review import Operation, Request
from webhook.defaults import added, declared
from webhook.defaults.fill import Fill
from webhook.policy.exemption import Exemption, ExemptionPart
from webhook.policy.match import Asked
from webhook.policy.policy import Policy
from webhook.policy.ruling import Ruling
from webhook.rayjob.job import Job
from webhook.rayjob.queue import CONTROLLER
from webhook.rules.finding import Finding
from webhook.rules.rule import Action


@dataclass(frozen=True, slots=True)
class Exempt:
    """A finding that an exemption covers: ``action`` is what it would do, ``ends_soon`` whether that is near."""

    finding: Finding
    action: Action
    exemption: ExemptionPart
    ends_soon: bool

    @property
    def message(self) -> str:
        """The finding, and why it does nothing, on one line."""
        return f"exempt until {self.exemption.expires}, would {self.action}: {self.finding.message}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided; every tuple of findings is sorted by path, then rule.

    ``denials`` refuse the request; ``standing`` would, but the stored object has them already, so they are told as
    warnings; ``warnings`` and ``audited`` are what the policy's actions make of the rest, and ``exempt`` what would
    count without an exemption. ``fills`` is what a mutation puts in; a Verdict has either findings or fills.
    ``policy`` is the digest of the policy that decided, empty where no owner wrote one.
    """

    denials: tuple[Finding, ...] = ()
    standing: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    audited: tuple[Finding, ...] = ()
    fills: tuple[Fill, ...] = ()
    exempt: tuple[Exempt, ...] = ()
    policy: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the request passes."""
        return not self.denials

    @property
    def told(self) -> dict[str, tuple[Finding, ...]]:
        """The findings by what they did, in the words of audit annotations and journal."""
        return {
            "denied": self.denials,
            "standing": self.standing,
            "warned": self.warnings,
            "audited": self.audited,
        }


PASSED = Verdict()
_ANYONE = Asked("", "")


def concerns_rayjob(request: Request) -> bool:
    """Whether there is something to decide: the creation or update of a RayJob itself, in any version of its API.

    Whatever else a configuration sends here passes: DELETE and CONNECT bring no new object, and a subresource
    (status) is the operator's own.
    """
    return (
        request.operation in (Operation.CREATE, Operation.UPDATE)
        and request.object is not None
        and not request.sub_resource
        and request.kind.group == "ray.io"
        and request.kind.kind == "RayJob"
    )


def mutate(request: Request, policy: Policy) -> Verdict:
    """Completes a RayJob: what the defaults in force put in. Never denies.

    An update is completed only if it changes the spec: a finalizer or a label is no reason to touch an old job. One of
    Kueue's is none either: what a pod has that Kueue has not counted makes it start over, and what it has taken back
    must stay away.
    """
    if not concerns_rayjob(request) or request.object is None:
        return PASSED
    if request.old_object is not None and _is_same(request.old_object.get("spec"), request.object.get("spec")):
        return _passed(policy)
    ruling = policy.ruling(_asked(request)) if policy.asks else policy.base
    if _is_kueues(request, ruling):
        return _passed(policy)
    adds = ruling.additions
    old = None if adds is None else request.old_object  # what is declared does not hang on what was
    job = Job.of(
        request.object, namespace=request.namespace, from_file=request.from_file, old=old, release=ruling.release
    )
    fills = declared.fills(job, ruling.defaults)
    if adds is not None:
        fills = (*fills, *added.fills(job, adds, fills))
    return Verdict(fills=fills, policy=policy.digest) if fills else _passed(policy)


def validate(request: Request, policy: Policy, today: date) -> Verdict:
    """Judges a RayJob: all its violations at once. Never changes it. ``today`` (UTC) decides which exemptions count.

    An update is denied only for a violation that it brings: one that the stored object has already, by the same
    rule, at the same path, of the same value, becomes a warning. So an operator can remove its finalizer from a job
    that is older than the policy, and nobody slips past the policy by deleting. Kueue is never denied, but warned: it
    starts a job with what a ResourceFlavor has for the pods, stops it by taking that back, and would do neither.
    """
    if not concerns_rayjob(request) or request.object is None:
        return PASSED
    asked = _asked(request) if policy.asks else _ANYONE
    ruling = policy.ruling(asked)
    findings = _findings(request, request.object, ruling, request.old_object)
    if not findings:
        return _passed(policy)
    exemptions = _by_rule(policy.exemptions(asked, today))
    exempt: list[Exempt] = []
    found: defaultdict[Action, list[Finding]] = defaultdict(list)
    for finding in findings:
        action, exemption = ruling.actions[finding.rule], exemptions.get(finding.rule)
        if exemption is None:
            found[action].append(finding)
        else:
            exempt.append(Exempt(finding, action, exemption.part, exemption.ends_soon(today)))
    denials, warnings, standing = found[Action.DENY], found[Action.WARN], []
    if denials and request.operation is Operation.UPDATE and request.old_object is not None:
        stored = {_identity(finding) for finding in _findings(request, request.old_object, ruling)}
        standing = [finding for finding in denials if _identity(finding) in stored]
        denials = [finding for finding in denials if _identity(finding) not in stored]
    if denials and _is_kueues(request, ruling):
        warnings, denials = sorted([*warnings, *denials], key=lambda finding: finding.order), []
    return Verdict(
        tuple(denials),
        tuple(standing),
        tuple(warnings),
        tuple(found[Action.AUDIT]),
        exempt=tuple(exempt),
        policy=policy.digest,
    )


def _passed(policy: Policy) -> Verdict:
    return Verdict(policy=policy.digest) if policy.digest else PASSED


def _is_kueues(request: Request, ruling: Ruling) -> bool:
    """Whether Kueue itself updates a job, where it is there; nobody else can take its name."""
    return ruling.kueue and request.operation is Operation.UPDATE and request.username == CONTROLLER


def _asked(request: Request) -> Asked:
    """Who asks for what; labels that are none (the schema refuses them) are not there."""
    metadata = (request.object or {}).get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    texts = {key: value for key, value in labels.items() if isinstance(value, str)} if isinstance(labels, dict) else {}
    return Asked(request.namespace, request.operation, request.username, request.groups, texts)


def _by_rule(exemptions: tuple[Exemption, ...]) -> Mapping[str, Exemption]:
    """The exemption that covers each rule: the one that counts longest, so that nobody is told of an earlier end."""
    longest: dict[str, Exemption] = {}
    for exemption in exemptions:
        for rule in exemption.part.rules:
            if rule not in longest or longest[rule].part.expires < exemption.part.expires:
                longest[rule] = exemption
    return longest


def _findings(
    request: Request, raw: dict[str, Any], ruling: Ruling, old: dict[str, Any] | None = None
) -> tuple[Finding, ...]:
    """The findings in an object, as an API server would pass it on: on CREATE without its status, which it drops.

    To an object from a file it would also have given the CRD's defaults, which it has for all others.
    """
    if request.operation is Operation.CREATE and "status" in raw:
        raw = {name: value for name, value in raw.items() if name != "status"}
    job = Job.of(raw, namespace=request.namespace, from_file=request.from_file, old=old, release=ruling.release)
    if request.from_file:
        job = job.with_crd_defaults(ruling.release)
    findings = ruling.table.findings(job)
    if not ruling.custom:
        return findings
    # The stored object is judged as if it replaced itself: what forbids a change finds nothing in it.
    own = ruling.own(job.raw if request.from_file else raw, request.old_object, request.asked)
    return tuple(sorted((*findings, *own), key=lambda finding: finding.order))


def _is_same(stored: object, spec: object) -> bool:
    """Whether a spec is the stored one; what nests too deeply to compare counts as such, and is left alone."""
    try:
        return stored == spec
    except RecursionError:
        return True


def _identity(finding: Finding) -> tuple[object, ...]:
    try:
        value: object = orjson.dumps(finding.value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # it nests more deeply than orjson writes, though not than it reads
        value = _flat(finding.value)
    return (finding.rule, finding.path, value)


def _flat(raw: Any) -> tuple[object, ...]:
    """A raw value as one sequence, which no other value has; without recursion."""
    sequence: list[object] = []
    pending = [raw]
    while pending:
        value = pending.pop()
        sequence.append(type(value))
        if isinstance(value, dict):
            keys = sorted(value)
            sequence.append(tuple(keys))
            pending += [value[key] for key in keys]
        elif isinstance(value, list):
            sequence.append(len(value))
            pending += value
        else:
            sequence.append(value)
    return tuple(sequence)
