import json
from pathlib import Path

import pytest

from tests.cli.conftest import BAD, GOOD, OTHER

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"


def test_each_rayjob_is_told_with_its_findings_and_all_are_counted(run, tmp_path):
    path = tmp_path / "jobs.yaml"
    path.write_text(f"{GOOD}---\n{BAD}---\n{OTHER}")

    result = run("check", path)

    assert result.exit_code == 1
    assert result.stdout == (
        f"{path}:1: RayJob default/good: passes\n"
        f"{path}:15: RayJob default/Bad: denied, 2 findings\n"
        "  metadata.name: Invalid value: \"Bad\": must be lower-case letters, digits and '-', "
        "beginning with a letter, ending with a letter or digit [invalid-name]\n"
        "  spec.entrypoint: Required value: the command that the job runs [missing-entrypoint]\n"
        "2 RayJobs: 1 passed, 1 denied; 1 other object passed over\n"
    )
    assert result.stderr == ""


def test_standard_input_is_read_for_a_dash(run):
    result = run("check", "-", stdin=GOOD)

    assert (result.exit_code, result.stdout) == (
        0,
        "-:1: RayJob default/good: passes\n1 RayJob: 1 passed, 0 denied\n",
    )


def test_what_cannot_be_read_does_not_hide_the_rest(run, tmp_path):
    path = tmp_path / "none.yaml"

    result = run("check", path, "-", stdin=GOOD)

    assert result.exit_code == 2
    assert result.stdout.endswith("1 RayJob: 1 passed, 0 denied\n")
    assert result.stderr == f"{path}:1: No such file or directory\n"


def test_the_older_name_of_the_runtime_environment_is_a_warning(run):
    result = run("check", "-", stdin=GOOD.replace("spec:\n", "spec:\n  runtimeEnv: 'pip: [a]'\n", 1))

    assert result.exit_code == 0
    assert (
        "  warning: spec.runtimeEnv: Forbidden: KubeRay's own CRD refuses this name; write spec.runtimeEnvYAML "
        "[undeclared-runtime-env]\n"
    ) in result.stdout


@pytest.mark.parametrize("arguments", [["check"], ["check", "-", "--output", "xml"], ["chekc"], ["check", "--nope"]])
def test_wrong_usage_exits_with_2(run, arguments):
    result = run(*arguments)

    assert result.exit_code == 2
    assert "Usage: " in result.stderr


def test_json_says_the_same_for_programs(run, tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text(BAD.replace("spec:\n", "spec:\n  entrypoint: a\n  runtimeEnv: 'pip: [a]'\n", 1))

    result = run("check", path, tmp_path / "none", "--output", "json")

    assert result.exit_code == 2
    told = json.loads(result.stdout)
    (rayjob,) = told["rayjobs"]
    assert {name: rayjob[name] for name in ("file", "line", "namespace", "name", "allowed")} == {
        "file": str(path),
        "line": 1,
        "namespace": "default",
        "name": "Bad",
        "allowed": False,
    }
    assert [
        (finding["rule"], finding["action"], finding["field"], finding["pointer"]) for finding in rayjob["findings"]
    ] == [
        ("invalid-name", "deny", "metadata.name", "/metadata/name"),
        ("undeclared-runtime-env", "warn", "spec.runtimeEnv", "/spec/runtimeEnv"),
    ]
    assert told["others"] == 0
    assert told["unreadable"] == [{"file": str(tmp_path / "none"), "line": 1, "message": "No such file or directory"}]


def test_a_namespace_is_chosen_as_kubectl_chooses_it(run):
    named = GOOD.replace("name: good", "name: good\n  namespace: own")

    assert "RayJob team/good: passes" in run("check", "-", "--namespace", "team", stdin=GOOD).stdout
    assert "RayJob own/good: passes" in run("check", "-", stdin=named).stdout
    assert "RayJob own/good: passes" in run("check", "-", "-n", "own", stdin=named).stdout
    clash = run("check", "-", "-n", "team", stdin=named)
    assert (clash.exit_code, clash.stderr) == (2, "-:1: metadata.namespace is own, which is not the --namespace team\n")


def test_no_namespace_at_all_is_a_finding(run):
    result = run("check", "-", "--namespace", "", stdin=GOOD)

    assert result.exit_code == 1
    assert "metadata.namespace: Required value: set it, or pass --namespace [missing-namespace]" in result.stdout


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of KubeRay are not here")
def test_every_sample_of_kuberay_passes_but_the_one_that_no_operator_takes(run):
    result = run("check", SAMPLES, "--output", "json")
    told = json.loads(result.stdout)

    denied = {
        Path(rayjob["file"]).name: [finding["rule"] for finding in rayjob["findings"]]
        for rayjob in told["rayjobs"]
        if not rayjob["allowed"]
    }
    assert len(told["rayjobs"]) >= 35
    assert told["unreadable"] == []
    assert denied == {"historyserver__config__rayjob-kubernetes-auth.yaml": ["unsupported-k8s-token-auth"]}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of KubeRay are not here")
@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.yaml")), ids=lambda sample: sample.name)
def test_every_sample_is_completed_to_an_object_that_passes_as_before(run, sample):
    before = run("check", sample).exit_code
    completed = run("mutate", sample)

    assert completed.exit_code == 0
    assert run("check", "-", stdin=completed.stdout).exit_code == before
    assert run("mutate", "-", stdin=completed.stdout).stdout == completed.stdout
