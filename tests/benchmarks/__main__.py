"""`python -m tests.benchmarks`: ours beside a Go webhook, what policies cost, and ours by stage; for Linux."""

import os
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from tests.benchmarks import comparison, cost, stages, table
from tests.benchmarks.cases import Case, cases, priced
from tests.benchmarks.comparison import Duel
from tests.benchmarks.cost import Serving
from tests.benchmarks.golang import build
from tests.benchmarks.load import Generator, WrongAnswerError
from tests.benchmarks.policies import policies
from tests.benchmarks.servers import Cores, Server, running_servers
from tests.e2e.build import BuildFailedError
from tests.e2e.polling import DeadlinePassedError
from tests.e2e.server import ServerFailedError

_CONNECTIONS = (16, 1)
_FAULTS = (BuildFailedError, ServerFailedError, DeadlinePassedError, WrongAnswerError)


@click.command()
@click.option(
    "--rounds", default=3, type=click.IntRange(min=0), show_default=True, help="Of each case; 0: nothing is served."
)
@click.option("--seconds", default=1.0, type=click.FloatRange(0.05, 60), show_default=True, help="Of one round.")
@click.option("--only", default="", metavar="TEXT", help="Cases with this in their name: validate-40k, findings-1.")
@click.option("--repetitions", default=500, type=click.IntRange(min=1), show_default=True, help="Where none is served.")
def main(rounds: int, seconds: float, only: str, repetitions: int) -> None:
    """Measure the cases and print the tables: the comparison, what policies cost, the stages."""
    duels = [Duel(case, connections) for connections in _CONNECTIONS for case in cases()]
    chosen = [duel for duel in duels if only in duel.name]
    bought = [case for case in priced() if any(only in Duel(case, connections).name for connections in _CONNECTIONS)]
    if not (chosen or bought):
        raise click.UsageError(f"--only: must be part of one of {', '.join(duel.name for duel in duels)}")
    try:
        if rounds:
            _serve(chosen, bought, rounds, seconds, repetitions)
        elif bought:
            _price(bought, repetitions)
    except _FAULTS as fault:
        sys.exit(f"{type(fault).__name__}: {fault}")
    if chosen:
        click.echo(table.heading(stages.HEADINGS))
    for case in dict.fromkeys(duel.case for duel in chosen):
        click.echo(table.line(stages.HEADINGS, stages.row(case, repetitions=repetitions)))


def _serve(duels: Sequence[Duel], bought: Sequence[Case], rounds: int, seconds: float, repetitions: int) -> None:
    programs = build(os.environ, partial(click.echo, err=True))
    cores = Cores.of_this_process()
    if cores.server == cores.load:
        click.echo("There is only one core for server and load generator: look at the CPU time, not at the rates.")
    with tempfile.TemporaryDirectory(prefix="rayjob-webhook-benchmark-") as name:
        folder = Path(name)
        generator = Generator(programs / "load", folder, cores.load)
        if duels:
            with running_servers(folder, programs, cores) as servers:
                _compare(duels, servers, generator, rounds, seconds)
        if bought:
            with cost.running_servers(folder, policies(), cores) as priced_servers:
                _price(bought, repetitions, Serving(priced_servers, generator, rounds, seconds))


def _compare(
    duels: Sequence[Duel], servers: tuple[Server, Server], generator: Generator, rounds: int, seconds: float
) -> None:
    click.echo(table.heading(comparison.HEADINGS))
    for duel in duels:
        cells = comparison.row(duel, servers, generator, rounds=rounds, seconds=seconds)
        click.echo(table.line(comparison.HEADINGS, cells))
    click.echo()


def _price(bought: Sequence[Case], repetitions: int, serving: Serving | None = None) -> None:
    click.echo(table.heading(cost.HEADINGS))
    for case in bought:
        for cells in cost.rows(case, policies(), repetitions=repetitions, serving=serving):
            click.echo(table.line(cost.HEADINGS, cells))
    click.echo()


if __name__ == "__main__":
    main()
