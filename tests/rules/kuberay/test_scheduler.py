import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release, Scheduler, Target
from webhook.rules.example import merged
from webhook.rules.kuberay import scheduler
from webhook.rules.rule import Rule
from webhook.rules.table import Table

RULES = [value for value in vars(scheduler).values() if isinstance(value, Rule)]

ON_SHARED_CLUSTER = {"spec": {"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "shared"}}}
KAI = (
    'spec.submissionMode: Invalid value: "K8sJobMode": '
    "must be another mode, such as SidecarMode: KubeRay schedules with kai-scheduler [submitter-with-kai-scheduler]"
)
VOLCANO = (
    "spec.clusterSelector: Forbidden: "
    "KubeRay schedules with volcano, which needs spec.rayClusterSpec [cluster-selector-with-volcano]"
)


@pytest.mark.parametrize(
    ("release", "name", "expected"),
    [
        (Release.V1_7, None, []),
        (Release.V1_7, Scheduler.KAI, [KAI]),
        (Release.V1_7, Scheduler.VOLCANO, [VOLCANO]),
        (Release.V1_6, Scheduler.KAI, [KAI]),
        (Release.V1_5, Scheduler.KAI, []),
        (Release.V1_5, Scheduler.VOLCANO, [VOLCANO]),
        (Release.V1_4, Scheduler.VOLCANO, []),
    ],
)
def test_a_job_is_refused_by_the_scheduler_that_the_operator_works_with(release, name, expected):
    table = Table([rule for rule in RULES if rule.holds_for(Target(release, scheduler=name))])

    assert [finding.message for finding in table.findings(Job.of(merged(ON_SHARED_CLUSTER)))] == expected


def test_a_job_that_lacks_both_clusters_lacks_one_whatever_the_scheduler():
    job = Job.of(merged({"spec": {"rayClusterSpec": None, "clusterSelector": {}}}))

    assert list(scheduler.cluster_selector_with_volcano.findings(job)) == []
