"""The smallest valid worker group, for the examples of rules."""

from __future__ import annotations

from typing import Any

from webhook.rules.example import merged


def worker_group(**fields: object) -> dict[str, Any]:
    """A new worker group in which no rule finds anything, with the given fields merged into it: None removes one."""
    return merged(
        fields,
        into={
            "groupName": "workers",
            "minReplicas": 0,
            "maxReplicas": 4,
            "template": {"spec": {"containers": [{"name": "ray-worker", "image": "rayproject/ray:2.52.0"}]}},
        },
    )
