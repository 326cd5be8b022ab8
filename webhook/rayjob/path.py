"""Where a field sits in an object.

Source: field.Path of k8s.io/apimachinery for the printed form, RFC 6901 for JSON Pointers.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import TypeAlias


class Key(str):
    """A map's key, which the author chose; a plain string is a field, which the API named."""

    __slots__ = ()


Step: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Path:
    """The way from an object's root to a place in it: field names, map keys and list indices (from 0).

    Extended with ``/``: ``Path() / "spec" / "workerGroupSpecs" / 0`` prints as ``spec.workerGroupSpecs[0]``.
    """

    steps: tuple[Step, ...] = ()
    _text: str | None = dataclass_field(default=None, init=False, repr=False, compare=False)

    def __truediv__(self, step: Step) -> Path:
        return Path((*self.steps, step))

    def __str__(self) -> str:
        """The path as Kubernetes prints it: ``metadata.labels[app.kubernetes.io/name]``, ``containers[0].image``."""
        if self._text is None:  # kept, for a finding prints its path several times, and most paths are constants
            text = "".join([f"[{step}]" if isinstance(step, int | Key) else f".{step}" for step in self.steps])
            object.__setattr__(self, "_text", text.removeprefix("."))
        return self._text or ""

    @property
    def pointer(self) -> str:
        """The path as a JSON Pointer; the root is the empty text."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.steps)

    def is_in(self, other: Path) -> bool:
        """Whether this is the other path, or leads to a place below it."""
        return self.steps[: len(other.steps)] == other.steps

    @property
    def order(self) -> tuple[tuple[int, int, str], ...]:
        """A sort key: list items by number, everything else by name."""
        return tuple([(0, step, "") if isinstance(step, int) else (1, 0, step) for step in self.steps])


def field(dotted: str) -> Path:
    """The path of a field that needs neither key nor index: ``field("spec.rayClusterSpec.headGroupSpec")``."""
    return Path(tuple(dotted.split(".")))
