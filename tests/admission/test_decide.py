from datetime import date

import pytest

from webhook.admission.decide import Verdict, concerns_rayjob, mutate, validate
from webhook.admission.review import RAYJOB, GroupVersionKind, Operation, Request
from webhook.policy.loading import load
from webhook.policy.policy import shipped
from webhook.policy.ruling import Ruling
from webhook.rayjob.kuberay import Release, Target
from webhook.rules.example import merged, worker_group
from webhook.rules.finding import Finding
from webhook.rules.register import RULES
from webhook.rules.rule import Action

TODAY = date(2026, 11, 24)

BAD = {"metadata": {"name": "bad"}, "spec": {"submissionMode": "Typo"}}


def asking(raw=BAD, **changes):
    return Request(**({"uid": "u", "kind": RAYJOB, "operation": Operation.CREATE, "object": raw} | changes))


@pytest.mark.parametrize(
    "request_",
    [
        asking(operation=Operation.DELETE, object=None, old_object=BAD),
        asking(operation=Operation.DELETE),
        asking(operation=Operation.CONNECT),
        asking(object=None),
        asking(sub_resource="status"),
        asking(kind=GroupVersionKind(group="ray.io", version="v1", kind="RayCluster")),
        asking(kind=GroupVersionKind(group="batch", version="v1", kind="RayJob")),
    ],
)
def test_what_brings_no_new_rayjob_passes(request_):
    assert not concerns_rayjob(request_)
    assert validate(request_, shipped(), TODAY) == mutate(request_, shipped()) == Verdict()


def test_an_older_version_of_the_api_is_judged_as_well():
    request = asking(kind=GroupVersionKind(group="ray.io", version="v1alpha1", kind="RayJob"))

    assert not validate(request, shipped(), TODAY).allowed


def test_a_status_is_not_judged_on_create_for_the_api_server_drops_it():
    request = asking(merged({"metadata": {"namespace": "n"}, "status": {"startTime": "never", "jobId": 7}}))

    assert validate(request, shipped(), TODAY) == Verdict()


def test_an_update_without_a_change_of_the_spec_is_not_completed():
    old = merged({"metadata": {"labels": {"a": "b"}}})

    assert mutate(asking(merged({}), operation=Operation.UPDATE, old_object=old), shipped()) == Verdict()


def test_an_update_that_changes_the_spec_is_completed():
    request = asking(merged({}), operation=Operation.UPDATE, old_object=merged({"spec": {"suspend": True}}))

    assert [fill.default for fill in mutate(request, shipped()).fills] == ["dashboard-host", "shutdown", "ttl"]


def test_an_update_whose_old_object_is_unknown_is_judged_like_a_creation():
    assert not validate(asking(operation=Operation.UPDATE), shipped(), TODAY).allowed


def acting(action, *ids):
    """The shipped policy, in which some rules do something else."""
    rules = "".join(f"  {id_}: {action}\n" for id_ in ids)
    return load([("policy.yaml", f"apiVersion: rayjob-webhook/v1\nkind: RayJobPolicy\nrules:\n{rules}")])


def rules(findings: tuple[Finding, ...]):
    return [finding.rule for finding in findings]


def test_an_action_decides_what_a_finding_does():
    request = asking(merged({"spec": {"submissionMode": "Typo"}}))

    assert rules(validate(request, acting(Action.DENY, "unknown-submission-mode"), TODAY).denials) == [
        "unknown-submission-mode"
    ]
    assert rules(validate(request, acting(Action.WARN, "unknown-submission-mode"), TODAY).warnings) == [
        "unknown-submission-mode"
    ]
    assert rules(validate(request, acting(Action.AUDIT, "unknown-submission-mode"), TODAY).audited) == [
        "unknown-submission-mode"
    ]


def test_a_rule_that_is_off_or_of_another_release_is_not_in_a_policy():
    ruling = Ruling.of(RULES, {}, Target())

    assert set(ruling.actions) == {rule.id for rule in RULES if rule.action != "off" and rule.holds_for(Target())}


