"""docs/cel.md, held against what it describes."""

import re
from pathlib import Path

import pytest
import yaml

from tests.policy.cel.asking import entry, faults
from webhook.policy import custom
from webhook.policy.cel import arguments as cel_arguments
from webhook.policy.cel import compiling
from webhook.policy.cel import expression as cel_expression
from webhook.policy.cel import lists as cel_lists
from webhook.policy.cel import request as cel_request
from webhook.policy.cel import subject as cel_subject
from webhook.policy.cel.amount import ITERATIONS
from webhook.policy.cel.compiling import compiled
from webhook.policy.cel.effort import EFFORTS
from webhook.policy.cel.library import MISSING
from webhook.policy.cel.subject import Subject

PAGE = (Path(__file__).parents[3] / "docs/cel.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", PAGE))


def section(title):
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text):
    """The cells of a table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines][1:]


REFUSED = [row[0].strip("`").replace(r"\|", "|") for row in rows(section("What is refused"))]


def test_the_page_names_every_function_that_there_is():
    functions = {name for name in EFFORTS if re.fullmatch(r"[A-Za-z.]+", name)}

    assert sorted(functions - NAMED) == []


def test_the_page_names_everything_of_kubernetes_that_there_is_not():
    names = {name for name in MISSING if f"`{name}`" not in PAGE and f"{name}." not in PAGE}

    assert sorted(names) == []


@pytest.mark.parametrize("expression", REFUSED)
def test_what_the_page_says_is_refused_is_refused(expression):
    assert faults(expression) != []


def test_the_pages_rule_is_one():
    (written,) = yaml.safe_load(PAGE.partition("```yaml\n")[2].partition("```")[0])["custom"]
    rule = compiled(entry(**written))
    groups = {"workerGroupSpecs": [{"replicas": 15}, {}, {"replicas": 3}]}

    (finding,) = rule.findings(Subject({"spec": {"rayClusterSpec": groups}}, None, {}))

    assert finding.text == "Forbidden: must ask for at most 16 replicas, asks for 18"
    assert {field.alias for field in custom.CustomRule.model_fields.values()} == set(written)
    assert set(written) == {row[0].strip("`") for row in rows(PAGE.partition("## What an expression knows")[0])}


def test_the_page_names_every_field_of_a_request():
    (row,) = (row for row in rows(section("What an expression knows")) if row[0] == "`request`")

    assert set(re.findall(r"`(\w+)`", row[1])) == {*cel_request.FIELDS, "username", "uid", "groups", "extra"}


def test_the_page_tells_the_bounds():
    bounds = section("Bounds")

    for bound in (
        f"{custom.CHARACTERS} characters",
        f"{cel_expression.NODES} parts",
        f"{custom.PARTS} each",
        f"{compiling.PARAMS_BYTES} bytes",
        f"{cel_arguments.PROGRAM_SIZE} instructions",
        f"{ITERATIONS} rounds",
        f"{cel_lists.ITEMS} items",
        f"{cel_lists.KEYS} keys",
        f"{cel_expression.COST_NANOSECONDS // 10**9} s for one evaluation",
    ):
        assert bound in bounds
    assert f"more than {cel_subject.DEPTH} levels" in PAGE
