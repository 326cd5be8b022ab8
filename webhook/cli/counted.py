"""A number of things, in words."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """The number with the noun, which has a plural in `s`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
