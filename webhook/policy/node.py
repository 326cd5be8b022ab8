"""The text of a policy as a tree: JSON values that know their file, line and column.

A policy is YAML 1.2 with its core schema: `off` and `no` are texts, and so is a date. Its JSON Schema, which editors
apply to the file, knows the same types.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import yaml

from webhook.rules.finding import PATH_CHARACTERS, printable

NODES = 100_000  # of a policy, aliases followed: some 5 MB of YAML; a ConfigMap holds 1 MiB
DEPTH = 64  # mappings and lists in each other; an Additions with tolerations has eight

Step: TypeAlias = str | int


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a policy's text; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """As compilers print it."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A mistake in a policy: its place, the dotted path of what is wrong (empty for the whole), and what is wrong."""

    place: Place
    path: str
    text: str

    def __str__(self) -> str:
        """On one line; the path cut short where a key makes it endless."""
        path = self.path if len(self.path) <= PATH_CHARACTERS else self.path[: PATH_CHARACTERS - 1] + "…"
        return printable(f"{self.place}: {path}: {self.text}" if path else f"{self.place}: {self.text}")


class BadPolicy(ValueError):
    """A policy with mistakes: all of them, in the order of the text."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a policy: a scalar, a list of nodes, or a mapping to nodes.

    ``key`` is the place of the key under which it stands, its own where there is none. ``text`` is where the first
    character of a text stands whose lines stand in the file as they are, None for all else.
    """

    value: Any
    place: Place
    key: Place
    path: tuple[Step, ...] = ()
    text: Place | None = None

    @property
    def raw(self) -> Any:
        """The value as JSON."""
        if isinstance(self.value, dict):
            return {name: below.raw for name, below in self.value.items()}
        if isinstance(self.value, list):
            return [below.raw for below in self.value]
        return self.value

    @property
    def fields(self) -> Mapping[str, Node]:
        """What a mapping holds; nothing where the value is none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> Sequence[Node]:
        """What a list holds; nothing where the value is none."""
        return self.value if isinstance(self.value, list) else ()

    def at(self, steps: Sequence[Step]) -> Node:
        """What stands at a path below; the last that is there on the way, where it ends early."""
        node = self
        for step in steps:
            below: Any = node.value
            try:
                node = below[step]
            except (KeyError, IndexError, TypeError):
                break
        return node

    def within(self, line: int, column: int) -> Place:
        """Where a character of a text stands; its line and column count from 1."""
        if self.text is None:
            return self.place
        return Place(self.text.file, self.text.line + line - 1, self.text.column + column - 1)

    def fault(self, text: str, *more: Step, on_key: bool = False) -> Fault:
        """A fault of this value, or of what does not stand at a path below it."""
        return Fault(self.key if on_key else self.place, dotted((*self.path, *more)), text)


def dotted(steps: Sequence[Step]) -> str:
    """A path as it is printed: ``overrides[0].rules.too-many-gpus``."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def parse(file: str, text: str) -> Node | None:
    """The one document in a YAML text (JSON is YAML); None where there is nothing but comments.

    Raises:
        BadPolicy: if it is no YAML, holds several documents, or what no JSON has.
    """
    try:
        _check_depth(file, text)
        documents = list(yaml.compose_all(text, _Loader))
    except yaml.MarkedYAMLError as error:
        raise BadPolicy([Fault(_place(file, error.problem_mark), "", f"must be YAML: {error.problem}")]) from None
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode()  # libyaml counts bytes
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise BadPolicy([Fault(place, "", f"must be YAML: unacceptable character #x{error.character:04x}")]) from None
    if not documents:
        return None
    if len(documents) > 1:
        raise BadPolicy([Fault(_place(file, documents[1].start_mark), "", "must be the only document of its file")])
    node = _Reading(file, text).node(documents[0], ())
    return None if node.value is None else node


def _place(file: str, mark: Any) -> Place:
    """Where one of the parser's marks is, which count from 0."""
    return Place(file, mark.line + 1, mark.column + 1)


def _check_depth(file: str, text: str) -> None:
    """Refuses what nests so deeply that the parser, which calls itself for each level, would end the process."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH:
            raise BadPolicy([Fault(_place(file, event.start_mark), "", f"must not have more than {DEPTH} levels")])


class _Loader(yaml.CSafeLoader):
    """Leaves it to us what a plain scalar is."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}  # type: ignore[misc] # the class has it, not its instances


_NAMED: Mapping[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")  # what every reader takes: fewer than 64 bits
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,2})?")
_TEXT, _LIST, _MAPPING = (f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))


class _Reading:
    """One text being read; what is wrong with it is raised at once, since nothing after it can be trusted."""

    __slots__ = ("_count", "_file", "_lines")

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._lines = text.split("\n")
        self._count = 0

    def node(self, found: yaml.Node, path: tuple[Step, ...], key: Place | None = None) -> Node:
        place = _place(self._file, found.start_mark)
        self._count += 1
        if self._count > NODES or len(path) > DEPTH:
            limit = f"more than {NODES} values" if self._count > NODES else f"more than {DEPTH} levels"
            raise BadPolicy([Fault(place, dotted(path), f"must not have {limit}")])
        if found.tag not in (_TEXT, _LIST, _MAPPING):
            raise BadPolicy([Fault(place, dotted(path), f"must have no tag, has {found.tag}")])
        value: Any
        characters = None
        if isinstance(found, yaml.ScalarNode):
            value = found.value if found.style else _resolved(found.value)
            characters = self._characters(found, place)
        elif isinstance(found, yaml.MappingNode):
            value = dict(self._fields(found, path))
        else:
            value = [self.node(below, (*path, index)) for index, below in enumerate(found.value)]
        return Node(value, place, key or place, path, characters)

    def _characters(self, found: yaml.ScalarNode, place: Place) -> Place | None:
        """Where a text begins, if its lines are not folded."""
        if found.style == "|":
            first = next((line for line in self._lines[place.line :] if line.strip(" \r")), "")
            indent = len(first) - len(first.lstrip(" "))
            return Place(self._file, place.line + 1, indent + 1)
        if found.style == ">" or found.start_mark.line != found.end_mark.line:
            return None
        return Place(self._file, place.line, place.column + 1) if found.style else place

    def _fields(self, found: yaml.MappingNode, path: tuple[Step, ...]) -> Iterator[tuple[str, Node]]:
        seen: dict[str, Place] = {}
        for key, value in found.value:
            place = _place(self._file, key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                raise BadPolicy([Fault(place, dotted(path), "must have texts for keys")])
            name: str = key.value
            if name in seen:
                raise BadPolicy([Fault(place, dotted((*path, name)), f"stands at {seen[name]} already")])
            seen[name] = place
            yield name, self.node(value, (*path, name), place)


def _resolved(text: str) -> object:
    """What a plain scalar is: null, a boolean, a number, or else the text itself."""
    if text in _NAMED:
        return _NAMED[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):  # JSON has no infinity
        return number
    return text
