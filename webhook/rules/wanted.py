"""Keys that a policy wants an object to have: labels, annotations, and labels of the nodes that a pod may run on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from webhook.rayjob.path import Key, Path
from webhook.rayjob.pod_metadata import Given
from webhook.rayjob.syntax import is_label_key
from webhook.rules.finding import Finding, invalid, required, shown
from webhook.rules.parameters import Expression, Pattern


def _key(raw: str) -> str:
    if not is_label_key(raw):
        raise ValueError("must be a key of a label or an annotation, such as team or example.com/team")
    return raw


Wanted: TypeAlias = dict[Annotated[str, AfterValidator(_key)], Pattern | None]
"""Keys, each with a pattern that its value must match, or null where any value will do."""


def own(path: Path, values: Mapping[str, str] | None) -> Given:
    """The one place at which the RayJob itself gives keys."""
    return ((path, values or {}),)


def missing(given: Given, wanted: Mapping[str, Expression | None]) -> Iterator[Finding]:
    """A finding for each key that is not given, or whose value is empty or does not match.

    What counts is the first place at which a key is given; a key that is missing is told of the last place.
    """
    for key, pattern in wanted.items():
        places = [(path, value) for path, values in given if (value := values.get(key)) is not None]
        path, value = places[0] if places else (given[-1][0], None)
        if value is None:
            yield required(path / Key(key), must(pattern))
        elif not (_says_something(value) if pattern is None else pattern.matches(value)):
            yield invalid(path / Key(key), value, must(pattern))


def must(pattern: Expression | None) -> str:
    """What a value must be."""
    return "must have a value" if pattern is None else f"must match {shown(pattern.text)}"


def _says_something(value: str) -> bool:
    return any(character.isprintable() and not character.isspace() for character in value)
