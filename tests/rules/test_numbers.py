"""The census of KubeRay's rules R1 to R155: what becomes of each number."""

import re

import pytest

from webhook.rules.kuberay.unclaimed import UNREACHABLE
from webhook.rules.register import RULES
from webhook.rules.rule import Rule

NUMBERS = {f"R{number}" for number in range(1, 156)}
CLAIMED = {number for declared in RULES for number in declared.source if re.fullmatch(r"R\d+", number)}


def shown(declared: Rule) -> set[str]:
    """The numbers that a rule's failing examples show; a rule with a single one need not name it."""
    numbers = {number for number in declared.source if number in NUMBERS}
    named = {example.number for example in declared.examples if example.at and example.number}
    return named or numbers if len(numbers) == 1 else named


def test_every_number_is_claimed_by_a_rule_or_listed_as_unreachable():
    assert CLAIMED | set(UNREACHABLE) == NUMBERS
    assert CLAIMED & set(UNREACHABLE) == set()


@pytest.mark.parametrize("declared", RULES, ids=lambda declared: declared.id)
def test_every_number_that_a_rule_claims_is_shown_by_a_failing_example(declared: Rule):
    assert shown(declared) == {number for number in declared.source if number in NUMBERS}
