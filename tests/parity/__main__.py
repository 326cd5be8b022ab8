"""The command line: judges the files that it is given, tells what differs, and ends with 1 where something does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tests.parity.judges import judge
from tests.parity.recording import Unreadable, rows

AGREED, DIFFERED, MISUSED = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """Judges every file; what cannot be read is told on standard error, and the others are judged all the same."""
    if not arguments:
        click.echo("usage: python -m tests.parity FILE...", err=True)
        return MISUSED
    cases = differences = 0
    misused = False
    for argument in arguments:
        path = Path(argument)
        try:
            for number, (kind, row) in enumerate(rows(path), start=1):
                cases += 1
                difference = judge(kind, row)
                if difference is not None:
                    differences += 1
                    name = f" ({' '.join(row['name'].split())})" if row.get("name") else ""
                    click.echo(f"{path}: case {number}{name}: expected {difference.expected}, found {difference.found}")
        except Unreadable as unreadable:
            misused = True
            click.echo(unreadable, err=True)
    click.echo(f"{cases} cases, {differences} differences")
    if misused:
        return MISUSED
    return DIFFERED if differences else AGREED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
