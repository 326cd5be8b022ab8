import pytest
from pydantic import ValidationError

from webhook.defaults.resources import Resources


@pytest.mark.parametrize(
    ("raw", "requests", "limits"),
    [
        ({}, {}, {}),
        ({"requests": {"cpu": 1}, "limits": {"cpu": "2"}}, {"cpu": "1"}, {"cpu": "2"}),
        ({"requests": {"cpu": ".5", "memory": "1e9"}}, {"cpu": ".5", "memory": "1e9"}, {}),
        ({"requests": {"memory": "1024Mi"}, "limits": {"memory": "1Gi"}}, {"memory": "1024Mi"}, {"memory": "1Gi"}),
        ({"limits": {"nvidia.com/gpu": 1}}, {}, {"nvidia.com/gpu": "1"}),
        ({"requests": {"a.b/c": "2"}, "limits": {"a.b/c": 2}}, {"a.b/c": "2"}, {"a.b/c": "2"}),
        ({"limits": {"ephemeral-storage": "0"}}, {}, {"ephemeral-storage": "0"}),
        (
            {"limits": {"hugepages-2Mi": "4Mi", "memory": "1Gi"}},
            {},
            {"hugepages-2Mi": "4Mi", "memory": "1Gi"},
        ),
    ],
)
def test_what_the_api_server_takes_for_a_container_can_be_given(raw, requests, limits):
    given = Resources.of(raw)

    assert (given.requests, given.limits) == (requests, limits)


AMOUNT = "Value error, must be an amount of 0 or more, such as 2, 500m or 4Gi"
RESOURCE = "Value error, must be cpu, memory, ephemeral-storage, hugepages-SIZE, or a device such as nvidia.com/gpu"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"requests": {"cpu": "-1"}}, AMOUNT),
        ({"requests": {"cpu": -1}}, AMOUNT),
        ({"requests": {"cpu": 0.5}}, AMOUNT),
        ({"requests": {"cpu": True}}, AMOUNT),
        ({"requests": {"cpu": 2**63}}, AMOUNT),
        ({"requests": {"cpu": None}}, AMOUNT),
        ({"requests": {"cpu": ""}}, AMOUNT),
        ({"requests": {"cpu": " 1"}}, AMOUNT),
        ({"requests": {"cpu": "1e1000"}}, AMOUNT),
        ({"requests": {"cpu": "1" * 257}}, AMOUNT),
        ({"requests": {"memory": "4GiB"}}, AMOUNT),
        ({"requests": {"cpus": 1}}, RESOURCE),
        ({"requests": {"CPU": 1}}, RESOURCE),
        ({"requests": {"storage": "1Gi"}}, RESOURCE),
        ({"requests": {"hugepages-": "1Gi"}}, RESOURCE),
        ({"requests": {"/gpu": 1}}, RESOURCE),
        ({"requests": {"a/b/c": 1}}, RESOURCE),
        ({"requests": {"requests.nvidia.com/gpu": 1}}, RESOURCE),
        ({"requests": {"kubernetes.io/gpu": 1}}, RESOURCE),
        ({"requests": {"a" * 246 + "/gpu": 1}}, "Value error, must be shorter: quotas write requests. before it"),
        (
            {"requests": {"cpu": 3}, "limits": {"cpu": "2999m"}},
            "Value error, requests of cpu must be at most its limit",
        ),
        (
            {"requests": {"nvidia.com/gpu": 1}},
            "Value error, limits of nvidia.com/gpu must be what is requested: it cannot be shared",
        ),
        (
            {"requests": {"nvidia.com/gpu": 1}, "limits": {"nvidia.com/gpu": 2}},
            "Value error, limits of nvidia.com/gpu must be what is requested: it cannot be shared",
        ),
        ({"limits": {"nvidia.com/gpu": "500m"}}, "Value error, nvidia.com/gpu must be given as a multiple of 1"),
        (
            {"limits": {"hugepages-2Mi": "3Mi", "memory": "1Gi"}},
            "Value error, hugepages-2Mi must be given as a multiple of 2Mi",
        ),
        (
            {"limits": {"hugepages-big": "3Mi", "memory": "1Gi"}},
            "Value error, hugepages-big must be given as a multiple of big",
        ),
        ({"requests": {"memory": "500m"}}, "Value error, memory must be given as a multiple of 1"),
        ({"limits": {"ephemeral-storage": ".5"}}, "Value error, ephemeral-storage must be given as a multiple of 1"),
        ({"limits": {"hugepages-2Mi": "4Mi"}}, "Value error, hugepages must stand beside cpu or memory"),
        ({"claims": []}, "Extra inputs are not permitted"),
        ({"limits": []}, "Input should be an object"),
    ],
)
def test_what_the_api_server_would_refuse_cannot_be_given(raw, message):
    with pytest.raises(ValidationError) as refused:
        Resources.of(raw)

    assert [error["msg"] for error in refused.value.errors()] == [message]


@pytest.mark.parametrize(
    ("raw", "cpus"),
    [
        ({"limits": {"cpu": "1500m"}}, 2),
        ({"limits": {"cpu": 2}, "requests": {"cpu": 1}}, 2),
        ({"limits": {"cpu": "0"}, "requests": {"cpu": "0"}}, None),
        ({"requests": {"cpu": "1n"}}, 1),
        ({"requests": {"memory": "1Gi"}}, None),
        ({}, None),
    ],
)
def test_ray_is_told_the_cpus_of_the_limit_or_else_of_the_request_rounded_up(raw, cpus):
    assert Resources.of(raw).cpus == cpus


@pytest.mark.parametrize(
    ("raw", "has"),
    [({"limits": {"nvidia.com/gpu": 1}}, True), ({"limits": {"cpu": 1}, "requests": {"cpu": 1}}, False)],
)
def test_a_device_is_what_a_domain_offers(raw, has):
    assert Resources.of(raw).has_devices is has
