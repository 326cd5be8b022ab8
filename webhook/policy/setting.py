"""What a policy makes of one rule: its action and parameters, put together from what stands in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from webhook.policy.node import BadPolicy, Fault, Node, Place
from webhook.policy.validation import described, read, unknown
from webhook.rules.parameters import Parameters
from webhook.rules.rule import Action, Rule

ACTION = "action"
SEVERITY = (Action.OFF, Action.AUDIT, Action.WARN, Action.DENY)  # from the mildest to the strictest


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line of a policy says of a rule; ``action`` is None where it says only parameters, by name."""

    action: Action | None
    given: Mapping[str, Node]
    node: Node

    def over(self, below: Entry) -> Entry:
        """This entry, with what it does not say taken from the entry below it."""
        return Entry(self.action or below.action, {**below.given, **self.given}, self.node)


@dataclass(frozen=True, slots=True)
class Setting:
    """A rule as it is in force: ``place`` is where the policy decides so, None where the rule is as declared.

    ``given`` are the parameters as they are written.
    """

    action: Action
    parameters: Parameters | None = None
    place: Place | None = None
    given: Mapping[str, Node] = field(default_factory=dict, compare=False, repr=False)


def stricter(one: Setting, other: Setting) -> Setting:
    """The first, with the stricter action of both; the second, where the first is off or has no parameters."""
    if SEVERITY.index(other.action) <= SEVERITY.index(one.action):
        return one
    ruling = other if one.parameters is None or one.action is Action.OFF else one
    return Setting(other.action, ruling.parameters, other.place, ruling.given)


def entry(node: Node, parameters: type[BaseModel] | None) -> Entry:
    """What stands at a node about a rule with these parameters.

    Raises:
        BadPolicy: if it is neither an action nor a mapping, or names an unknown action or parameter.
    """
    if isinstance(node.value, str):
        return Entry(_action(node), {}, node)
    if not isinstance(node.value, dict):
        names = ", ".join(Action)
        raise BadPolicy([node.fault(f"must be an action ({names}) or a mapping, is {described(node.raw)}")])
    faults: list[Fault] = list(_unknown(node, parameters))
    said = node.fields.get(ACTION)
    try:
        action = None if said is None else _action(said)
    except BadPolicy as bad:
        raise BadPolicy([*bad.faults, *faults]) from None
    if faults:
        raise BadPolicy(faults)
    return Entry(action, {name: below for name, below in node.fields.items() if name != ACTION}, node)


def _action(node: Node) -> Action:
    try:
        return Action(node.value)
    except ValueError:
        text = unknown("action", node.value, Action) if isinstance(node.value, str) else "must be the name of an action"
        raise BadPolicy([node.fault(text)]) from None


def _unknown(node: Node, parameters: type[BaseModel] | None) -> Iterator[Fault]:
    names = [] if parameters is None else [field.alias or name for name, field in parameters.model_fields.items()]
    for name, below in node.fields.items():
        if name != ACTION and name not in names:
            yield below.fault(unknown("parameter", name, (ACTION, *names)), on_key=True)


def setting(rule: Rule, said: Entry) -> Setting:
    """The rule as an entry sets it.

    Raises:
        BadPolicy: if it gives parameters that the rule does not take, lacks one, or turns on a rule without an action.
    """
    if said.action is None and rule.action is Action.OFF:
        raise BadPolicy([said.node.fault("Required value: what the rule does: deny, warn or audit", ACTION)])
    action = said.action or rule.action
    parameters = None
    if rule.parameters is not None and (said.given or action is not Action.OFF):
        parameters = read(rule.parameters, Node(dict(said.given), said.node.place, said.node.key, said.node.path))
    return Setting(action, parameters, said.node.place, said.given)
