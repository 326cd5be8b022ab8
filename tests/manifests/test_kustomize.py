"""What the kustomizations say, held against the code: names, ports, paths, times, settings, certificates."""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from certs import rotation
from certs.authority import AUTHORITY_LIFETIME, LEAF_LIFETIME, service_names
from tests.manifests.kustomize import (
    COMPONENTS,
    MANIFESTS,
    OVERLAYS,
    Documents,
    compose,
    of_kind,
    pod_templates,
    render,
    select,
)
from webhook.cli import certificates, main, serve
from webhook.policy.target import Said
from webhook.rayjob.kuberay import Gate, Scheduler, Target
from webhook.serving.app import operations
from webhook.serving.enforced import Enforced
from webhook.serving.metrics import ENDPOINTS, Metrics
from webhook.serving.run import FINISH_SECONDS

ROOT = MANIFESTS.parent
NAMESPACE = "rayjob-webhook-system"
SERVERS = {"app.kubernetes.io/name": "rayjob-webhook", "app.kubernetes.io/component": "webhook"}


@pytest.fixture(scope="module", params=OVERLAYS)
def overlay(request: pytest.FixtureRequest, kubectl: Path) -> Documents:
    return render(kubectl, MANIFESTS / "overlays" / request.param)


@pytest.fixture(scope="module", params=OVERLAYS)
def whole(request: pytest.FixtureRequest, kubectl: Path, tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """An overlay with every component that adds to it."""
    folder = tmp_path_factory.mktemp("kustomization")
    return render(kubectl, compose(folder, [f"overlays/{request.param}"], COMPONENTS))


def server(documents: Documents) -> dict[str, Any]:
    """The servers' Pod."""
    spec: dict[str, Any] = of_kind(documents, "Deployment")["spec"]["template"]["spec"]
    return spec


def settings(documents: Documents) -> dict[str, str]:
    """The environment that the servers' container gets."""
    (source,) = server(documents)["containers"][0]["envFrom"]
    data: dict[str, str] = of_kind(documents, "ConfigMap", source["configMapRef"]["name"])["data"]
    return data


def seconds(duration: str) -> timedelta:
    """What cert-manager reads in a duration such as `720h`."""
    return timedelta(hours=int(duration.removesuffix("h")))


def test_every_file_of_a_folder_is_in_its_kustomization():
    for kustomization in MANIFESTS.rglob("kustomization.yaml"):
        text = kustomization.read_text(encoding="utf-8")
        files = {path.name for path in kustomization.parent.iterdir() if path.is_file() and path != kustomization}

        assert {name for name in files if name not in text} == set()


def test_everything_stands_in_the_one_namespace_or_in_none(whole):
    of_the_cluster = {
        "Namespace",
        "ClusterRole",
        "ClusterRoleBinding",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
    }

    assert {document["metadata"].get("namespace") for document in whole if document["kind"] in of_the_cluster} == {None}
    assert {document["metadata"]["namespace"] for document in whole if document["kind"] not in of_the_cluster} == {
        NAMESPACE
    }


def test_what_must_be_there_first_comes_first_and_what_calls_us_last(whole):
    kinds = [document["kind"] for document in whole]

    assert kinds[0] == "Namespace"
    assert kinds[-2:] == ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]


def test_every_setting_is_a_variable_of_serve_or_of_certs_ensure():
    known = {parameter.envvar for command in (serve.command, certificates.ensure) for parameter in command.params} - {
        None
    }
    texts = [path.read_text(encoding="utf-8") for path in MANIFESTS.rglob("*") if path.suffix in {".env", ".yaml"}]

    named = set(re.findall(r"\b(RAYJOB_WEBHOOK_[A-Z_]+)", "\n".join(texts)))

    assert named <= known


@pytest.mark.parametrize(("name", "cert_manager"), [("cert-manager", None), ("self-managed", False)])
def test_the_settings_mean_to_serve_what_they_say(kubectl, monkeypatch, name, cert_manager):
    for variable, value in settings(render(kubectl, MANIFESTS / "overlays" / name)).items():
        monkeypatch.setenv(variable, value)

    assert serve.command.make_context("serve", []).params == {
        "host": "0.0.0.0",  # noqa: S104 (a Pod is called from outside)
        "port": 8443,
        "cert_dir": Path("/etc/rayjob-webhook/tls"),
        "client_ca": None,
        "client_names": None,
        "drain_seconds": 5,
        "concurrency": 64,
        "metrics_port": 9090,
        "tracing": False,
        "policies": ("/etc/rayjob-webhook/policy",),
        "kuberay_version": None,  # the policy says it
        "kueue": None,
        "feature_gates": None,
        "batch_scheduler": None,
        "cert_manager": cert_manager,
    }


