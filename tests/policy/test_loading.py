"""What may stand in a policy file, and what is said where it may not."""

import pytest

from tests.policy.written import HEADER, faults, policy
from webhook.policy.loading import load
from webhook.policy.match import Asked
from webhook.policy.node import BadPolicy, Place
from webhook.policy.policy import shipped
from webhook.policy.ruling import Ruling
from webhook.policy.setting import Setting
from webhook.policy.target import Said
from webhook.rayjob.kuberay import Gate, Release, Scheduler, Target
from webhook.rules.rule import Action

LABELS = "trustedLabels names those that they may not"


@pytest.mark.parametrize("texts", [[], [("a.yaml", "")], [("a.yaml", "# only words\n")], [("a.yaml", HEADER)]])
def test_an_empty_policy_is_the_shipped_one(texts):
    loaded, declared = load(texts), shipped()

    assert loaded.base.actions == declared.base.actions
    assert loaded.base.defaults == declared.base.defaults
    assert loaded.base.additions is None
    assert (loaded.profiles, loaded.asks) == ({}, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rules: {negativ-ttl: deny}",
            ['3:9: rules.negativ-ttl: there is no rule "negativ-ttl" here; did you mean negative-ttl?'],
        ),
        (
            "rules: {xxxxxxxxx: deny}",
            ['3:9: rules.xxxxxxxxx: there is no rule "xxxxxxxxx" here; `rayjob-webhook rules` lists them'],
        ),
        (
            "rules: {negative-ttl: refuse}",
            [
                '3:23: rules.negative-ttl: there is no action "refuse" here; there are deny, warn, audit, off',
            ],
        ),
        (
            "rules: {negative-ttl: {action: 3}}",
            ["3:32: rules.negative-ttl.action: must be the name of an action"],
        ),
        (
            "rules: {negative-ttl: [deny]}",
            ["3:23: rules.negative-ttl: must be an action (deny, warn, audit, off) or a mapping, is array"],
        ),
        (
            "rules: {negative-ttl: no}",
            ['3:23: rules.negative-ttl: there is no action "no" here; there are deny, warn, audit, off'],
        ),
        (
            "rules: {negative-ttl: {action: warn, seconds: 1}}",
            ['3:38: rules.negative-ttl.seconds: there is no parameter "seconds" here; there are action'],
        ),
        (
            "rules: {ttl-too-long: {action: dny, maxSecond: 1}}",
            [
                '3:32: rules.ttl-too-long.action: there is no action "dny" here; did you mean deny?',
                '3:37: rules.ttl-too-long.maxSecond: there is no parameter "maxSecond" here; did you mean maxSeconds?',
            ],
        ),
        (
            "rules: {ttl-too-long: {action: deny, maxSeconds: long}}",
            [
                '3:50: rules.ttl-too-long.maxSeconds: Invalid value: "long": must be a valid integer',
            ],
        ),
        (
            "rules: {ttl-too-long: deny}",
            ["3:23: rules.ttl-too-long.maxSeconds: Required value: The longest that the cluster of a finished job"],
        ),
        (
            "rules: {ttl-too-long: {maxSeconds: 5}}",
            ["3:23: rules.ttl-too-long.action: Required value: what the rule does: deny, warn or audit"],
        ),
        (
            "rules: {unpinned-image: {action: deny, digestRequired: 1}}",
            ["3:56: rules.unpinned-image.digestRequired: Invalid value: 1: must be a valid boolean"],
        ),
        ("rule: {}", ['3:1: rule: there is no key "rule" here; did you mean rules?']),
        ("rules: [deny]", ["3:8: rules: Invalid value: array: must be an object"]),
        (
            "overrides:\n- rules: {}\n",
            ["4:3: overrides[0].match: Required value: Whom it is for"],
        ),
        (
            "overrides:\n- match: {namespaces: [a], usrs: [b]}\n  rules: {nope: deny}\n",
            [
                '4:28: overrides[0].match.usrs: there is no key "usrs" here; did you mean users?',
            ],
        ),
        (
            "overrides:\n- match: {namespaces: [a]}\n  rules: {nope: deny}\n  defaults: {tl: 4}\n",
            [
                '5:11: overrides[0].rules.nope: there is no rule "nope" here; `rayjob-webhook rules` lists them',
                '6:14: overrides[0].defaults.tl: there is no default "tl" here; did you mean ttl?',
            ],
        ),
        (
            "exemptions:\n- match: {namespaces: [a]}\n  rules: [negative-tl]\n  reason: x\n  expires: 2026-12-31\n",
            ['5:11: exemptions[0].rules[0]: there is no rule "negative-tl" here; did you mean negative-ttl?'],
        ),
        (
            "exemptions: [{match: {matchLabels: {b: x, a: x}}, rules: [missing-name], reason: x, expires: 2026-12-31}]",
            [f"3:22: exemptions[0].match: must not hang on the labels a, b, which authors may set; {LABELS}"],
        ),
        (
            "profiles: {Strict: {}}",
            ["3:12: profiles.Strict: Invalid value: \"Strict\": must match pattern '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'"],
        ),
        (
            "profiles: {strict: {target: {}, rules: {nope: deny}}}",
            [
                '3:21: profiles.strict.target: there is no key "target" here',
                '3:41: profiles.strict.rules.nope: there is no rule "nope" here; `rayjob-webhook rules` lists them',
            ],
        ),
        (
            "target: {kuberayVersion: 1.7}",
            ["3:26: target.kuberayVersion: Invalid value: 1.7: must be a text: put it in quotes"],
        ),
        (
            'target: {kuberayVersion: "0.9"}',
            ["3:26: target.kuberayVersion: must be a KubeRay release from 1.4 on, or newer, is '0.9'"],
        ),
        (
            "target: {featureGates: {RayClusterMTL: true}}",
            ["3:25: target.featureGates.RayClusterMTL: KubeRay has no feature gate 'RayClusterMTL'; did you mean Ray"],
        ),
        ("trustedLabels: ['a b']", ['3:17: trustedLabels[0]: Invalid value: "a b": must be a label\'s key: a name of']),
        ("defaults: {ttl: -1}", ["3:17: defaults.ttl: Invalid value: integer -1: must be greater than or equal to 0"]),
        ("defaults: {runtime-env-yaml: x}", ['3:30: defaults.runtime-env-yaml: must be on or off, is string "x"']),
        (
            "defaults: {add: {labels: {a: b c}, head: {node: {}}}}",
            [
                '3:30: defaults.add.labels.a: Invalid value: "b c": must be',
                '3:43: defaults.add.head.node: there is no key "node" here; there are serviceAccountName, nodeSelector',
            ],
        ),
    ],
)
def test_a_fault_says_where_it_is_and_what_may_have_been_meant(text, said):
    told = faults(text)

    assert len(told) == len(said)
    assert all(one.startswith(expected) for one, expected in zip(told, said, strict=True)), told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("just words", ["must be a mapping: apiVersion: rayjob-webhook/v1, kind: RayJobPolicy, and what it says"]),
        (
            "rules: {}",
            [
                "apiVersion: Required value: must be rayjob-webhook/v1",
                "kind: Required value: must be RayJobPolicy",
            ],
        ),
        (
            "apiVersion: v1\nkind: [RayJobPolicy]",
            [
                'apiVersion: must be rayjob-webhook/v1, is string "v1"',
                "kind: must be RayJobPolicy, is array",
            ],
        ),
    ],
)
def test_a_file_without_its_header_is_refused(text, said):
    with pytest.raises(BadPolicy) as refused:
        load([("p.yaml", text)])

    assert [str(fault).split(": ", 1)[1] for fault in refused.value.faults] == said


