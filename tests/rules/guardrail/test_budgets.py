import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, worker_group
from webhook.rules.guardrail.too_many_cpus import TooManyCpus, too_many_cpus
from webhook.rules.guardrail.too_many_workers import too_many_workers
from webhook.rules.guardrail.too_much_memory import too_much_memory

HEAD = "spec.rayClusterSpec.headGroupSpec"
WORKER = "spec.rayClusterSpec.workerGroupSpecs[0]"


def pod(**limits):
    return {"spec": {"containers": [{"name": "ray", "resources": {"limits": limits}}]}}


def found(total, most, unit, place, times):
    why = f"must be {most} or less ({unit}) in all pods at maxReplicas; most are in {place}: {times}"
    return [f"spec.rayClusterSpec: Invalid value: {total}: {why}"]


@pytest.mark.parametrize(
    ("most", "cpu", "findings"),
    [
        ("2", "2", []),
        ("2", 2, []),
        (2, "2000m", []),
        (2.5, "2500m", []),
        ("0", 0, []),
        ("2", "2000000001n", found('"2.000000001"', "2", "CPUs", HEAD, "1 times 2.000000001")),
        ("2", "2001m", found('"2.001"', "2", "CPUs", HEAD, "1 times 2.001")),
        ("1500m", 2, found(2, "1500m", "CPUs", HEAD, "1 times 2")),
        ("1e1", "1Ki", found(1024, "1e1", "CPUs", HEAD, "1 times 1024")),
    ],
)
def test_cpus_are_counted_exactly_in_every_notation(most, cpu, findings):
    patch = cluster(headGroupSpec={"template": pod(cpu=cpu)})

    assert judged(too_many_cpus, {"maxCpus": most}, patch) == findings


@pytest.mark.parametrize(
    ("most", "memory", "findings"),
    [
        ("1Gi", "1024Mi", []),
        ("1Gi", 2**30, []),
        ("1Gi", "1073741824000m", []),
        ("1Gi", "1G", []),
        ("1Gi", "1Gi1", []),
        ("1Gi", 2**30 + 1, found(2**30 + 1, "1Gi", "memory", HEAD, f"1 times {2**30 + 1}")),
        ("1Gi", "1.5Gi", found('"1536Mi"', "1Gi", "memory", HEAD, "1 times 1536Mi")),
        ("1G", "1Gi", found('"1Gi"', "1G", "memory", HEAD, "1 times 1Gi")),
        ("0", "1m", found(1, "0", "memory", HEAD, "1 times 1")),
    ],
)
def test_memory_is_counted_exactly_in_every_notation(most, memory, findings):
    patch = cluster(headGroupSpec={"template": pod(memory=memory)})

    assert judged(too_much_memory, {"maxMemory": most}, patch) == findings


def test_head_and_workers_are_counted_together():
    patch = cluster(
        headGroupSpec={"template": pod(cpu=4, memory="8Gi")},
        workerGroupSpecs=[worker_group(maxReplicas=3, numOfHosts=2, template=pod(cpu="1500m", memory="1Gi"))],
    )

    assert judged(too_many_cpus, {"maxCpus": 13}, patch) == []
    assert judged(too_many_cpus, {"maxCpus": 12}, patch) == found(13, 12, "CPUs", WORKER, "6 times 1.5")
    assert judged(too_much_memory, {"maxMemory": "13Gi"}, patch) == found(
        '"14Gi"', "13Gi", "memory", HEAD, "1 times 8Gi"
    )


@pytest.mark.parametrize(
    ("patch", "total", "times"),
    [
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=4)]), None, ""),
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=5)]), 5, "5 times 1"),
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=5, replicas=1)]), 5, "5 times 1"),
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=5, suspend=True)]), 5, "5 times 1"),
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=1, minReplicas=5)]), 5, "5 times 1"),
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=3), worker_group(maxReplicas=2)]), 5, "3 times 1"),
        (cluster(workerGroupSpecs=[None]), 2**31 - 1, f"{2**31 - 1} times 1"),
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=4, numOfHosts=2)]), 8, "8 times 1"),
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=5, numOfHosts=0)]), 5, "5 times 1"),
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=1, numOfHosts=-1)]), 2**31 - 1, f"{2**31 - 1} times 1"),
        (cluster(workerGroupSpecs=[]), None, ""),
        (
            {
                "spec": {
                    "clusterSelector": {"a": "b"},
                    **cluster(workerGroupSpecs=[worker_group(maxReplicas=5)])["spec"],
                }
            },
            None,
            "",
        ),
    ],
)
def test_workers_are_counted(patch, total, times):
    hint = (
        "; 2147483647 counts where maxReplicas is absent, or a number of the group negative"
        if total == 2**31 - 1
        else ""
    )
    findings = found(total, 4, "workers", WORKER, times + hint) if total else []

    assert judged(too_many_workers, {"maxWorkers": 4}, patch) == findings


@pytest.mark.parametrize("rule", [(too_many_cpus, "maxCpus", "cpu"), (too_much_memory, "maxMemory", "memory")])
def test_an_amount_beyond_all_reason_slips_past_nobody(rule):
    declared, name, resource = rule
    path = f"{HEAD}.template.spec.containers[0].resources.limits[{resource}]"
    must = "must be an amount that can be counted: 256 characters, an exponent of 3 figures"

    patch = cluster(headGroupSpec={"template": pod(**{resource: "1e1000"})})

    assert judged(declared, {name: 4}, patch) == [f'{path}: Invalid value: "1e1000": {must}']


@pytest.mark.parametrize("raw", ["", "two", "-1", -1, "1e1000", True, None, ["2"]])
def test_a_policy_gives_an_amount(raw):
    with pytest.raises(ValidationError, match="must be a quantity of 0 or more, such as 64, 500m or 256Gi"):
        TooManyCpus.of({"maxCpus": raw})
