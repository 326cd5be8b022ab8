"""What Go's decoder makes of a RayJob and an API server never shows a webhook (kuberay-rules C-3, C-5).

An API server stores 1 where 1.0 was sent, and drops the null from a map; so no rule of ours speaks of either. A
recording holds what the decoder itself was given.
"""

from __future__ import annotations

from typing import Any

from webhook.rayjob.kuberay import Release
from webhook.rayjob.schema import ROOT, Field, Kind, fields


def decoded(value: Any, field: Field = ROOT) -> Any:
    """A RayJob, or another field's value, with "" for null in maps of texts; all other nulls are absent anyway."""
    if isinstance(value, list) and field.element is not None:
        return [decoded(item, field.element) for item in value]
    if isinstance(value, dict) and field.of is not None:
        known = fields(field.of)
        return {name: decoded(entry, known[name]) if name in known else entry for name, entry in value.items()}
    if isinstance(value, dict) and field.element == Field(field.name, Kind.STRING):
        return {name: "" if entry is None else entry for name, entry in value.items()}
    return value


def writes_integer_as_float(value: object, release: Release, field: Field = ROOT) -> bool:
    """Whether an integer is written with a fraction or an exponent: Go does not decode 1.0 into one.

    The value is a RayJob, or that of another field; what a release does not know, its operator does not decode.
    """
    if isinstance(value, float):
        return field.kind in (Kind.INTEGER, Kind.INT_OR_STRING)
    if isinstance(value, list) and field.element is not None:
        return any(writes_integer_as_float(item, release, field.element) for item in value)
    if isinstance(value, dict) and field.of is not None:
        known = {name: below for name, below in fields(field.of).items() if below.is_in(release)}
        return any(
            writes_integer_as_float(value[name], release, below) for name, below in known.items() if name in value
        )
    return False
