"""The KubeRay that runs the jobs: its release, its operator's feature gates, and what stands beside the operator.

Source: kuberay-rules 0 (the gates' defaults per release), R153 to R155 (what stands beside it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import total_ordering
from types import MappingProxyType


@total_ordering
class Release(Enum):
    """A minor release of KubeRay that jobs can be meant for; ordered."""

    V1_4 = (1, 4)
    V1_5 = (1, 5)
    V1_6 = (1, 6)
    V1_7 = (1, 7)

    def __lt__(self, other: Release) -> bool:
        return self.value < other.value

    def __str__(self) -> str:
        return f"{self.value[0]}.{self.value[1]}"


NEWEST = max(Release)


class Gate(StrEnum):
    """A feature gate of the operator that decides a verdict."""

    DELETION_POLICY = "RayJobDeletionPolicy"
    EMBEDDED_STORAGE = "GCSFaultToleranceEmbeddedStorage"
    HISTORY_SERVER = "RayClusterHistoryServer"
    NETWORK_POLICY = "RayClusterNetworkPolicy"
    MTLS = "RayClusterMTLS"


# The release that turned a gate on by default; the other gates are off in every release so far.
ON_SINCE: Mapping[Gate, Release] = MappingProxyType({Gate.DELETION_POLICY: Release.V1_6})


class Scheduler(StrEnum):
    """A batch scheduler, by its name in the operator's configuration, that decides a verdict; others do not."""

    KAI = "kai-scheduler"
    VOLCANO = "volcano"


@dataclass(frozen=True, slots=True)
class Target:
    """A release, the gates that its operator was started with, and what its operator works with.

    ``overrides`` leaves the gates that it does not name at their default. ``scheduler`` is the batch scheduler that
    the operator was started with, None for any other and for none. ``cert_manager`` and ``kueue`` say whether they are
    installed.
    """

    release: Release = NEWEST
    overrides: Mapping[Gate, bool] = field(default_factory=lambda: MappingProxyType({}))
    scheduler: Scheduler | None = None
    cert_manager: bool = True
    kueue: bool = False

    def is_on(self, gate: Gate) -> bool:
        """Whether a gate is on."""
        since = ON_SINCE.get(gate)
        return self.overrides.get(gate, since is not None and self.release >= since)
