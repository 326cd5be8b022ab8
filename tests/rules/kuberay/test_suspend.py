import pytest

from webhook.rayjob.job import Job
from webhook.rules.kuberay import suspend
from webhook.rules.table import Table

TABLE = Table([suspend.suspend_without_shutdown, suspend.suspend_on_selected_cluster])

WITHOUT_SHUTDOWN = (
    "spec.suspend: Invalid value: true: must not be true unless spec.shutdownAfterJobFinishes is true "
    "[suspend-without-shutdown]"
)
ON_SELECTED_CLUSTER = (
    "spec.suspend: Forbidden: must not be true with spec.clusterSelector: the cluster is not the job's to delete "
    "[suspend-on-selected-cluster]"
)


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        ({"suspend": True, "shutdownAfterJobFinishes": True}, []),
        ({"suspend": True, "shutdownAfterJobFinishes": None}, [WITHOUT_SHUTDOWN]),
        ({"suspend": None, "clusterSelector": {"ray.io/cluster": "shared"}}, []),
        ({"suspend": True, "shutdownAfterJobFinishes": True, "clusterSelector": {"a": "b"}}, [ON_SELECTED_CLUSTER]),
        ({"suspend": True, "clusterSelector": {"a": "b"}}, [ON_SELECTED_CLUSTER, WITHOUT_SHUTDOWN]),
    ],
)
def test_a_job_is_suspended_only_where_its_cluster_is_its_own_to_delete(spec, messages):
    assert [finding.message for finding in TABLE.findings(Job.of({"spec": spec}))] == messages
