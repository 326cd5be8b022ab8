"""Our answers to what was asked of KubeRay, by the kind of the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from tests.parity import upstream
from tests.parity.comparison import Difference, compare, compare_verdicts
from tests.parity.layer import OPERATOR, Layer, layer
from tests.parity.recording import Kind, Row
from webhook.policy.target import BadTarget
from webhook.rayjob import rayversion, runtime_env, syntax
from webhook.rayjob.kuberay import NEWEST

Judge: TypeAlias = Callable[[Row], Difference | None]

# The operators that were asked had this gate on wherever a row does not turn it off. KubeRay 1.4 and 1.5 have it off
# by default, and then deny every deletionStrategy; what they recorded by default is an answer with the gate on.
RECORDED_GATES: Mapping[str, bool] = MappingProxyType({"RayJobDeletionPolicy": True})

AT_LEAST = "ray-version-at-least-"


def judge(kind: Kind, row: Row) -> Difference | None:
    """How our answer differs from a recorded one; None where it does not."""
    try:
        return _JUDGES[kind](row)
    except BadTarget as bad:
        return Difference("an answer", f"none: {bad}")


def _operator(row: Row) -> Layer:
    return layer(OPERATOR, row.get("kuberay") or str(NEWEST), {**RECORDED_GATES, **(row.get("gates") or {})})


def _verdict(row: Row) -> Difference | None:
    return compare_verdicts(row["denied"], row.get("rules") or (), _operator(row).broken(row["rayjob"]))


def _decoding(row: Row) -> Difference | None:
    return compare(row["stage"], _stage(_operator(row), row["rayjob"]))


def _stage(operator: Layer, raw: dict[str, Any]) -> str:
    if not operator.decodes(raw):
        return "decode"
    return "spec" if operator.broken(raw) else "ok"


def _runtime_env(row: Row) -> Difference | None:
    fault = runtime_env.fault(row["text"])
    return None if row["accepted"] is (fault is None) else Difference(f"accepted: {row['accepted']}", fault or "taken")


def _text_form(row: Row) -> Difference | None:
    kind, text = row["kind"], row["text"]
    if kind.startswith(AT_LEAST):
        return compare(row["result"], _age(text, kind.removeprefix(AT_LEAST)))
    form = _FORMS.get(kind)
    return compare(row["result"], form(text) if form else f"no form {kind!r} is known")


def _age(text: str, least: str) -> str:
    version, oldest = rayversion.parse(text), rayversion.parse(least)
    if version is None or oldest is None:
        return "ver"
    return "ok" if rayversion.at_least(version, oldest) else "lt"


# The words for a text that has not the form are those of the recording.
_FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "submit-metadata-ray-version": lambda text: {True: "ok", False: "lt", None: "semver"}[
            rayversion.takes_metadata(text)
        ],
        "label-key": lambda text: "ok" if syntax.is_label_key(text) else "label",
        "label-value": lambda text: "ok" if syntax.is_label_value(text) else "value",
        "dns1035-label": lambda text: "ok" if syntax.is_dns1035_label(text) else "d1035",
        "dns1123-label": lambda text: "ok" if syntax.is_dns1123_label(text) else "d1123",
    }
)

_JUDGES: Mapping[Kind, Judge] = MappingProxyType(
    {
        Kind.VERDICT: _verdict,
        Kind.UPSTREAM: upstream.judge,
        Kind.DECODING: _decoding,
        Kind.RUNTIME_ENV: _runtime_env,
        Kind.TEXT_FORM: _text_form,
    }
)
