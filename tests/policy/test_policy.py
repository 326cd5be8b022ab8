"""What a policy makes of a review: overrides in their order, labels that authors may set, exemptions, profiles."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.written import faults, policy
from webhook.policy.match import Asked
from webhook.policy.node import Place
from webhook.policy.setting import SEVERITY, Setting
from webhook.rayjob.job import Job
from webhook.rules.example import merged
from webhook.rules.guardrail.ttl_too_long import TtlTooLong
from webhook.rules.guardrail.unpinned_image import UnpinnedImage
from webhook.rules.rule import Action

LAYERED = """
trustedLabels: [tier]
defaults: {ttl: 60, shutdown: off}
rules:
  negative-ttl: warn
  ttl-too-long: {action: deny, maxSeconds: 100}
overrides:
- match: {namespaces: [dev-*]}
  rules: {negative-ttl: off, ttl-too-long: {maxSeconds: 900}}
  defaults: {ttl: 30}
- match: {namespaces: [dev-*, prod]}
  rules: {negative-ttl: deny, ttl-too-long: warn, missing-name: warn}
  defaults: {ttl: off, shutdown: on}
- match: {matchLabels: {tier: gold}}
  rules: {ttl-too-long: off}
profiles:
  strict:
    rules: {ttl-too-long: {maxSeconds: 10}, negative-ttl: deny}
    overrides:
    - match: {namespaces: [dev-a]}
      rules: {negative-ttl: audit}
