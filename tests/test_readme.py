"""The README is true: every command in it is run here, or by make itself."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

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
SERVES = "rayjob-webhook serve --cert-dir tls"


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in MADE | {SERVES}])
def test_a_command_of_the_readme_does_what_it_is_shown_for(command, tmp_path):
    program, *arguments = shlex.split(command)
    (tmp_path / "manifests").symlink_to(ROOT / "manifests")

    done = subprocess.run(
        [BIN / program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_readme_shows_every_command_of_the_command_line():
    shown = {command.split()[1] for command in COMMANDS if command.startswith("rayjob-webhook ")}

    assert shown == {"check", "mutate", "review", "rules", "certs", "serve"}


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
