"""`python -m tests.benchmarks`: ours and a Go webhook side by side, then ours by stage; for Linux."""

import os
import sys
import tempfile
from functools import partial
from pathlib import Path

import click

from tests.benchmarks import comparison, stages, table
from tests.benchmarks.cases import cases
from tests.benchmarks.comparison import Duel
from tests.benchmarks.golang import build
from tests.benchmarks.load import Generator, WrongAnswerError
from tests.benchmarks.servers import Cores, running_servers
from tests.e2e.build import BuildFailedError
from tests.e2e.polling import DeadlinePassedError
from tests.e2e.server import ServerFailedError

_CONNECTIONS = (16, 1)
_FAULTS = (BuildFailedError, ServerFailedError, DeadlinePassedError, WrongAnswerError)


@click.command()
@click.option(
    "--rounds", default=3, type=click.IntRange(min=0), show_default=True, help="Of each case; 0: stages only."
)
@click.option("--seconds", default=1.0, type=click.FloatRange(0.05, 60), show_default=True, help="Of one round.")
@click.option("--only", default="", metavar="TEXT", help="Cases with this in their name: validate-40k, findings-1.")
@click.option("--repetitions", default=500, type=click.IntRange(min=1), show_default=True, help="Of the stages.")
def main(rounds: int, seconds: float, only: str, repetitions: int) -> None:
    """Measure the cases and print both tables."""
    duels = [Duel(case, connections) for connections in _CONNECTIONS for case in cases()]
    chosen = [duel for duel in duels if only in duel.name]
    if not chosen:
        raise click.UsageError(f"--only: must be part of one of {', '.join(duel.name for duel in duels)}")
    try:
        if rounds:
            _compare(chosen, rounds, seconds)
    except _FAULTS as fault:
        sys.exit(f"{type(fault).__name__}: {fault}")
    click.echo(table.heading(stages.HEADINGS))
    for case in dict.fromkeys(duel.case for duel in chosen):
        click.echo(table.line(stages.HEADINGS, stages.row(case, repetitions=repetitions)))


def _compare(duels: list[Duel], rounds: int, seconds: float) -> None:
    programs = build(os.environ, partial(click.echo, err=True))
    cores = Cores.of_this_process()
    if cores.server == cores.load:
        click.echo("There is only one core for server and load generator: look at the CPU time, not at the rates.")
    with tempfile.TemporaryDirectory(prefix="rayjob-webhook-benchmark-") as name:
        folder = Path(name)
        generator = Generator(programs / "load", folder, cores.load)
        with running_servers(folder, programs, cores) as servers:
            click.echo(table.heading(comparison.HEADINGS))
            for duel in duels:
                cells = comparison.row(duel, servers, generator, rounds=rounds, seconds=seconds)
                click.echo(table.line(comparison.HEADINGS, cells))
    click.echo()


if __name__ == "__main__":
    main()