UNBOUNDED = {"spec": {"rayClusterSpec": {"workerGroupSpecs": [worker_group(minReplicas=None, maxReplicas=None)]}}}


def test_a_file_is_judged_with_the_defaults_of_the_crd_that_it_has_not_met():
    asked, read = asking(merged(UNBOUNDED)), asking(merged(UNBOUNDED), from_file=True)

    assert rules(validate(asked, shipped(), TODAY).denials) == ["missing-replica-bound", "missing-replica-bound"]
    assert validate(read, shipped(), TODAY) == Verdict()


def test_the_defaults_of_the_crd_do_not_hide_from_ours_what_the_author_left_out():
    read = asking(merged(UNBOUNDED), from_file=True)

    assert [fill.default for fill in mutate(read, shipped()).fills] == ["dashboard-host", "shutdown", "ttl"]


def test_what_is_wrong_in_a_field_that_the_target_does_not_have_is_neither_judged_nor_in_the_way():
    request = asking(merged({"spec": {"deletionStrategy": {"deletionRules": 5}}}))
    older, newer = shipped(Target(Release.V1_4)), shipped(Target(Release.V1_5))

    assert validate(request, older, TODAY) == Verdict()
    assert [fill.default for fill in mutate(request, older).fills] == ["dashboard-host"]
    assert "wrong-type" in rules(validate(request, newer, TODAY).denials)
    assert mutate(request, newer) == Verdict()


EXEMPTING = """\
apiVersion: rayjob-webhook/v1
kind: RayJobPolicy
rules: {unknown-submission-mode: deny, negative-ttl: warn}
overrides:
- match: {namespaces: [default], operations: [UPDATE]}
  rules: {missing-entrypoint: warn}
exemptions:
- match: {namespaces: [default]}
  rules: [unknown-submission-mode, negative-ttl]
  reason: older than the policy
  expires: 2026-12-01
- match: {users: [ann]}
  rules: [unknown-submission-mode]
  reason: on call
  expires: 2026-12-31
- match: {users: [ann]}
  rules: [unknown-submission-mode]
  reason: on call, too
  expires: 2026-12-30
"""
BROKEN = {"spec": {"submissionMode": "Typo", "ttlSecondsAfterFinished": -1, "entrypoint": None}}


def test_what_an_exemption_covers_is_told_and_does_nothing_until_it_expires():
    policy = load([("p.yaml", EXEMPTING)])

    verdict = validate(asking(merged(BROKEN), namespace="default"), policy, TODAY)
    later = validate(asking(merged(BROKEN), namespace="default"), policy, date(2026, 12, 2))

    assert rules(verdict.denials) == ["missing-entrypoint"]
    assert [(one.finding.rule, one.action, one.ends_soon) for one in verdict.exempt] == [
        ("unknown-submission-mode", Action.DENY, True),
        ("negative-ttl", Action.WARN, True),
    ]
    assert verdict.exempt[0].message == (
        'exempt until 2026-12-01, would deny: spec.submissionMode: Unsupported value: "Typo": supported values: '
        '"K8sJobMode", "HTTPMode", "InteractiveMode", "SidecarMode" [unknown-submission-mode]'
    )
    assert (rules(later.denials), rules(later.warnings), later.exempt) == (
        ["missing-entrypoint", "unknown-submission-mode"],
        ["negative-ttl"],
        (),
    )
    assert verdict.policy == later.policy == policy.digest != ""


def test_of_several_exemptions_the_one_that_counts_longest_is_told():
    verdict = validate(
        asking(merged(BROKEN), namespace="default", username="ann"), load([("p.yaml", EXEMPTING)]), TODAY
    )

    assert [str(one.exemption.expires) for one in verdict.exempt] == ["2026-12-31", "2026-12-01"]


def test_the_ratchet_follows_the_actions():
    old, new = merged({"spec": {"entrypoint": None}}), merged({"spec": {"entrypoint": None, "suspend": False}})
    request = asking(new, operation=Operation.UPDATE, old_object=old, namespace="default")

    verdict = validate(request, load([("p.yaml", EXEMPTING)]), TODAY)

    assert (rules(verdict.warnings), verdict.standing, verdict.denials) == (["missing-entrypoint"], (), ())


