"""Our own cases: RayJobs made by recipes, each with the verdict that the specification gives it.

``python -m tests.parity.generator`` writes them into `CASES`; a test holds that the file is what is made here. The same
recipes make the same cases on every machine, and a recipe more changes only the cases that it is part of.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from tests.parity.draft import Draft
from tests.parity.recipe import DELETION_POLICY, GATES, ON_SINCE, RELEASES, Operator, Recipe
from tests.parity.recipes import (
    auth,
    autoscaler,
    deletion,
    deletion_rules,
    gcs,
    groups,
    history,
    job,
    metadata,
    network,
    old_deletion,
    runtime_env,
    scaling,
    surroundings,
    tls,
)

CASES = Path(__file__).parent / "cases.jsonl.gz"

THEMES = (
    metadata,
    job,
    runtime_env,
    deletion,
    deletion_rules,
    old_deletion,
    groups,
    scaling,
    autoscaler,
    gcs,
    history,
    auth,
    network,
    tls,
    surroundings,
)
RECIPES: tuple[Recipe, ...] = tuple(
    declared for theme in THEMES for declared in vars(theme).values() if isinstance(declared, Recipe)
)
HARMLESS = tuple(recipe for recipe in RECIPES if not recipe.breaches)
HARMFUL = tuple(recipe for recipe in RECIPES if recipe.breaches)

# How often a recipe is followed, shared out among the releases for which it breaks something; the others get one each.
TIMES = 12
# How many other recipes, harmless and harmful, a case follows besides its own, in turn; a harmless one only harmless.
COMPANY = ((2, 0), (6, 1), (8, 4))
HARMLESS_COMPANY = ((1, 0), (5, 0), (12, 0))
# How often the operator of a case sees the last of the rules that its own recipe breaks, though it hangs on a gate.
SEEN = 0.75
# Fields that are there or not; null says that they are not.
NULLABLE = {
    "spec": ("suspend", "backoffLimit", "deletionStrategy", "clusterSelector", "submitterConfig", "runtimeEnvYAML"),
    "cluster": ("authOptions", "autoscalerOptions", "gcsFaultToleranceOptions", "networkPolicy", "tlsOptions"),
}


def cases() -> Iterator[dict[str, Any]]:
    """Every recipe, for every release, in small and in large company."""
    for recipe in RECIPES:
        for minor in RELEASES:
            for turn, (harmless, harmful) in enumerate(_companies(recipe, minor)):
                chance = Random(f"{recipe.name} {minor} {turn}")  # noqa: S311 (the same cases every time)
                operator = _operator(chance, recipe, minor)
                yield case(chance, operator, [recipe, *_company(chance, recipe, harmless, harmful)])


def _companies(recipe: Recipe, minor: int) -> Iterable[tuple[int, int]]:
    if not recipe.breaches:
        return HARMLESS_COMPANY
    concerned = [other for other in RELEASES if any(broken.holds_in(other) for broken in recipe.breaches)]
    return islice(cycle(COMPANY), TIMES // len(concerned) if minor in concerned else 1)


def case(chance: Random, operator: Operator, recipes: Sequence[Recipe]) -> dict[str, Any]:
    """A RayJob made by these recipes, in any order, and the operator's verdict."""
    draft = Draft(chance)
    for recipe in chance.sample(recipes, len(recipes)):
        recipe.change(draft)
    for holder, names in ((draft.spec, NULLABLE["spec"]), (draft.cluster, NULLABLE["cluster"])):
        holder.setdefault(chance.choice(names), None)
    broken = frozenset[str]().union(*(recipe.broken_for(operator) for recipe in recipes))
    return {
        "name": " + ".join(recipe.name for recipe in recipes),
        "kuberay": RELEASES[operator.minor],
        "gates": dict(operator.gates),
        "rayjob": draft.job,
        "denied": bool(broken),
        "rules": sorted(broken, key=lambda number: (number[0], int(number[1:]))),
    }


def _operator(chance: Random, recipe: Recipe, minor: int) -> Operator:
    """An operator with any gates, more often than not one that sees what the recipe breaks (`SEEN`).

    The gate that is on by default in later releases only is always named: see `judges.RECORDED_GATES`.
    """
    gates = chance.choice(
        ({}, dict.fromkeys(GATES, True), {gate: chance.random() < 0.5 for gate in GATES if chance.random() < 0.5})
    )
    if chance.random() < SEEN:
        gates = gates | {broken.gate: broken.state for broken in recipe.breaches[-1:] if broken.gate is not None}
    if minor < ON_SINCE:
        gates = {DELETION_POLICY: False} | gates
    return Operator(minor, gates)


def _company(chance: Random, recipe: Recipe, harmless: int, harmful: int) -> list[Recipe]:
    """Other recipes, so many of either kind, that disturb neither this one nor each other."""
    company: list[Recipe] = []
    for kind, wanted in ((HARMLESS, harmless), (HARMFUL, harmful)):
        for other in chance.sample(kind, wanted):
            if not any(other.disturbs(present) for present in (recipe, *company)):
                company.append(other)
    return company


def written() -> bytes:
    """The cases as a file holds them, one a line."""
    return b"".join(json.dumps(made, separators=(",", ":")).encode() + b"\n" for made in cases())


if __name__ == "__main__":
    CASES.write_bytes(gzip.compress(written(), mtime=0))
