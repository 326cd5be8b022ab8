"""No rule is called that cannot apply, and none is left out that could: both ways say the same of every case."""

from pathlib import Path

import pytest

from tests.parity.generator import CASES
from tests.parity.recording import Kind, rows
from webhook.policy.target import target
from webhook.rayjob.job import Job
from webhook.rules.finding import Finding
from webhook.rules.register import RULES
from webhook.rules.table import Table

SHARED = Path(__file__).parents[2] / "../shared/parity/verdicts.jsonl.gz"


def found_by_all(job: Job, table: Table) -> list[Finding]:
    """What the rules of the table that may not apply find, each called by hand."""
    concerned = {rule.id for rule in table.concerned(job)}
    return [finding for rule in RULES if rule.id not in concerned for finding in rule.findings(job)]


@pytest.mark.parametrize(
    "path",
    [
        CASES,
        pytest.param(SHARED, marks=pytest.mark.skipif(not SHARED.exists(), reason="the recordings are not here")),
    ],
    ids=lambda path: path.name,
)
def test_a_rule_that_is_not_called_would_find_nothing(path):
    table = Table(RULES)
    read = [row for kind, row in rows(path) if kind is Kind.VERDICT]

    missed = {
        finding.rule
        for row in read
        for finding in found_by_all(Job.of(row["rayjob"], release=target(row["kuberay"]).release), table)
    }

    assert missed == set()
    assert len(read) > 2000
