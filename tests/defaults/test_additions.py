import pytest
from pydantic import ValidationError

from webhook.defaults.additions import Additions, Pods, PullSecret, Toleration
from webhook.rayjob.authorship import LAST_APPLIED

PODS = {
    "serviceAccountName": "ray.gpu",
    "nodeSelector": {"example.com/pool": "gpu", "spot": ""},
    "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}],
    "priorityClassName": "high",
    "imagePullSecrets": [{"name": "a"}, {"name": "b"}],
    "resources": {"requests": {"cpu": 1}},
}


def test_additions_are_read_from_what_a_policy_says():
    additions = Additions.of({"labels": {"team": "ml"}, "annotations": {"Example.com/a": "é\n"}, "workers": PODS})

    assert (additions.labels, additions.annotations) == ({"team": "ml"}, {"Example.com/a": "é\n"})
    assert (additions.head, additions.submitter) == (None, None)
    assert additions.workers == Pods.of(PODS)
    assert additions.workers is not None
    assert additions.workers.tolerations == (
        Toleration.of({"key": "gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}),
    )
    assert additions.workers.image_pull_secrets == (PullSecret(name="a"), PullSecret(name="b"))


def test_additions_are_the_same_from_yaml_as_from_json():
    assert Additions.model_validate({"head": PODS}) == Additions.of({"head": PODS})


LABEL_KEY = "Value error, must be a label's key, such as team or example.com/team"
LABEL_VALUE = "Value error, must be a label's value: at most 63 letters, digits, '-', '_' and '.'"
ANNOTATION_KEY = "Value error, must be an annotation's key, such as contact or example.com/contact"
RESERVED = "Value error, must be another annotation: this one says what an author did, or is for an author to say"
NAME = "Value error, must be a name of lower-case letters, digits, '-' and '.'"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"labels": {"": "a"}}, LABEL_KEY),
        ({"labels": {"Example.com/team": "a"}}, LABEL_KEY),
        ({"labels": {"k" * 64: "a"}}, LABEL_KEY),
        ({"labels": {"team": "a b"}}, LABEL_VALUE),
        ({"labels": {"team": "v" * 64}}, LABEL_VALUE),
        ({"labels": {"team": 7}}, "Input should be a valid string"),
        ({"labels": {"team": None}}, "Input should be a valid string"),
        ({"annotations": {"a b": "a"}}, ANNOTATION_KEY),
        ({"annotations": {LAST_APPLIED: "{}"}}, RESERVED),
        ({"annotations": {"ray.io/ft-enabled": "true"}}, RESERVED),
        ({"annotations": {"ray.io/external-storage-namespace": "a"}}, RESERVED),
        ({"annotations": {"a": True}}, "Input should be a valid string"),
        ({"head": {"serviceAccountName": ""}}, NAME),
        ({"head": {"serviceAccountName": "Ray"}}, NAME),
        ({"workers": {"priorityClassName": "a_b"}}, NAME),
        ({"workers": {"nodeSelector": {"a/b/c": "a"}}}, LABEL_KEY),
        ({"submitter": {"nodeSelector": {"a": "-"}}}, LABEL_VALUE),
        ({"submitter": {"imagePullSecrets": [{}]}}, "Field required"),
        ({"submitter": {"imagePullSecrets": ["a"]}}, "Input should be an object"),
        ({"submitter": {"imagePullSecrets": [{"name": ""}]}}, NAME),
        (
            {"head": {"imagePullSecrets": [{"name": "a"}, {"name": "a"}]}},
            "Value error, imagePullSecrets must name each Secret once",
        ),
        ({"head": {"tolerations": [{}]}}, "Value error, operator must be Exists where there is no key"),
        (
            {"head": {"tolerations": [{"operator": "Equal", "value": "a"}]}},
            "Value error, operator must be Exists where there is no key",
        ),
        (
            {"head": {"tolerations": [{"key": "a", "operator": "Exists", "value": "b"}]}},
            "Value error, value must be left out where the operator is Exists",
        ),
        (
            {"head": {"tolerations": [{"key": "a", "effect": "NoSchedule", "tolerationSeconds": 1}]}},
            "Value error, effect must be NoExecute where there are tolerationSeconds",
        ),
        ({"head": {"tolerations": [{"key": "a", "operator": "In"}]}}, "Input should be 'Equal' or 'Exists'"),
        (
            {"head": {"tolerations": [{"key": "a", "effect": "Evict"}]}},
            "Input should be 'NoSchedule', 'PreferNoSchedule' or 'NoExecute'",
        ),
        (
            {"head": {"tolerations": [{"key": "a", "effect": "NoExecute", "tolerationSeconds": 2**63}]}},
            "Input should be less than or equal to 9223372036854775807",
        ),
        ({"head": {"tolerations": [{"key": ""}]}}, LABEL_KEY),
        ({"head": {"tolerations": [{"key": "a", "value": "b c"}]}}, LABEL_VALUE),
        ({"head": {"service_account_name": "a"}}, "Extra inputs are not permitted"),
        ({"head": {"image": "a"}}, "Extra inputs are not permitted"),
        ({"label": {}}, "Extra inputs are not permitted"),
    ],
)
def test_what_the_api_server_or_kuberay_would_refuse_cannot_be_added(raw, message):
    with pytest.raises(ValidationError) as refused:
        Additions.of(raw)

    assert [error["msg"] for error in refused.value.errors()] == [message]


def test_every_part_is_described_in_the_json_schema():
    schema = Additions.model_json_schema(by_alias=True)

    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False
        assert [name for name, field in part["properties"].items() if "description" not in field] == []
    assert [*schema["properties"]] == ["labels", "annotations", "head", "workers", "submitter"]
    assert [*schema["$defs"]["Pods"]["properties"]] == [*PODS]
