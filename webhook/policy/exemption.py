"""Who need not keep which rules, why, and until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from webhook.part import Part
from webhook.policy.match import Asked, Match, Matcher
from webhook.policy.node import Place

NOTICE = timedelta(days=14)  # a sprint: time to mend the jobs, or to ask for more time


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be a text on one line")
    return text


def _day(raw: object) -> date:
    # pydantic's own date would take seconds since 1970, too.
    if not isinstance(raw, str) or _DAY.fullmatch(raw) is None:
        raise ValueError("must be a date, as 2026-12-31")
    return date.fromisoformat(raw)


_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Line = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]


class ExemptionPart(Part):
    """An exemption, as a policy writes it."""

    match: Match = Field(description="Whom it is for")
    rules: tuple[str, ...] = Field(min_length=1, description="Ids of the rules that need not be kept")
    reason: Line = Field(description="Why, for whoever meets the warning")
    expires: Day = Field(description="The last day (UTC) on which it counts")
    ticket: Line | None = Field(default=None, description="Where the work that ends it is tracked")

    @property
    def why(self) -> str:
        """Its reason, with the ticket where there is one."""
        return self.reason if self.ticket is None else f"{self.reason} ({self.ticket})"

    @property
    def notice(self) -> str:
        """What those are told who use it when it ends soon."""
        return f"the exemption from {', '.join(self.rules)} ends on {self.expires}: {self.why}"


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exemption that is ready to be asked; ``place`` is where the policy grants it."""

    part: ExemptionPart
    matcher: Matcher
    place: Place | None = None

    @classmethod
    def of(cls, part: ExemptionPart, place: Place | None = None) -> Exemption:
        """The exemption that a policy writes."""
        return cls(part, Matcher.of(part.match), place)

    def counts(self, today: date) -> bool:
        """Whether it has not expired."""
        return today <= self.part.expires

    def ends_soon(self, today: date) -> bool:
        """Whether it counts, and expires within `NOTICE`."""
        return self.counts(today) and self.part.expires - today <= NOTICE

    def covers(self, asked: Asked, today: date) -> bool:
        """Whether a review is exempt today from the rules that it names."""
        return self.counts(today) and self.matcher.holds(asked)
