"""KubeRay's own samples under each policy, counted by rule: what a platform team would see of its users' first jobs.

`python -m tests.policies.samples` writes the tally anew that the test compares.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from tests.policies.judging import Author, Told, policy
from webhook.rayjob import goyaml

SAMPLES = Path(__file__).parents[2] / "../shared/samples"
TALLY = Path(__file__).with_name("samples.json")

POLICIES = (
    ("shipped", ""),
    ("strict-production", ""),
    ("strict-production", "staging"),
    ("research", ""),
    ("research", "strict"),
    ("migration", ""),
)


def rayjobs() -> Iterator[dict[str, Any]]:
    """Every RayJob in the samples."""
    for path in sorted(SAMPLES.glob("*.yaml")):
        for document in goyaml.load_all(path.read_text(encoding="utf-8")):
            raw = document.value
            if isinstance(raw, dict) and raw.get("kind") == "RayJob":
                yield raw


def tally() -> dict[str, dict[str, Any]]:
    """By policy and what is done: how many of the samples it is done to, by rule or default; and how many there are."""
    author, found = Author("default"), list(rayjobs())
    counted: dict[str, dict[str, Any]] = {}
    for name, profile in POLICIES:
        told = [author.creates(raw, policy(name, profile)) for raw in found]
        passed = sum(not one.denied for one in told)
        counted[f"{name}/{profile}".rstrip("/")] = {"rayjobs": len(told), "passed": passed} | {
            field.name: dict(sorted(Counter(rule for one in told for rule in getattr(one, field.name)).items()))
            for field in fields(Told)
        }
    return counted


if __name__ == "__main__":
    TALLY.write_text(json.dumps(tally(), indent=2) + "\n", encoding="utf-8")