"""


def asked(namespace="team", **more) -> Asked:
    return Asked(namespace, "CREATE", **more)


@pytest.mark.parametrize(
    ("who", "rule", "action", "seconds"),
    [
        (asked(), "negative-ttl", Action.WARN, None),
        (asked(), "ttl-too-long", Action.DENY, 100),
        (asked("dev-a"), "negative-ttl", Action.OFF, None),
        (asked("dev-a"), "ttl-too-long", Action.DENY, 900),
        (asked("dev-a"), "missing-name", Action.WARN, None),
        (asked("prod"), "negative-ttl", Action.DENY, None),
        (asked("prod"), "ttl-too-long", Action.WARN, 100),
        (asked("prod", labels={"tier": "gold"}), "ttl-too-long", Action.WARN, 100),
        (asked("team", labels={"tier": "gold"}), "ttl-too-long", Action.OFF, 100),
        (asked("team", labels={"tier": "silver"}), "ttl-too-long", Action.DENY, 100),
    ],
)
def test_the_first_override_that_matches_and_names_a_rule_decides_on_it(who, rule, action, seconds):
    whole = policy(LAYERED)
    decided = whole.settings(whole.matching(who))[rule]

    assert decided.action is action
    assert decided.parameters == (None if seconds is None else TtlTooLong.of({"maxSeconds": seconds}))
    assert whole.ruling(who).actions.get(rule, Action.OFF) is action


@pytest.mark.parametrize(
    ("namespace", "given"),
    [("team", {"ttl": 60}), ("dev-a", {"ttl": 30, "shutdown": True}), ("prod", {"shutdown": True})],
)
def test_the_first_override_that_matches_and_names_a_default_decides_on_it(namespace, given):
    always = {"dashboard-host": "0.0.0.0", "runtime-env-yaml": None}  # noqa: S104 (inside the pod)

    assert policy(LAYERED).ruling(asked(namespace)).defaults == always | given


def test_a_ruling_is_made_once_for_all_whom_the_same_overrides_match():
    whole = policy(LAYERED)

    assert whole.ruling(asked("dev-a")) is whole.ruling(asked("dev-b"))
    assert whole.ruling(asked("team")) is whole.base


@pytest.mark.parametrize(
    ("namespace", "rule", "action", "seconds"),
    [
        ("team", "ttl-too-long", Action.DENY, 10),
        ("team", "negative-ttl", Action.DENY, None),
        ("dev-a", "negative-ttl", Action.AUDIT, None),
        ("dev-b", "negative-ttl", Action.DENY, None),
        ("dev-b", "ttl-too-long", Action.DENY, 10),
        ("dev-b", "missing-name", Action.WARN, None),
    ],
)
def test_what_a_profile_says_counts_more_than_the_policy_that_it_is_laid_over(namespace, rule, action, seconds):
    strict = policy(LAYERED).profiles["strict"]
    decided = strict.settings(strict.matching(asked(namespace)))[rule]

    assert decided.action is action
    assert decided.parameters == (None if seconds is None else TtlTooLong.of({"maxSeconds": seconds}))


def test_what_an_override_of_a_profile_leaves_out_is_taken_from_the_policy_that_the_profile_is_laid_over():
    whole = policy(
        """
        defaults: {ttl: off}
        rules:
          ttl-too-long: {action: deny, maxSeconds: 900}
          unpinned-image: {action: deny, digestRequired: true}
        profiles:
          strict:
            overrides:
            - match: {namespaces: [dev]}
              rules: {ttl-too-long: {maxSeconds: 5}, unpinned-image: warn}
        """
    )
    strict = whole.profiles["strict"]
    settings = strict.settings(strict.matching(asked("dev")))

    assert (settings["ttl-too-long"].action, settings["ttl-too-long"].parameters) == (
        Action.DENY,
        TtlTooLong.of({"maxSeconds": 5}),
    )
    assert (settings["unpinned-image"].action, settings["unpinned-image"].parameters) == (
        Action.WARN,
        UnpinnedImage.of({"digestRequired": True}),
    )


@pytest.mark.parametrize(
    "text",
    [
        "rules: {ttl-too-long: {action: deny, maxSeconds: 9}}\noverrides: [{match: LABEL, rules: OTHER}]",
        "overrides: [{match: LABEL, rules: OTHER}, {match: {namespaces: [a]}, rules: OTHER}]",
        "overrides: [{match: LABEL, rules: OTHER}]\nprofiles: {a: {rules: OTHER}}",
        "rules: OTHER\nprofiles: {a: {overrides: [{match: LABEL, rules: OTHER}]}}",
        "rules: OTHER\nprofiles: {a: {overrides: [{match: {namespaces: [a], matchLabels: {a: b}}, rules: OTHER}]}}",
    ],
)
def test_a_label_that_an_author_may_set_cannot_choose_among_parameters(text):
    other = "{ttl-too-long: {action: deny, maxSeconds: 5}}"
    written = text.replace("LABEL", "{matchLabels: {a: b}}").replace("OTHER", other) + "\ndefaults: {ttl: off}"

    assert [fault.partition(": must ")[2] for fault in faults(written)] == [
        "not change parameters by the label a, which authors may set; trustedLabels names those that they may not"
    ]
    assert not faults(f"trustedLabels: [a]\n{written}")


HANGING = (
    '{matchLabels: {x: "1"}}',
    "{matchExpressions: [{key: x, operator: Exists}]}",
    "{matchExpressions: [{key: y, operator: DoesNotExist}]}",
    '{namespaces: [a], matchExpressions: [{key: y, operator: NotIn, values: ["2"]}]}',
)


@given(
    st.sampled_from(Action),
    st.lists(st.tuples(st.sampled_from(["{namespaces: [a]}", "{users: [ann]}", *HANGING]), st.sampled_from(Action))),
    st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from(["1", "2"])),
)
def test_whatever_labels_an_author_sets_no_rule_gets_milder_than_without_what_hangs_on_them(base, others, labels):
    def severity(said: list[tuple[str, Action]]) -> int:
        overrides = [f"{{match: {match}, rules: {{negative-ttl: {action}}}}}" for match, action in said]
        whole = policy(f"rules: {{negative-ttl: {base}}}\noverrides: [{', '.join(overrides)}]")
        who = asked("a", username="ann", labels=labels)
        return SEVERITY.index(whole.setting("negative-ttl", whole.matching(who)).action)

    assert severity(others) >= severity([(match, action) for match, action in others if match not in HANGING])


def test_a_policy_mistakes_nobody_for_another():
    whole = policy(
        """
        overrides:
        - {match: {users: [ann], matchLabels: {x: "1"}}, rules: {negative-ttl: warn}}
        - {match: {groups: [ml]}, rules: {negative-ttl: warn}}
        - {match: {namespaces: [a], operations: [CREATE]}, rules: {negative-ttl: warn}}
        """
    )
    ann = asked("b", username="ann", labels={"x": "1"})

    assert [
        whole.matching(who)
        for who in (
            ann,
            ann._replace(labels={}),
            ann._replace(username="ben"),
            ann._replace(groups=["ml"]),
            ann._replace(namespace="a"),
            ann._replace(namespace="a", operation="UPDATE"),
            ann,
        )
    ] == [(0,), (), (), (0, 1), (0, 2), (0,), (0,)]


def test_a_setting_knows_which_line_decides_it():
    whole = policy(LAYERED)

    assert whole.settings(())["missing-name"] == Setting(Action.DENY)
    assert whole.settings(())["negative-ttl"].place == Place("policy.yaml", 7, 17)
    assert whole.settings(whole.matching(asked("prod")))["negative-ttl"].place == Place("policy.yaml", 14, 25)


UNTRUSTED = """
defaults: {ttl: off}
rules: {negative-ttl: warn, missing-name: deny, unknown-submission-mode: warn}
overrides:
- match: {matchLabels: {mine: x}}
  rules:
    negative-ttl: deny
    missing-name: off
    unknown-submission-mode: audit
    ttl-too-long: {action: deny, maxSeconds: 5}
- match: {matchLabels: {also: x}}
  rules: {negative-ttl: off}
