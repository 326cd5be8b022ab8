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
