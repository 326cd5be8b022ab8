"""The API server's audit log: how it is made to keep one, and what webhooks have left in it."""

import json
from pathlib import Path

import yaml

from tests.e2e.polling import until

_SECONDS = 30
"""An event is written while its request ends: the answer may be there a moment earlier."""

_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {
            "level": "Metadata",
            "verbs": ["create", "update", "patch"],
            "resources": [{"group": "ray.io", "resources": ["rayjobs"]}],
        },
        {"level": "None"},
    ],
}


def keep(folder: Path) -> tuple[str, ...]:
    """Return the API server's flags to keep a log in a folder, of all that is written of RayJobs."""
    policy = folder / "audit-policy.yaml"
    policy.write_text(yaml.safe_dump(_POLICY), encoding="utf-8")
    return f"--audit-policy-file={policy}", f"--audit-log-path={_log(folder)}"


def annotations(folder: Path, namespace: str, name: str) -> dict[str, str]:
    """Return what our webhooks have left at the last request for a RayJob, which must have been answered.

    Raises:
        DeadlinePassedError: there is no such request in the log.
    """
    of, found = {"namespace": namespace, "name": name}, list[dict[str, str]]()

    def is_there() -> bool:
        lines, _, _unfinished = _log(folder).read_text(encoding="utf-8").rpartition("\n")
        events = [json.loads(line) for line in lines.splitlines()]
        found[:] = [event.get("annotations", {}) for event in events if event["objectRef"].items() >= of.items()]
        return bool(found)

    until(is_there, what=f"{namespace}/{name} in the audit log", seconds=_SECONDS, seen=_log(folder).read_text)
    return {key: value for key, value in found[-1].items() if ".rayjob-webhook.ray.io/" in key}


def _log(folder: Path) -> Path:
    return folder / "audit.log"
