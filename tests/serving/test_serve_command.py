"""What `rayjob-webhook serve` says where it cannot serve as it is told to."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from certs.authority import Authority
from certs.pair import write
from webhook.cli.serve import command

NOW = datetime.now(UTC)


@pytest.fixture
def said(tmp_path):
    """Runs `serve` with a good certificate and these options to its end; the value is what it said last."""
    authority = Authority.create(common_name="test", now=NOW)
    write(tmp_path / "tls", authority.issue(["localhost"], [], NOW), authority)

    def run(*options):
        ended = CliRunner().invoke(command, ["--port", "0", "--cert-dir", str(tmp_path / "tls"), *map(str, options)])
        assert (ended.exit_code, ended.stdout) == (2, "")
        return ended.stderr.splitlines()[-1]

    return run


def test_a_broken_ca_of_callers_ends_the_start(said, tmp_path):
    file = tmp_path / "client-ca.crt"
    missing = said("--client-ca", file)
    file.write_text("-----BEGIN CERTIFICATE-----")
    broken = said("--client-ca", file)

    assert missing == f"Error: {file}: must be a file to read, is not: No such file or directory"
    assert broken == f"Error: {file}: must be PEM certificates, each whole, is not"


def test_names_of_callers_mean_nothing_without_a_ca(said):
    assert said("--client-names", "kube-apiserver") == (
        "Error: --client-names: must come with --client-ca, which vouches for names, comes alone"
    )


@pytest.mark.parametrize("names", [",", "a,", " ", "a,,b"])
def test_a_list_of_names_with_a_gap_is_not_taken_for_another(said, tmp_path, names):
    assert said("--client-ca", tmp_path / "a", "--client-names", names) == (
        f"Error: --client-names: must be names with commas between them, is {names!r}"
    )
