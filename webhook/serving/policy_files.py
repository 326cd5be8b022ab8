"""The files of a policy on disk: their texts, as they stand at one moment."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from webhook.policy.node import BadPolicy, Fault, Place

SUFFIXES = (".json", ".yaml", ".yml")
FILE_BYTES = 4 * 1024 * 1024  # of a file: four times what a ConfigMap holds
SNAPSHOT = "..data"  # the link that the kubelet sets anew when a mounted ConfigMap changes, all its files at once


class UnreadablePolicy(BadPolicy):
    """There is no policy to judge: a file that is named cannot be read, or a directory holds none."""


def read(names: Iterable[str]) -> list[tuple[str, str]]:
    """The texts of the files of these names, each with its file's name; of a directory, the policy files right in it.

    Hidden files of a directory are passed over. Of a mounted ConfigMap all texts are of one version, even while the
    kubelet swaps it.

    Raises:
        UnreadablePolicy: with everything that cannot be read.
    """
    texts: list[tuple[str, str]] = []
    faults: list[Fault] = []
    for name in names:
        file = name
        try:
            for file, path in _files(name):
                texts.append((file, _text(file, path)))
        except OSError as error:
            faults.append(Fault(Place(file), "", f"cannot be read: {error.strerror or error}"))
        except UnreadablePolicy as bad:
            faults += bad.faults
    if faults:
        raise UnreadablePolicy(faults)
    return texts


def _files(name: str) -> list[tuple[str, Path]]:
    """The files that a name stands for, as they are called, with where they are."""
    if not os.path.isdir(name):  # noqa: PTH112 (a Path would drop the `./` that an owner wrote)
        return [(name, Path(name))]
    snapshot = Path(name, SNAPSHOT)
    directory = snapshot.resolve() if snapshot.is_dir() else Path(name)
    found = sorted(path for path in directory.iterdir() if path.suffix in SUFFIXES and path.name[0] != ".")
    files = [path for path in found if not path.is_dir()]
    if not files:
        raise UnreadablePolicy([Fault(Place(name), "", f"holds no file that ends in {', '.join(SUFFIXES)}")])
    return [(os.path.join(name, path.name), path) for path in files]  # noqa: PTH118 (the same)


def _text(name: str, path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(FILE_BYTES + 1)
    if len(content) > FILE_BYTES:
        raise UnreadablePolicy([Fault(Place(name), "", f"must have no more than {FILE_BYTES} bytes")])
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadablePolicy([Fault(Place(name, line), "", "must be UTF-8")]) from None
