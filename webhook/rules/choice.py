"""What a policy lets an author choose from, as a message lists it."""

from __future__ import annotations

from collections.abc import Iterable

from webhook.rules.finding import shown

LISTED = 4  # a message stays readable


def listed(texts: Iterable[str]) -> str:
    """Texts, at least one, each quoted: ``"a", "b" or "c"``; of more than `LISTED` the rest is counted."""
    every = tuple(texts)
    names = [shown(text) for text in every[:LISTED]]
    if len(every) > LISTED:
        names.append(f"{len(every) - LISTED} others")
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