def test_a_setting_that_is_only_suggested_can_be_switched_on(monkeypatch):
    text = (MANIFESTS / "base/20-settings.env").read_text(encoding="utf-8")
    suggested = dict(re.findall(r"^#(RAYJOB_WEBHOOK_\w+)=(.*)$", text, re.MULTILINE))
    for variable, value in suggested.items():
        monkeypatch.setenv(variable, value)

    params = serve.command.make_context("serve", []).params

    said = Said(params["kuberay_version"], params["feature_gates"], Scheduler(params["batch_scheduler"]))
    assert said.target() == Target(overrides={Gate.MTLS: True}, scheduler=Scheduler.VOLCANO)


def test_every_container_runs_a_command_that_there_is(whole):
    for owner, template in pod_templates(whole).items():
        (container,) = template["spec"]["containers"]
        command: click.Command = main
        for argument in container["args"]:
            assert isinstance(command, click.Group), owner
            found = command.get_command(click.Context(command), argument)
            assert found is not None, (owner, argument)
            command = found


def test_every_image_is_of_this_version(whole):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    images = {template["spec"]["containers"][0]["image"] for template in pod_templates(whole).values()}

    assert images == {f"rayjob-webhook:{version}"}


def test_the_image_is_made_for_what_the_manifests_ask_of_it(overlay):
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (exposed,) = re.findall(r"^EXPOSE (.*)$", image, re.MULTILINE)
    (user,) = re.findall(r"^USER (\d+):\d+$", image, re.MULTILINE)  # by number: runAsNonRoot cannot judge a name

    assert server(overlay)["securityContext"]["runAsNonRoot"] is True
    assert int(user) > 0
    assert 'ENTRYPOINT ["rayjob-webhook"]' in image
    assert {int(port) for port in exposed.split()} == {
        port["containerPort"] for port in server(overlay)["containers"][0]["ports"]
    }


def test_no_variable_of_a_service_gets_in_the_way_of_ours(whole):
    # The kubelet would set RAYJOB_WEBHOOK_PORT to tcp://ADDRESS:443, for the Service that is called rayjob-webhook.
    assert {template["spec"]["enableServiceLinks"] for template in pod_templates(whole).values()} == {False}


def test_only_certs_ensure_gets_a_token(whole):
    accounts = {
        owner: (template["spec"]["serviceAccountName"], template["spec"]["automountServiceAccountToken"])
        for owner, template in pod_templates(whole).items()
    }

    assert accounts.pop("Deployment rayjob-webhook") == ("rayjob-webhook", False)
    assert set(accounts.values()) <= {("rayjob-webhook-certs", True)}
    assert all(
        document["automountServiceAccountToken"] is False for document in whole if document["kind"] == "ServiceAccount"
    )


