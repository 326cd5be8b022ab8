from datetime import date

import pytest
from pydantic import ValidationError

from webhook.policy.exemption import Exemption, ExemptionPart
from webhook.policy.match import Asked

PART = {"match": {"namespaces": ["legacy"]}, "rules": ["a", "b"], "reason": "older", "expires": "2026-12-31"}


@pytest.mark.parametrize(
    ("today", "counts", "ends_soon"),
    [
        (date(2026, 12, 16), True, False),
        (date(2026, 12, 17), True, True),
        (date(2026, 12, 31), True, True),
        (date(2027, 1, 1), False, False),
    ],
)
def test_an_exemption_counts_to_the_end_of_its_last_day_which_is_told_two_weeks_before(today, counts, ends_soon):
    exemption = Exemption.of(ExemptionPart.of(PART))

    assert (exemption.counts(today), exemption.ends_soon(today)) == (counts, ends_soon)
    assert exemption.covers(Asked("legacy", "CREATE"), today) is counts
    assert not exemption.covers(Asked("other", "CREATE"), today)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reason": None}, "valid string"),
        ({"reason": " "}, "must be a text on one line"),
        ({"reason": "a\nb"}, "must be a text on one line"),
        ({"reason": "x" * 201}, "at most 200"),
        ({"expires": "soon"}, "must be a date, as 2026-12-31"),
        ({"expires": "2026-12-31T10:00:00Z"}, "must be a date"),
        ({"expires": 20261231}, "must be a date"),
        ({"expires": "86400"}, "must be a date"),
        ({"expires": "2026-02-30"}, "day is out of range"),
        ({"rules": []}, "at least 1"),
        ({"until": "2026-12-31"}, "Extra inputs"),
    ],
)
def test_an_exemption_without_reason_end_or_rule_is_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        ExemptionPart.of(PART | change)


def test_an_exemption_says_why():
    plain, ticketed = ExemptionPart.of(PART), ExemptionPart.of(PART | {"ticket": "OPS-1"})

    assert (plain.why, ticketed.why) == ("older", "older (OPS-1)")
    assert ticketed.notice == "the exemption from a, b ends on 2026-12-31: older (OPS-1)"
