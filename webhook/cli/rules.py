"""`rayjob-webhook rules`: what is checked, and why."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from webhook.cli.columns import aligned
from webhook.cli.parameters import described
from webhook.cli.policy import governed
from webhook.policy.policy import Policy
from webhook.policy.setting import Setting
from webhook.policy.validation import unknown
from webhook.rules.register import EVERY_RULE
from webhook.rules.rule import Rule

WIDTH = 100


@click.command("rules")
@click.argument("rule_id", metavar="[ID]", required=False)
@governed
def command(rule_id: str | None, policy: Policy) -> None:
    """Lists the rules with their actions, as a policy sets them for all, or explains one."""
    if rule_id is None:
        for line in listed(policy):
            click.echo(line)
        return
    found = next((rule for rule in EVERY_RULE if rule.id == rule_id), None)
    if found is None:
        raise click.BadParameter(unknown("rule", rule_id, [rule.id for rule in EVERY_RULE]), param_hint="ID")
    for line in explained(found, policy.setting(rule_id, policy.for_all)):
        click.echo(line)


def listed(policy: Policy) -> Iterator[str]:
    """One line for each rule: id, action, layer, title."""
    settings = policy.settings(policy.for_all)
    rows = [(rule.id, settings.pop(rule.id).action, str(rule.layer), rule.title) for rule in policy.parts.rules]
    rows += [(rule, setting.action, "custom", "a rule of the policy's own") for rule, setting in settings.items()]
    yield from aligned(rows)


def explained(rule: Rule, setting: Setting) -> Iterator[str]:
    """Everything that a rule says about itself, as text of at most `WIDTH` columns, and what a policy makes of it."""
    source = f", after KubeRay's {', '.join(rule.source)}" if rule.source else ""
    yield f"{rule.id}: {rule.title}"
    yield from textwrap.wrap(f"{rule.layer} layer, {rule.action} by default{source}", WIDTH)
    if setting.place is not None:
        yield f"{setting.action} as of {setting.place}"
    for heading, text in (("", rule.what), ("Why: ", rule.why), ("Instead: ", rule.instead)):
        yield ""
        yield from textwrap.wrap(heading + text, WIDTH)
    lines = [] if rule.parameters is None else [*described(rule.parameters, WIDTH)]
    if lines:
        yield from ("", "Parameters:", *lines)
