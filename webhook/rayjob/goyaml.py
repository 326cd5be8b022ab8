"""YAML as Kubernetes reads it: Go's go-yaml v2 by way of sigs.k8s.io/yaml, in kubectl and in KubeRay's operator.

YAML 1.1: `on`, `yes`, `y` are booleans, `0777` is 511. Duplicate keys are no fault, the last one wins; so it is for
`kubectl apply -f` too, whose strict validation sees only the JSON made of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import orjson
import yaml

from webhook.rayjob.goyaml_events import EVENT_COST, Refused, read
from webhook.rayjob.goyaml_scalar import plain
from webhook.rayjob.goyaml_value import Json, value_of

__all__ = ["BUDGET", "DEPTH", "Document", "Json", "YamlFault", "dump", "load", "load_all"]

# What one document may cost, in units of some 10 ns (`goyaml_events`): at most 50 ms for a text that somebody sends
# us, 16 000 scalars, or lists within lists; a hundred times that for a file of one's own.
# Go itself would read on.
BUDGET: Final = 16_000 * EVENT_COST
FILE_BUDGET: Final = 100 * BUDGET
DEPTH: Final = 10_000  # of encoding/json's decoder
FILE_DEPTH: Final = 200  # no Kubernetes object nests half as deeply, and every library can still print it

_SEPARATOR: Final = re.compile(r"^---(.*)$", re.MULTILINE)
_LEAD: Final = re.compile(r"(?:(?:---.*|[ \t\r]*(?:#.*)?)\n)*")
_JSON_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_BLANKS_AND_BREAK: Final = re.compile(r"[ \t\r]*\n?")
_NEVER_FOLD: Final = 2**31 - 1  # columns


@dataclass(frozen=True, slots=True)
class YamlFault:
    """Why a text cannot be read: a phrase that never quotes the text, and where, both counting from 1."""

    problem: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.problem} (line {self.line}, column {self.column})"


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a file: the line where it starts, from 1, and its value, unless it cannot be read."""

    line: int
    value: Json = None
    fault: YamlFault | None = None


def load(text: str, *, budget: int = BUDGET, depth: int = DEPTH) -> Json | YamlFault:
    """The value of the text's first document, null where there is none; what follows it is not read.

    A whole float is an integer, as in the JSON that Go makes of it. Aliased values are shared: the result is no larger
    than the text, but may nest `depth` collections, so nobody must walk it by recursion or print it unseen.
    """
    try:
        return read(text, budget, lambda events: value_of(events, depth))
    except Refused as refusal:
        return YamlFault(refusal.problem, refusal.line, refusal.column)


def load_all(content: str | bytes) -> Iterator[Document]:
    """The documents of a file as kubectl finds them, without empty ones; a fault in one does not lose the others.

    Content that begins with `{` is JSON, one object after the other, or else YAML. A line that begins with `---`
    separates documents, and must hold nothing more than a comment.

    Source: YAMLOrJSONDecoder and YAMLReader of k8s.io/apimachinery, pkg/util/yaml/decoder.go.
    """
    text = content if isinstance(content, str) else content.decode("utf-8", "surrogateescape")
    lines = _Lines(text)
    count = end = 0
    if text.lstrip().startswith("{"):
        for count, (start, end, value) in enumerate(_json_values(text), start=1):  # noqa: B007 (the last ones count)
            if value is not None:
                yield _json_document(lines.at(start), value)
        end = _skipped(_BLANKS_AND_BREAK, text, end)
    if count > 1 and text[end:].strip():
        yield _faulty(lines.at(end), "must be a JSON object, like those before it")
    else:
        yield from _yaml_documents(text[end:], lines.at(end))


def dump(value: Json) -> str:
    """The value as YAML that both YAML 1.1 and Go read as the same value. It must not nest over `FILE_DEPTH`."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NEVER_FOLD)


class _Lines:
    """The lines of a text, for positions that only grow."""

    def __init__(self, text: str, first: int = 1) -> None:
        self.text = text
        self.position = 0
        self.line = first

    def at(self, position: int) -> int:
        """The line of a position that is not before the one asked for last."""
        self.line += self.text.count("\n", self.position, position)
        self.position = position
        return self.line


def _json_values(text: str) -> Iterator[tuple[int, int, Json]]:
    """JSON values that follow each other, each with its start and end, up to the first that is none."""
    start = _skipped(_JSON_BLANKS, text, 0)
    try:
        whole = orjson.loads(text)
    except ValueError:
        pass
    else:
        yield start, len(text), whole
        return
    while start < len(text):
        try:
            _, end = json.JSONDecoder().raw_decode(text, start)
            value = orjson.loads(text[start:end])  # which refuses NaN and halves of surrogate pairs
        except (ValueError, RecursionError):
            return
        yield start, end, value
        start = _skipped(_JSON_BLANKS, text, end)


def _json_document(line: int, value: Json) -> Document:
    level, depth = [value], 0
    while level:
        level = [
            item
            for container in level
            if isinstance(container, dict | list)
            for item in (container.values() if isinstance(container, dict) else container)
        ]
        depth += 1
    if depth - 1 > FILE_DEPTH:
        return _faulty(line, f"nests more than {FILE_DEPTH} lists and mappings")
    return Document(line, value)


def _yaml_documents(text: str, first_line: int) -> Iterator[Document]:
    lines = _Lines(text, first_line)
    begin = 0
    is_lost = False  # from a bad separator to the next good one
    for separator in _SEPARATOR.finditer(text):
        end = separator.start()
        if begin < end and not is_lost:
            yield from _yaml_document(text[begin:end], lines.at(begin))
        was_lost, is_lost = is_lost, separator[1].strip()[:1] not in ("", "#")
        if is_lost:
            yield _faulty(lines.at(end), "must have nothing but a comment behind ---")
        if begin < end or is_lost or was_lost:  # else kubectl takes the separator for the next document's first line
            begin = separator.end() + 1
    if begin < len(text) and not is_lost:
        yield from _yaml_document(text[begin:], lines.at(begin))


def _yaml_document(text: str, line: int) -> Iterator[Document]:
    value = load(text if text.endswith("\n") else text + "\n", budget=FILE_BUDGET, depth=FILE_DEPTH)
    first_line = line + text.count("\n", 0, _skipped(_LEAD, text, 0))
    if isinstance(value, YamlFault):
        yield Document(first_line, fault=replace(value, line=line + value.line - 1))
    elif value is not None:
        yield Document(first_line, value)


def _faulty(line: int, problem: str) -> Document:
    return Document(line, fault=YamlFault(problem, line, 1))


def _skipped(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where the text goes on behind what the pattern, which may match nothing, matches at a position."""
    return next(pattern.finditer(text, position)).end()


class _Dumper(yaml.CSafeDumper):
    """Writes every text so that Go reads it as a text, and nothing twice by way of an alias."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 (PyYAML's interface)
        return True

    def text(self, text: str) -> yaml.Node:
        """A node for a text: a block if it has lines, and in quotes where a reader would see something else."""
        style: str | None
        if "\n" in text:
            style = "|" if text[0].strip() and not text.endswith("\n\n") else '"'
        else:
            style = None if plain(text) is text else "'"
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _Dumper.text)
