"""`rayjob-webhook certs ensure`, against an API server of HTTP over TLS."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from certs import access, secret
from certs.authority import AUTHORITY_LIFETIME, Authority
from certs.inject import Kept
from tests.certs.apiserver import serving
from tests.certs.trust import trusts
from webhook.cli import certificates, main

DEFAULT = Kept("rayjob-webhook-system", "rayjob-webhook", "rayjob-webhook-tls", "rayjob-webhook")
OTHER = Kept("ray", "webhook", "tls", "ours")


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as here:
        yield here


@pytest.fixture
def ensure(server, tmp_path, monkeypatch):
    """Run the command with a kubeconfig that leads to the server."""
    monkeypatch.setattr(access, "SERVICE_ACCOUNT", tmp_path / "none")
    kubeconfig = server.kubeconfig(tmp_path)

    def run(*options, environ=None):
        arguments = ["certs", "ensure", "--kubeconfig", str(kubeconfig), *options]
        return CliRunner().invoke(main, arguments, env=environ, catch_exceptions=False)

    return run


def test_from_nothing_to_rest(server, ensure):
    server.memory.register(kept=DEFAULT)

    first, second = ensure(), ensure()

    assert (first.exit_code, first.stderr, second.exit_code, second.stderr) == (0, "", 0, "")
    lines = first.stdout.splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        "Secret rayjob-webhook-system/rayjob-webhook-tls-ca: new CA",
        "MutatingWebhookConfiguration rayjob-webhook: caBundle of 1 CA",
        "ValidatingWebhookConfiguration rayjob-webhook: caBundle of 1 CA",
        "Secret rayjob-webhook-system/rayjob-webhook-tls: new certificate",
        "all is as it should be",
    ]
    assert second.stdout.splitlines() == lines[-1:]


@pytest.mark.parametrize(
    ("options", "environ"),
    [
        (["--namespace=ray", "--service=webhook", "--secret=tls", "--webhook-configuration=ours"], {}),
        (
            [],
            {
                "RAYJOB_WEBHOOK_NAMESPACE": "ray",
                "RAYJOB_WEBHOOK_SERVICE": "webhook",
                "RAYJOB_WEBHOOK_SECRET": "tls",
                "RAYJOB_WEBHOOK_WEBHOOK_CONFIGURATION": "ours",
            },
        ),
    ],
)
def test_names_are_given_by_options_and_variables_alike(server, ensure, options, environ):
    server.memory.register(kept=OTHER)

    assert ensure(*options, environ=environ).exit_code == 0

    leaf, now = server.memory.data(OTHER.leaf)["tls.crt"], certificates.now()
    assert [trusts(bundle, leaf, OTHER.dns_names, now) for bundle in server.memory.bundles(OTHER)] == [True] * 2


def test_the_kubeconfig_may_be_a_variable(server, tmp_path):
    server.memory.register(kept=OTHER)
    environ = {"RAYJOB_WEBHOOK_KUBECONFIG": str(server.kubeconfig(tmp_path)), "RAYJOB_WEBHOOK_NAMESPACE": "ray"}

    result = CliRunner().invoke(main, ["certs", "ensure", "--webhook-configuration=ours"], env=environ)

    assert result.exit_code == 0


def test_in_a_pod_the_namespace_is_its_own(server, ensure, tmp_path, monkeypatch):
    (tmp_path / "namespace").write_text("of-the-pod")
    monkeypatch.setattr(access, "SERVICE_ACCOUNT", tmp_path)
    server.memory.register(kept=DEFAULT)

    assert ensure().stdout.startswith("Secret of-the-pod/rayjob-webhook-tls-ca: new CA")


def test_in_a_pod_no_kubeconfig_is_needed(server, tmp_path, monkeypatch):
    server.kubeconfig(tmp_path)
    (tmp_path / "token").write_text("word")
    (tmp_path / "namespace").write_text("ray")
    server.memory.register(kept=DEFAULT)
    monkeypatch.setattr(access, "SERVICE_ACCOUNT", tmp_path)
    environ = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(server.port)}

    result = CliRunner().invoke(main, ["certs", "ensure"], env=environ)

    assert (result.exit_code, result.stderr) == (0, "")


def test_a_rotation_waits_and_tells_so_before(server, ensure, monkeypatch):
    now = certificates.now()
    old = Authority.create(common_name="old", now=now - AUTHORITY_LIFETIME + timedelta(days=9))
    server.memory.register(old.certificate_pem, kept=DEFAULT)
    server.memory.store(DEFAULT.authority, secret.of_authority(old, ()))
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)

    result = ensure()

    assert result.exit_code == 0
    assert waited == [60.0]
    assert result.stdout.splitlines()[3] == "waiting 60 s for every API server to act on the caBundle"


def test_what_could_not_be_done_is_one_line(server, ensure):
    server.memory.register(kept=DEFAULT)
    message = 'secrets "rayjob-webhook-tls" is forbidden: User "somebody" cannot get resource "secrets"'
    server.answers["GET", DEFAULT.leaf.path] = (403, json.dumps({"message": message}).encode())

    result = ensure()

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: Secret rayjob-webhook-system/rayjob-webhook-tls: must be allowed to get secrets, is not: {message}\n"
    )


def test_a_missing_configuration_is_named(ensure):
    result = ensure()

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: MutatingWebhookConfiguration rayjob-webhook: must exist to get a caBundle, is missing: apply it first\n"
    )


def test_a_name_that_kubernetes_does_not_take_is_a_mistake_in_usage(ensure):
    result = ensure("--secret", "TLS")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(
        "Error: secret: must be a DNS name of lower-case labels, without wildcard, is 'TLS'\n"
    )


def test_outside_of_a_pod_a_kubeconfig_is_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(access, "SERVICE_ACCOUNT", tmp_path)
    environ = {"KUBERNETES_SERVICE_HOST": None, "KUBERNETES_SERVICE_PORT": None}

    result = CliRunner().invoke(main, ["certs", "ensure"], env=environ)

    assert result.exit_code == 2
    assert result.stderr.endswith("are '' and ''; elsewhere give --kubeconfig\n")
