import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.guardrail.existing_cluster_not_allowed import existing_cluster_not_allowed

FOUND = ["spec.clusterSelector: Forbidden: must be left out: describe a cluster of its own"]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        (None, []),
        ({}, []),
        ({"ray.io/cluster": "shared"}, FOUND),
        ({"RAY.IO/cluster": "shared"}, FOUND),
        ({"ray.io/cluster": ""}, FOUND),
        ("shared", []),
    ],
)
def test_a_job_may_not_select_a_cluster(selector, found):
    assert judged(existing_cluster_not_allowed, {}, {"spec": {"clusterSelector": selector}}) == found


def test_a_cluster_of_its_own_beside_the_selector_does_not_help():
    patch = {"spec": {"clusterSelector": {"ray.io/cluster": "shared"}, "rayClusterSpec": {"rayVersion": "2.52.0"}}}

    assert judged(existing_cluster_not_allowed, {}, patch) == FOUND
