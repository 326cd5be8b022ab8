"""A policy that gives what it denies is refused when it is read, and told where it does."""

from dataclasses import replace
from itertools import product

import pytest

from tests.policy.written import faults, policy
from webhook.policy import contradiction
from webhook.policy.contradiction import contradictions
from webhook.policy.node import Fault, Place
from webhook.policy.policy import Policy, shipped
from webhook.policy.setting import Setting
from webhook.rayjob.kuberay import Gate, Release, Scheduler, Target
from webhook.rayjob.queue import QUEUE_NAME
from webhook.rules.guardrail.ttl_too_long import TtlTooLong, ttl_too_long
from webhook.rules.late.queue_labels import EXECUTION_TIME
from webhook.rules.rule import Action

TTL = "spec.ttlSecondsAfterFinished: Invalid value:"
SHORT = "ttl-too-long: {action: deny, maxSeconds: 60}"
SECONDS = "must be 60 or less (seconds) [ttl-too-long]"
HEAD = "spec.rayClusterSpec.headGroupSpec"
WORKERS = "spec.rayClusterSpec.workerGroupSpecs"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"defaults: {{ttl: 7200}}\nrules: {{{SHORT}}}",
            [f"3:17: defaults.ttl: gives what the policy itself denies: {TTL} 7200: {SECONDS}"],
        ),
        (
            "rules: {ttl-too-long: {action: warn, maxSeconds: 60}}",
            [f"3:23: rules.ttl-too-long: warns of what the default ttl gives: {TTL} 3600: {SECONDS}"],
        ),
        (
            "defaults: {shutdown: false}\nrules: {ttl-too-long: {action: deny, maxSeconds: 60}}",
            [],
        ),
        (f"defaults: {{ttl: 60}}\nrules: {{{SHORT}}}", []),
        (
            f"defaults: {{ttl: 61, add: {{labels: {{a: b}}, annotations: {{c: d}}}}}}\nrules: {{{SHORT}}}",
            [f"3:17: defaults.ttl: gives what the policy itself denies: {TTL} 61: {SECONDS}"],
        ),
        (f"defaults: {{ttl: off}}\nrules: {{{SHORT}}}", []),
        ("rules: {ttl-too-long: {action: audit, maxSeconds: 60}}", []),
        ("rules: {ttl-too-long: {action: off, maxSeconds: 60}}", []),
    ],
)
def test_a_default_must_not_give_what_a_rule_denies_or_warns_of(text, said):
    assert faults(text) == said


@pytest.mark.parametrize(
    ("added", "rule", "said"),
    [
        (
            "labels: {a: b}",
            "missing-label: {action: deny, labels: {a: c}}",
            [],  # a job without it was denied before
        ),
        (
            f"labels: {{{QUEUE_NAME}: x}}",
            "queue-name-missing: {action: deny, queues: [y]}",
            [],  # and so was this
        ),
        (
            "workers: {tolerations: [{key: a, operator: Exists}]}",
            "toleration-not-allowed: {action: deny, tolerations: [{key: b}]}",
            [f"5:28: defaults.add.workers.tolerations: {WORKERS}[0].template.spec.tolerations[0]"],
        ),
        (
            "head: {priorityClassName: high}",
            "priority-class-not-allowed: {action: deny, classes: [low]}",
            [f"5:31: defaults.add.head.priorityClassName: {HEAD}.template.spec.priorityClassName"],
        ),
        (
            "submitter: {serviceAccountName: admin}",
            "service-account-not-allowed: {action: deny}",
            ["5:37: defaults.add.submitter.serviceAccountName: spec.submitterPodTemplate.spec.serviceAccountName"],
        ),
        (
            "workers: {resources: {limits: {cpu: 1, memory: 8Gi, nvidia.com/gpu: 4}}}",
            "too-many-gpus: {action: deny, maxGpus: 2}",
            ["5:73: defaults.add.workers.resources.limits.nvidia.com/gpu: spec.rayClusterSpec"],
        ),
        (
            "workers: {resources: {limits: {cpu: 1, memory: 8Gi, nvidia.com/gpu: 4}}}",
            "too-many-gpus: {action: deny, maxGpus: 4}",
            [],
        ),
        (
            "workers: {resources: {requests: {cpu: 1}}}",
            "resources-missing: {action: deny}",
            [],  # a silent author was denied before
        ),
    ],
)
def test_an_addition_must_not_either(added, rule, said):
    told = faults(f"defaults:\n  add:\n    {added}\nrules: {{{rule}}}")
    gives = " gives what the policy itself denies: "

    assert [fault.replace(gives, " ").split(": ")[:3] for fault in told] == [one.split(": ") for one in said]


