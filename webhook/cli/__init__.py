"""The command line: arguments in, one call each; the only place that prints and exits.

A command's module is imported when the command is called: `import fastapi` alone takes a third of a second, which
no pre-commit hook shall pay for checking a file.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version

import click

COMMANDS = {
    "certs": "webhook.cli.certificates",
    "check": "webhook.cli.check",
    "mutate": "webhook.cli.mutate",
    "policy": "webhook.cli.policies",
    "review": "webhook.cli.review",
    "rules": "webhook.cli.rules",
    "serve": "webhook.cli.serve",
}


class _Commands(click.Group):
    """Finds a command in its module, under the name `command`."""

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[name]).command
        return command


@click.group(cls=_Commands)
@click.version_option(version("rayjob-webhook"), message="%(version)s")
def main() -> None:
    """Completes and judges RayJobs (ray.io/v1) at kubectl apply, before a GPU node spins up."""
