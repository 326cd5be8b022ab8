"""The declared defaults: each a record in one tuple, with its value and what an owner may give instead.

A default fills only what is absent or null, never where that would make the object invalid, and nothing on a
cluster that the job selects instead of creating. The one value it replaces is the zero that KubeRay's CRD puts
into `ttlSecondsAfterFinished` before any webhook sees the object.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, Field, StrictBool, StrictStr, TypeAdapter

from webhook.defaults.fill import Fill
from webhook.rayjob import runtime_env
from webhook.rayjob.authorship import wrote
from webhook.rayjob.job import HEAD, Job
from webhook.rayjob.path import Key, Path, field
from webhook.rayjob.syntax import SUBDOMAIN_BYTES, is_dns1123_subdomain

SHUTDOWN = field("spec.shutdownAfterJobFinishes")
TTL = field("spec.ttlSecondsAfterFinished")
RUNTIME_ENV_YAML = field("spec.runtimeEnvYAML")
DASHBOARD_HOST = HEAD / "rayStartParams" / Key("dashboard-host")

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 (inside the head's pod)
TTL_SECONDS = 3600  # an hour to read logs and dashboard, then the GPUs are given back
TTL_SECONDS_LARGEST = 2**31 - 1  # what the field holds: an int32


def _host(text: str) -> str:
    """The text, if the head can listen there and the operator reach it.

    Raises:
        ValueError: if it is neither an IP address nor a host name, or is one that only the head's own pod reaches.
    """
    try:
        is_loopback = ipaddress.ip_address(text).is_loopback
    except ValueError:
        is_loopback = text == "localhost" or text.endswith(".localhost")
        # What ends in digits is an address in one of its old spellings: 127.1 is 127.0.0.1.
        is_host = is_dns1123_subdomain(text) and not text.rpartition(".")[2].isdigit()
    else:
        is_host = "%" not in text  # a zone is a text of any form, and the parameters end in a shell's command
    if not is_host:
        raise ValueError("must be an IP address or a host name in lower case")
    if is_loopback:
        raise ValueError("must be reached from outside the pod, which a loopback address is not")
    return text


Host = Annotated[
    StrictStr,
    Field(min_length=1, max_length=SUBDOMAIN_BYTES, description="an IP address or a host name, no loopback"),
    AfterValidator(_host),
]
Seconds = Annotated[int, Field(strict=True, ge=0, le=TTL_SECONDS_LARGEST, description="seconds")]


# What a default with a given value puts into a RayJob, None where it has nothing to put; it knows what the defaults
# before it put.
Filler: TypeAlias = Callable[["Job", "tuple[Fill, ...]", Any], "Fill | None"]


@dataclass(frozen=True, slots=True)
class Default:
    """A default: ``id`` names it in a policy, ``why`` is its reason for whoever asks.

    ``value`` is what it gives unless the policy says otherwise, and ``accepts`` validates and describes (as JSON
    Schema) what the policy may say; both are None where there is nothing to choose.
    """

    id: str
    path: Path
    why: str
    fill: Filler
    value: object = None
    accepts: TypeAdapter[Any] | None = None


def _dashboard_host(job: Job, _: tuple[Fill, ...], host: str) -> Fill | None:
    if job.selects_cluster or "headGroupSpec" not in job.cluster or job.cluster["headGroupSpec"] is None:
        return None
    if (job.head.get("rayStartParams") or {}).get("dashboard-host") is not None:
        return None
    return Fill("dashboard-host", DASHBOARD_HOST, host, f"dashboard-host={host}")


def _shutdown(job: Job, _: tuple[Fill, ...], shuts_down: bool) -> Fill | None:  # noqa: FBT001 (the field's value)
    if job.selects_cluster or job.spec.get("shutdownAfterJobFinishes") is not None:
        return None
    if job.spec.get("deletionStrategy") is not None or job.spec.get("deletionPolicy") is not None:
        return None  # the author decided what is deleted, and rules R7, R16, H4 refuse most of both
    return Fill("shutdown", SHUTDOWN, shuts_down, f"shutdownAfterJobFinishes={str(shuts_down).lower()}")


def _ttl(job: Job, earlier: tuple[Fill, ...], seconds: int) -> Fill | None:
    shuts_down = job.spec.get("shutdownAfterJobFinishes") or any(
        fill.path == SHUTDOWN and fill.value is True for fill in earlier
    )
    if job.selects_cluster or not shuts_down:
        return None
    standing, said = job.spec.get("ttlSecondsAfterFinished"), f"ttlSecondsAfterFinished={seconds}"
    if standing is None:
        return Fill("ttl", TTL, seconds, said)
    if standing != 0 or standing == seconds or job.from_file or wrote(job.metadata, TTL):
        return None
    return Fill("ttl", TTL, seconds, said, replaces=True)


def _runtime_env_yaml(job: Job, _: tuple[Fill, ...], __: None) -> Fill | None:
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
        EVERY_ADDRESS,
        TypeAdapter(Host),
    ),
    Default(
        "shutdown",
        SHUTDOWN,
        "KubeRay keeps the cluster of a finished job for ever, GPUs included, unless told to shut it down",
        _shutdown,
        True,  # noqa: FBT003 (the field's value)
        TypeAdapter(StrictBool),
    ),
    Default(
        "ttl",
        TTL,
        "an hour to look at a finished job; KubeRay's own zero deletes the cluster at once",
        _ttl,
        TTL_SECONDS,
        TypeAdapter(Seconds),
    ),
    Default(
        "runtime-env-yaml",
        RUNTIME_ENV_YAML,
        "KubeRay 1.1 and later read runtimeEnvYAML only, so that the operator runs what the author wrote",
        _runtime_env_yaml,
    ),
)

SHIPPED: Mapping[str, object] = MappingProxyType({default.id: default.value for default in DEFAULTS})
"""Every default with its declared value: what is given where an owner has decided nothing."""


def fills(job: Job, given: Mapping[str, object]) -> tuple[Fill, ...]:
    """What the defaults put into a RayJob, in their order: ``given`` holds the value of each, by id.

    A default that is not in it is off. A RayJob with mistyped fields, or without a spec, gets nothing: the schema's
    own message is better than a guess.
    """
    made: tuple[Fill, ...] = ()
    if job.mistyped or job.raw.get("spec") is None:
        return made
    for default in DEFAULTS:
        if default.id in given and (fill := default.fill(job, made, given[default.id])) is not None:
            made = (*made, fill)
    return made