def test_what_is_added_in_several_places_is_told_where_it_is_said():
    text = """
    defaults:
      add: {workers: {priorityClassName: high, nodeSelector: {pool: a}}}
    overrides:
    - match: {namespaces: [a]}
      defaults: {add: {workers: {nodeSelector: {pool: b}}}}
      rules:
        priority-class-not-allowed: {action: deny, classes: [low]}
        node-selector-required: {action: warn, labels: {pool: c}}
    """

    assert [fault.partition(" where ")[0] for fault in faults(text)] == [
        "5:38: defaults.add.workers.priorityClassName: gives what the policy itself denies",
    ]


def test_a_label_that_a_job_cannot_have_is_told_by_its_key():
    text = f"""
    target: {{kueue: true}}
    defaults:
      add:
        labels:
          {QUEUE_NAME}: team
          {EXECUTION_TIME}: 1h
    """

    assert [fault.split(": ")[:2] for fault in faults(text)] == [["9:45", f"defaults.add.labels.{EXECUTION_TIME}"]]


MANY = f"""
defaults: {{ttl: 90}}
overrides:
- match: {{namespaces: [a]}}
  rules: {{{SHORT}}}
- match: {{namespaces: [b]}}
  rules: {{{SHORT}}}
- match: {{namespaces: [c]}}
  defaults: {{ttl: 60}}
  rules: {{{SHORT}}}
- match: {{namespaces: [d]}}
  defaults: {{ttl: 120}}
  rules: {{negative-ttl: off}}
- match: {{namespaces: [e]}}
  rules: {{ttl-too-long: {{action: audit, maxSeconds: 60}}}}
profiles:
  short:
    rules: {{{SHORT}}}
  free:
    defaults: {{ttl: 200}}
    overrides:
    - match: {{namespaces: [f]}}
      rules: {{{SHORT}}}
"""


def test_overrides_and_profiles_are_tried_each_by_itself_and_nothing_is_told_twice():
    told = [fault.replace(" gives what the policy itself denies", "").split(": ") for fault in faults(MANY)]

    assert [(place, path, where, value) for place, path, where, _, _, value, *_ in told] == [
        ("4:17", "defaults.ttl", "in profile short", "90"),
        (
            "14:19",
            "overrides[3].defaults.ttl",
            "where the override at policy.yaml:13:3 matches in profile short",
            "120",
        ),
        (
            "22:21",
            "profiles.free.defaults.ttl",
            "where the override at policy.yaml:24:7 matches in profile free",
            "200",
        ),
    ]


def test_a_policy_of_very_many_overrides_is_tried_as_far_as_time_allows(monkeypatch):
    monkeypatch.setattr(contradiction, "TRIED", 2)

    assert [fault.partition(" in ")[0] for fault in faults(MANY)] == [
        "4:17: defaults.ttl: gives what the policy itself denies"
    ]


@pytest.mark.parametrize(
    ("release", "gates", "scheduler", "cert_manager", "kueue"),
    [*product(Release, ({}, dict.fromkeys(Gate, True)), (None, *Scheduler), (True, False), (True, False))],
)
def test_the_shipped_policy_gives_nothing_that_it_denies(release, gates, scheduler, cert_manager, kueue):
    target = Target(release, gates, scheduler, cert_manager=cert_manager, kueue=kueue)

    assert list(contradictions(shipped(target))) == []


def test_what_no_file_says_stands_nowhere():
    parts = shipped().parts
    settings = {**parts.settings, ttl_too_long.id: Setting(Action.DENY, TtlTooLong.of({"maxSeconds": 60}))}

    assert list(contradictions(Policy(replace(parts, settings=settings)))) == [
        Fault(
            Place("policy"),
            "rules.ttl-too-long",
            f"denies what the default ttl gives: {TTL} 3600: {SECONDS}",
        )
    ]


def test_a_policy_that_is_consistent_is_read():
    assert policy(f"defaults: {{ttl: 60}}\nrules: {{{SHORT}}}").base.defaults["ttl"] == 60
