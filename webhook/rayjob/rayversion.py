"""Ray versions as KubeRay reads them.

Source: kuberay-rules B.7 (ParseGeneric of k8s.io/apimachinery's util/version).
"""

from __future__ import annotations

import re

# White space and digits are ASCII's; what follows the numbers is ignored, unless it holds a line feed.
_VERSION = re.compile(r"[\t\n\f\r ]*v?((?:0|[1-9][0-9]*)(?:\.[0-9]+)+)[^\n]*")
_COMPONENT_LARGEST = 2**64 - 1


def parse(text: str) -> tuple[int, ...] | None:
    """The numeric components of a version, at least two; None where KubeRay cannot read it."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    # Digits without end would cost more to convert than to refuse; leading zeros are allowed, so they are not counted.
    components = [component.lstrip("0") or "0" for component in match[1].split(".")]
    if any(len(component) > len(str(_COMPONENT_LARGEST)) for component in components):
        return None
    numbers = tuple(int(component) for component in components)
    return numbers if max(numbers) <= _COMPONENT_LARGEST else None


def at_least(version: tuple[int, ...], least: tuple[int, ...]) -> bool:
    """Whether a version is not older than another; a missing component is 0, and pre-releases have no weight."""
    width = max(len(version), len(least))
    return _padded(version, width) >= _padded(least, width)


def _padded(version: tuple[int, ...], width: int) -> tuple[int, ...]:
    return version + (0,) * (width - len(version))
