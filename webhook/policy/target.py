"""The KubeRay that jobs are meant for, as its owner writes it: a release, and feature gates as the operator takes them.

Source: kuberay-rules 0; the flag --feature-gates of k8s.io/component-base.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from webhook.rayjob.kuberay import NEWEST, ON_SINCE, Gate, Release, Scheduler, Target

NEWER = "newer"  # a KubeRay that this webhook does not know yet is taken for the newest that it knows

# Gates of KubeRay's that decide no verdict: an operator's own flag can be given here as it is.
IRRELEVANT = (
    "AsyncJobInfoQuery",
    "KubernetesWAS",
    "RayClusterStatusConditions",
    "RayCronJob",
    "RayMultiHostIndexing",
    "RayServiceIncrementalUpgrade",
    "SidecarSubmitterRestart",
)
ALL_ALPHA, ALL_BETA = "AllAlpha", "AllBeta"

_RELEASE = re.compile(r"v?([0-9]{1,4})\.([0-9]{1,4})(\.[0-9A-Za-z.+-]*)?")
_BOOLEANS: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True)
    | dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False)
)


class BadTarget(ValueError):
    """A release or a gate that does not exist; the message says what may stand there."""


class BadGate(BadTarget):
    """What is said of a gate that does not exist, or is no boolean; ``name`` is the gate's."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True)
class Said:
    """What someone says of the target: a release, `1.7` or `newer`; gates, `RayClusterMTLS=true,AllAlpha=false`.

    What is None is not said.
    """

    release: str | None = None
    gates: str | None = None
    scheduler: Scheduler | None = None
    cert_manager: bool | None = None
    kueue: bool | None = None

    def over(self, below: Said) -> Said:
        """This, with what it does not say taken from the one below it."""
        return Said(
            below.release if self.release is None else self.release,
            below.gates if self.gates is None else self.gates,
            below.scheduler if self.scheduler is None else self.scheduler,
            below.cert_manager if self.cert_manager is None else self.cert_manager,
            below.kueue if self.kueue is None else self.kueue,
        )

    def target(self) -> Target:
        """The target; of what is not said, the newest release and what its operator does by default.

        Raises:
            BadTarget: if there is no such KubeRay.
        """
        release = _release(NEWER if self.release is None else self.release)
        gates = _overrides(self.gates or "", release)
        return Target(release, gates, self.scheduler, self.cert_manager is not False, self.kueue is True)


def target(release: str, gates: str = "") -> Target:
    """The target that these texts describe: `1.7` or `newer`, `RayClusterMTLS=true,AllAlpha=false`.

    Raises:
        BadTarget: if they describe none.
    """
    return Said(release, gates).target()


def _release(text: str) -> Release:
    if text == NEWER:
        return NEWEST
    match = _RELEASE.fullmatch(text)
    minor = (int(match[1]), int(match[2])) if match else None
    if minor is None or minor < min(Release).value:
        raise BadTarget(f"must be a KubeRay release from {min(Release)} on, or {NEWER}, is {text!r}")
    return Release(min(minor, NEWEST.value))


def _overrides(text: str, release: Release) -> Mapping[Gate, bool]:
    said: dict[str, bool] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, found, value = (side.strip() for side in part.partition("="))
        if not found or value not in _BOOLEANS:
            raise BadGate(f"must be NAME=true or NAME=false, is {part!r}", name)
        _known(name)
        said[name] = _BOOLEANS[value]
    overrides = {}
    for gate in Gate:
        stage = ALL_BETA if gate in ON_SINCE and release >= ON_SINCE[gate] else ALL_ALPHA
        if gate in said or stage in said:
            overrides[gate] = said.get(gate, said.get(stage, False))
    return MappingProxyType(overrides)


def _known(name: str) -> None:
    names = (*Gate, *IRRELEVANT, ALL_ALPHA, ALL_BETA)
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise BadGate(f"KubeRay has no feature gate {name!r}{hint}", name)
