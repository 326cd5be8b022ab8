"""The branches of a RayJob's description that lead to fields of one sort, so that a walk visits nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, TypeVar

from webhook.rayjob.kuberay import Release
from webhook.rayjob.model import RayJob
from webhook.rayjob.schema import Field, fields

Mark = TypeVar("Mark")


class Fork(NamedTuple, Generic[Mark]):
    """What a walk finds at a field: the field's mark, None where it has none, and what is marked inside its value.

    ``below`` gives the forks of the object by their fields' names; where ``in_items`` is true, the field is a list,
    and each of its items is such an object.
    """

    mark: Mark | None
    below: Mapping[str, Fork[Mark]]
    in_items: bool


def branches(
    mark: Callable[[Field], Mark | None], release: Release, described: type = RayJob
) -> Mapping[str, Fork[Mark]]:
    """The forks of an object on the way to the fields to which `mark` gives a value, in a release's CRD."""
    found = {}
    for field in fields(described).values():
        if field.is_in(release):
            holder = field.element or field
            below = branches(mark, release, holder.of) if holder.of is not None else {}
            given = mark(field)
            if below or given is not None:
                found[field.name] = Fork(given, below, holder is not field)
    return found
