"""`rayjob-webhook policy`: checks a policy, shows what it makes of a review, and describes how it is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import click

from webhook.admission.review import Operation
from webhook.cli.applied import applied
from webhook.cli.asker import Asker, asking
from webhook.cli.day import DAY
from webhook.cli.policy import governed
from webhook.cli.rayjobs import NAMESPACE
from webhook.cli.summary import summary
from webhook.policy.loading import load
from webhook.policy.match import Asked
from webhook.policy.node import BadPolicy
from webhook.policy.policy import Policy
from webhook.policy.schema import text
from webhook.serving import policy_files


@click.group("policy")
def command() -> None:
    """Checks, shows and describes the policy of a cluster's owner."""


@command.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR...")
@DAY
@click.pass_context
def check(context: click.Context, files: tuple[str, ...], today: date) -> None:
    """Reads the policy that files and directories make together; tells every fault in it, or what it comes to.

    Exits with 0 if it can be used, 1 if there is a fault in it, 2 if something cannot be read.
    """
    try:
        texts = policy_files.read(files)
    except policy_files.UnreadablePolicy as bad:
        click.echo(bad, err=True)
        context.exit(2)
    try:
        policy = load(texts)
    except BadPolicy as bad:
        click.echo(bad)
        context.exit(1)
    for line in summary(policy, today):
        click.echo(line)


@command.command("schema")
def schema() -> None:
    """Prints the JSON Schema of a policy file, for an editor that completes and checks it."""
    click.echo(text(), nl=False)


@command.command("show")
@asking
@click.option(
    "--label", "labels", metavar="KEY=VALUE", multiple=True, help="Label of the RayJob; repeatable, without it none."
)
@click.option(
    "--operation",
    type=click.Choice([str(Operation.CREATE), str(Operation.UPDATE)]),
    default=str(Operation.CREATE),
    show_default=True,
    help="What is done to the RayJob.",
)
@DAY
@click.option("--all", "every", is_flag=True, help="Show the rules too that are as they are shipped.")
@governed
def show(  # noqa: PLR0913 (a parameter for each option, by name)
    *, asker: Asker, labels: tuple[str, ...], operation: str, today: date, every: bool, policy: Policy
) -> None:
    """Shows what a policy makes of a RayJob: rules, defaults, exemptions, and from which line of which file."""
    namespace = asker.namespace or NAMESPACE
    asked = Asked(namespace, operation, asker.username, asker.groups, dict(_pairs(labels)))
    for line in applied(policy, asked, today, every=every):
        click.echo(line)


def _pairs(labels: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for label in labels:
        key, found, value = label.partition("=")
        if not found:
            raise click.BadParameter(f"must be KEY=VALUE, is {label!r}", param_hint="--label")
        yield key, value
