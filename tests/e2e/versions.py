"""Versions of a policy, and writers of RayJobs who tell which of them has decided.

Every version puts its number into two defaults and into two limits, so that an answer that is by two versions shows.
"""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from webhook.rules.example import merged, worker_group

COMPLETED = "a job is completed and stored"
AGAIN = "a job is completed and stored again"
DENIED = "a bad job is denied"
KINDS = (COMPLETED, AGAIN, DENIED)

_LABEL = "example.com/version"
_LIMITS = re.compile(r"must be (\d+) or less \((workers|seconds)\)")
_TTL_SECONDS, _MOST_SECONDS, _MOST_WORKERS = 1000, 10_000, 10
_JSON = {"Content-Type": "application/json"}
_BAD: dict[str, Any] = {
    "spec": {
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": 10 * _MOST_SECONDS,
        "rayClusterSpec": {"workerGroupSpecs": [worker_group(maxReplicas=10 * _MOST_WORKERS)]},
    }
}


def policy(version: int, *rules: str) -> str:
    """Return the policy of a version, which lets jobs have 10 workers less its number, with further lines of rules."""
    return f"""
defaults: {{ttl: {_TTL_SECONDS + version}, add: {{labels: {{{_LABEL}: v{version}}}}}}}
rules:
  too-many-workers: {{action: deny, maxWorkers: {_MOST_WORKERS - version}}}
  ttl-too-long: {{action: deny, maxSeconds: {_MOST_SECONDS + version}}}
""" + "\n".join(rules)


@dataclass(slots=True)
class InForce:
    """Which versions may decide now."""

    oldest: int
    """The last one of which the server has said that it enforces it."""

    newest: int
    """The last one whose file was begun to be written."""


def answered(outcome: str, version: int) -> str:
    """Return what a writer says of a call that was answered by one version, which may decide."""
    return f"{outcome}, by version {version}"


def turns(client: httpx.Client, namespace: str, writer: str, in_force: InForce) -> Iterator[str]:
    """Make one call for each outcome: a job is stored, is stored again as it was written, and a bad one is sent.

    A call that fails, and one that no version has answered, or more than one, or one that may not decide, is told in
    the API server's words. As the mutating webhook fails open, a call that it missed shows by what the job lacks.
    """
    path = f"/apis/ray.io/v1/namespaces/{namespace}/rayjobs"

    def call(outcome: str, method: str, where: str, job: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        oldest = in_force.oldest
        answer = client.request(method, where, content=json.dumps(job), headers=_JSON)
        newest = in_force.newest
        raw: dict[str, Any] = answer.json()
        deciding = _denied_by(raw) if outcome == DENIED else _completed_by(raw)
        if len(deciding) == 1 and oldest <= min(deciding) <= newest:
            return answered(outcome, min(deciding)), raw
        return f"not {outcome} by one of {oldest} to {newest}, but {answer.status_code} by {deciding}: {raw}", raw

    for number in itertools.count():
        name = f"{writer}-{number}"
        job = merged({"metadata": {"name": name, "namespace": namespace}})
        told, created = call(COMPLETED, "POST", path, job)
        yield told
        if created["kind"] == "RayJob":
            version = created["metadata"]["resourceVersion"]
            told, _ = call(AGAIN, "PUT", f"{path}/{name}", merged({"metadata": {"resourceVersion": version}}, into=job))
            yield told
        bad = merged({"metadata": {"name": f"{name}-bad"}}, into=merged(_BAD, into=job))
        told, _ = call(DENIED, "POST", path, bad)
        yield told


def _completed_by(raw: dict[str, Any]) -> set[int]:
    """Return the versions by which a stored job was completed; 0 is for what it lacks."""
    if raw["kind"] != "RayJob":
        return set()
    label = raw["metadata"].get("labels", {}).get(_LABEL, "v0")
    seconds = raw["spec"].get("ttlSecondsAfterFinished", _TTL_SECONDS)
    return {int(label.removeprefix("v")), seconds - _TTL_SECONDS}


def _denied_by(raw: dict[str, Any]) -> set[int]:
    """Return the versions whose limits a bad job has passed, as the denial says; none unless it names both."""
    causes = raw["details"]["causes"] if raw.get("reason") == "Invalid" else []
    limits = [(unit, int(limit)) for cause in causes for limit, unit in _LIMITS.findall(cause["message"])]
    if sorted(unit for unit, _ in limits) != ["seconds", "workers"] or len(causes) != len(limits):
        return set()
    return {_MOST_WORKERS - limit if unit == "workers" else limit - _MOST_SECONDS for unit, limit in limits}