- match: {namespaces: [prod]}
  rules: {negative-ttl: deny, unknown-submission-mode: deny}
"""


@pytest.mark.parametrize(
    ("who", "actions"),
    [
        (asked(), ("warn", "deny", "warn", "off")),
        (asked(labels={"mine": "x"}), ("deny", "deny", "warn", "deny")),
        (asked(labels={"also": "x"}), ("warn", "deny", "warn", "off")),
        (asked(labels={"also": "x", "mine": "x"}), ("deny", "deny", "warn", "deny")),
        (asked("prod", labels={"also": "x", "mine": "x"}), ("deny", "deny", "deny", "deny")),
    ],
)
def test_a_label_that_an_author_may_set_makes_a_rule_stricter_never_milder(who, actions):
    whole = policy(UNTRUSTED)
    rules = ("negative-ttl", "missing-name", "unknown-submission-mode", "ttl-too-long")

    assert tuple(whole.settings(whole.matching(who))[rule].action for rule in rules) == actions


@pytest.mark.parametrize(
    ("who", "action"),
    [
        (asked(labels={"mine": "x"}), Action.DENY),
        (asked("dev", labels={"mine": "x"}), Action.OFF),
        (asked("test", labels={"mine": "x"}), Action.DENY),
        (asked("test"), Action.AUDIT),
    ],
)
def test_a_label_that_an_author_may_set_counts_no_more_than_what_stands_before_it(who, action):
    whole = policy(
        """
        rules: {negative-ttl: warn}
        overrides:
        - {match: {namespaces: [dev]}, rules: {negative-ttl: off}}
        - {match: {matchLabels: {mine: x}}, rules: {negative-ttl: deny}}
        - {match: {namespaces: [test]}, rules: {negative-ttl: audit}}
        """
    )

    assert whole.settings(whole.matching(who))["negative-ttl"].action is action


def test_a_label_that_turns_on_a_rule_gives_it_the_parameters_that_stand_there():
    whole = policy(
        """
        rules: {ttl-too-long: {action: off, maxSeconds: 900}}
        overrides:
        - {match: {matchLabels: {mine: x}}, rules: {ttl-too-long: {action: deny, maxSeconds: 5}}}
        defaults: {ttl: 5}
        """
    )
    decided = whole.settings(whole.matching(asked(labels={"mine": "x"})))["ttl-too-long"]

    assert decided == Setting(Action.DENY, TtlTooLong.of({"maxSeconds": 5}), Place("policy.yaml", 6, 59))


def test_additions_of_an_override_are_laid_over_those_for_all():
    whole = policy(
        """
        defaults:
          add:
            labels: {team: a, tier: low}
            head: {serviceAccountName: ray, resources: {requests: {cpu: "1"}, limits: {cpu: "2"}}}
        overrides:
        - match: {namespaces: [gpu]}
          defaults:
            add:
              labels: {tier: high}
              head: {resources: {limits: {cpu: "1"}}}
              workers: {priorityClassName: high}
        """
    )
    plain, laid = whole.base.additions, whole.ruling(asked("gpu")).additions

    assert plain is not None
    assert laid is not None
    assert plain.model_dump(exclude_unset=True) == {
        "labels": {"team": "a", "tier": "low"},
        "head": {"service_account_name": "ray", "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}},
    }
    assert laid.model_dump(exclude_unset=True) == {
        "labels": {"team": "a", "tier": "high"},
        "head": {"service_account_name": "ray", "resources": {"limits": {"cpu": "1"}}},
        "workers": {"priority_class_name": "high"},
    }


def test_exemptions_cover_whom_they_name_until_they_expire():
    whole = policy(
        """
        exemptions:
        - {match: {namespaces: [legacy]}, rules: [negative-ttl], reason: a, expires: 2026-12-31}
        - {match: {users: [ann]}, rules: [negative-ttl], reason: b, expires: 2027-12-31}
        """
    )

    def reasons(who: Asked, today: date) -> list[str]:
        return [exemption.part.reason for exemption in whole.exemptions(who, today)]

    assert reasons(asked("legacy", username="ann"), date(2026, 12, 31)) == ["a", "b"]
    assert reasons(asked("legacy", username="ann"), date(2027, 1, 1)) == ["b"]
    assert reasons(asked("legacy"), date(2027, 1, 1)) == []


def test_a_rule_of_another_release_is_not_in_force():
    raw = merged({"spec": {"metadata": {"team": "a"}, "rayClusterSpec": {"rayVersion": "2.5.9"}}})
    rules = "rules: {metadata-with-old-ray-version: deny}\n"

    def found(text: str) -> list[str]:
        return [finding.rule for finding in policy(text).base.table.findings(Job.of(raw))]

    assert found(rules) == ["metadata-with-old-ray-version"]
    assert found(f'target: {{kuberayVersion: "1.4"}}\n{rules}') == ["unsubmittable-metadata"]
