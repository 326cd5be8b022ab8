"""The laws of the design, each on objects nobody thought of."""

import base64
import contextlib
import copy
import json
from datetime import date
from functools import partial
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.objects import json_values, objects
from tests.patching import apply_rfc6902, apply_v4
from webhook.admission import decide, patch, response, review
from webhook.admission.decide import Verdict
from webhook.admission.review import RAYJOB, BadReview, Operation, Request, of_file
from webhook.defaults.declared import DEFAULTS, TTL
from webhook.policy.policy import shipped
from webhook.rayjob.crd_defaults import defaulted
from webhook.rayjob.departure import UNDECODABLE
from webhook.rayjob.reading import MISTAKES, settle
from webhook.rules.finding import Finding

POLICY = shipped()
TODAY = date(2026, 11, 24)
operations = st.sampled_from([Operation.CREATE, Operation.UPDATE])


def request(raw: Any, old: Any = None, operation: Operation = Operation.CREATE) -> Request:
    return Request("uid", RAYJOB, operation, namespace="default", object=raw, old_object=old)


def completed(raw: Any, old: Any = None) -> tuple[list[dict[str, Any]], Verdict]:
    operation = Operation.CREATE if old is None else Operation.UPDATE
    verdict = decide.mutate(request(raw, old, operation), POLICY)
    return patch.operations(raw, verdict.fills), verdict


@given(st.binary() | json_values.map(orjson.dumps))
def test_law_1_any_bytes_are_a_request_or_a_refusal(body: bytes):
    with contextlib.suppress(BadReview):
        assert isinstance(review.parse(body), Request)


@settings(max_examples=300)
@given(objects() | st.dictionaries(st.text(), json_values), st.none() | objects(), operations)
def test_law_1_and_2_any_object_is_answered_mutate_never_denies_and_validate_never_patches(raw, old, operation):
    asked = request(raw, old, operation)

    mutated, validated = decide.mutate(asked, POLICY), decide.validate(asked, POLICY, TODAY)

    assert mutated.allowed
    assert mutated == Verdict(fills=mutated.fills)
    assert validated.fills == ()
    for verdict in (mutated, validated):
        answer = orjson.loads(response.answer(asked, verdict))["response"]
        assert answer["allowed"] is verdict.allowed
        assert ("patch" in answer) == ("patchType" in answer) == bool(verdict.fills)


def nested(depth: int, within: str) -> Any:
    """A value of so many levels; orjson reads 1024 of them, and writes 254."""
    value: Any = 1
    for _ in range(depth):
        value = [value] if within == "list" else {"a": value}
    return value


@pytest.mark.parametrize("within", ["list", "object"])
@pytest.mark.parametrize("depth", [250, 260, 990, 1015])
@pytest.mark.parametrize("field", ["entrypoint", "suspend", "rayClusterSpec", "noSuchField", "metadata"])
def test_law_1_and_6_a_value_that_nests_without_end_is_answered_and_forgiven_where_it_is_old(field, depth, within):
    new, old = ({"metadata": {"name": "job"}, "spec": {field: nested(depth, within), "jobId": "1"}} for _ in range(2))
    other = {**old, "spec": {**old["spec"], field: nested(depth - 1, within)}}
    unchanged, changed = request(new, old, Operation.UPDATE), request(new, other, Operation.UPDATE)

    judged = decide.validate(unchanged, POLICY, TODAY)

    assert judged.allowed
    assert orjson.loads(response.answer(unchanged, judged))["response"]["allowed"]
    assert decide.mutate(unchanged, POLICY) == Verdict()
    is_wrong = any(finding.rule == "wrong-type" for finding in judged.standing)
    assert decide.validate(changed, POLICY, TODAY).allowed is not is_wrong


@settings(max_examples=300)
@given(objects(lapses=False) | objects(), st.none() | objects())
def test_law_3_a_patch_means_the_same_to_rfc_6902_and_to_the_api_server(raw, old):
    before = copy.deepcopy(raw)

    made, _verdict = completed(raw, old)

    assert raw == before
    assert apply_rfc6902(raw, made) == apply_v4(raw, made) == patch.applied(raw, made)


@settings(max_examples=300)
@given(objects(lapses=False) | objects())
def test_law_3_a_patch_only_adds_what_was_absent_or_null_but_for_the_crds_zero(raw):
    made, _verdict = completed(raw)

    for operation in made:
        before = raw
        for token in operation["path"].split("/")[1:]:
            before = (before or {}).get(token.replace("~1", "/"))
        if operation["op"] == "replace":
            assert (operation["path"], before) == (TTL.pointer, 0)
        else:
            assert (operation["op"], before) == ("add", None)


@settings(max_examples=300)
@given(objects(lapses=False) | objects())
def test_law_3_applied_twice_a_patch_is_empty_and_what_passed_passes(raw):
    made, _verdict = completed(raw)
    after = apply_v4(raw, made)

    assert completed(after)[0] == []
    before, judged = (decide.validate(request(one), POLICY, TODAY) for one in (raw, after))
    assert {identity(finding) for finding in judged.denials} <= {identity(finding) for finding in before.denials}


def identity(finding: Finding) -> tuple[str, str]:
    return finding.rule, str(finding.path)


@given(objects())
def test_law_5_findings_are_sorted_and_worded_the_same_everywhere(raw):
    asked = request(raw)
    verdict = decide.validate(asked, POLICY, TODAY)
    answer = orjson.loads(response.answer(asked, verdict))["response"]

    keys = [(finding.path.order, finding.rule) for finding in verdict.denials]
    assert keys == sorted(keys)
    if verdict.denials:
        for finding, cause in zip(verdict.denials, answer["status"]["details"]["causes"], strict=False):
            assert f"{cause['field']}: {cause['message']}" == finding.message
            assert finding.message in answer["status"]["message"]
            assert finding.message.isprintable()


