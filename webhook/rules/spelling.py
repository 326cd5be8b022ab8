"""What an author may have meant by a value that is none of a closed set."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

COMPARED_CHARACTERS = 32  # more than any value of a closed set has; comparing costs the square of it


def did_you_mean(value: str, known: Iterable[str], renamed: Mapping[str, str] = MappingProxyType({})) -> str:
    """A question that names the value closest to this one, in letters of either case; empty where none is close.

    ``renamed`` gives, by an older name in lower case, the value that took its place.
    """
    folded = {name.lower(): name for name in known} | dict(renamed)
    close = difflib.get_close_matches(value.lower()[:COMPARED_CHARACTERS], folded, n=1)
    return f'; did you mean "{folded[close[0]]}"?' if close else ""
