import pytest

from tests.patching import apply_rfc6902, apply_v4
from webhook.admission.patch import applied, operations
from webhook.defaults.fill import Fill
from webhook.rayjob.path import Key, Path, field

HOST = Fill("d", field("spec.params") / Key("dashboard-host"), "h", "")
OTHER = Fill("o", field("spec.params") / Key("a/b~c"), "x", "")
DEEP = Fill("e", field("spec.params.deeper.still"), 1, "")
FLAG = Fill("f", field("spec.flag"), True, "")


@pytest.mark.parametrize(
    ("raw", "fills", "made"),
    [
        ({"spec": {"params": {}}}, [HOST], [{"op": "add", "path": "/spec/params/dashboard-host", "value": "h"}]),
        (
            {"spec": {"params": {"dashboard-host": None}}},
            [HOST],
            [{"op": "add", "path": "/spec/params/dashboard-host", "value": "h"}],
        ),
        ({"spec": {}}, [HOST], [{"op": "add", "path": "/spec/params", "value": {"dashboard-host": "h"}}]),
        ({"spec": {"params": None}}, [HOST], [{"op": "add", "path": "/spec/params", "value": {"dashboard-host": "h"}}]),
        (
            {"spec": {}},
            [HOST, FLAG, OTHER, DEEP],
            [
                {
                    "op": "add",
                    "path": "/spec/params",
                    "value": {"dashboard-host": "h", "a/b~c": "x", "deeper": {"still": 1}},
                },
                {"op": "add", "path": "/spec/flag", "value": True},
            ],
        ),
        (
            {"spec": {"params": {}}},
            [OTHER, DEEP],
            [
                {"op": "add", "path": "/spec/params/a~1b~0c", "value": "x"},
                {"op": "add", "path": "/spec/params/deeper", "value": {"still": 1}},
            ],
        ),
        (
            {"spec": {"flag": 0}},
            [Fill("r", field("spec.flag"), 3600, "", replaces=True)],
            [{"op": "replace", "path": "/spec/flag", "value": 3600}],
        ),
        ({}, [FLAG], [{"op": "add", "path": "/spec", "value": {"flag": True}}]),
        ({"spec": {}}, [], []),
    ],
)
def test_fills_become_a_minimal_patch_that_everybody_applies_alike(raw, fills, made):
    assert operations(raw, fills) == made
    assert apply_rfc6902(raw, made) == apply_v4(raw, made) == applied(raw, made)


def test_an_applied_patch_leaves_the_object_as_it_was():
    raw = {"spec": {"params": {"kept": 1}}, "other": {}}

    result = applied(raw, operations(raw, [HOST]))

    assert raw == {"spec": {"params": {"kept": 1}}, "other": {}}
    assert result == {"spec": {"params": {"kept": 1, "dashboard-host": "h"}}, "other": {}}
    assert result["other"] is raw["other"]


def test_the_whole_object_is_no_place_to_fill():
    assert Path().pointer == ""
