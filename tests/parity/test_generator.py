"""Our own cases: that they are what the recipes make, and that they cover the specification."""

import gzip
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.parity.draft import Draft
from tests.parity.generator import CASES, HARMLESS, RECIPES, cases, written
from tests.parity.recipe import DELETION_POLICY, MTLS, Operator, behind, breach, recipe
from tests.parity.recording import rows

ROOT = Path(__file__).parents[2]
UNREACHABLE = {"R99", "R100", "R101"}
STORED = tuple(row for _, row in rows(CASES))


def test_the_stored_cases_are_those_that_the_recipes_make():
    assert gzip.decompress(CASES.read_bytes()) == written(), "run python -m tests.parity.generator"


def test_every_rule_of_the_operator_is_broken_several_times():
    broken = Counter(number for row in STORED for number in row["rules"])

    assert set(broken) == {f"R{number}" for number in range(1, 123)} - UNREACHABLE | {"H1", "H2", "H3", "H4"}
    assert {number: times for number, times in broken.items() if times < 5} == {}


def test_every_release_denies_and_allows():
    verdicts = Counter((row["kuberay"], row["denied"]) for row in STORED)

    assert {verdict for verdict, times in verdicts.items() if times >= 90} == {
        (release, denied) for release in ("1.4.2", "1.5.1", "1.6.2", "1.7.0") for denied in (True, False)
    }


def test_there_are_enough_of_them():
    assert len(STORED) >= 1500
    assert len({json.dumps(row["rayjob"]) for row in STORED}) >= 1500


def test_each_case_names_the_gate_whose_default_the_releases_do_not_share():
    silent = {row["kuberay"] for row in STORED if DELETION_POLICY not in row["gates"]}

    assert silent == {"1.6.2", "1.7.0"}


def test_the_recipes_know_nothing_of_our_rules():
    ask = "import sys, tests.parity.generator; print([name for name in sys.modules if name.startswith('webhook')])"
    answer = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)

    assert answer.stdout == "[]\n"


def test_no_two_recipes_have_one_name():
    assert [name for name, times in Counter(made.name for made in RECIPES).items() if times > 1] == []


@pytest.mark.parametrize("harmless", HARMLESS, ids=lambda made: made.name)
def test_a_harmless_recipe_changes_a_rayjob(harmless):
    def made(*recipes):
        draft = Draft(Random(1))  # noqa: S311 (the same RayJob every time)
        for one in recipes:
            one.change(draft)
        return draft.job

    assert made(harmless) != made()


def test_the_cases_do_not_depend_on_when_they_are_made():
    assert next(cases()) == next(cases())


def test_recipes_disturb_each_other_where_one_touches_what_the_other_relies_upon():
    def touching(*parts):
        return recipe(*parts)(lambda _: None)

    head = touching("spec.cluster.head", "name")

    assert [
        head.disturbs(touching(part))
        for part in ("spec.cluster.head", "spec.cluster", "spec.cluster.head.labels", "spec.cluster.header", "status")
    ] == [True, True, True, False, False]


def test_a_recipe_breaks_what_an_operator_sees_broken():
    made = recipe("tls", breaks=(*behind(MTLS, "R111", "R112"), breach("R3", until=5)))(lambda _: None)

    assert made.broken_for(Operator(7, {MTLS: True})) == {"R112"}
    assert made.broken_for(Operator(7, {})) == {"R111"}
    assert made.broken_for(Operator(5, {MTLS: True})) == {"R3"}
    assert made.broken_for(Operator(6, {MTLS: True})) == set()


def test_one_gate_is_on_by_default_since_1_6():
    assert [Operator(minor, {}).is_on(DELETION_POLICY) for minor in (4, 5, 6, 7)] == [False, False, True, True]
