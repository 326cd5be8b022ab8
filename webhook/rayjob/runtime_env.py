"""The runtime environment in a RayJob: YAML text in spec.runtimeEnv and spec.runtimeEnvYAML.

Source: UnmarshalRuntimeEnvYAML of KubeRay's operator; rule R118.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from webhook.rayjob import goyaml
from webhook.rayjob.goyaml import Json, YamlFault

_A_LIST = "must be a YAML mapping, is a list"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text is no runtime environment; ``must`` is a phrase that never quotes it, for it may hold secrets."""

    must: str


def parse(text: str) -> dict[str, Json] | Fault:
    """The runtime environment that KubeRay's operator would decode from the text; nothing, and null, are an empty one.

    Only the text's first document counts. What Ray makes of the fields is not looked at. The value may nest as
    deeply as `goyaml.DEPTH`: no walk through all of it by recursion.
    """
    # Nothing is cached: it would keep texts with secrets in memory, to save 40 µs of a review.
    value = goyaml.load(text)
    if isinstance(value, YamlFault):
        return Fault(f"must be YAML: {value}")
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    return Fault(_A_LIST if isinstance(value, list) else "must be a YAML mapping, is a scalar")


def texts(value: Json) -> Iterator[tuple[str, str]]:
    """Every scalar in a value but booleans and null, as a text, with the key that it stands under.

    The empty key is that of a list's items, and of the keys themselves, which are texts as well. Without recursion,
    since the value may nest by the thousand; what aliases repeat comes once.
    """
    pending: list[tuple[str, Json]] = [("", value)]
    seen: set[int] = set()
    while pending:
        key, item = pending.pop()
        if isinstance(item, dict | list):
            if id(item) not in seen:
                seen.add(id(item))
                if isinstance(item, dict):
                    pending += reversed([*item.items(), *(("", name) for name in item)])
                else:
                    pending += [("", below) for below in reversed(item)]
        elif isinstance(item, str):
            yield key, item
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield key, str(item)


# The texts that most people write, in which nothing can be wrong: keys with a scalar, a list of scalars, or keys with
# scalars below them. No special character of YAML's is in any of its parts, so that a match needs no further look; it
# is found in one pass without backtracking (possessive quantifiers). A key is no word that YAML takes for null or a
# boolean, and shorter than the 1024 characters that YAML allows.
_KEY = r"(?!(?i:null|true|false|yes|no|on|off|y|n):)[A-Za-z_][A-Za-z0-9_-]{0,99}+:"
_SCALAR = r"""(?:[A-Za-z/_][A-Za-z0-9._/=<>+~@-]*+|[0-9]{1,9}|"[ !#-\[\]-~]*+"|'[ -&(-~]*+')"""
_PLAIN = re.compile(
    rf"(?:{_KEY}"
    rf"(?: {_SCALAR}\n"
    rf"|\n( *+)- {_SCALAR}\n(?:\1- {_SCALAR}\n)*+"
    rf"|\n( ++){_KEY} {_SCALAR}\n(?:\2{_KEY} {_SCALAR}\n)*+"
    r"))++\n?"
)


_PLAIN_LIST = re.compile(rf"(?:- {_SCALAR}\n)++\n?")  # the mistake that most people make: packages without their `pip:`


def fault(text: str) -> str | None:
    """Why KubeRay's operator would refuse the text, as a phrase that never quotes it; None where it takes it."""
    whole = text if text.endswith("\n") else text + "\n"
    if _PLAIN.fullmatch(whole):
        return None
    if _PLAIN_LIST.fullmatch(whole):
        return _A_LIST
    found = parse(text)
    return found.must if isinstance(found, Fault) else None


def same(text: str, other: str) -> bool:
    """Whether two texts say the same, whatever their layout and the order of their keys; nothing is as good as {}.

    Texts that cannot be read say the same only if they are the same, and so do texts that say more than
    `_COMPARISONS` values by way of aliases.
    """
    if text == other:
        return True
    value, counterpart = parse(text), parse(other)
    if isinstance(value, Fault) or isinstance(counterpart, Fault):
        return False
    return _equal(value, counterpart)


_COMPARISONS = 100_000  # pairs of values: a text without aliases holds far fewer (`goyaml.BUDGET`)


def _equal(value: Json, counterpart: Json) -> bool:
    """Equality of JSON: true is not 1, but 1.0 is. Without recursion, since the values may nest by the thousand."""
    pending: list[tuple[Json, Json]] = [(value, counterpart)]
    left_over = _COMPARISONS
    while pending:
        left, right = pending.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pending += [(item, right[key]) for key, item in left.items()]
            left_over -= len(left)
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pending += zip(left, right, strict=True)
            left_over -= len(left)
        elif isinstance(left, bool) is not isinstance(right, bool) or left != right:
            return False
        if left_over < 0:
            return False
    return True
