"""The items of lists that repeat an earlier one: in the keys of their list, or as a whole in a set.

Source: x-kubernetes-list-type (map, set); kuberay-rules R135, R149.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias

from webhook.rayjob import model
from webhook.rayjob.branch import Fork, branches
from webhook.rayjob.facet import Default, ListMap, ListSet
from webhook.rayjob.kuberay import Release
from webhook.rayjob.path import Path, Step
from webhook.rayjob.schema import Field, fields


@dataclass(frozen=True, slots=True)
class Keys:
    """By what the items of a list are told apart: the fields ``names``, or the whole item where there are none.

    ``of`` reads the key of an item, with the CRD's defaults; it is None where a field is lacking. ``quick`` does so
    for an item that has all the fields; what it makes of any other is a KeyError, a TypeError, or a key that is None
    or holds it. ``defaulted`` says that there are defaults.
    """

    names: tuple[str, ...]
    quick: Callable[[Any], object]
    of: Callable[[Any], object]
    defaulted: bool = False


@dataclass(frozen=True, slots=True)
class Repeat:
    """An item that repeats the one at the index ``first`` of its list, in the fields ``names`` or, without any, whole.

    ``path`` leads to the first of the fields, or to the item; ``value`` is what stands there.
    """

    path: Path
    value: object
    names: tuple[str, ...]
    first: int


Forks: TypeAlias = Mapping[str, Fork[Keys]]


def may_repeat(raw: model.RayJob, release: Release) -> bool:
    """Whether an item of any list repeats another; true as well where only `repeats` can tell.

    Every object pays for it: microseconds.
    """
    return _may_repeat(raw, _forks(release))


def repeats(raw: model.RayJob, release: Release) -> Iterator[Repeat]:
    """The items that repeat an earlier one of their list.

    An item that lacks a key, for which the CRD has no default, is passed over: that is another fault.
    """
    return _repeats((), raw, _forks(release))


@cache
def _forks(release: Release) -> Forks:
    return branches(_keys, release)


def _keys(field: Field) -> Keys | None:
    if field.facet(ListSet) is not None:
        return Keys((), _itself, _itself)
    list_map = field.facet(ListMap)
    if list_map is None or field.element is None or field.element.of is None:
        return None
    known = [fields(field.element.of)[name] for name in list_map.keys]
    readers = [_reader(key) for key in known]
    of = readers[0] if len(readers) == 1 else _all(readers)
    return Keys(list_map.keys, itemgetter(*list_map.keys), of, any(key.facet(Default) for key in known))


def _itself(item: object) -> object:
    return item


def _reader(field: Field) -> Callable[[Any], object]:
    name, default = field.name, field.facet(Default)
    otherwise = default.value if default else None

    def read(item: Mapping[str, Any] | None) -> object:
        value = (item or {}).get(name)
        return otherwise if value is None else value

    return read


def _all(readers: Sequence[Callable[[Any], object]]) -> Callable[[Any], object]:
    def read(item: Mapping[str, Any] | None) -> object:
        key = tuple([read(item) for read in readers])
        return None if None in key else key

    return read


def _may_repeat(value: Mapping[str, Any], forks: Forks) -> bool:
    for name in value:
        if name in forks and (inner := value[name]):
            keys, below, in_items = forks[name]
            if keys is not None and len(inner) > 1 and _may_repeat_in(inner, keys):
                return True
            if not in_items:
                if _may_repeat(inner, below):
                    return True
            elif below:
                for item in inner:
                    if item and _may_repeat(item, below):
                        return True
    return False


def _may_repeat_in(items: list[Any], keys: Keys) -> bool:
    try:
        found: set[Any] = set(map(keys.quick, items))
        if len(found) < len(items):
            return True
        lacking = keys.defaulted and None in chain.from_iterable(found)
    except (KeyError, TypeError):  # an item, or a field of one, is lacking or null
        lacking = True
    return lacking and next(_in_list(items, keys), None) is not None


def _repeats(steps: tuple[Step, ...], value: Mapping[str, Any], forks: Forks) -> Iterator[Repeat]:
    for name in value:
        if name in forks and (inner := value[name]):
            keys, below, in_items = forks[name]
            here = (*steps, name)
            if keys is not None:
                for place, first in _in_list(inner, keys):
                    key = keys.names[:1]
                    repeated = (inner[place] or {}).get(key[0]) if key else inner[place]
                    yield Repeat(Path((*here, place, *key)), repeated, keys.names, first)
            if not in_items:
                yield from _repeats(here, inner, below)
            elif below:
                for place, item in enumerate(inner):
                    yield from _repeats((*here, place), item or {}, below)


def _in_list(items: list[Any], keys: Keys) -> Iterator[tuple[int, int]]:
    """Where in the list an item repeats another, and where that stands."""
    first: dict[object, int] = {}
    for place, item in enumerate(items):
        key = keys.of(item)
        if key is not None and first.setdefault(key, place) != place:
            yield place, first[key]
