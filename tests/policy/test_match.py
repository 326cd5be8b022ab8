import pytest
from pydantic import ValidationError

from webhook.policy.match import Asked, Match, Matcher

ASKED = Asked(
    "team-a", "CREATE", "system:serviceaccount:ci:runner", ("system:authenticated", "ml"), {"tier": "gold", "team": "a"}
)


def holds(asked: Asked = ASKED, **conditions) -> bool:
    return Matcher.of(Match.of(conditions)).holds(asked)


@pytest.mark.parametrize(
    ("conditions", "is_meant"),
    [
        ({"namespaces": ["team-a"]}, True),
        ({"namespaces": ["team-b", "team-?"]}, True),
        ({"namespaces": ["team-*"]}, True),
        ({"namespaces": ["*"]}, True),
        ({"namespaces": ["team"]}, False),
        ({"users": ["SYSTEM:SERVICEACCOUNT:CI:RUNNER"]}, False),
        ({"users": ["system:serviceaccount:ci:runner"]}, True),
        ({"users": ["system:serviceaccount:*:runner"]}, True),
        ({"users": ["*:runner"]}, False),
        ({"users": ["?ystem:*"]}, False),
        ({"users": ["*"]}, True),
        ({"users": ["nobody", "*"]}, True),
        ({"users": ["runner"]}, False),
        ({"groups": ["ml"]}, True),
        ({"groups": ["m", "l"]}, False),
        ({"groups": ["system:*"]}, True),
        ({"groups": ["*"]}, True),
        ({"groups": ["*l"]}, True),
        ({"groups": ["*authenticated"]}, False),
        ({"serviceAccounts": ["ci:runner"]}, True),
        ({"serviceAccounts": ["ci:*"]}, True),
        ({"serviceAccounts": ["*:runner"]}, True),
        ({"serviceAccounts": ["c:*"]}, False),
        ({"operations": ["CREATE"]}, True),
        ({"operations": ["UPDATE"]}, False),
        ({"matchLabels": {"tier": "gold"}}, True),
        ({"matchLabels": {"tier": "gold", "team": "b"}}, False),
        ({"matchLabels": {"absent": ""}}, False),
        ({"namespaces": ["team-a"], "operations": ["UPDATE"]}, False),
        ({"namespaces": ["team-a"], "groups": ["ml"], "matchLabels": {"team": "a"}}, True),
    ],
)
def test_every_condition_must_hold_and_one_entry_of_each(conditions, is_meant):
    assert holds(**conditions) is is_meant


@pytest.mark.parametrize(
    ("expression", "is_meant"),
    [
        ({"key": "tier", "operator": "In", "values": ["silver", "gold"]}, True),
        ({"key": "tier", "operator": "In", "values": ["silver"]}, False),
        ({"key": "absent", "operator": "In", "values": [""]}, False),
        ({"key": "tier", "operator": "NotIn", "values": ["silver"]}, True),
        ({"key": "tier", "operator": "NotIn", "values": ["gold"]}, False),
        ({"key": "absent", "operator": "NotIn", "values": ["gold"]}, True),
        ({"key": "tier", "operator": "Exists"}, True),
        ({"key": "absent", "operator": "Exists"}, False),
        ({"key": "absent", "operator": "DoesNotExist"}, True),
        ({"key": "tier", "operator": "DoesNotExist"}, False),
    ],
)
def test_labels_are_compared_as_in_every_selector_of_kubernetes(expression, is_meant):
    assert holds(matchExpressions=[expression]) is is_meant


@pytest.mark.parametrize("username", ["system:serviceaccount:ci:x:runner", "system:serviceaccount:ci", "ci:runner", ""])
def test_a_star_does_not_make_another_user_a_service_account(username):
    assert not holds(ASKED._replace(username=username), serviceAccounts=["*:*"])


def test_nobody_is_no_user():
    assert holds(ASKED._replace(username="system:anonymous"), users=["*"])
    assert not holds(ASKED._replace(username=""), users=["*"])


def test_a_bracket_in_a_name_means_itself():
    assert holds(ASKED._replace(username="[admin]"), users=["[admin]"])
    assert not holds(ASKED._replace(username="a"), users=["[admin]"])


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({}, "must name whom it is for"),
        ({"matchLabels": {}, "matchExpressions": []}, "must name whom it is for"),
        ({"namespaces": [], "users": ["ann"]}, "at least 1 item"),
        ({"users": [], "groups": ["ml"]}, "at least 1 item"),
        ({"groups": [], "users": ["ann"]}, "at least 1 item"),
        ({"serviceAccounts": [], "users": ["ann"]}, "at least 1 item"),
        ({"operations": [], "users": ["ann"]}, "at least 1 item"),
        ({"users": [""]}, "at least 1 character"),
        ({"namespaces": [""]}, "must be a namespace's name"),
        ({"namespaces": ["Team-A"]}, "must be a namespace's name"),
        ({"namespaces": ["team-a "]}, "must be a namespace's name"),
        ({"namespaces": ["team-a\n"]}, "must be a namespace's name"),
        ({"namespaces": ["team-[ab]"]}, "must be a namespace's name"),
        ({"operations": ["DELETE"]}, "Input should be 'CREATE' or 'UPDATE'"),
        ({"serviceAccounts": ["runner"]}, "must be NAMESPACE:NAME"),
        ({"serviceAccounts": ["system:serviceaccount:ci:runner"]}, "must be NAMESPACE:NAME"),
        ({"serviceAccounts": ["ci:"]}, "must be NAMESPACE:NAME"),
        ({"matchLabels": {"a b": "c"}}, "must be a label's key"),
        ({"matchLabels": {"a": "c d"}}, "must be a label's value"),
        ({"matchExpressions": [{"key": "a", "operator": "In"}]}, "must have values for In and NotIn"),
        ({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}, "none for Exists"),
        ({"matchExpressions": [{"key": "a", "operator": "Is"}]}, "Input should be"),
        ({"names": ["a"]}, "Extra inputs"),
    ],
)
def test_a_match_that_means_nobody_or_cannot_be_understood_is_refused(conditions, message):
    with pytest.raises(ValidationError, match=message):
        Match.of(conditions)


def test_a_match_knows_on_which_labels_it_hangs_and_whether_on_the_user():
    match = Match.of({"matchLabels": {"tier": "gold"}, "matchExpressions": [{"key": "team", "operator": "Exists"}]})

    assert match.label_keys == {"tier", "team"}
    assert not match.asks_for_user
    assert Match.of({"groups": ["ml"]}).asks_for_user
