"""The runtime environment in a RayJob: YAML text in spec.runtimeEnv and spec.runtimeEnvYAML.

Source: UnmarshalRuntimeEnvYAML of KubeRay's operator; rule R118.
"""

from __future__ import annotations

from webhook.rayjob import goyaml
from webhook.rayjob.goyaml import YamlFault


def fault(text: str) -> str | None:
    """Why KubeRay's operator would refuse the text, as a phrase that never quotes it; None where it takes it."""
    value = goyaml.load(text)
    if isinstance(value, YamlFault):
        return f"must be YAML: {value}"
    if value is None or isinstance(value, dict):
        return None
    return f"must be a YAML mapping, is {'a list' if isinstance(value, list) else 'a scalar'}"


def same(text: str, other: str) -> bool:
    """Whether two texts say the same, whatever their layout and the order of their keys; nothing is as good as {}.

    Texts that cannot be read say the same only if they are the same.
    """
    if text == other:
        return True
    value, counterpart = goyaml.load(text), goyaml.load(other)
    if isinstance(value, YamlFault) or isinstance(counterpart, YamlFault):
        return False
    return _equal(value or {}, counterpart or {})


def _equal(value: goyaml.Json, counterpart: goyaml.Json) -> bool:
    """Equality of JSON: true is not 1, but 1.0 is; without recursion, since the values may nest by the thousand."""
    pending = [(value, counterpart)]
    while pending:
        left, right = pending.pop()
        if isinstance(left, bool) or isinstance(right, bool):
            if left is not right:
                return False
        elif isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pending += [(item, right[key]) for key, item in left.items()]
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pending += zip(left, right, strict=True)
        elif left != right:
            return False
    return True
