import json
from typing import Any, cast

import pytest

from tests.cli.conftest import GOOD, OTHER
from webhook.rayjob import goyaml

COMPLETED = """\
apiVersion: ray.io/v1
kind: RayJob
metadata:
  name: good
spec:
  entrypoint: python good.py
  rayClusterSpec:
    headGroupSpec:
      template:
        spec:
          containers:
          - name: ray-head
            image: rayproject/ray:2.52.0
      rayStartParams:
        dashboard-host: 0.0.0.0
  shutdownAfterJobFinishes: true
  ttlSecondsAfterFinished: 3600
"""


def test_a_rayjob_is_completed_as_yaml(run):
    result = run("mutate", "-", stdin=GOOD)

    assert (result.exit_code, result.stdout, result.stderr) == (0, COMPLETED, "")


def test_other_objects_pass_through_as_they_are(run):
    result = run("mutate", "-", stdin=f"{OTHER}---\n{GOOD}")

    first, second = (cast("dict[str, Any]", document.value) for document in goyaml.load_all(result.stdout))
    assert first == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}, "data": {"switch": "on"}}
    assert second["spec"]["ttlSecondsAfterFinished"] == 3600


def test_json_is_the_object_or_a_list_of_all(run):
    one = json.loads(run("mutate", "-", "--output", "json", stdin=GOOD).stdout)
    two = json.loads(run("mutate", "-", "--output", "json", stdin=f"{GOOD}---\n{OTHER}").stdout)

    assert one["kind"] == "RayJob"
    assert (two["kind"], [item["kind"] for item in two["items"]]) == ("List", ["RayJob", "ConfigMap"])
    assert two["items"][0] == one


def test_a_patch_is_a_line_for_each_rayjob(run):
    result = run("mutate", "-", "--output", "patch", stdin=f"{GOOD}---\n{OTHER}---\n{GOOD}")

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert (
        lines
        == [
            [
                {
                    "op": "add",
                    "path": "/spec/rayClusterSpec/headGroupSpec/rayStartParams",
                    "value": {"dashboard-host": "0.0.0.0"},  # noqa: S104 (inside the pod)
                },
                {"op": "add", "path": "/spec/shutdownAfterJobFinishes", "value": True},
                {"op": "add", "path": "/spec/ttlSecondsAfterFinished", "value": 3600},
            ]
        ]
        * 2
    )


def test_a_diff_shows_what_changes_and_nothing_else(run):
    changed = [
        line
        for line in run("mutate", "-", "--output", "diff", stdin=f"{GOOD}---\n{OTHER}").stdout.splitlines()
        if line.startswith(("+", "-"))
    ]

    assert changed == [
        "--- -:1",
        "+++ -:1 completed",
        "+      rayStartParams:",
        "+        dashboard-host: 0.0.0.0",
        "+  shutdownAfterJobFinishes: true",
        "+  ttlSecondsAfterFinished: 3600",
    ]


def test_a_rayjob_that_cannot_be_read_as_one_passes_through(run):
    strange = GOOD.replace("spec:\n", "spec:\n  suspend: 'yes'\n", 1)

    assert run("mutate", "-", "--output", "patch", stdin=strange).stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (["none.yaml"], None, "none.yaml:1: No such file or directory\n"),
        (["-"], "a: [1", "-:2: is not valid YAML: "),
        (
            ["-", "-n", "team"],
            GOOD.replace("name: good", "name: good\n  namespace: own"),
            "-:1: metadata.namespace is own, which is not the --namespace team\n",
        ),
    ],
)
def test_what_cannot_be_read_exits_with_2(run, arguments, stdin, told):
    result = run("mutate", *arguments, stdin=stdin)

    assert result.exit_code == 2
    assert result.stderr.startswith(told)
