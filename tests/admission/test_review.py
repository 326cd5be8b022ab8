import orjson
import pytest

from webhook.admission.review import RAYJOB, BadReview, Operation, Request, of_file, parse

ASKED = {
    "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
    "kind": {"group": "ray.io", "version": "v1", "kind": "RayJob"},
    "resource": {"group": "ray.io", "version": "v1", "resource": "rayjobs"},
    "requestKind": {"group": "ray.io", "version": "v1alpha1", "kind": "RayJob"},
    "operation": "UPDATE",
    "name": "job",
    "namespace": "team",
    "userInfo": {"username": "ann", "uid": "1", "groups": ["g"], "extra": {"a": ["b"]}},
    "object": {"spec": {}},
    "oldObject": {"spec": {"suspend": True}},
    "dryRun": True,
    "options": {"apiVersion": "meta.k8s.io/v1", "kind": "UpdateOptions"},
}


def review(**changes):
    asked = {name: value for name, value in (ASKED | changes).items() if value is not ...}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": asked}


def test_a_review_is_read_as_the_api_server_writes_it():
    assert parse(orjson.dumps(review())) == Request(
        uid="705ab4f5-6393-11e8-b7cc-42010a800002",
        kind=RAYJOB,
        operation=Operation.UPDATE,
        name="job",
        namespace="team",
        username="ann",
        dry_run=True,
        object={"spec": {}},
        old_object={"spec": {"suspend": True}},
        groups=["g"],
        question=ASKED,
    )


def test_null_and_absent_are_the_same():
    optional = ["subResource", "name", "namespace", "userInfo", "object", "oldObject", "dryRun"]

    nulls = parse(orjson.dumps(review(**dict.fromkeys(optional))))
    absent = parse(orjson.dumps(review(**dict.fromkeys(optional, ...))))

    assert (
        nulls._replace(question=None) == absent._replace(question=None) == Request(nulls.uid, RAYJOB, Operation.UPDATE)
    )


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE", "DELETE", "CONNECT"])
def test_every_operation_of_the_api_is_read(operation):
    assert parse(orjson.dumps(review(operation=operation))).operation == operation


def test_a_caller_cannot_pass_for_a_file():
    assert not parse(orjson.dumps(review(from_file=True, fromFile=True))).from_file


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", "the body is not JSON: Input is a zero-length, empty document: line 1 column 1"),
        (b"\xff", "the body is not JSON: "),
        (b'{"apiVersion": NaN}', "the body is not JSON: "),
        (b"[" * 100_000, "the body is not JSON: "),
        (b"[]", "the body: must be an AdmissionReview, is no JSON object"),
        (b"null", "the body: must be an AdmissionReview, is no JSON object"),
        (b"{}", "apiVersion: Field required; kind: Field required; request: Field required"),
        (
            orjson.dumps(review() | {"apiVersion": "admission.k8s.io/v1beta1"}),
            "apiVersion: Input should be 'admission.k8s.io/v1'",
        ),
        (orjson.dumps(review() | {"kind": "Review"}), "kind: Input should be 'AdmissionReview'"),
        (orjson.dumps(review() | {"request": None}), "request: Input should be"),
        (orjson.dumps(review(uid=...)), "request.uid: Field required"),
        (orjson.dumps(review(uid="")), "request.uid: String should have at least 1 character"),
        (orjson.dumps(review(uid="u" * 257)), "request.uid: String should have at most 256 characters"),
        (orjson.dumps(review(uid=7)), "request.uid: Input should be a valid string"),
        (
            orjson.dumps(review(operation="PATCH")),
            "request.operation: Input should be 'CREATE', 'UPDATE', 'DELETE' or 'CONNECT'",
        ),
        (orjson.dumps(review(object=[])), "request.object: Input should be a valid dictionary"),
        (orjson.dumps(review(dryRun="yes")), "request.dryRun: Input should be a valid boolean"),
    ],
)
def test_what_is_no_review_is_refused_with_its_place(body, refusal):
    with pytest.raises(BadReview) as refused:
        parse(body)

    assert str(refused.value).startswith(refusal)


def test_a_refusal_never_repeats_what_was_sent():
    with pytest.raises(BadReview) as refused:
        parse(orjson.dumps(review(uid=["hunter2"], operation="hunter2", object="hunter2")))

    assert "hunter2" not in str(refused.value)


def test_a_file_asks_for_the_creation_of_its_object():
    assert of_file({"spec": {}}, "team") == Request(
        "", RAYJOB, Operation.CREATE, namespace="team", dry_run=True, object={"spec": {}}, from_file=True
    )


def test_a_question_is_asked_as_it_came_and_one_from_a_file_with_what_is_known():
    read = of_file({"metadata": {"name": "job"}}, "team")._replace(username="ann", groups=("g",))

    assert parse(orjson.dumps(review())).asked == ASKED
    assert read.asked == {
        "kind": {"group": "ray.io", "version": "v1", "kind": "RayJob"},
        "resource": {"group": "ray.io", "version": "v1", "resource": "rayjobs"},
        "requestKind": {"group": "ray.io", "version": "v1", "kind": "RayJob"},
        "requestResource": {"group": "ray.io", "version": "v1", "resource": "rayjobs"},
        "name": "",
        "namespace": "team",
        "operation": "CREATE",
        "userInfo": {"username": "ann", "groups": ["g"]},
        "dryRun": True,
    }
