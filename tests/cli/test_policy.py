"""The options that choose a policy, and what it makes of the RayJobs in files."""

import json

import pytest

from tests.cli.conftest import GOOD
from tests.policy.written import HEADER

POLICY = f"""\
{HEADER}
target: {{kuberayVersion: "1.5"}}
defaults: {{ttl: 60}}
rules:
  autoscaling-not-allowed: deny
  existing-cluster-not-allowed: warn
  deadline-missing-or-too-long: audit
overrides:
  - match: {{users: ["ada*"]}}
    rules: {{autoscaling-not-allowed: off}}
  - match: {{groups: [research]}}
    defaults: {{ttl: 600}}
exemptions:
  - match: {{namespaces: [old]}}
    rules: [autoscaling-not-allowed]
    reason: the old trainer grows by itself
    expires: 2026-12-31
    ticket: OPS-7
profiles:
  strict:
    rules: {{deadline-missing-or-too-long: deny}}
"""
GROWING = GOOD.replace("  rayClusterSpec:\n", "  rayClusterSpec:\n    enableInTreeAutoscaling: true\n")
MESSAGE = (
    "spec.rayClusterSpec.enableInTreeAutoscaling: Invalid value: true: must be false, or left out "
    "[autoscaling-not-allowed]"
)


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def test_a_policy_decides(run, policy):
    result = run("check", "-", "--policy", policy, stdin=GROWING)

    assert (result.exit_code, result.stdout) == (
        1,
        f"-:1: RayJob default/good: denied, 1 finding\n  {MESSAGE}\n1 RayJob: 0 passed, 1 denied\n",
    )


def test_a_policy_is_chosen_by_a_variable_too(run, policy, monkeypatch, tmp_path):
    more = tmp_path / "with a blank.yaml"
    more.write_text("# nothing")
    monkeypatch.setenv("RAYJOB_WEBHOOK_POLICY", f"{more}:{policy}")

    assert run("check", "-", stdin=GROWING).exit_code == 1


def test_an_exemption_is_told_with_what_it_spares(run, policy):
    result = run("check", "-", "-n", "old", "--policy", policy, "--date", "2026-11-24", stdin=GROWING)

    assert result.exit_code == 0
    assert result.stdout == (
        "-:1: RayJob old/good: passes\n"
        f"  exempt until 2026-12-31 (the old trainer grows by itself, OPS-7), would deny: {MESSAGE}\n"
        "1 RayJob: 1 passed, 0 denied\n"
    )


def test_an_exemption_that_ends_soon_is_told_once(run, policy):
    result = run(
        "check", "-", "-n", "old", "--policy", policy, "--date", "2026-12-17", stdin=f"{GROWING}---\n{GROWING}"
    )

    assert result.stdout.splitlines()[-2:] == [
        "note: the exemption from autoscaling-not-allowed ends on 2026-12-31: the old trainer grows by itself (OPS-7)",
        "2 RayJobs: 2 passed, 0 denied",
    ]


def test_what_will_be_denied_can_be_asked_before(run, policy):
    assert run("check", "-", "-n", "old", "--policy", policy, "--date", "2026-12-31", stdin=GROWING).exit_code == 0
    assert run("check", "-", "-n", "old", "--policy", policy, "--date", "2027-01-01", stdin=GROWING).exit_code == 1


def test_without_a_date_it_is_today(run, tmp_path):
    path = tmp_path / "policy.yaml"
    for expires, code in (("9999-12-31", 0), ("2020-01-01", 1)):
        path.write_text(POLICY.replace("2026-12-31", expires))

        assert run("check", "-", "-n", "old", "--policy", path, stdin=GROWING).exit_code == code


def test_a_date_is_a_day(run, policy):
    result = run("check", "-", "--policy", policy, "--date", "tomorrow", stdin=GROWING)

    assert result.exit_code == 2
    assert "Invalid value for '--date': 'tomorrow' does not match the format '%Y-%m-%d'." in result.stderr


