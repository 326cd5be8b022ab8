"""What a rule is: one declaration that says everything about itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import TypeAlias, TypeVar

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import NEWEST, Gate, Release, Scheduler, Target
from webhook.rules.finding import Finding
from webhook.rules.parameters import Parameters


class Layer(StrEnum):
    """Why a rule exists: the interface's contract, KubeRay's operator, what burns GPUs later, the owner's wish."""

    CONTRACT = "contract"
    KUBERAY = "kuberay"
    LATE = "late"
    GUARDRAIL = "guardrail"


class Action(StrEnum):
    """What a finding of a rule does: refuse the request, warn its author, be written down, nothing."""

    DENY = "deny"
    WARN = "warn"
    AUDIT = "audit"
    OFF = "off"


P = TypeVar("P", bound=Parameters)
Check: TypeAlias = Callable[..., Iterable[Finding]]
"""Called with a `Job`; where the rule takes parameters that it was not given yet (`Rule.applied`), with them too."""


@dataclass(frozen=True, slots=True)
class Example:
    """A RayJob that shows a rule: a JSON Merge Patch (RFC 7396) to the smallest valid RayJob, and what is found in it.

    ``at`` holds the printed paths of this rule's findings, none where the RayJob passes. ``also`` names other rules
    that necessarily speak up too. ``old`` is the patch that makes the stored object, where the example is an update.
    ``number`` is the one of the rule's numbers (its ``source``) that a failing example shows, where there are several.
    ``given`` are the rule's parameters, as a policy writes them.
    """

    patch: Mapping[str, object]
    at: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    from_file: bool = False
    old: Mapping[str, object] | None = None
    number: str = ""
    given: Mapping[str, object] = field(default_factory=dict)


def passes(
    patch: Mapping[str, object],
    *,
    from_file: bool = False,
    old: Mapping[str, object] | None = None,
    given: Mapping[str, object] | None = None,
) -> Example:
    """An example in which the rule finds nothing."""
    return Example(patch, from_file=from_file, old=old, given=given or {})


def fails(  # noqa: PLR0913 (the parts of an Example)
    patch: Mapping[str, object],
    *at: str,
    also: tuple[str, ...] = (),
    from_file: bool = False,
    old: Mapping[str, object] | None = None,
    number: str = "",
    given: Mapping[str, object] | None = None,
) -> Example:
    """An example in which the rule finds a violation at each of the given paths, in this order."""
    return Example(patch, at, also, from_file=from_file, old=old, number=number, given=given or {})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: ``id`` names the fault in kebab-case, ``what``, ``why`` and ``instead`` explain it to its reader.

    ``reads`` lists the fields without which the rule has nothing to say (`table.Table` gives the notation); a rule
    that speaks of absence reads nothing. ``source`` cites the rule numbers R… and X… of KubeRay's operator. The rule
    holds for KubeRay releases from ``since`` to ``until``, and only where ``gate`` is in the given state, the operator
    works with ``scheduler``, and ``cert_manager`` and ``kueue`` are installed or not; None holds for any.
    ``parameters`` is what a policy may tell the rule, None where there is nothing to tell.
    """

    id: str
    title: str
    layer: Layer
    action: Action
    source: tuple[str, ...]
    since: Release
    until: Release
    gate: tuple[Gate, bool] | None
    scheduler: Scheduler | None
    cert_manager: bool | None
    kueue: bool | None
    reads: tuple[str, ...]
    examples: tuple[Example, ...]
    check: Check
    what: str
    why: str
    instead: str
    parameters: type[Parameters] | None = None

    def holds_for(self, target: Target) -> bool:
        """Whether the rule says something about jobs for this KubeRay."""
        return (
            self.since <= target.release <= self.until
            and (self.gate is None or target.is_on(self.gate[0]) is self.gate[1])
            and self.scheduler in (None, target.scheduler)
            and self.cert_manager in (None, target.cert_manager)
            and self.kueue in (None, target.kueue)
        )

    @property
    def home(self) -> Target:
        """The newest KubeRay, in its default state where that will do, for which the rule holds."""
        gates = dict([self.gate]) if self.gate else {}
        return Target(self.until, gates, self.scheduler, self.cert_manager is not False, self.kueue is True)

    def applied(self, parameters: Parameters | None) -> Rule:
        """The rule with its parameters, so that its check is called with a job alone."""
        return self if parameters is None else replace(self, check=partial(self.check, params=parameters))

    def findings(self, job: Job) -> Iterator[Finding]:
        """What the rule finds in a RayJob, in the check's own order."""
        for finding in self.check(job):
            yield finding.of(self.id)


def rule(  # noqa: PLR0913 (a declaration names each of its parts once)
    title: str,
    *,
    layer: Layer,
    examples: tuple[Example, ...],
    action: Action = Action.DENY,
    source: tuple[str, ...] = (),
    since: Release = Release.V1_4,
    until: Release = NEWEST,
    gate: tuple[Gate, bool] | None = None,
    scheduler: Scheduler | None = None,
    cert_manager: bool | None = None,
    kueue: bool | None = None,
    reads: tuple[str, ...] = (),
) -> Callable[[Check], Rule]:
    """Declares the check below as a rule, whose id is the check's name in kebab-case.

    The check's docstring has three parts: what it finds, ``Why:`` and ``Instead:``.

    Raises:
        ValueError: if the docstring lacks one of its parts.
    """

    def declare(check: Check) -> Rule:
        id_, what, why, instead = _explained(check)
        return Rule(
            id=id_,
            title=title,
            layer=layer,
            action=action,
            source=source,
            since=since,
            until=until,
            gate=gate,
            scheduler=scheduler,
            cert_manager=cert_manager,
            kueue=kueue,
            reads=reads,
            examples=examples,
            check=check,
            what=what,
            why=why,
            instead=instead,
        )

    return declare


def guardrail(
    title: str, *, parameters: type[P], examples: tuple[Example, ...], reads: tuple[str, ...] = ()
) -> Callable[[Callable[[Job, P], Iterable[Finding]]], Rule]:
    """Declares the check below as a rule that is off until a policy sets it, perhaps with parameters.

    The check's second argument is called `params`; for the rest see `rule`.

    Raises:
        ValueError: if the docstring lacks one of its parts.
    """

    def declare(check: Callable[[Job, P], Iterable[Finding]]) -> Rule:
        declared = rule(title, layer=Layer.GUARDRAIL, action=Action.OFF, reads=reads, examples=examples)(check)
        return replace(declared, parameters=parameters)

    return declare


def _explained(check: Check) -> tuple[str, str, str, str]:
    name: str = check.__name__
    return name.replace("_", "-"), *_parts(name, inspect.getdoc(check) or "")


def _parts(name: str, docstring: str) -> tuple[str, str, str]:
    what, found_why, rest = docstring.partition("\n\nWhy: ")
    why, found_instead, instead = rest.partition("\n\nInstead: ")
    if not (found_why and found_instead):
        raise ValueError(f"rule {name}: its docstring must say what it finds, then Why: and Instead:")
    return _unwrapped(what), _unwrapped(why), _unwrapped(instead)


def _unwrapped(paragraphs: str) -> str:
    return " ".join(paragraphs.split())
