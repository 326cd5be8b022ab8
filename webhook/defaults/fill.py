"""A fill: a value that stands where an author was silent."""

from __future__ import annotations

from dataclasses import dataclass

from webhook.rayjob.path import Path


@dataclass(frozen=True, slots=True)
class Fill:
    """A JSON value that a default puts at a place; ``said`` is how the warning and the audit annotation tell it.

    ``replaces`` is true where a value stands that nobody wrote. The value is shared: nobody changes it.
    """

    default: str
    path: Path
    value: object
    said: str
    replaces: bool = False
