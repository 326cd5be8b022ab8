import pytest

from tests.rules.guardrail.judged import judged
from webhook.rayjob.job import Job
from webhook.rules.example import cluster, merged, worker_group
from webhook.rules.guardrail.too_many_gpus import TooManyGpus, too_many_gpus
from webhook.rules.table import Table

HEAD = "spec.rayClusterSpec.headGroupSpec"
WORKERS = "spec.rayClusterSpec.workerGroupSpecs"


def pod(*amounts, **fields):
    containers = [
        {"name": f"c{number}", "resources": {"limits": {"nvidia.com/gpu": amount}}}
        for number, amount in enumerate(amounts)
    ]
    return {"spec": {"containers": containers, **fields}}


def group(*amounts, **fields):
    return worker_group(template=pod(*amounts), **fields)


def too_many(total, place, times, most=4, at="spec.rayClusterSpec"):
    why = f"must be {most} or less (GPUs) in all pods at maxReplicas; most are in {place}: {times}"
    return [f"{at}: Invalid value: {total}: {why}"]


@pytest.mark.parametrize(
    ("patch", "found"),
    [
        (cluster(headGroupSpec={"template": pod(4)}), []),
        (cluster(headGroupSpec={"template": pod(5)}), too_many(5, HEAD, "1 times 5")),
        (cluster(headGroupSpec={"template": pod("5")}), too_many(5, HEAD, "1 times 5")),
        (cluster(headGroupSpec={"template": pod("0.5e1")}), too_many(5, HEAD, "1 times 5")),
        (cluster(headGroupSpec={"template": pod("4001m")}), too_many('"4.001"', HEAD, "1 times 4.001")),
        (cluster(headGroupSpec={"template": pod(1, 4)}), too_many(5, HEAD, "1 times 5")),
        (cluster(headGroupSpec={"template": pod(8, "-8")}), too_many(8, HEAD, "1 times 8")),
        (cluster(workerGroupSpecs=[group(2, maxReplicas=2)]), []),
        (cluster(workerGroupSpecs=[group(2, maxReplicas=3, replicas=0)]), too_many(6, f"{WORKERS}[0]", "3 times 2")),
        (cluster(workerGroupSpecs=[group(1, maxReplicas=2, numOfHosts=4)]), too_many(8, f"{WORKERS}[0]", "8 times 1")),
        (
            cluster(workerGroupSpecs=[group(1, maxReplicas=2), group(1, groupName="b", maxReplicas=3)]),
            too_many(5, f"{WORKERS}[1]", "3 times 1"),
        ),
        (
            cluster(workerGroupSpecs=[group(1, maxReplicas=None)]),
            too_many(
                2147483647,
                f"{WORKERS}[0]",
                "2147483647 times 1; 2147483647 counts where maxReplicas is absent, or a number of the group negative",
            ),
        ),
        (cluster(workerGroupSpecs=[group("0", maxReplicas=None)]), []),
        (cluster(workerGroupSpecs=[worker_group(maxReplicas=None, rayStartParams={"num-gpus": "8"})]), []),
        (
            {"spec": {"submitterPodTemplate": pod(8)}},
            too_many(8, "spec.submitterPodTemplate", "1 times 8"),
        ),
        (
            {"spec": {"clusterSelector": {"ray.io/cluster": "a"}, "submitterPodTemplate": pod(8)}},
            too_many(8, "spec.submitterPodTemplate", "1 times 8", at="spec.submitterPodTemplate"),
        ),
        (
            {
                "spec": {
                    "clusterSelector": {"ray.io/cluster": "a"},
                    "rayClusterSpec": {"headGroupSpec": {"template": pod(8)}},
                }
            },
            [],
        ),
        (cluster(headGroupSpec={"template": pod("nine")}), []),
        (
            cluster(headGroupSpec={"template": pod("1" * 100)}),
            too_many("1" * 64, HEAD, f"1 times {'1' * 64}"),
        ),
    ],
)
def test_the_gpus_of_all_pods_are_counted(patch, found):
    assert judged(too_many_gpus, {"maxGpus": 4}, patch) == found


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("nvidia.com/gpu", True),
        ("nvidia.com/gpu.shared", True),
        ("nvidia.com/mig-1g.5gb", True),
        ("nvidia.com/mig-1g.5gb.shared", True),
        ("nvidia.com/pgpu", True),
        ("amd.com/gpu", True),
        ("amd.com/cpx_nps4", True),
        ("gpu.intel.com/i915", True),
        ("gpu.intel.com/xe", True),
        ("gpu.intel.com/i915_monitoring", True),
        ("example.com/GPU", True),
        ("aliyun.com/gpu-count", True),
        ("deviceclass.resource.kubernetes.io/gpu.example.com", True),
        ("deviceclass.resource.kubernetes.io.example.com/a", False),
        ("volcano.sh/vgpu-number", True),
        ("gpu.intel.com/millicores", False),
        ("nvidia.com/gpumem", False),
        ("aliyun.com/gpu-mem", False),
        ("google.com/tpu", False),
        ("cpu", False),
        ("memory", False),
    ],
)
def test_by_default_gpus_of_every_maker_count(name, counts):
    patch = cluster(
        headGroupSpec={"template": {"spec": {"containers": [{"name": "a", "resources": {"requests": {name: 1}}}]}}}
    )

    assert judged(too_many_gpus, {"maxGpus": 0}, patch) == (too_many(1, HEAD, "1 times 1", most=0) if counts else [])


