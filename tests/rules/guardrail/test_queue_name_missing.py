import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rayjob.queue import QUEUE_NAME as LABEL
from webhook.rules.example import cluster
from webhook.rules.guardrail.queue_name_missing import QueueNameMissing, queue_name_missing

PATH = f"metadata.labels[{LABEL}]"


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"labels": {LABEL: "team-a"}}, None),
        ({"labels": {LABEL: ""}}, 'Invalid value: ""'),
        ({"labels": {LABEL: None}}, "Required value"),
        ({"labels": {LABEL.upper(): "team-a"}}, "Required value"),
        ({"labels": {f"{LABEL}s": "team-a"}}, "Required value"),
        ({"labels": {LABEL.replace("u", "\u1d1c"): "team-a"}}, "Required value"),
        ({"annotations": {LABEL: "team-a"}}, "Required value"),
        ({"labels": None}, "Required value"),
        (None, "Required value"),
        ({"labels": {LABEL: 5}}, None),  # the rule on types tells of these
        ({"labels": "team-a"}, None),
    ],
)
def test_a_job_names_its_queue(metadata, told):
    found = judged(queue_name_missing, {}, {"metadata": metadata})

    assert found == ([f"{PATH}: {told}: must name a queue"] if told else [])


def test_a_label_of_a_pod_is_none_of_the_job():
    patch = cluster(headGroupSpec={"template": {"metadata": {"labels": {LABEL: "team-a"}}}})

    assert judged(queue_name_missing, {}, patch) == [f"{PATH}: Required value: must name a queue"]


@pytest.mark.parametrize(
    ("name", "passes"),
    [("team-a", True), ("shared", True), ("team-", False), ("Team-a", False), ("team-a\n", False), ("xshared", False)],
)
def test_a_policy_says_which_queues_there_are(name, passes):
    given = {"queues": ["team-.+", "shared"]}

    found = judged(queue_name_missing, given, {"metadata": {"labels": {LABEL: name}}})

    shown = name.replace("\n", "\\n")
    must = 'must name a queue that matches "team-.+" or "shared"'
    assert found == ([] if passes else [f'{PATH}: Invalid value: "{shown}": {must}'])
    assert judged(queue_name_missing, given, {}) == [f"{PATH}: Required value: {must}"]


@pytest.mark.parametrize("queues", [[], "team-a", ["("], [None]])
def test_a_policy_names_queues(queues):
    with pytest.raises(ValidationError):
        QueueNameMissing.of({"queues": queues})
