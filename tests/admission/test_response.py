import base64

import orjson

from webhook.admission.decide import Exempt, Verdict
from webhook.admission.response import CAUSES, answer, object_name
from webhook.admission.review import RAYJOB, Operation, Request
from webhook.defaults.fill import Fill
from webhook.policy.exemption import ExemptionPart
from webhook.rayjob.path import Key, Path, field
from webhook.rules.finding import Finding, Kind, invalid, required
from webhook.rules.rule import Action

REQUEST = Request("the-uid", RAYJOB, Operation.CREATE, name="job", object={"metadata": {"name": "job"}, "spec": {}})
TTL = invalid(field("spec.ttlSecondsAfterFinished"), -1, "must be 0 or more (seconds)").of("negative-ttl")
NAME = required(field("metadata.name"), "name the job").of("missing-name")


def answered(verdict, request=REQUEST):
    return orjson.loads(answer(request, verdict))


def test_what_passes_is_answered_with_its_uid_and_nothing_more():
    assert answer(REQUEST, Verdict()) == (
        b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"the-uid","allowed":true}}'
    )


def test_a_denial_is_the_api_machinerys_invalid_status_with_a_cause_for_each_finding():
    assert answered(Verdict(denials=(NAME, TTL)))["response"] == {
        "uid": "the-uid",
        "allowed": False,
        "status": {
            "status": "Failure",
            "code": 422,
            "reason": "Invalid",
            "message": (
                'RayJob.ray.io "job" is invalid: '
                "metadata.name: Required value: name the job [missing-name]; "
                "spec.ttlSecondsAfterFinished: Invalid value: -1: must be 0 or more (seconds) [negative-ttl]"
            ),
            "details": {
                "name": "job",
                "group": "ray.io",
                "kind": "RayJob",
                "causes": [
                    {
                        "reason": "FieldValueRequired",
                        "message": "Required value: name the job [missing-name]",
                        "field": "metadata.name",
                    },
                    {
                        "reason": "FieldValueInvalid",
                        "message": "Invalid value: -1: must be 0 or more (seconds) [negative-ttl]",
                        "field": "spec.ttlSecondsAfterFinished",
                    },
                ],
            },
        },
        "auditAnnotations": {"denied": "missing-name,negative-ttl"},
    }


def test_a_mutation_is_a_base64_json_patch_a_warning_and_an_annotation():
    response = answered(Verdict(fills=(Fill("ttl", field("spec.ttl"), 3600, "ttl=3600"),)))["response"]

    assert base64.b64decode(response.pop("patch")) == b'[{"op":"add","path":"/spec/ttl","value":3600}]'
    assert response == {
        "uid": "the-uid",
        "allowed": True,
        "patchType": "JSONPatch",
        "warnings": ["Defaulted: ttl=3600"],
        "auditAnnotations": {"defaulted": "ttl"},
    }


def test_warnings_come_first_from_rules_then_from_what_stands_already():
    response = answered(Verdict(standing=(NAME,), warnings=(TTL,), audited=(TTL, TTL)))["response"]

    assert response == {
        "uid": "the-uid",
        "allowed": True,
        "warnings": [
            "spec.ttlSecondsAfterFinished: Invalid value: -1: must be 0 or more (seconds) [negative-ttl]",
            "not new, so not denied: metadata.name: Required value: name the job [missing-name]",
        ],
        "auditAnnotations": {
            "standing": "missing-name",
            "warned": "negative-ttl",
            "audited": "negative-ttl",
        },
    }


def test_a_warning_has_120_characters_at_the_most_and_where_it_is_cut_says_so_and_names_the_rule():
    long = Finding(Path() / Key("k" * 200), Kind.INVALID, "x", rule="the-rule")
    fill = Fill("f", field("spec.f"), "v", "v" * 200)

    warnings = answered(Verdict(warnings=(long,), fills=(fill,)))["response"]["warnings"]

    assert warnings == ["Defaulted: " + "v" * 108 + "…", long.message[:108] + "… [the-rule]"]
    assert {*map(len, warnings)} == {120}


def test_all_warnings_together_stay_within_what_the_api_server_passes_on():
    many = tuple(invalid(field("spec.f") / index, "v" * 50, "must be another " * 9).of("r") for index in range(500))

    warnings = answered(Verdict(warnings=many))["response"]["warnings"]

    assert sum(map(len, warnings)) <= 4096
    assert warnings[-1] == "and 467 more warnings"
    assert len(warnings) == 34


def test_causes_are_counted_where_they_are_too_many_to_list():
    many = tuple(required(field("spec.f") / index, "say it").of("r") for index in range(CAUSES + 7))

    status = answered(Verdict(denials=many))["response"]["status"]

    assert len(status["details"]["causes"]) == CAUSES + 1
    assert status["details"]["causes"][-1]["message"] == "and 7 more findings"
    assert status["message"].endswith("; and 7 more")


def named(asked="", **metadata):
    return object_name(Request("u", RAYJOB, Operation.CREATE, name=asked, object={"metadata": metadata}))


def test_an_object_is_named_as_people_know_it():
    assert named("from-request", name="from-object") == "from-request"
    assert named(name="from-object") == "from-object"
    assert named(generateName="train-") == "train-…"
    assert named(name="", generateName="") == ""
    assert named(name=7, generateName=[]) == ""
    assert named(name="two\nlines") == "two\\nlines"
    assert len(named(name="n" * 10_000)) == 253
    assert object_name(Request("u", RAYJOB, Operation.CREATE, name="n", object={"metadata": []})) == "n"
    assert object_name(Request("u", RAYJOB, Operation.DELETE, name="n")) == "n"


def exempt(action: Action, *, ends_soon: bool = False, ticket: str | None = None) -> Exempt:
    part = ExemptionPart.of(
        {
            "match": {"namespaces": ["legacy"]},
            "rules": ["negative-ttl", "missing-name"],
            "reason": "older than the policy",
            "expires": "2026-12-01",
            **({"ticket": ticket} if ticket else {}),
        }
    )
    return Exempt(TTL, action, part, ends_soon)


def test_an_exempt_finding_is_told_and_does_nothing():
    verdict = Verdict(exempt=(exempt(Action.DENY, ends_soon=True, ticket="OPS-1"), exempt(Action.WARN)), policy="4711")

    assert answered(verdict)["response"] == {
        "uid": "the-uid",
        "allowed": True,
        "warnings": [
            f"exempt until 2026-12-01, would deny: {TTL.where}: Invalid value: -1: must be 0 or more … [negative-ttl]",
            f"exempt until 2026-12-01, would warn: {TTL.where}: Invalid value: -1: must be 0 or more … [negative-ttl]",
            "the exemption from negative-ttl, missing-name ends on 2026-12-01: older than the policy (OPS-1)",
        ],
        "auditAnnotations": {
            "exempt": "negative-ttl",
            "exemptions": "until 2026-12-01: older than the policy; until 2026-12-01: older than the policy (OPS-1)",
            "policy": "4711",
        },
    }


def test_an_exempt_finding_that_would_only_be_audited_is_told_to_the_audit_log_only():
    response = answered(Verdict(exempt=(exempt(Action.AUDIT),)))["response"]

    assert "warnings" not in response
    assert response["auditAnnotations"] == {
        "exempt": "negative-ttl",
        "exemptions": "until 2026-12-01: older than the policy",
    }


def test_what_passes_under_a_policy_that_an_owner_wrote_says_which():
    assert answered(Verdict(policy="4711"))["response"] == {
        "uid": "the-uid",
        "allowed": True,
        "auditAnnotations": {"policy": "4711"},
    }
