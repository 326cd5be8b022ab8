from pathlib import Path

import pytest

from webhook.serving.settings import BadSettings, settings


def test_a_setting_is_a_flag_then_a_variable_then_a_default(monkeypatch):
    monkeypatch.setenv("RAYJOB_WEBHOOK_PORT", "9443")
    monkeypatch.setenv("RAYJOB_WEBHOOK_CERT_DIR", "/from/variable")

    chosen = settings(host=None, port=None, cert_dir=Path("/from/flag"))

    assert (chosen.host, chosen.port, chosen.cert_dir) == ("127.0.0.1", 9443, Path("/from/flag"))


def test_without_anything_the_defaults_hold():
    chosen = settings()

    assert (chosen.host, chosen.port, chosen.cert_dir) == ("127.0.0.1", 8443, Path("/etc/rayjob-webhook/tls"))


def test_a_setting_that_cannot_be_is_named_with_flag_and_variable(monkeypatch):
    monkeypatch.setenv("RAYJOB_WEBHOOK_PORT", "https")

    with pytest.raises(BadSettings) as bad:
        settings()

    assert str(bad.value) == (
        "--port (RAYJOB_WEBHOOK_PORT): Input should be a valid integer, unable to parse string as an integer"
    )


def test_a_flag_out_of_range_is_named_too():
    with pytest.raises(
        BadSettings, match=r"--port \(RAYJOB_WEBHOOK_PORT\): Input should be less than or equal to 65535"
    ):
        settings(port=70_000)
