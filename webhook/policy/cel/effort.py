"""What a call of each function costs, at the most.

The figures, in nanoseconds, are those of cel-expr-python 0.1.3 on one core of a server, rounded up by a half or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Effort:
    """What a call costs: by itself, and for each byte and each item that goes in.

    Its value is small, unless it is made of what goes in, and so as large, or passed on from there. ``least`` says that
    not more is read than the smaller of two values has; ``searches`` that the second is looked for in the first;
    ``pairs`` that each item may be compared with each.
    """

    alone: int = 0
    byte: int = 0
    item: int = 0
    makes: bool = False
    passes: bool = False
    least: bool = False
    searches: bool = False
    pairs: bool = False


def _each(names: str, effort: Effort) -> dict[str, Effort]:
    return dict.fromkeys(names.split(), effort)


EFFORTS: Mapping[str, Effort] = MappingProxyType(
    _each("_&&_ _||_ !_ -_ _-_ _*_ _/_ _%_ @not_strictly_false", Effort())
    | _each("type bool hasValue optional.none isInteger", Effort())
    | _each("sign compareTo isGreaterThan isLessThan asApproximateFloat asInteger", Effort(alone=1000))
    | _each("quantity isQuantity", Effort(alone=1500, byte=2))
    | _each("_?_:_ _[_] _[?_] _?._ optional.of optional.ofNonZeroValue", Effort(passes=True))
    | _each("value or orValue dyn first last", Effort(passes=True))
    | _each("_==_ _!=_ _<_ _<=_ _>_ _>=_", Effort(byte=1, item=100, least=True))
    | _each("@in size startsWith endsWith", Effort(byte=2, item=50))
    | _each("int uint double", Effort(alone=40_000, byte=30))
    | _each("timestamp duration", Effort(alone=100_000, byte=30))
    | _each("getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getMonth", Effort(alone=1000))
    | _each("getHours getMinutes getSeconds getMilliseconds", Effort(alone=1000))
    | _each("sum min max isSorted", Effort(alone=1000, byte=2, item=1500, passes=True))
    | _each("_+_", Effort(byte=10, item=60, makes=True))
    | _each("string bytes lowerAscii upperAscii charAt substring", Effort(alone=2000, byte=10, makes=True))
    | _each("trim strings.quote", Effort(byte=20, makes=True))
    | _each("join format", Effort(alone=1000, byte=20, item=100, makes=True))
    | _each("replace split", Effort(alone=1000, byte=250, makes=True, searches=True))
    | _each("contains indexOf lastIndexOf", Effort(alone=500, item=500, searches=True))
    | _each("matches", Effort(alone=10_000, byte=20))
    | _each("sort @sortByAssociatedKeys", Effort(alone=1000, byte=10, item=1200, makes=True))
    | _each("slice reverse flatten", Effort(item=250, makes=True))
    | _each("distinct", Effort(item=500, makes=True, pairs=True))
    | _each("sets.contains sets.equivalent sets.intersects", Effort(item=50, pairs=True))
)
"""By function: there are no others, for only what has a known cost is called."""
