"""What a group's `rayStartParams` give to `ray start`: its options, and those that stand inside their keys and values.

Source: convertParamMap of KubeRay's operator, which writes --key=value into a shell's command without any quotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def giving(option: str, params: Mapping[str, str] | None) -> Iterator[str]:
    """The keys with which an option, such as ``address``, is given; a shell could still hide one from everybody."""
    for key, value in (params or {}).items():
        if key == option or f"--{option}" in key or f"--{option}" in (value or ""):
            yield key