def test_files_are_one_policy_in_the_order_of_their_names():
    rules = "rules: {negative-ttl: warn}\noverrides:\n- match: {namespaces: [a]}\n  rules: {missing-name: warn}\n"
    more = "rules: {missing-name: warn}\noverrides:\n- match: {namespaces: [a]}\n  rules: {missing-name: off}\n"

    loaded = load([("b.yaml", HEADER + more), ("a.yaml", HEADER + rules), ("c.yaml", "# nothing")])

    assert loaded.base.actions["negative-ttl"] is Action.WARN
    assert loaded.base.actions["missing-name"] is Action.WARN
    assert loaded.setting("missing-name", (0, 1)) == Setting(Action.WARN, None, Place("a.yaml", 6, 25))
    assert loaded.digest == load([("y.yaml", HEADER + more), ("x.yaml", HEADER + rules)]).digest


def test_a_file_that_is_given_twice_is_told_as_such():
    overrides = HEADER + "overrides: [{match: {namespaces: [a]}}]\n"

    with pytest.raises(BadPolicy) as refused:
        load([("a.yaml", overrides), ("b.yaml", HEADER), ("a.yaml", overrides)])

    assert str(refused.value) == "a.yaml:1:1: is given 2 times"


def test_what_two_files_say_is_a_conflict():
    with pytest.raises(BadPolicy) as refused:
        load(
            [
                ("a.yaml", HEADER + "rules: {negative-ttl: warn}\ntarget: {kueue: true}\ncustom: {}\n"),
                ("b.yaml", HEADER + "rules: {negative-ttl: deny}\ntarget: {certManager: true}\ncustom: []\n"),
                ("c.yaml", "rules: ["),
            ]
        )

    assert [str(fault) for fault in refused.value.faults] == [
        "b.yaml:3:9: rules.negative-ttl: is said at a.yaml:3:9 already",
        "b.yaml:5:1: custom: is said at a.yaml:5:1 already",
        "c.yaml:2:1: must be YAML: did not find expected node content",
    ]


