from collections.abc import Mapping

from webhook.rayjob.job import Job
from webhook.rules.example import merged
from webhook.rules.rule import Rule
from webhook.rules.table import Table


def judged(rule: Rule, given: Mapping[str, object], patch: Mapping[str, object]) -> list[str]:
    """The messages, without the rule's id, of a guardrail with its parameters in the smallest RayJob with a patch."""
    assert rule.parameters is not None
    table = Table([rule.applied(rule.parameters.of(given))])
    return [f"{finding.where}: {finding.text}" for finding in table.findings(Job.of(merged(patch)))]
