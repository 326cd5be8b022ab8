import pytest

from webhook.rayjob.start_params import giving


@pytest.mark.parametrize(
    ("params", "keys"),
    [
        (None, []),
        ({}, []),
        ({"port": "6379", "node-ip-address": "10.0.0.1"}, []),
        ({"address": "other:6379"}, ["address"]),
        ({"address": None}, ["address"]),
        ({"Address": "other:6379"}, []),
        ({"port": "6379 --address=other:6379", "x": None}, ["port"]),
        ({"port=6379 --address": "other:6379"}, ["port=6379 --address"]),
    ],
)
def test_an_option_is_given_by_its_key_or_inside_another(params, keys):
    assert list(giving("address", params)) == keys
