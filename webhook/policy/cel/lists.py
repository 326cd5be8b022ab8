"""Kubernetes' functions of lists, as loops, and loops as they are safe and always the same.

Source: pkg/cel/library/lists.go of k8s.io/apiserver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from webhook.policy.cel.conversions import Rewriting
from webhook.policy.cel.tree import (
    Call,
    Constant,
    Items,
    Loop,
    Name,
    Node,
    Unsigned,
    bound,
    call,
    choice,
    failing,
)

ITEMS = 500  # that a loop makes a list of: it copies the list for each, 16 MB in all for a thousand
KEYS = 200  # of a map that is looped over: they are such a list, too

_TRUE = Constant(value=True)
_ZEROS: Mapping[str, Node] = MappingProxyType(
    {
        "list(uint)": Constant(Unsigned(0)),
        "list(double)": Constant(0.0),
        "list(duration)": call("duration", Constant("0s")),
    }
)


def safe(loop: Loop, kind: str, names: Iterator[str]) -> Node:
    """The loop over a range of a type: over a map by the order of its keys, and over few items if it makes a list.

    The library goes through a map in an order that changes from one process to the next.
    """
    if loop.is_binding:
        return loop
    name = next(names)
    over = replace(loop, range=_few(Name(name), ITEMS) if loop.builds_list else Name(name))
    if not kind.startswith("list("):
        is_map = call("_==_", call("type", Name(name)), Name("map"))
        by_key = _by_key(over, name, names)
        over = replace(over, range=choice(is_map, by_key.range, over.range)) if not loop.second else over
        return bound(name, loop.range, choice(is_map, by_key, over) if loop.second else over)
    return bound(name, loop.range, over) if loop.builds_list else loop


def _by_key(loop: Loop, over: str, names: Iterator[str]) -> Loop:
    """The loop over the keys of the map with a name, in their order; where it has two variables, with one."""
    key, keys = next(names), next(names)
    listed = Loop(key, "", _few(Name(over), KEYS), keys, Items(()), _TRUE, _appended(keys, Name(key)), Name(keys))
    ordered = replace(loop, range=call("sort", on=listed))
    if not loop.second:
        return ordered
    item = call("_[_]", Name(over), Name(loop.var))
    return replace(ordered, second="", step=bound(loop.second, item, loop.step))


def _few(items: Node, most: int) -> Node:
    fits = call("_<=_", call("size", items), Constant(most))
    return choice(fits, items, failing(f"a list would be made of more than {most} items or keys"))


def _appended(items: str, item: Node) -> Node:
    return call("_+_", Name(items), Items((item,)))


def _of_list(made: Call, kind: str, name: str, value: Node) -> Node:
    """The value of a function of the list that has a name; where that may be none, the function fails."""
    if not kind.startswith("list("):
        is_list = call("_==_", call("type", Name(name)), Name("list"))
        value = choice(is_list, value, failing(f"what {made.function}() is called on is no list"))
    return bound(name, made.values[0], value)


def _sum(made: Call, kinds: Sequence[str], names: Iterator[str]) -> Node:
    items, item, total = next(names), next(names), next(names)
    added = call("_+_", Name(total), Name(item))
    zero = _ZEROS.get(kinds[0], Constant(0))
    return _of_list(made, kinds[0], items, Loop(item, "", Name(items), total, zero, _TRUE, added, Name(total)))


def _extreme(comparison: str) -> Rewriting:
    def rewritten(made: Call, kinds: Sequence[str], names: Iterator[str]) -> Node:
        items, item, best = next(names), next(names), next(names)
        first = call("_[_]", Name(items), Constant(0))
        better = choice(call(comparison, Name(item), Name(best)), Name(item), Name(best))
        found = Loop(item, "", Name(items), best, first, _TRUE, better, Name(best))
        is_empty = call("_==_", call("size", Name(items)), Constant(0))
        told = failing(f"what {made.function}() is called on is empty")
        return _of_list(made, kinds[0], items, choice(is_empty, told, found))

    return rewritten


def _is_sorted(made: Call, kinds: Sequence[str], names: Iterator[str]) -> Node:
    items, at, item, so_far = (next(names) for _ in range(4))
    before = call("_[_]", Name(items), call("_-_", Name(at), Constant(1)))
    follows = call("!_", call("_>_", before, Name(item)))
    # The first item has none to be compared with, but must be one that can be compared.
    can_be_compared = call("!_", call("_<_", Name(item), Name(item)))
    fits = choice(call("_==_", Name(at), Constant(0)), can_be_compared, follows)
    step = choice(Name(so_far), fits, Constant(value=False))
    going_on = call("@not_strictly_false", Name(so_far))
    loop = Loop(at, item, Name(items), so_far, _TRUE, going_on, step, Name(so_far))
    return _of_list(made, kinds[0], items, loop)


def _index(made: Call, kinds: Sequence[str], names: Iterator[str]) -> Node:
    """Texts have a function of the same name."""
    if kinds[0] == "string":
        return made
    whole, sought, at, item, found = (next(names) for _ in range(5))
    is_there = call("_==_", Name(item), Name(sought))
    condition = call("_==_", Name(found), Constant(-1)) if made.function == "indexOf" else _TRUE
    step = choice(is_there, Name(at), Name(found))
    of_list: Node = Loop(at, item, Name(whole), found, Constant(-1), condition, step, Name(found))
    if not kinds[0].startswith("list("):
        is_list = call("_==_", call("type", Name(whole)), Name("list"))
        of_list = choice(is_list, of_list, call(made.function, Name(sought), on=Name(whole)))
    return bound(whole, made.values[0], bound(sought, made.args[0], of_list))


LISTS: Mapping[str, Rewriting] = MappingProxyType(
    {
        "sum": _sum,
        "min": _extreme("_<_"),
        "max": _extreme("_>_"),
        "isSorted": _is_sorted,
        "indexOf": _index,
        "lastIndexOf": _index,
    }
)