@settings(max_examples=200)
@given(objects(), objects())
def test_law_6_an_update_is_denied_only_for_what_it_brings(old, new):
    unchanged = decide.validate(request(new, copy.deepcopy(new), Operation.UPDATE), POLICY, TODAY)
    created = decide.validate(request(new), POLICY, TODAY)
    changed = decide.validate(request(new, old, Operation.UPDATE), POLICY, TODAY)

    assert unchanged.allowed
    assert [finding for finding in created.denials if finding not in unchanged.standing] == []
    told = [*changed.denials, *changed.standing]
    assert [finding for finding in created.denials if finding not in told] == []


def test_law_6_an_operator_removes_its_finalizer_from_a_job_that_breaks_a_rule():
    old: Any = {
        "metadata": {"name": "Bad.Name", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["ray.io/f"]},
        "spec": {"submissionMode": "Typo"},
    }
    new = copy.deepcopy(old)
    new["metadata"]["finalizers"] = []

    verdict = decide.validate(request(new, old, Operation.UPDATE), POLICY, TODAY)

    assert verdict.allowed
    assert [finding.rule for finding in verdict.standing] == [
        "invalid-name",
        "missing-entrypoint",
        "missing-cluster",
        "unknown-submission-mode",
    ]
    assert decide.mutate(request(new, old, Operation.UPDATE), POLICY) == Verdict()


def test_law_6_nobody_slips_past_the_policy_by_deleting():
    old: Any = {
        "metadata": {"name": "job", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["ray.io/f"]},
        "spec": {"clusterSelector": {"ray.io/cluster": "c"}, "entrypoint": "python a.py"},
    }
    new = copy.deepcopy(old)
    new["spec"]["submissionMode"] = "Typo"

    assert not decide.validate(request(new, old, Operation.UPDATE), POLICY, TODAY).allowed


def test_law_6_another_value_at_the_same_place_is_a_new_violation():
    old: Any = {
        "metadata": {"name": "job"},
        "spec": {"submissionMode": "Typo", "clusterSelector": {"ray.io/cluster": "c"}},
    }
    new = {**old, "spec": {**old["spec"], "submissionMode": "Other"}}

    denied = decide.validate(request(new, old, Operation.UPDATE), POLICY, TODAY)

    assert [finding.rule for finding in denied.denials] == ["unknown-submission-mode"]
    assert [finding.rule for finding in denied.standing] == ["missing-entrypoint"]


@given(objects(), st.none() | objects(), operations)
def test_law_7_the_same_request_gets_the_same_bytes(raw, old, operation):
    asked, again = (request(copy.deepcopy(raw), copy.deepcopy(old), operation) for _ in range(2))

    for decision in (decide.mutate, partial(decide.validate, today=TODAY)):
        assert response.answer(asked, decision(asked, POLICY)) == response.answer(again, decision(again, shipped()))


@given(objects())
def test_law_8_a_file_gets_the_findings_that_the_server_would_give(raw):
    served = decide.validate(request(passed_on(raw)), POLICY, TODAY)
    checked = decide.validate(of_file(raw, "default"), POLICY, TODAY)

    assert checked.denials == served.denials


def passed_on(raw: dict[str, object]) -> object:
    """The object with the defaults of the CRD, which an API server fills in before it asks anybody."""
    settled, departures = settle(raw, POLICY.base.release)
    if len(departures) > MISTAKES:
        return raw
    filled = copy.deepcopy(defaulted(settled, POLICY.base.release))
    for departure in departures:
        if departure.sort in UNDECODABLE:
            *steps, last = departure.path.steps
            holder: Any = filled
            for step in steps:
                holder = holder[step]
            holder[last] = departure.value
    return filled


@given(objects(lapses=False) | objects())
def test_law_9_a_decision_never_changes_the_object(raw):
    before = copy.deepcopy(raw)

    decide.validate(request(raw), POLICY, TODAY)
    decide.mutate(request(raw), POLICY)

    assert raw == before


SECRET = "s3cr3t-hunter2"  # noqa: S105 (it stands for one)


@pytest.mark.parametrize(
    "spec",
    [
        {"runtimeEnvYAML": f"- {SECRET}"},
        {"runtimeEnvYAML": f"a: [{SECRET}"},
        {"runtimeEnv": SECRET, "runtimeEnvYAML": f"{{a: {SECRET}}}"},
        {"entrypoint": [SECRET]},
        {"rayClusterSpec": {"headGroupSpec": {"template": {"spec": {"containers": [{"env": {"A": SECRET}}]}}}}},
        {"rayClusterSpec": {"headGroupSpec": {"template": {"spec": {"containers": [{"env": [{"value": [SECRET]}]}]}}}}},
        {"rayClusterSpec": {"headGroupSpec": {"rayStartParams": {"redis-password": [SECRET]}}}},
    ],
)
def test_law_10_a_secret_stays_out_of_every_answer(spec):
    asked = request({"metadata": {"name": "job"}, "spec": spec})

    answers = [
        response.answer(asked, decision(asked, POLICY))
        for decision in (partial(decide.validate, today=TODAY), decide.mutate)
    ]

    assert not orjson.loads(answers[0])["response"]["allowed"]
    assert SECRET not in json.dumps([orjson.loads(answer) for answer in answers])
    assert base64.b64encode(SECRET.encode()) not in b"".join(answers)


def test_every_default_can_be_switched_off():
    raw = {"metadata": {"name": "job"}, "spec": {"runtimeEnv": "{}", "rayClusterSpec": {"headGroupSpec": {}}}}
    everything = decide.mutate(request(raw), POLICY).fills

    assert [fill.default for fill in everything] == [default.id for default in DEFAULTS]
