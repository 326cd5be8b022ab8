"""Patches of a RayJob's cluster, for examples of rules: what matters on one line, the levels around it here."""

from __future__ import annotations

from typing import Any

from webhook.rules.example import merged, smallest


def cluster(**fields: object) -> dict[str, Any]:
    """A patch of the RayJob: these fields of its `rayClusterSpec`."""
    return {"spec": {"rayClusterSpec": fields}}


def head(**fields: object) -> dict[str, Any]:
    """A patch of the head group: these fields of its Ray container.

    A merge patch replaces a list whole, so whoever patches the container must restate what else it has.
    """
    container = smallest()["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"][0]
    return {"template": {"spec": {"containers": [merged(fields, into=container)]}}}
