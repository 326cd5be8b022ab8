"""The compute that a platform gives to a container whose author asks for none.

Source: ValidateContainerResourceRequirements of k8s.io/kubernetes; kuberay-rules C-2 for amounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Self

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema, model_validator

from webhook.part import Part
from webhook.rayjob import quantity
from webhook.rayjob.syntax import is_label_key

NATIVE = ("cpu", "memory", "ephemeral-storage")
HUGE_PAGES = "hugepages-"

_QUANTITY = re.compile(quantity.PATTERN)


def _resource(name: str) -> str:
    if name in NATIVE or (name.startswith(HUGE_PAGES) and is_label_key(name)):
        return name
    # What a device plugin offers has a domain, Kubernetes' own excepted; quotas call it by a name with requests. first.
    if "/" not in name or "kubernetes.io/" in name or name.startswith("requests.") or not is_label_key(name):
        raise ValueError(f"must be {', '.join(NATIVE)}, {HUGE_PAGES}SIZE, or a device such as nvidia.com/gpu")
    if not is_label_key(f"requests.{name}"):
        raise ValueError("must be shorter: quotas write requests. before it")
    return name


def _quantity(raw: object) -> str:
    text = str(raw) if isinstance(raw, str) or (type(raw) is int and 0 <= raw < 2**63) else ""
    amount = quantity.parse(text) if _QUANTITY.fullmatch(text) else None
    if amount is None or amount < 0:
        raise ValueError("must be an amount of 0 or more, such as 2, 500m or 4Gi")
    return text


Resource = Annotated[str, AfterValidator(_resource)]
Quantity = Annotated[
    str,
    PlainValidator(_quantity),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": quantity.PATTERN, "maxLength": quantity.CHARACTERS},
            ]
        }
    ),
]


class Resources(Part):
    """What a Ray container gets that asks for nothing."""

    requests: Mapping[Resource, Quantity] = Field(default={}, description="what the container asks for, by resource")
    limits: Mapping[Resource, Quantity] = Field(
        default={}, description="what the container may not exceed, by resource"
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    @property
    def cpus(self) -> int | None:
        """How many CPUs KubeRay tells Ray that the container has, rounded up; None where it tells nothing."""
        amount = _amount(self.limits, "cpu") or _amount(self.requests, "cpu")
        return -int(-amount // 1) if amount else None

    @property
    def has_devices(self) -> bool:
        """Whether there is a resource among them that a device plugin offers, such as a GPU."""
        return any("/" in name for name in (*self.requests, *self.limits))

    def _faults(self) -> Iterator[str]:
        for name in (*self.requests, *self.limits):
            yield from _faults_of(name, _amount(self.requests, name), _amount(self.limits, name))
        if any(name.startswith(HUGE_PAGES) for name in (*self.requests, *self.limits)) and not (
            {"cpu", "memory"} & {*self.requests, *self.limits}
        ):
            yield "hugepages must stand beside cpu or memory"


def _faults_of(name: str, requested: Fraction | None, limit: Fraction | None) -> Iterator[str]:
    if requested is not None and limit is not None and requested > limit:
        yield f"requests of {name} must be at most its limit"
    if name not in NATIVE and requested is not None and requested != limit:
        yield f"limits of {name} must be what is requested: it cannot be shared"
    page = name.removeprefix(HUGE_PAGES) if name.startswith(HUGE_PAGES) else "1"
    unit = quantity.parse(page)
    for amount in (requested, limit):
        # A CPU is shared by time; of all else the parts are pages, bytes (500m of memory is a slip for 500M), devices.
        if name != "cpu" and amount is not None and (not unit or amount % unit):
            yield f"{name} must be given as a multiple of {page}"


def _amount(quantities: Mapping[str, str], name: str) -> Fraction | None:
    return quantity.parse(quantities[name]) if name in quantities else None
