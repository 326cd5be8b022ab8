"""A RayJob as far as it can be read, and its departures from what a KubeRay release takes.

One compiled check and one look at the keys of lists say yes in microseconds, for nearly every object; only a no is
explained.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, cast

from webhook.rayjob import model
from webhook.rayjob.departure import UNDECODABLE, Departure, Sort, departures, takes
from webhook.rayjob.kuberay import Release
from webhook.rayjob.list_keys import may_repeat, repeats
from webhook.rayjob.path import Path, Step
from webhook.rayjob.schema import ROOT, Field, fields

# Whoever has more mistakes than this fixes these first. It bounds what an object made of mistakes alone costs us.
MISTAKES = 100


def settle(raw: dict[str, Any], release: Release) -> tuple[model.RayJob, tuple[Departure, ...]]:
    """A raw object as far as it can be read, and how it departs from what a KubeRay release takes.

    The object is as of `readable`. What is wrong in a field that the release's CRD does not have is not told: the API
    server prunes the field. With more than `MISTAKES` departures the object is empty; then these are told, one more as
    a sign of it, and nothing else is looked at.
    """
    settled, found = _read(raw)
    if found and len(found) <= MISTAKES:
        found = tuple(departure for departure in found if _is_in(release, departure.path))
    if may_repeat(settled, release):
        found += tuple(islice(_repeated(settled, release, found), MISTAKES + 1 - len(found)))
    return ({} if len(found) > MISTAKES else settled), found


def readable(raw: dict[str, Any]) -> model.RayJob:
    """A raw object as far as it can be read.

    It is `raw` itself where the operator can decode it, else a copy in which the `UNDECODABLE` places are null. With
    more than `MISTAKES` departures of any sort it is empty.
    """
    return _read(raw)[0]


def _read(raw: dict[str, Any]) -> tuple[model.RayJob, tuple[Departure, ...]]:
    if _takes_all()(raw):
        return cast("model.RayJob", raw), ()
    found = tuple(islice(departures(raw, ROOT), MISTAKES + 1))
    if len(found) > MISTAKES:
        return {}, found
    return without_undecodable(cast("model.RayJob", raw), found), found


def without_undecodable(raw: model.RayJob, found: Iterable[Departure]) -> model.RayJob:
    """A copy of an object, as far as it differs, in which the `UNDECODABLE` ones among its departures are null."""
    places = [departure.path.steps for departure in found if departure.sort in UNDECODABLE]
    return cast("model.RayJob", _without(raw, places))


@cache
def _takes_all() -> Callable[[object], bool]:
    return takes(ROOT)


def _repeated(settled: model.RayJob, release: Release, found: tuple[Departure, ...]) -> Iterator[Departure]:
    """The items that repeat another; where a key of one could not be read, nobody knows."""
    unknown = {departure.path.steps for departure in found if departure.sort in UNDECODABLE}
    for repeat in repeats(settled, release):
        *items, place, _ = repeat.path.steps
        if any((*items, item, name) in unknown for item in (place, repeat.first) for name in repeat.names):
            continue
        expected = f"another than {'that of ' if repeat.names else ''}item {repeat.first}"
        if len(repeat.names) > 1:
            expected += f", or stand beside another {' or '.join(repeat.names[1:])}"
        yield Departure(repeat.path, Sort.DUPLICATE, repeat.value, expected)


def _is_in(release: Release, path: Path) -> bool:
    """Whether the CRD of a release has every field on the way to a place."""
    field = ROOT
    for step in path.steps:
        field = fields(field.of)[cast("str", step)] if field.of is not None else cast("Field", field.element)
        if not field.is_in(release):
            return False
    return True


def _without(raw: Any, places: Collection[tuple[Step, ...]]) -> Any:
    """A copy of the containers that lead to the places, in which these are null; everything else is shared."""
    if not places:
        return raw
    if () in places:
        return None
    below: dict[Step, list[tuple[Step, ...]]] = {}
    for step, *rest in places:
        below.setdefault(step, []).append(tuple(rest))
    copied = raw.copy()
    for step, rests in below.items():
        copied[step] = _without(raw[step], rests)
    return copied
