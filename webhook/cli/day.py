"""The option that says which day it is: what is exempt hangs on it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _day(_: click.Context, __: click.Parameter, value: datetime) -> date:
    return value.date()


DAY = click.option(
    "--date",
    "today",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
    default=_today,
    show_default="today, UTC",
    callback=_day,
    help="Day to decide for: exemptions count until they expire.",
)
