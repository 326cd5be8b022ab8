"""From fills to a JSON Patch (RFC 6902): minimal, in order, and safe for the API server's json-patch v4.

`add` needs its parent to be there and to be no null, in both; where it is not, the parent is added, with all that
is filled into it. `replace` is used only where a value stands. So each operation means the same to both.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

from webhook.defaults.fill import Fill
from webhook.rayjob.path import Path, Step


def operations(raw: dict[str, Any], fills: Iterable[Fill]) -> list[dict[str, Any]]:
    """The operations that put the fills into a raw object, which is not changed."""
    made: list[dict[str, Any]] = []
    parents: dict[Path, dict[str, Any]] = {}
    for fill in fills:
        absent = _first_absent_parent(raw, fill.path)
        if absent is None:
            made.append(_operation("replace" if fill.replaces else "add", fill.path, fill.value))
        else:
            if absent not in parents:
                parents[absent] = {}
                made.append(_operation("add", absent, parents[absent]))
            _put(parents[absent], fill.path.steps[len(absent.steps) :], fill.value)
    return made


def applied(raw: dict[str, Any], made: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The object with operations of ours applied; `raw` is not changed, and shares what is not on their way."""
    result = dict(raw)
    for operation in made:
        *parents, last = (_unescaped(token) for token in operation["path"].split("/")[1:])
        container: Any = result
        for token in parents:
            place = int(token) if isinstance(container, list) else token
            container[place] = copy(container[place])
            container = container[place]
        container[last] = operation["value"]
    return result


def _unescaped(token: str) -> str:
    """A reference token of a JSON Pointer as the name that it stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def _operation(verb: str, path: Path, value: object) -> dict[str, Any]:
    return {"op": verb, "path": path.pointer, "value": value}


def _first_absent_parent(raw: Any, path: Path) -> Path | None:
    for depth, step in enumerate(path.steps[:-1], start=1):
        raw = raw[step] if isinstance(step, int) else raw.get(step)  # an item of a list stands where one is filled
        if raw is None:
            return Path(path.steps[:depth])
    return None


def _put(parent: dict[str, Any], steps: tuple[Step, ...], value: object) -> None:
    for step in steps[:-1]:
        parent = parent.setdefault(str(step), {})
    parent[str(steps[-1])] = value
