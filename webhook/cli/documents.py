"""The RayJobs in files, as `kubectl apply -f` would find them: many documents, Lists, YAML or JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webhook.rayjob import goyaml

SUFFIXES = (".json", ".yaml", ".yml")  # those that kubectl reads in a directory
FILE_BYTES = 64 * 1024 * 1024  # far more than an API server would take; a file that is larger is none of manifests


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document begins: the file's name as given (`-` is standard input) and the line, from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object from a file; ``listed`` is true for an item of a List."""

    place: Place
    raw: dict[str, Any]
    listed: bool = False

    @property
    def is_rayjob(self) -> bool:
        """Whether the object says that it is a RayJob, in any version of its API."""
        return self.raw.get("kind") == "RayJob" and str(self.raw.get("apiVersion")).partition("/")[0] == "ray.io"


@dataclass(frozen=True, slots=True)
class BadInput:
    """What cannot be read, and why."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def read(names: Iterable[str]) -> Iterator[Document | BadInput]:
    """Every object in the files and directories of these names (`-` is standard input), in order."""
    for name in names:
        if name == "-":
            yield from _documents(name, sys.stdin.buffer.read(FILE_BYTES + 1))
        elif (path := Path(name)).is_dir():
            yield from _directory(path)
        else:
            yield from _file(path)


def _directory(directory: Path) -> Iterator[Document | BadInput]:
    files = sorted(path for path in directory.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    if not files:
        yield BadInput(Place(str(directory), 1), f"holds no file that ends in {', '.join(SUFFIXES)}")
    for path in files:
        yield from _file(path)


def _file(path: Path) -> Iterator[Document | BadInput]:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
    except OSError as error:
        yield BadInput(Place(str(path), 1), error.strerror or str(error))
        return
    yield from _documents(str(path), content)


def _documents(name: str, content: bytes) -> Iterator[Document | BadInput]:
    if len(content) > FILE_BYTES:
        yield BadInput(Place(name, 1), f"must have no more than {FILE_BYTES} bytes")
        return
    for document in goyaml.load_all(content):
        place = Place(name, document.line)
        if document.fault is not None:
            yield BadInput(Place(name, document.fault.line), f"is not valid YAML: {document.fault.problem}")
        else:
            yield from _objects(place, document.value)


def _objects(place: Place, value: object, *, listed: bool = False) -> Iterator[Document | BadInput]:
    if not isinstance(value, dict):
        yield BadInput(place, "must be a Kubernetes object (a mapping)")
    elif str(value.get("kind")).endswith("List") and isinstance(value.get("items"), list):
        for item in value["items"]:
            yield from _objects(place, item, listed=True)
    else:
        yield Document(place, value, listed)