def test_whoever_selects_the_servers_selects_nobody_else(whole):
    selectors = {
        "Deployment": of_kind(whole, "Deployment")["spec"]["selector"]["matchLabels"],
        "Service": of_kind(whole, "Service")["spec"]["selector"],
        "PodDisruptionBudget": of_kind(whole, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        "NetworkPolicy": of_kind(whole, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        "spread": server(whole)["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
        "affinity": server(whole)["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"][0][
            "podAffinityTerm"
        ]["labelSelector"]["matchLabels"],
    }

    assert selectors == dict.fromkeys(selectors, SERVERS)
    assert select(SERVERS, whole) == ["Deployment rayjob-webhook"]


def test_the_ports_are_those_that_the_servers_listen_on(whole):
    ports = {port["name"]: port["containerPort"] for port in server(whole)["containers"][0]["ports"]}
    service = {port["name"]: (port["port"], port["targetPort"]) for port in of_kind(whole, "Service")["spec"]["ports"]}
    policed = {port["port"] for rule in of_kind(whole, "NetworkPolicy")["spec"]["ingress"] for port in rule["ports"]}
    scraped = {endpoint["port"] for endpoint in of_kind(whole, "ServiceMonitor")["spec"]["endpoints"]}

    assert ports == {
        "admission": int(settings(whole)["RAYJOB_WEBHOOK_PORT"]),
        "metrics": int(settings(whole)["RAYJOB_WEBHOOK_METRICS_PORT"]),
    }
    assert service == {"admission": (443, "admission"), "metrics": (9090, "metrics")}
    assert policed == {"admission", "metrics"}
    assert scraped == {"metrics"}


def test_the_probes_ask_what_is_answered_on_the_port_of_the_metrics(overlay):
    enforced = Enforced((), Said(), datetime.now(UTC))
    answered = {getattr(route, "path", "") for route in operations(Metrics([]), enforced, lambda: None).routes}
    container = server(overlay)["containers"][0]

    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}

    assert probes == {
        "startup": {"path": "/healthz", "port": "metrics"},
        "liveness": {"path": "/healthz", "port": "metrics"},
        "readiness": {"path": "/readyz", "port": "metrics"},
    }
    assert {"/healthz", "/readyz", "/metrics"} <= answered


def test_a_server_has_the_time_to_drain_and_to_finish(overlay):
    needed = float(settings(overlay)["RAYJOB_WEBHOOK_DRAIN_SECONDS"]) + FINISH_SECONDS

    assert needed < server(overlay)["terminationGracePeriodSeconds"] <= 2 * needed


def test_the_configurations_call_the_paths_of_the_service(overlay):
    for kind, path in (("Mutating", "/mutate"), ("Validating", "/validate")):
        (webhook,) = of_kind(overlay, f"{kind}WebhookConfiguration")["webhooks"]

        assert webhook["clientConfig"] == {"service": {"name": "rayjob-webhook", "namespace": NAMESPACE, "path": path}}
        assert path.removeprefix("/") in ENDPOINTS
        assert webhook["namespaceSelector"]["matchExpressions"][0]["values"] == ["kube-system", NAMESPACE]


def test_both_configurations_leave_out_the_same_and_differ_only_in_what_they_must(overlay):
    (mutating,) = of_kind(overlay, "MutatingWebhookConfiguration")["webhooks"]
    (validating,) = of_kind(overlay, "ValidatingWebhookConfiguration")["webhooks"]

    differing = {key for key in mutating if mutating[key] != validating.get(key)}

    assert differing == {"name", "clientConfig", "failurePolicy", "reinvocationPolicy"}
    assert (mutating["failurePolicy"], validating["failurePolicy"]) == ("Ignore", "Fail")


def test_the_servers_mount_the_secret_that_is_kept_and_the_policy_as_folders_that_are_renewed(overlay):
    said = settings(overlay)

    assert server(overlay)["volumes"] == [
        {"name": "tls", "secret": {"secretName": "rayjob-webhook-tls"}},
        {"name": "policy", "configMap": {"name": "rayjob-webhook-policy"}},
    ]
    assert server(overlay)["containers"][0]["volumeMounts"] == [
        {"name": "tls", "mountPath": said["RAYJOB_WEBHOOK_CERT_DIR"], "readOnly": True},
        {"name": "policy", "mountPath": said["RAYJOB_WEBHOOK_POLICY"], "readOnly": True},
    ]


def test_the_ca_of_the_callers_is_mounted_beside_the_certificate(whole):
    mounts = {mount["name"]: mount["mountPath"] for mount in server(whole)["containers"][0]["volumeMounts"]}
    sources = {volume["name"]: volume.keys() - {"name"} for volume in server(whole)["volumes"]}

    assert mounts["client-ca"] == "/etc/rayjob-webhook/client-ca"
    assert len({*mounts.values()}) == len(mounts)
    assert sources == {"tls": {"secret"}, "policy": {"configMap"}, "client-ca": {"configMap"}}
    assert settings(whole)["RAYJOB_WEBHOOK_CLIENT_CA"] == f"{mounts['client-ca']}/ca.crt"


def test_cert_manager_issues_for_the_names_of_the_service_and_for_the_times_of_our_own_rotation(kubectl):
    documents = render(kubectl, MANIFESTS / "overlays/cert-manager")
    leaf = of_kind(documents, "Certificate")["spec"]
    authority = of_kind(documents, "Certificate", "rayjob-webhook-ca")["spec"]
    names = service_names("rayjob-webhook", NAMESPACE)

    assert leaf["secretName"] == "rayjob-webhook-tls"
    assert leaf["dnsNames"] == [*names[:2]]
    assert (seconds(leaf["duration"]), seconds(leaf["renewBefore"])) == (LEAF_LIFETIME, rotation.RENEW_LEAF)
    assert seconds(authority["duration"]) == AUTHORITY_LIFETIME
    assert seconds(authority["renewBefore"]) > seconds(leaf["duration"])
    assert (authority["privateKey"], authority["usages"]) == (
        {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
        ["cert sign", "crl sign"],
    )
    assert (leaf["privateKey"], leaf["usages"]) == (
        {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        ["digital signature", "server auth"],
    )


def test_cert_manager_injects_the_ca_from_its_own_certificate(kubectl):
    documents = render(kubectl, MANIFESTS / "overlays/cert-manager")

    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        assert of_kind(documents, kind)["metadata"]["annotations"] == {
            "cert-manager.io/inject-ca-from": f"{NAMESPACE}/rayjob-webhook-ca"
        }


def test_certs_ensure_keeps_by_default_what_the_manifests_name():
    defaults = {parameter.name: parameter.default for parameter in certificates.ensure.params}

    assert certificates.NAMESPACE == NAMESPACE
    assert (defaults["service"], defaults["secret"], defaults["configuration"]) == (
        "rayjob-webhook",
        "rayjob-webhook-tls",
        "rayjob-webhook",
    )


def test_the_first_run_of_certs_ensure_and_the_later_ones_are_alike(kubectl):
    documents = render(kubectl, MANIFESTS / "overlays/self-managed")
    templates = pod_templates(documents)

    assert templates["Job rayjob-webhook-certs-1"] == templates["CronJob rayjob-webhook-certs"]


def test_the_autoscaler_alone_says_how_many_servers_there_are(whole):
    autoscaler = of_kind(whole, "HorizontalPodAutoscaler")["spec"]

    assert "replicas" not in of_kind(whole, "Deployment")["spec"]
    assert autoscaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "rayjob-webhook"}
    assert autoscaler["minReplicas"] == 2


def test_a_changed_setting_changes_the_pods(kubectl, tmp_path):
    before = render(kubectl, MANIFESTS / "overlays/cert-manager")
    own = compose(tmp_path, ["overlays/cert-manager"])
    kustomization = yaml.safe_load((own / "kustomization.yaml").read_text(encoding="utf-8"))
    kustomization["configMapGenerator"] = [
        {
            "name": "rayjob-webhook-settings",
            "namespace": NAMESPACE,
            "behavior": "merge",
            "literals": ["RAYJOB_WEBHOOK_KUBERAY_VERSION=1.6"],
        }
    ]
    (own / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")

    after = render(kubectl, own)

    assert settings(after) == {**settings(before), "RAYJOB_WEBHOOK_KUBERAY_VERSION": "1.6"}
    assert server(after)["containers"][0]["envFrom"] != server(before)["containers"][0]["envFrom"]


def test_kuberays_crd_declares_the_runtime_env_with_the_component(kubectl, tmp_path):
    crd = ROOT / "../shared/crd/rayjobs-1.7.0.yaml"
    if not crd.is_file():
        pytest.skip(f"{crd} is not here")
    own = compose(tmp_path, [], ["runtime-env"])
    (own / "crd.yaml").write_bytes(crd.read_bytes())
    kustomization = yaml.safe_load((own / "kustomization.yaml").read_text(encoding="utf-8"))
    (own / "kustomization.yaml").write_text(
        yaml.safe_dump({**kustomization, "resources": ["crd.yaml"]}), encoding="utf-8"
    )
    before = yaml.load(crd.read_bytes(), yaml.CSafeLoader)

    (after,) = render(kubectl, own)

    properties = [
        [
            version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
            for version in one["spec"]["versions"]
        ]
        for one in (before, after)
    ]
    declared = properties[1][0].pop("runtimeEnv")
    assert declared["type"] == "string"
    assert properties[0] == properties[1]
