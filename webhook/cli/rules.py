"""`rayjob-webhook rules`: what is checked, and why."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator

import click

from webhook.rules.register import EVERY_RULE
from webhook.rules.rule import Rule

WIDTH = 100


@click.command("rules")
@click.argument("rule_id", metavar="[ID]", required=False)
def command(rule_id: str | None) -> None:
    """Lists the rules, or explains one."""
    if rule_id is None:
        for line in listed():
            click.echo(line)
        return
    found = next((rule for rule in EVERY_RULE if rule.id == rule_id), None)
    if found is None:
        close = difflib.get_close_matches(rule_id, [rule.id for rule in EVERY_RULE], n=1)
        hint = f"; did you mean {close[0]}?" if close else "; `rayjob-webhook rules` lists them"
        raise click.BadParameter(f"there is no rule {rule_id}{hint}", param_hint="ID")
    for line in explained(found):
        click.echo(line)


def listed() -> Iterator[str]:
    """One line for each rule: id, default action, layer, title."""
    width = max(len(rule.id) for rule in EVERY_RULE)
    for rule in EVERY_RULE:
        yield f"{rule.id:{width}}  {rule.action:5}  {rule.layer:9}  {rule.title}"


def explained(rule: Rule) -> Iterator[str]:
    """Everything that a rule says about itself, as text of at most `WIDTH` columns."""
    source = f", after KubeRay's {', '.join(rule.source)}" if rule.source else ""
    yield f"{rule.id}: {rule.title}"
    yield f"{rule.layer} layer, {rule.action} by default{source}"
    for heading, text in (("", rule.what), ("Why: ", rule.why), ("Instead: ", rule.instead)):
        yield ""
        yield from textwrap.wrap(heading + text, WIDTH)