def test_a_policy_names_its_target_and_a_flag_counts_more():
    text = """
    target:
      kuberayVersion: "1.5"
      featureGates: {RayClusterMTLS: true}
      batchScheduler: volcano
      certManager: false
      kueue: true
    """

    assert policy(text).parts.target == Target(
        Release.V1_5, {Gate.MTLS: True}, Scheduler.VOLCANO, cert_manager=False, kueue=True
    )
    assert policy(text, Said("1.6", scheduler=Scheduler.KAI)).parts.target == Target(
        Release.V1_6, {Gate.MTLS: True}, Scheduler.KAI, cert_manager=False, kueue=True
    )
    assert policy(text, Said(gates="", cert_manager=True, kueue=False)).parts.target == Target(
        Release.V1_5, {}, Scheduler.VOLCANO, cert_manager=True
    )


def test_the_digest_tells_policies_apart_and_says_nothing_of_comments_and_order():
    one = policy("rules: {negative-ttl: warn, missing-name: warn}")

    assert (
        one.digest
        == policy("# why\nrules:\n  missing-name: warn\n  negative-ttl: {warn: }".replace("{warn: }", "warn")).digest
    )
    assert one.digest != policy("rules: {negative-ttl: warn}").digest
    assert len(one.digest) == 16


OWN = """\
custom:
- id: one
  expression: |
    object.spec.x > 1
      && objct.spec.y
- id: two
  expression: "1 + 'a' == 2"
  matchConditions: [{name: a, expression: has(object)}]
- id: negative-ttl
  expression: "true"
- id: two
  expression: "true"
profiles:
  strict:
    custom:
    - {id: one, expression: "true"}
    rules: {two: warn, three: deny}
"""


def test_a_fault_in_an_expression_stands_where_it_is_in_the_file():
    assert faults(OWN) == [
        "7:20: custom[0].expression: undeclared reference to 'objct.spec.y'",
        "9:18: custom[1].expression: found no matching overload for '_+_' applied to '(int, string)'",
        "10:47: custom[1].matchConditions[0].expression: has() argument must be a field selection",
        "11:7: custom[2].id: there is a rule negative-ttl already",
        "13:7: custom[3].id: there is a rule two already",
        "18:12: profiles.strict.custom[0].id: there is a rule one already",
        '19:24: profiles.strict.rules.three: there is no rule "three" here; `rayjob-webhook rules` lists them',
    ]


def test_rules_of_ones_own_are_in_force_as_the_policy_says():
    text = """\
custom:
- {id: one, expression: "true", action: warn}
- {id: two, expression: "true"}
rules: {two: audit}
overrides:
- match: {namespaces: [a]}
  rules: {one: off}
profiles:
  strict:
    custom: [{id: three, expression: "true"}]
    rules: {one: deny}
"""
    whole = policy(text)
    strict = whole.profiles["strict"]

    def own(ruling: Ruling) -> dict[str, str]:
        return {rule.id: str(ruling.actions[rule.id]) for rule in ruling.custom}

    assert own(whole.base) == {"one": "warn", "two": "audit"}
    assert own(whole.ruling(Asked("a", "CREATE"))) == {"two": "audit"}
    assert own(strict.base) == {"three": "deny", "one": "deny", "two": "audit"}
    assert set(whole.rule_ids) >= {"one", "two", "three"}
