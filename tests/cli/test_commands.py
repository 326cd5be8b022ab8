"""The smaller commands."""

import json
import socket
import ssl
import subprocess
import sys
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import orjson
import pytest

from certs.pair import read
from tests.cli.conftest import GOOD, OTHER
from webhook.admission.decide import validate
from webhook.admission.review import parse
from webhook.policy.policy import shipped
from webhook.rules.register import EVERY_RULE

TODAY = date(2026, 11, 24)


def test_help_lists_every_command(run):
    help_text = run("--help").stdout

    for command in ("certs", "check", "mutate", "review", "rules", "serve"):
        assert f"  {command} " in help_text


def test_the_version_is_the_distributions(run):
    assert run("--version").stdout == f"{version('rayjob-webhook')}\n"


def test_rules_lists_every_rule_on_a_line(run):
    lines = run("rules").stdout.splitlines()

    assert [line.split()[0] for line in lines] == [rule.id for rule in EVERY_RULE]


def test_rules_explains_one(run):
    assert run("rules", "negative-ttl").stdout == (
        "negative-ttl: The TTL is negative\n"
        "contract layer, deny by default, after KubeRay's R4\n"
        "\n"
        "`spec.ttlSecondsAfterFinished` is less than 0.\n"
        "\n"
        "Why: KubeRay's operator refuses the job after it is stored.\n"
        "\n"
        "Instead: give the seconds to keep the cluster of a finished job; 0 deletes it at once.\n"
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [("negativ-ttl", "did you mean negative-ttl?"), ("zzz", "`rayjob-webhook rules` lists them")],
)
def test_a_rule_that_does_not_exist_is_guessed(run, name, hint):
    result = run("rules", name)

    assert result.exit_code == 2
    assert f'there is no rule "{name}" here; {hint}' in result.stderr


def test_review_makes_the_question_of_the_api_server(run):
    body = run("review", "-", stdin=f"{OTHER}---\n{GOOD}").stdout

    request = parse(body.encode())
    assert request.object is not None
    assert (request.operation, request.namespace, request.object["metadata"]) == ("CREATE", "default", {"name": "good"})
    assert validate(request, shipped(), TODAY).allowed
    assert json.loads(body)["request"]["resource"] == {"group": "ray.io", "version": "v1", "resource": "rayjobs"}


@pytest.mark.parametrize(
    ("stdin", "arguments", "told"),
    [
        (OTHER, [], "-: holds no RayJob"),
        ("a: [", [], "-:2: is not valid YAML"),
        (
            GOOD.replace("name: good", "name: good\n  namespace: own"),
            ["-n", "team"],
            "which is not the --namespace team",
        ),
    ],
)
def test_review_needs_a_rayjob(run, stdin, arguments, told):
    result = run("review", "-", *arguments, stdin=stdin)

    assert result.exit_code == 2
    assert told in result.stderr


def test_certs_issue_writes_a_pair_that_can_be_served(run, tmp_path):
    folder = tmp_path / "tls"

    result = run("certs", "issue", "--dir", folder, "--dns-name", "localhost", "--ip-address", "127.0.0.1")

    pair = read(folder, datetime.now(UTC))
    assert result.exit_code == 0
    assert result.stdout == (
        f"{folder}: tls.crt, tls.key and ca.crt for localhost, 127.0.0.1, valid until {pair.not_after:%Y-%m-%d}\n"
    )
    assert (pair.dns_names, pair.ip_addresses) == (("localhost",), ("127.0.0.1",))
    assert ssl.create_default_context(cafile=str(folder / "ca.crt")).get_ca_certs()


@pytest.mark.parametrize("names", [[], ["--dns-name", "no name"], ["--ip-address", "1.2.3"]])
def test_certs_issue_refuses_names_that_nobody_can_call(run, tmp_path, names):
    assert run("certs", "issue", "--dir", tmp_path, *names).exit_code == 2


def test_certs_issue_says_where_it_cannot_write(run, tmp_path):
    (tmp_path / "file").write_text("")

    result = run("certs", "issue", "--dir", tmp_path / "file", "--dns-name", "localhost")

    assert result.exit_code == 2
    assert str(tmp_path / "file") in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--cert-dir", "/nowhere"], "/nowhere"),
        (["--port", "70000"], "'--port' (env var: 'RAYJOB_WEBHOOK_PORT'): 70000 is not in the range 0<=x<=65535"),
    ],
)
def test_serve_says_what_it_cannot_serve_with(run, arguments, told):
    result = run("serve", *arguments)

    assert result.exit_code == 2
    assert told in result.stderr


def test_serve_says_that_its_port_is_taken(run, tmp_path):
    run("certs", "issue", "--dir", tmp_path, "--dns-name", "localhost")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--cert-dir", tmp_path, "--port", port)

    assert result.exit_code == 2
    assert f"127.0.0.1 port {port}: Address already in use" in result.stderr


@pytest.mark.parametrize("command", ["check", "mutate"])
def test_the_target_is_chosen_by_flags_or_variables(run, command, monkeypatch):
    bad = run(command, "-", "--kuberay-version", "1.3", stdin=GOOD)
    monkeypatch.setenv("RAYJOB_WEBHOOK_FEATURE_GATES", "NoSuchGate=true")
    worse = run(command, "-", stdin=GOOD)

    assert (bad.exit_code, worse.exit_code) == (2, 2)
    assert "the target KubeRay: must be a KubeRay release from 1.4 on, or newer, is '1.3'" in bad.stderr
    assert "the target KubeRay: KubeRay has no feature gate 'NoSuchGate'" in worse.stderr


def test_a_rule_of_a_later_kuberay_does_not_judge_an_earlier_ones_jobs(run):
    job = GOOD.replace("spec:\n", "spec:\n  preRunningDeadlineSeconds: 0\n", 1)

    assert run("check", "-", "--kuberay-version", "1.5", stdin=job).exit_code == 0
    assert run("check", "-", "--kuberay-version", "1.6", stdin=job).exit_code == 1


def test_checking_a_file_imports_no_server():
    program = (
        "import sys; from webhook.cli import main; main(['check', '-'], standalone_mode=False); print(*sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], input=GOOD, capture_output=True, text=True, check=True, timeout=60
    )

    assert not {"fastapi", "starlette", "uvicorn", "cryptography"} & {*done.stdout.split()}


def test_the_installed_command_is_the_same(tmp_path):
    path = tmp_path / "job.json"
    path.write_bytes(orjson.dumps({"apiVersion": "ray.io/v1", "kind": "RayJob", "metadata": {"name": "x"}}))

    done = subprocess.run(
        [Path(sys.executable).with_name("rayjob-webhook"), "check", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1
    assert "spec.entrypoint: Required value: " in done.stdout
