"""One field of a pod that a control of the Pod Security Standards forbids."""

from __future__ import annotations

from dataclasses import dataclass

from webhook.rayjob.path import Path


@dataclass(frozen=True, slots=True)
class Violation:
    """``value`` is what stands at ``path``, None where nothing does and must; ``must`` says what would do."""

    path: Path
    value: object
    must: str