def test_the_policy_says_what_a_gpu_is():
    patch = cluster(headGroupSpec={"template": pod(8)})

    assert judged(too_many_gpus, {"maxGpus": 0, "resourceNames": [r"google\.com/tpu", "gpu"]}, patch) == []


CLAIMS = {"resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "gpus"}]}


@pytest.mark.parametrize(
    ("patch", "places"),
    [
        (cluster(headGroupSpec={"template": pod(**CLAIMS)}), [f"{HEAD}.template.spec"]),
        (
            cluster(
                workerGroupSpecs=[
                    worker_group(template=pod(0, **CLAIMS)),
                    worker_group(groupName="b", template=pod(0, **CLAIMS)),
                ]
            ),
            [f"{WORKERS}[0].template.spec", f"{WORKERS}[1].template.spec"],
        ),
        ({"spec": {"submitterPodTemplate": pod(0, **CLAIMS)}}, ["spec.submitterPodTemplate.spec"]),
        (cluster(headGroupSpec={"template": pod(resourceClaims=[])}), []),
        ({"spec": {"clusterSelector": {"a": "b"}, **cluster(headGroupSpec={"template": pod(**CLAIMS)})["spec"]}}, []),
    ],
)
def test_devices_by_a_claim_cannot_be_counted(patch, places):
    found = [
        f"{place}.resourceClaims: Forbidden: must be left out: nobody can count what a claim brings" for place in places
    ]

    assert judged(too_many_gpus, {"maxGpus": 4}, patch) == found
    assert judged(too_many_gpus, {"maxGpus": 4, "allowResourceClaims": True}, patch) == []


@pytest.mark.parametrize("amount", ["1e1000", "0" * 256 + "8"])
def test_an_amount_beyond_all_reason_slips_past_nobody(amount):
    path = f"{HEAD}.template.spec.containers[0].resources.limits[nvidia.com/gpu]"
    cut = amount if len(amount) < 64 else amount[:63] + "…"
    must = "must be an amount that can be counted: 256 characters, an exponent of 3 figures"

    found = judged(too_many_gpus, {"maxGpus": 4}, cluster(headGroupSpec={"template": pod(amount)}))

    assert found == [f'{path}: Invalid value: "{cut}": {must}']


def test_amounts_beyond_all_reason_in_an_object_of_mistakes_slip_past_nobody():
    raw = merged(cluster(headGroupSpec={"template": pod(*["1e1000"] * 120)}))
    table = Table([too_many_gpus.applied(TooManyGpus.of({"maxGpus": 4}))])

    assert len(table.findings(Job.of(raw))) == 101
