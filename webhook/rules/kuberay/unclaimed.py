"""The numbers of KubeRay's rules that no rule of ours claims, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# All three need enableK8sTokenAuth, which R35 refuses in every RayJob before they are asked.
_REFUSED_BEFORE = "enableK8sTokenAuth is refused in every RayJob (R35)"

UNREACHABLE: Mapping[str, str] = MappingProxyType(
    {"R99": _REFUSED_BEFORE, "R100": _REFUSED_BEFORE, "R101": _REFUSED_BEFORE}
)
