"""The README is true: every command in it is run here, or by make itself."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.polling import until
from tests.e2e.process import running

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BIN = Path(sys.executable).parent

COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
MADE = {"make run", "make test"}  # `make test` is running now; `make run` has its own test below
ISSUES = "rayjob-webhook certs issue --dir .run/tls --dns-name localhost"
SERVES = "rayjob-webhook serve --cert-dir .run/tls"  # needs the one before, and does not end by itself


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in MADE | {SERVES}])
def test_a_command_of_the_readme_does_what_it_is_shown_for(command, tmp_path):
    program, *arguments = shlex.split(command)
    (tmp_path / "manifests").symlink_to(ROOT / "manifests")

    done = subprocess.run(
        [BIN / program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_what_the_readme_issues_is_what_it_serves_with(tmp_path):
    log = tmp_path / "log"
    subprocess.run(
        [BIN / word if word == "rayjob-webhook" else word for word in ISSUES.split()], cwd=tmp_path, check=True
    )
    program, *arguments = SERVES.replace(".run", f"{tmp_path}/.run").split()
    environ = {**os.environ, "RAYJOB_WEBHOOK_PORT": "0", "RAYJOB_WEBHOOK_DRAIN_SECONDS": "0"}

    with running([BIN / program, *arguments], log=log, environ=environ, drain_seconds=30) as process:
        until(lambda: "listening on 127.0.0.1" in log.read_text(), what=SERVES, seconds=60, seen=process.tail)

    assert {ISSUES, SERVES} <= {*COMMANDS}


def test_the_readme_shows_every_command_of_the_command_line():
    shown = {command.split()[1] for command in COMMANDS if command.startswith("rayjob-webhook ")}

    assert shown == {"check", "mutate", "policy", "review", "rules", "certs", "serve"}


def test_the_readme_says_what_make_says():
    made = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout

    for target in re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE):
        assert f"make {target} " in made


def test_the_denial_in_the_readme_is_the_one_that_kubectl_prints():
    from tests.e2e.test_apply import FIVE_CAUSES  # noqa: PLC0415 (only this test needs the end-to-end text)

    shown = re.search(r"```text\n(The RayJob.*?)```", README, re.DOTALL)

    assert shown is not None
    assert [line.rstrip() for line in shown[1].splitlines()] == [line.rstrip() for line in FIVE_CAUSES.splitlines()]


def test_the_map_of_the_house_names_every_room():
    drawn = re.search(r"```text\nwebhook/\n(.*?)```", README, re.DOTALL)
    rooms = [path.name for path in (ROOT / "webhook").iterdir() if path.is_dir() and not path.name.startswith("_")]

    assert drawn is not None
    assert [room for room in rooms if f"    {room}/" not in drawn[1]] == []
