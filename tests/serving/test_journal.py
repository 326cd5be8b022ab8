import orjson
import pytest

from webhook.admission.decide import Exempt, Verdict
from webhook.admission.review import RAYJOB, Operation, Request
from webhook.defaults.fill import Fill
from webhook.policy.exemption import ExemptionPart
from webhook.rayjob.path import field
from webhook.rules.finding import invalid, required
from webhook.rules.rule import Action
from webhook.serving.event import Event, Outcome
from webhook.serving.journal import LINES, Journal

REQUEST = Request(
    "uid", RAYJOB, Operation.CREATE, name="job", namespace="team", username="ann", object={"spec": {"a": "hunter2"}}
)


def journaled(*events):
    written = bytearray()
    journal = Journal(written.extend)
    for event in events:
        journal.record(event)
    journal.flush()
    lines = [orjson.loads(line) for line in written.splitlines()]
    for line in lines:
        assert line.pop("time").endswith("+00:00")
    return lines


def test_a_decision_is_one_line_with_rules_and_places_and_never_the_object():
    verdict = Verdict(
        denials=(invalid(field("spec.a"), "hunter2", "must be another").of("bad-a"),),
        standing=(required(field("spec.b"), "say it").of("no-b"),),
        warnings=(required(field("spec.c"), "say it").of("no-c"),),
        audited=(required(field("spec.d"), "say it").of("no-d"),),
    )

    assert journaled(Event("validate", Outcome.DENIED, 0.0012345, REQUEST, verdict)) == [
        {
            "message": "decision",
            "endpoint": "validate",
            "decision": "denied",
            "uid": "uid",
            "user": "ann",
            "namespace": "team",
            "name": "job",
            "operation": "CREATE",
            "milliseconds": 1.234,
            "denied": [{"rule": "bad-a", "field": "spec.a"}],
            "standing": [{"rule": "no-b", "field": "spec.b"}],
            "warned": [{"rule": "no-c", "field": "spec.c"}],
            "audited": [{"rule": "no-d", "field": "spec.d"}],
        }
    ]


def test_a_mutation_and_a_dry_run_are_told():
    request = Request("uid", RAYJOB, Operation.UPDATE, dry_run=True, object={})
    verdict = Verdict(fills=(Fill("ttl", field("spec.ttl"), 1, ""),))

    (line,) = journaled(Event("mutate", Outcome.COMPLETED, 0, request, verdict))

    assert (line["dryRun"], line["defaulted"]) == (True, ["ttl"])


def test_what_an_exemption_covers_and_which_policy_decided_are_told():
    part = ExemptionPart.of(
        {"match": {"namespaces": ["team"]}, "rules": ["no-a"], "reason": "x", "expires": "2026-12-31"}
    )
    exempt = Exempt(required(field("spec.a"), "say it").of("no-a"), Action.DENY, part, ends_soon=False)
    verdict = Verdict(exempt=(exempt,), policy="4711")

    (line,) = journaled(Event("validate", Outcome.ALLOWED, 0, REQUEST, verdict, "strict"))

    assert line["exempt"] == [{"rule": "no-a", "field": "spec.a", "until": "2026-12-31"}]
    assert (line["policy"], line["profile"]) == ("4711", "strict")


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED, Outcome.SHED])
def test_what_was_no_review_is_no_line(outcome):
    assert journaled(Event("mutate", outcome, 0)) == []


def test_no_caller_makes_a_line_without_end():
    request = Request("uid", RAYJOB, Operation.CREATE, namespace="n" * 9999, username="u" * 9999, object={})
    verdict = Verdict(denials=tuple(required(field("spec.a") / index, "").of("r") for index in range(999)))

    (line,) = journaled(Event("validate", Outcome.DENIED, 0, request, verdict))

    assert (len(line["namespace"]), len(line["user"]), len(line["denied"])) == (253, 253, 20)


def test_many_decisions_are_written_without_waiting_for_it():
    written: list[bytes] = []
    journal = Journal(written.append)

    for _ in range(LINES + 1):
        journal.record(Event("validate", Outcome.ALLOWED, 0, REQUEST, Verdict()))
    before = len(written)
    journal.flush()
    journal.flush()

    assert before == 1
    assert [block.count(b"\n") for block in written] == [LINES, 1]
