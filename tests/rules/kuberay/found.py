from collections.abc import Mapping

from webhook.rayjob.job import Job
from webhook.rules.example import merged
from webhook.rules.rule import Rule
from webhook.rules.table import Table


def found(rule: Rule, patch: Mapping[str, object]) -> list[tuple[str, str]]:
    """Where a rule finds what, if it is asked at all, in the smallest RayJob with a patch."""
    return [(finding.where, finding.text) for finding in Table([rule]).findings(Job.of(merged(patch)))]
