from webhook.rayjob.job import Job
from webhook.rules.example import merged, worker_group
from webhook.rules.kuberay.child import duplicate_group_name, unsupported_upgrade_strategy

GROUPS = "spec.rayClusterSpec.workerGroupSpecs"


def test_every_group_but_the_first_of_a_name_is_found():
    groups = [None, worker_group(), worker_group(groupName=""), worker_group(), {}, worker_group(groupName="")]
    job = Job.of(merged({"spec": {"rayClusterSpec": {"workerGroupSpecs": [*groups, worker_group()]}}}))

    assert [finding.message for finding in duplicate_group_name.findings(job)] == [
        f'{GROUPS}[3].groupName: Duplicate value: "workers": must be a name of its own [duplicate-group-name]',
        f'{GROUPS}[5].groupName: Duplicate value: "": must be a name of its own [duplicate-group-name]',
        f'{GROUPS}[6].groupName: Duplicate value: "workers": must be a name of its own [duplicate-group-name]',
    ]


def test_a_cluster_that_is_there_already_is_not_made_and_so_not_refused():
    cluster = {"upgradeStrategy": {"type": "Recreate"}, "workerGroupSpecs": [worker_group(), worker_group()]}
    selector = {"ray.io/cluster": "shared"}

    on_its_own = Job.of(merged({"spec": {"rayClusterSpec": cluster}}))
    on_shared = Job.of(merged({"spec": {"rayClusterSpec": cluster, "clusterSelector": selector}}))

    for rule in (unsupported_upgrade_strategy, duplicate_group_name):
        assert [finding.rule for finding in rule.findings(on_its_own)] == [rule.id]
        assert list(rule.findings(on_shared)) == []