def test_programs_are_told_what_is_audited_and_what_is_exempt(run, policy):
    arguments = ("-n", "old", "--policy", policy, "--date", "2026-12-24", "--output", "json")
    result = run("check", "-", *arguments, stdin=GROWING)

    told = json.loads(result.stdout)
    (rayjob,) = told["rayjobs"]
    assert (told["date"], len(told["policy"]), rayjob["allowed"]) == ("2026-12-24", 16, True)
    assert rayjob["findings"] == [
        {
            "rule": "deadline-missing-or-too-long",
            "action": "audit",
            "field": "spec.activeDeadlineSeconds",
            "pointer": "/spec/activeDeadlineSeconds",
            "reason": "FieldValueRequired",
            "message": rayjob["findings"][0]["message"],
        },
        {
            "rule": "autoscaling-not-allowed",
            "action": "exempt",
            "field": "spec.rayClusterSpec.enableInTreeAutoscaling",
            "pointer": "/spec/rayClusterSpec/enableInTreeAutoscaling",
            "reason": "FieldValueInvalid",
            "message": "Invalid value: true: must be false, or left out",
            "would": "deny",
            "exemption": {
                "reason": "the old trainer grows by itself",
                "ticket": "OPS-7",
                "until": "2026-12-31",
                "endsSoon": True,
            },
        },
    ]


def test_without_a_policy_no_digest_is_told(run):
    assert json.loads(run("check", "-", "--output", "json", stdin=GOOD).stdout)["policy"] is None


def test_who_asks_is_nobody_unless_it_is_said(run, policy):
    assert run("check", "-", "--policy", policy, stdin=GROWING).exit_code == 1
    assert run("check", "-", "--policy", policy, "--user", "bob", stdin=GROWING).exit_code == 1
    assert run("check", "-", "--policy", policy, "--user", "ada@example.com", stdin=GROWING).exit_code == 0


def test_a_profile_is_laid_over_the_policy(run, policy):
    assert run("check", "-", "--policy", policy, stdin=GOOD).exit_code == 0
    assert run("check", "-", "--policy", policy, "--profile", "strict", stdin=GOOD).exit_code == 1


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ("strickt", 'there is no profile "strickt" here; did you mean strict?'),
        ("x", 'there is no profile "x" here; there are strict'),
    ],
)
def test_a_profile_that_does_not_exist_is_guessed(run, policy, profile, told):
    result = run("check", "-", "--policy", policy, "--profile", profile, stdin=GOOD)

    assert result.exit_code == 2
    assert f"Invalid value for --profile: {told}\n" in result.stderr


def test_a_policy_with_faults_decides_nothing_and_tells_them_all(run, policy):
    policy.write_text(f"{HEADER}rules: {{negativ-ttl: deny}}\ndefaults: {{tl: 5}}\n")

    result = run("check", "-", "--policy", policy, stdin=GROWING)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f'{policy}:3:9: rules.negativ-ttl: there is no rule "negativ-ttl" here; did you mean negative-ttl?\n'
        f'{policy}:4:12: defaults.tl: there is no default "tl" here; did you mean ttl?\n'
    )


def test_a_policy_that_cannot_be_read_is_told(run, tmp_path):
    result = run("mutate", "-", "--policy", tmp_path / "none.yaml", stdin=GOOD)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tmp_path}/none.yaml:1:1: cannot be read: No such file or directory\n"


def test_a_flag_counts_more_than_the_policy(run, policy):
    job = GOOD.replace("spec:\n", "spec:\n  preRunningDeadlineSeconds: 0\n", 1)

    assert run("check", "-", stdin=job).exit_code == 1
    assert run("check", "-", "--policy", policy, stdin=job).exit_code == 0  # for 1.5, which knows no such field
    assert run("check", "-", "--policy", policy, "--kuberay-version", "1.6", stdin=job).exit_code == 1


def test_mutate_gives_what_the_policy_gives_to_this_user(run, policy):
    assert "ttlSecondsAfterFinished: 60\n" in run("mutate", "-", "--policy", policy, stdin=GOOD).stdout
    asked = run("mutate", "-", "--policy", policy, "--group", "staff", "--group", "research", stdin=GOOD)
    assert "ttlSecondsAfterFinished: 600\n" in asked.stdout


def test_review_asks_as_this_user(run):
    asked = json.loads(run("review", "-", "--user", "ada", "--group", "research", stdin=GOOD).stdout)

    assert asked["request"]["userInfo"] == {"username": "ada", "groups": ["research"]}


def test_an_object_of_another_namespace_is_passed_over_unless_it_is_a_rayjob(run):
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: own}\n"

    for command in ("check", "mutate"):
        assert run(command, "-", "-n", "team", stdin=f"{other}---\n{GOOD}").exit_code == 0
