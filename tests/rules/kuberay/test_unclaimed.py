from webhook.rules.kuberay.unclaimed import UNREACHABLE
from webhook.rules.register import RULES

CLAIMED = {number for rule in RULES for number in rule.source}


def test_what_is_unreachable_is_claimed_by_no_rule():
    assert set(UNREACHABLE) == {"R99", "R100", "R101"}
    assert not CLAIMED & set(UNREACHABLE)


def test_what_is_unreachable_is_so_because_of_a_rule_that_is_claimed():
    assert all("(R35)" in reason for reason in UNREACHABLE.values())
    assert "R35" in CLAIMED
