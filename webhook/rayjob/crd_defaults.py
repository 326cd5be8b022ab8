"""The defaults of KubeRay's CRD, which the API server fills in before anybody else sees an object.

What is read from a file has not been through an API server: without these, the operator's rules would judge an object
that never reaches the operator.

Source: kuberay-rules C-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias, cast

from webhook.rayjob import model
from webhook.rayjob.branch import Fork, branches
from webhook.rayjob.facet import Default
from webhook.rayjob.kuberay import Release
from webhook.rayjob.schema import Field

Forks: TypeAlias = Mapping[str, Fork[str | int | bool]]


def defaulted(raw: model.RayJob, release: Release) -> model.RayJob:
    """A RayJob with the defaults of a release's CRD in every object that is there; `raw` is not changed.

    The types of `raw` must be right.
    """
    return cast("model.RayJob", _defaulted(raw, _forks(release)))


@cache
def _forks(release: Release) -> Forks:
    return branches(_default, release)


def _default(field: Field) -> str | int | bool | None:
    default = field.facet(Default)
    return default.value if default else None


def _defaulted(value: Mapping[str, Any], forks: Forks) -> dict[str, Any]:
    filled = dict(value)
    for name, (default, below, in_items) in forks.items():
        inner = value.get(name)
        if inner is None:
            if default is not None:
                filled[name] = default
        elif in_items:
            filled[name] = [None if item is None else _defaulted(item, below) for item in inner]
        else:
            filled[name] = _defaulted(inner, below) if below else inner
    return filled