@pytest.mark.parametrize(
    "metadata", [None, 3, {"labels": None}, {"labels": []}, {"labels": {"tier": 1}}, {"labels": {"other": "gold"}}]
)
def test_labels_that_cannot_be_read_match_nothing(metadata):
    text = EXEMPTING.replace("{namespaces: [default]}", "{matchLabels: {tier: gold}}") + "trustedLabels: [tier]\n"
    raw = merged(BROKEN) | {"metadata": metadata}

    assert validate(asking(raw), load([("p.yaml", text)]), TODAY).exempt == ()
    assert validate(
        asking(merged(BROKEN) | {"metadata": {"labels": {"tier": "gold"}}}), load([("p.yaml", text)]), TODAY
    ).exempt


def test_a_mutation_gives_the_defaults_of_whom_it_is_for_and_what_the_platform_adds():
    policy = load(
        [
            (
                "p.yaml",
                """\
apiVersion: rayjob-webhook/v1
kind: RayJobPolicy
defaults: {ttl: 60}
overrides:
- match: {namespaces: [default]}
  defaults: {ttl: 30, add: {labels: {team: ml}}}
""",
            )
        ]
    )

    here = mutate(asking(merged({}), namespace="default"), policy)
    elsewhere = mutate(asking(merged({"metadata": {"namespace": "b"}}), namespace="b"), policy)

    assert [(fill.default, fill.value) for fill in here.fills][2:] == [("ttl", 30), ("add-labels", "ml")]
    assert [(fill.default, fill.value) for fill in elsewhere.fills][2:] == [("ttl", 60)]
    assert here.policy == policy.digest


def test_what_passes_under_an_owners_policy_says_under_which():
    policy = load([("p.yaml", EXEMPTING)])

    assert validate(asking(merged({})), policy, TODAY) == Verdict(policy=policy.digest)


OWN = """\
apiVersion: rayjob-webhook/v1
kind: RayJobPolicy
custom:
- id: no-team
  expression: has(object.metadata.labels) && 'team' in object.metadata.labels
  message: must name its team
  path: metadata.labels
- id: entrypoint-changed
  expression: oldObject == null || object.spec.entrypoint == oldObject.spec.entrypoint
  path: spec.entrypoint
- id: asked-by-nobody
  expression: request.userInfo.username != 'nobody'
  action: warn
exemptions:
- {match: {namespaces: [legacy]}, rules: [no-team], reason: old, expires: 2026-12-31}
"""


def test_an_owners_own_rules_are_asked_like_the_others():
    policy = load([("p.yaml", OWN)])
    broken = merged({"spec": {"ttlSecondsAfterFinished": -1}})

    denied = validate(asking(broken, username="nobody"), policy, TODAY)
    exempt = validate(asking(broken, namespace="legacy", username="ann"), policy, TODAY)

    assert [finding.message for finding in denied.denials] == [
        "metadata.labels: Forbidden: must name its team [no-team]",
        "spec.ttlSecondsAfterFinished: Invalid value: -1: must be 0 or more (seconds) [negative-ttl]",
    ]
    assert rules(denied.warnings) == ["asked-by-nobody"]
    assert (rules(exempt.denials), exempt.warnings) == (["negative-ttl"], ())
    assert [one.finding.rule for one in exempt.exempt] == ["no-team"]
    assert validate(asking(broken, from_file=True), policy, TODAY).denials == denied.denials


def test_what_stands_already_by_a_rule_of_ones_own_is_not_denied_and_what_is_changed_is():
    policy = load([("p.yaml", OWN)])
    old = merged({})

    def update(patch):
        return validate(
            asking(merged(patch), operation=Operation.UPDATE, old_object=old, username="ann"), policy, TODAY
        )

    finalizer, changed = update({"metadata": {"finalizers": ["a"]}}), update({"spec": {"entrypoint": "python b.py"}})

    assert (rules(finalizer.denials), rules(finalizer.standing)) == ([], ["no-team"])
    assert (rules(changed.denials), rules(changed.standing)) == (["entrypoint-changed"], ["no-team"])
