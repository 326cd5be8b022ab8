"""What can be said of the Dockerfile without building it, and that it says what the code says."""

import re
import tomllib

import pytest

from tests.image.builder import REPOSITORY
from tests.image.dockerfile import Instruction, parse
from webhook.cli.serve import command as serve

DOCKERFILE = parse((REPOSITORY / "Dockerfile").read_text())
BUILDER, RESULT = DOCKERFILE.stages
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
NOBODYS_DIGEST = f"sha256:{64 * '0'}"


def test_comments_and_continued_lines_are_read_as_an_engine_reads_them():
    read = parse(
        '# one\nARG A=1\nfrom x@${A} AS y\nRUN a \\\n  # two\n  && b\n\nFROM z\nCMD ["c", \\\n"d"]\nENV E=f G=\'h i\'\n'
    )

    assert read.arguments == {"A": "1"}
    assert [stage.image for stage in read.stages] == ["x@${A}", "z"]
    assert read.stages[0].instructions == (Instruction("RUN", "a   && b"),)
    assert read.stages[1].command("CMD") == ["c", "d"]
    assert read.stages[1].pairs("ENV") == {"E": "f", "G": "h i"}


def test_every_base_is_one_tag_by_the_digest_that_the_builder_is_given():
    assert DOCKERFILE.arguments == {"PYTHON_DIGEST": NOBODYS_DIGEST}
    assert BUILDER.image == RESULT.image
    assert re.fullmatch(r"python:\d+\.\d+-slim-[a-z]+@\$\{PYTHON_DIGEST\}", RESULT.image)


@pytest.mark.parametrize("stage", DOCKERFILE.stages)
def test_nothing_is_fetched_but_by_pip_with_hashes(stage):
    scripts = " && ".join(stage.texts("RUN")).split(" && ")
    copied = " ".join(stage.texts("COPY"))
    installs = [script for script in scripts if re.search(r"\bpip\b.* install ", script)]

    assert stage.texts("ADD") == []
    assert "://" not in copied
    assert re.findall(r"\b(apt|apt-get|curl|wget|git)\b", "\n".join(scripts)) == []
    for install in installs:
        assert "--no-deps" in install
        assert "--no-index" in install or ("--require-hashes" in install and "--only-binary :all:" in install)


def test_what_runs_is_nobody_and_owns_nothing():
    keywords = [one.keyword for one in RESULT.instructions]
    (user,) = RESULT.texts("USER")

    assert user == "65532:65532"
    assert "RUN" not in keywords[keywords.index("USER") :]
    assert RESULT.texts("COPY") == ["--from=builder /opt/rayjob-webhook /opt/rayjob-webhook"]


def test_the_command_is_the_consoles_own_without_a_shell_between_it_and_its_signals():
    assert RESULT.command("ENTRYPOINT") == list(PROJECT["scripts"])
    assert RESULT.command("CMD") == [serve.name]
    assert RESULT.texts("STOPSIGNAL") == ["SIGTERM"]
    assert RESULT.command("HEALTHCHECK")[:2] == ["python", "-c"]


def test_every_setting_is_one_that_serve_reads_and_every_port_one_that_it_opens():
    options = {option.envvar: option for option in serve.params if isinstance(option.envvar, str)}
    settings = {name: value for name, value in RESULT.pairs("ENV").items() if name.startswith("RAYJOB_WEBHOOK_")}
    ports = [options["RAYJOB_WEBHOOK_PORT"].default, settings["RAYJOB_WEBHOOK_METRICS_PORT"]]

    assert {*settings} <= {*options}
    assert settings["RAYJOB_WEBHOOK_HOST"] == "0.0.0.0"  # noqa: S104 (a container's own addresses, of which all are meant)
    assert RESULT.texts("EXPOSE") == [" ".join(map(str, ports))]


def test_no_module_is_compiled_or_line_held_back_while_it_runs():
    environ = RESULT.pairs("ENV")

    assert (environ["PYTHONDONTWRITEBYTECODE"], environ["PYTHONUNBUFFERED"]) == ("1", "1")


def test_the_labels_say_what_the_project_says_of_itself():
    prefix = "org.opencontainers.image."

    assert RESULT.pairs("LABEL") == {
        f"{prefix}title": PROJECT["name"],
        f"{prefix}description": PROJECT["description"],
        f"{prefix}licenses": PROJECT["license"],
        f"{prefix}version": "${VERSION}",
        f"{prefix}revision": "${REVISION}",
        f"{prefix}base.digest": "${PYTHON_DIGEST}",
    }


def test_the_builder_takes_one_of_the_locks_that_it_is_sent():
    (copied,) = [text.split()[:-1] for text in BUILDER.texts("COPY") if "requirements.txt" in text]

    assert BUILDER.pairs("ARG") == {"REQUIREMENTS": "requirements.txt"}
    assert copied == ["requirements.txt", "requirements-tracing.txt"]
    assert any("--require-hashes --no-deps" in text and '"$REQUIREMENTS"' in text for text in BUILDER.texts("RUN"))


def test_the_engine_is_sent_what_is_copied_and_nothing_else():
    lines = (REPOSITORY / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    copied = [source for text in BUILDER.texts("COPY") for source in text.split()[:-1]]

    assert patterns[0] == "*"
    assert sorted(line.removeprefix("!") for line in patterns if line.startswith("!")) == sorted(copied)
    assert "**/*.key" in patterns


def test_a_release_is_built_with_every_argument_that_the_dockerfile_takes_and_no_other():
    release = (REPOSITORY / "docs/release.md").read_text()

    assert {*re.findall(r"--build-arg ([A-Z_]+)=", release)} == {*RESULT.pairs("ARG")}
    assert {*DOCKERFILE.arguments} <= {*RESULT.pairs("ARG")}
