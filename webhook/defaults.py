"""What a RayJob gets when it does not say: each default a record in one tuple.

A default fills only what is absent or null, never where that would make the object invalid, and nothing on a
cluster that the job selects instead of creating. The one value it replaces is the zero that KubeRay's CRD puts
into `ttlSecondsAfterFinished` before any webhook sees the object.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import TypeAlias

from webhook.rayjob import runtime_env
from webhook.rayjob.authorship import wrote
from webhook.rayjob.job import HEAD, Job
from webhook.rayjob.path import Key, Path, field

SHUTDOWN = field("spec.shutdownAfterJobFinishes")
TTL = field("spec.ttlSecondsAfterFinished")
RUNTIME_ENV_YAML = field("spec.runtimeEnvYAML")
DASHBOARD_HOST = HEAD / "rayStartParams" / Key("dashboard-host")

TTL_SECONDS = 3600  # an hour to read logs and dashboard, then the GPUs are given back


@dataclass(frozen=True, slots=True)
class Fill:
    """A value that a default puts at a place; ``said`` is how the warning and the audit annotation tell it.

    ``replaces`` is true where a value stands that nobody wrote.
    """

    default: str
    path: Path
    value: bool | int | str
    said: str
    replaces: bool = False


# What a default gives a RayJob, None where it has nothing to give; it knows what the defaults before it gave.
Filler: TypeAlias = Callable[["Job", "tuple[Fill, ...]"], "Fill | None"]


@dataclass(frozen=True, slots=True)
class Default:
    """A default: ``id`` switches it in a policy, ``why`` is its reason for whoever asks."""

    id: str
    path: Path
    why: str
    fill: Filler


def _dashboard_host(job: Job, _: tuple[Fill, ...]) -> Fill | None:
    if job.selects_cluster or "headGroupSpec" not in job.cluster or job.cluster["headGroupSpec"] is None:
        return None
    if (job.head.get("rayStartParams") or {}).get("dashboard-host") is not None:
        return None
    return Fill("dashboard-host", DASHBOARD_HOST, "0.0.0.0", "dashboard-host=0.0.0.0")  # noqa: S104 (inside the pod)


def _shutdown(job: Job, _: tuple[Fill, ...]) -> Fill | None:
    if job.selects_cluster or job.spec.get("shutdownAfterJobFinishes") is not None:
        return None
    if job.spec.get("deletionStrategy") is not None or job.spec.get("deletionPolicy") is not None:
        return None  # the author decided what is deleted, and rules R7, R16, H4 refuse most of both
    return Fill("shutdown", SHUTDOWN, True, "shutdownAfterJobFinishes=true")  # noqa: FBT003 (the field's value)


def _ttl(job: Job, earlier: tuple[Fill, ...]) -> Fill | None:
    shuts_down = job.spec.get("shutdownAfterJobFinishes") or any(fill.path == SHUTDOWN for fill in earlier)
    if job.selects_cluster or not shuts_down:
        return None
    seconds = job.spec.get("ttlSecondsAfterFinished")
    if seconds is None:
        return Fill("ttl", TTL, TTL_SECONDS, f"ttlSecondsAfterFinished={TTL_SECONDS}")
    if seconds != 0 or job.from_file or wrote(job.metadata, TTL):
        return None
    return Fill("ttl", TTL, TTL_SECONDS, f"ttlSecondsAfterFinished={TTL_SECONDS}", replaces=True)


def _runtime_env_yaml(job: Job, _: tuple[Fill, ...]) -> Fill | None:
    text = job.spec.get("runtimeEnv")
    if text is None or job.spec.get("runtimeEnvYAML") is not None or runtime_env.fault(text) is not None:
        return None
    return Fill("runtime-env-yaml", RUNTIME_ENV_YAML, text, "runtimeEnvYAML from runtimeEnv")


DEFAULTS = (
    Default(
        "dashboard-host",
        DASHBOARD_HOST,
        "the operator and the submitter reach the dashboard through its Service, so it must listen on every address",
        _dashboard_host,
    ),
    Default(
        "shutdown",
        SHUTDOWN,
        "KubeRay keeps the cluster of a finished job for ever, GPUs included, unless told to shut it down",
        _shutdown,
    ),
    Default("ttl", TTL, "an hour to look at a finished job; KubeRay's own zero deletes the cluster at once", _ttl),
    Default(
        "runtime-env-yaml",
        RUNTIME_ENV_YAML,
        "KubeRay 1.1 and later read runtimeEnvYAML only, so that the operator runs what the author wrote",
        _runtime_env_yaml,
    ),
)


def fills(job: Job, switched_on: Container[str]) -> tuple[Fill, ...]:
    """What the defaults that are switched on (by id) put into a RayJob, in their order.

    A RayJob with mistyped fields, or without a spec, gets nothing: the schema's own message is better than a guess.
    """
    made: tuple[Fill, ...] = ()
    if job.mistyped or job.raw.get("spec") is None:
        return made
    for default in DEFAULTS:
        if default.id in switched_on and (fill := default.fill(job, made)) is not None:
            made = (*made, fill)
    return made
