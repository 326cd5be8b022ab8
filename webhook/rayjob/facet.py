"""What a field of the API may say beyond its Python type.

A facet stands in the field's ``Annotated`` type: ``ttlSeconds: Annotated[Int32, Minimum(0), Default(0)]``. There are
three sorts, because three parties refuse values: the operator's Go decoder (`Bounds`, `Format`), the CRD's schema
(`Required` to `ListMap`), and nobody (`Default` to `Doc`: they inform).

Source: kuberay-rules A (facts of KubeRay's CRDs), C (what Go's decoder takes).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from webhook.rayjob import quantity


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and the largest number that Go's decoder takes, both included."""

    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Format:
    """The JSON Schema format that a text has, and the pattern as far as Go's decoder is stricter."""

    name: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Required:
    """The CRD demands the key.

    Not ``typing.Required``: that tells mypy that ``.get`` finds a value, and would make it call a rule's
    ``is None`` unreachable. No schema has checked what the command line reads, and null is absent anyway.
    """


@dataclass(frozen=True, slots=True)
class Minimum:
    """The smallest number that the CRD takes."""

    value: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A number must have no fraction for the CRD (x-kubernetes-int-or-string), though Go's decoder takes one."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that a text must match; anchors are its own."""

    regex: str


@dataclass(frozen=True, slots=True)
class MinItems:
    """The fewest items of a list."""

    count: int


@dataclass(frozen=True, slots=True)
class MinLength:
    """The fewest characters of a text."""

    count: int


@dataclass(frozen=True, slots=True)
class MaxLength:
    """The most characters of a text."""

    count: int


@dataclass(frozen=True, slots=True)
class ListSet:
    """No two items of the list are equal (x-kubernetes-list-type: set): see `list_keys`."""


@dataclass(frozen=True, slots=True, init=False)
class ListMap:
    """No two items of the list agree in all these keys (x-kubernetes-list-type: map).

    JSON Schema has no word for it: `list_keys` looks.
    """

    keys: tuple[str, ...]

    def __init__(self, *keys: str) -> None:
        object.__setattr__(self, "keys", keys)


@dataclass(frozen=True, slots=True)
class Default:
    """What the API server fills in where the parent is there and the field is absent or null."""

    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Since:
    """The first KubeRay release whose CRD has the field; none is said where that is 1.4 or older."""

    release: str


@dataclass(frozen=True, slots=True)
class Until:
    """The last KubeRay minor release whose CRD has the field; newer ones prune it."""

    release: str


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number counts, in the plural: seconds."""

    name: str


@dataclass(frozen=True, slots=True)
class Doc:
    """What the field is for, as a phrase without a full stop."""

    text: str


Facet: TypeAlias = (
    Bounds
    | Format
    | Required
    | Minimum
    | Whole
    | Pattern
    | MinItems
    | MinLength
    | MaxLength
    | ListSet
    | ListMap
    | Default
    | Since
    | Until
    | Unit
    | Doc
)

INT32 = Bounds(-(2**31), 2**31 - 1)
INT64 = Bounds(-(2**63), 2**63 - 1)

# Go parses a float32 by rounding to the nearest: from the middle between the largest float32, 2**128 - 2**104, and the
# next power of two on, that is infinity, which it refuses. The largest double that is still taken lies just below it:
# 3.4028235e38 is fine, 3.4028236e38 is not (C-2).
_FLOAT32_LARGEST = math.nextafter(2.0**128 - 2.0**103, 0.0)
FLOAT32 = Bounds(-_FLOAT32_LARGEST, _FLOAT32_LARGEST)
# RFC 3339 has leap seconds, and takes T and Z in lower case too; Go takes neither.
TIME = Format("date-time", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][^a-z]+$")

Int32 = Annotated[int, INT32]
Int64 = Annotated[int, INT64]
Seconds = Annotated[Int32, Unit("seconds")]
Seconds64 = Annotated[Int64, Unit("seconds")]
Float32 = Annotated[float, FLOAT32]
Time = Annotated[str, TIME]
IntOrString = Annotated[int | str, INT32]
Quantity = Annotated[str | int | float, Whole(), Pattern(quantity.PATTERN), MaxLength(quantity.CHARACTERS)]
