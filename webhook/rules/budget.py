"""A budget that a policy gives to a job, held against what all pods of the job come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from webhook.rayjob import demand, quantity
from webhook.rayjob.demand import Counts, Share
from webhook.rayjob.job import CLUSTER, SUBMITTER, Job
from webhook.rules.finding import Finding, invalid, shown

_BINARY = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of a resource in a policy, as it is written there and as a number of billionths."""

    text: str
    billionths: int


def _quantity(raw: object) -> Quantity:
    billionths = None if isinstance(raw, bool) or not isinstance(raw, str | int | float) else quantity.billionths(raw)
    if billionths is None or billionths < 0:
        raise ValueError("must be a quantity of 0 or more, such as 64, 500m or 256Gi")
    return Quantity(str(raw), billionths)


Amount = Annotated[
    Quantity,
    PlainValidator(_quantity),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": quantity.PATTERN}, {"type": "number", "minimum": 0}]}),
]
"""An amount of a resource in a policy, in Kubernetes' notation."""


def number(billionths: int) -> int | str:
    """An amount in figures: 12, or 12.5 as a text."""
    whole, rest = divmod(billionths, quantity.BILLION)
    return f"{whole}.{rest:09}".rstrip("0") if rest else whole


def size(billionths: int) -> int | str:
    """Bytes in the largest binary unit of which they are a multiple: 1536Mi; a part of a byte counts for one."""
    in_bytes = -(-billionths // quantity.BILLION)
    for power, unit in zip(range(len(_BINARY), 0, -1), _BINARY, strict=True):
        if in_bytes and in_bytes % 1024**power == 0:
            return f"{in_bytes // 1024**power}{unit}"
    return in_bytes


_ENDLESS = "2147483647 counts where maxReplicas is absent, or a number of the group negative"


def overdrawn(
    job: Job, shares: tuple[Share, ...], most: int, must: str, told: Callable[[int], int | str] = number
) -> Iterator[Finding]:
    """A finding where the shares together come to more than ``most`` billionths; it names the largest share."""
    total = sum([share.total for share in shares])
    if total > most:
        largest = max(shares, key=lambda share: share.total)
        what = f"{_plain(largest.pods)} times {_plain(told(largest.each))}"
        endless = f"; {_ENDLESS}" if largest.pods >= demand.UNBOUNDED else ""
        place = SUBMITTER if job.selects_cluster else CLUSTER
        why = f"{must} in all pods at maxReplicas; most are in {largest.path}: {what}{endless}"
        yield invalid(place, told(total), why)


def _plain(value: int | str) -> str:
    return shown(value).strip('"')


def uncountable(job: Job, counts: Counts) -> Iterator[Finding]:
    """A finding for each amount that is out of all reason, so that nobody can count it."""
    for departure in demand.uncounted(job, counts):
        must = f"must be an amount that can be counted: {quantity.CHARACTERS} characters, an exponent of 3 figures"
        yield invalid(departure.path, departure.value, must)
