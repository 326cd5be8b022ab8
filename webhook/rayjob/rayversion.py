"""Ray versions as KubeRay reads them, which it does in two ways.

Source: kuberay-rules B.7 (ParseGeneric of k8s.io/apimachinery's util/version), X5 (NewVersion of Masterminds' semver).
"""

from __future__ import annotations

import re

# White space and digits are ASCII's; what follows the numbers is ignored, unless it holds a line feed.
_VERSION = re.compile(r"[\t\n\f\r ]*v?((?:0|[1-9][0-9]*)(?:\.[0-9]+)+)[^\n]*")
# One to three numbers, leading zeros allowed, then a pre-release and build metadata; nothing may follow.
_SEMVER = re.compile(
    r"v?([0-9]+(?:\.[0-9]+){0,2})"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_COMPONENT_LARGEST = 2**64 - 1
_METADATA_SINCE = (2, 6, 0)  # the first Ray whose `ray job submit` has --metadata-json


def parse(text: str) -> tuple[int, ...] | None:
    """The numeric components of a version, at least two; None where KubeRay cannot read it."""
    match = _VERSION.fullmatch(text)
    return _components(match[1]) if match else None


def takes_metadata(text: str) -> bool | None:
    """Whether KubeRay submits `spec.metadata` to this version of Ray; None where it cannot read the version.

    It demands 2.6.0, and reads the version as a semantic one: ``2.9.0rc1`` is none, and no pre-release will do.
    """
    match = _SEMVER.fullmatch(text)
    if match is None:
        return None
    components, pre_release = _components(match[1]), match[2]
    if components is None or any(_has_leading_zero(part) for part in (pre_release or "").split(".")):
        return None
    return not pre_release and at_least(components, _METADATA_SINCE)


def at_least(version: tuple[int, ...], least: tuple[int, ...]) -> bool:
    """Whether a version is not older than another; a missing component is 0, and pre-releases have no weight."""
    width = max(len(version), len(least))
    return _padded(version, width) >= _padded(least, width)


def _components(dotted: str) -> tuple[int, ...] | None:
    """The numbers of a dotted text, None where one does not fit into 64 bits."""
    # Digits without end would cost more to convert than to refuse; leading zeros are allowed, so they are not counted.
    components = [component.lstrip("0") or "0" for component in dotted.split(".")]
    if any(len(component) > len(str(_COMPONENT_LARGEST)) for component in components):
        return None
    numbers = tuple(int(component) for component in components)
    return numbers if max(numbers) <= _COMPONENT_LARGEST else None


def _has_leading_zero(part: str) -> bool:
    """Whether a part of a pre-release is a number with leading zeros, which no semantic version has."""
    return len(part) > 1 and part.startswith("0") and part.isdigit()


def _padded(version: tuple[int, ...], width: int) -> tuple[int, ...]:
    return version + (0,) * (width - len(version))
