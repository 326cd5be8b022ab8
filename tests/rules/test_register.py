import inspect
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

from webhook import rules
from webhook.policy.ruling import Ruling
from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Target
from webhook.rules import rule as rule_module
from webhook.rules.example import merged, smallest
from webhook.rules.finding import Finding, required
from webhook.rules.register import EVERY_RULE, GUARDRAILS, RULES
from webhook.rules.rule import Action, Example, Layer, Rule, rule
from webhook.rules.table import Table

EVERY = Ruling.of(RULES, {}, Target())

EXAMPLES = [(declared, example) for declared in EVERY_RULE for example in declared.examples]
NAMES = [f"{declared.id}-{index}" for declared in EVERY_RULE for index, _ in enumerate(declared.examples)]


def job(example: Example) -> Job:
    old = None if example.old is None else merged(example.old)
    return Job.of(merged(example.patch), from_file=example.from_file, old=old)


def applied(declared: Rule, example: Example) -> Rule:
    return declared.applied(declared.parameters.of(example.given) if declared.parameters else None)


def test_no_rule_finds_anything_in_the_smallest_rayjob():
    assert EVERY.table.findings(Job.of(smallest())) == ()


@pytest.mark.parametrize(("declared", "example"), EXAMPLES, ids=NAMES)
def test_a_rule_finds_in_its_example_what_the_example_says(declared: Rule, example: Example):
    found = sorted(applied(declared, example).findings(job(example)), key=lambda finding: finding.order)

    assert tuple(str(finding.path) for finding in found) == example.at


@pytest.mark.parametrize(("declared", "example"), EXAMPLES, ids=NAMES)
def test_an_example_breaks_no_other_rule(declared: Rule, example: Example):
    guarded = (*RULES, replace(applied(declared, example), action=Action.DENY)) if declared in GUARDRAILS else RULES
    findings = Ruling.of(guarded, {}, declared.home).table.findings(job(example))

    assert {finding.rule for finding in findings} == {*example.also, *((declared.id,) if example.at else ())}


@pytest.mark.parametrize("declared", EVERY_RULE, ids=lambda declared: declared.id)
def test_a_rule_explains_itself_and_has_an_example_either_way(declared: Rule):
    assert declared.title
    assert declared.what
    assert declared.why
    assert declared.instead
    assert {bool(example.at) for example in declared.examples} == {True, False}


@pytest.mark.parametrize(("declared", "example"), EXAMPLES, ids=NAMES)
def test_a_rule_has_nothing_to_say_where_a_field_that_it_reads_is_absent(declared: Rule, example: Example):
    concerned = list(Table([declared]).concerned(job(example)))

    assert concerned or not list(applied(declared, example).findings(job(example)))


def test_every_rule_of_every_module_is_in_the_register():
    modules = [import_module(found.name) for found in walk_packages(rules.__path__, "webhook.rules.")]
    declared = {value.id for module in modules for _, value in inspect.getmembers(module) if isinstance(value, Rule)}

    assert [listed.id for listed in EVERY_RULE] == [*dict.fromkeys(listed.id for listed in EVERY_RULE)]
    assert {listed.id for listed in EVERY_RULE} == declared


def test_what_is_off_until_a_policy_sets_it_are_the_guardrails():
    assert [rule.id for rule in EVERY_RULE if rule.layer is Layer.GUARDRAIL] == [rule.id for rule in GUARDRAILS]
    assert {rule.action for rule in GUARDRAILS} == {Action.OFF}
    assert Action.OFF not in {rule.action for rule in RULES}


@pytest.mark.parametrize("declared", GUARDRAILS, ids=lambda declared: declared.id)
def test_every_parameter_of_a_guardrail_is_described(declared: Rule):
    assert declared.parameters is not None
    assert all(parameter.description for parameter in declared.parameters.model_fields.values())


def test_the_readme_lists_the_rules_in_layers():
    layers = [declared.layer for declared in EVERY_RULE]

    assert layers == sorted(layers, key=list(Layer).index)


def test_a_rule_whose_docstring_does_not_explain_it_cannot_be_declared():
    def unexplained(_: Job) -> list[Finding]:
        """Something."""
        return [required(Path(), "")]  # type: ignore[arg-type]  # pragma: no cover

    with pytest.raises(ValueError, match="rule unexplained: its docstring must say what it finds, then Why: and Inst"):
        rule_module.rule("Title", layer=Layer.CONTRACT, examples=())(unexplained)


def test_a_rule_is_named_after_its_check():
    @rule("Title", layer=Layer.GUARDRAIL, examples=())
    def some_fault(_: Job) -> tuple[Finding, ...]:
        """Finds

        nothing.

        Why: because.

        Instead: nothing.
        """
        return ()

    assert (some_fault.id, some_fault.what, some_fault.why, some_fault.instead) == (
        "some-fault",
        "Finds nothing.",
        "because.",
        "nothing.",
    )
