"""The chart renders what the kustomizations do, and refuses values that mean nothing."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.manifests.chart import CHART, HelmFailedError, NoHelmError, find_helm, render, run
from tests.manifests.kustomize import MANIFESTS, OVERLAYS, Documents, compose, of_kind
from tests.manifests.kustomize import render as render_kustomization
from webhook.cli import serve

ALL = {"monitoring": {"enabled": True}, "networkPolicy": {"enabled": True}, "autoscaling": {"enabled": True}}
COMPONENTS = {
    "monitoring": "monitoring",
    "networkPolicy": "network-policy",
    "mtls": "mtls",
    "autoscaling": "autoscaling",
}
RELIED_ON = {
    "RAYJOB_WEBHOOK_PORT",
    "RAYJOB_WEBHOOK_METRICS_PORT",
    "RAYJOB_WEBHOOK_CERT_DIR",
    "RAYJOB_WEBHOOK_POLICY",
    "RAYJOB_WEBHOOK_CLIENT_CA",
    "RAYJOB_WEBHOOK_CLIENT_NAMES",
}
"""What the chart decides itself, because other parts of it rely on that."""


def normal(documents: Documents) -> dict[str, Any]:
    """By kind and name, without the two ways to roll out a changed setting, and what Helm leaves to others."""
    text = re.sub(r"rayjob-webhook-settings-\w{10}\b", "rayjob-webhook-settings", json.dumps(documents))
    found = {f"{one['kind']} {one['metadata']['name']}": one for one in json.loads(text)}
    assert len(found) == len(documents)
    found.pop("Namespace rayjob-webhook-system", None)
    found["Deployment rayjob-webhook"]["spec"]["template"]["metadata"].pop("annotations", None)
    return found


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("enabled", [[], *([name] for name in COMPONENTS), [*COMPONENTS]])
def test_the_chart_renders_what_the_kustomization_does(kubectl, helm, tmp_path, overlay, enabled):
    own = compose(tmp_path, [f"overlays/{overlay}"], [COMPONENTS[name] for name in enabled])
    values = {"certificates": overlay, **{name: {"enabled": True} for name in enabled}}

    chart = normal(render(helm, values, tmp_path))

    kustomization = normal(render_kustomization(kubectl, own))
    assert chart.keys() == kustomization.keys()
    assert chart == kustomization


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_chart_renders_a_profile_as_the_component_has_it(kubectl, helm, tmp_path, overlay):
    own = compose(tmp_path, [f"overlays/{overlay}"], ["profiles"])

    chart = normal(render(helm, {"certificates": overlay, "webhooks": {"profiles": ["strict"]}}, tmp_path))

    assert chart == normal(render_kustomization(kubectl, own))


def test_each_profile_has_its_own_webhooks_and_the_policy_has_the_other_namespaces(helm, tmp_path):
    values = {"webhooks": {"profiles": ["strict", "staging"], "validatingFailurePolicy": "Ignore"}}

    webhooks = of_kind(render(helm, values, tmp_path), "ValidatingWebhookConfiguration")["webhooks"]

    assert [
        (one["name"], one["clientConfig"]["service"]["path"], one["namespaceSelector"]["matchExpressions"][1])
        for one in webhooks
    ] == [
        ("validate.rayjob-webhook.ray.io", "/validate", selected("NotIn", "strict", "staging")),
        ("strict.validate.rayjob-webhook.ray.io", "/validate/strict", selected("In", "strict")),
        ("staging.validate.rayjob-webhook.ray.io", "/validate/staging", selected("In", "staging")),
    ]
    assert {one["failurePolicy"] for one in webhooks} == {"Ignore"}


def selected(operator: str, *profiles: str) -> dict[str, Any]:
    return {"key": "rayjob-webhook.ray.io/profile", "operator": operator, "values": [*profiles]}


@pytest.mark.parametrize("name", ["shipped", "strict-production", "research", "migration"])
def test_a_policy_that_is_given_as_a_file_is_enforced_as_it_stands(helm, tmp_path, name):
    file = MANIFESTS / f"policies/{name}.yaml"

    rendered = run([helm, "template", "rayjob-webhook", CHART, "--set-file", f"policy={file}"], tmp_path)

    documents = [document for document in yaml.load_all(rendered, yaml.CSafeLoader) if document]
    policy = of_kind(documents, "ConfigMap", "rayjob-webhook-policy")
    assert policy["data"] == {"policy.yaml": file.read_text(encoding="utf-8")}


def test_a_policy_in_the_values_is_a_text_that_nobody_reads_otherwise(helm, tmp_path):
    text = "apiVersion: rayjob-webhook/v1\nkind: RayJobPolicy\nrules:\n  negative-ttl: off # no false\n"

    documents = render(helm, {"policy": text}, tmp_path)

    assert of_kind(documents, "ConfigMap", "rayjob-webhook-policy")["data"] == {"policy.yaml": text}


def test_a_changed_policy_changes_no_pods(helm, tmp_path):
    before, after = render(helm, {}, tmp_path), render(helm, {"policy": "# nothing\n"}, tmp_path)

    assert [one for one in after if one not in before] == [of_kind(after, "ConfigMap", "rayjob-webhook-policy")]


def test_a_policy_of_ones_own_is_mounted_and_none_is_made(helm, tmp_path):
    documents = render(helm, {"existingPolicyConfigMap": "ours"}, tmp_path)

    volumes = of_kind(documents, "Deployment")["spec"]["template"]["spec"]["volumes"]
    assert {"name": "policy", "configMap": {"name": "ours"}} in volumes
    assert [one["metadata"]["name"] for one in documents if one["kind"] == "ConfigMap"] == ["rayjob-webhook-settings"]


def test_nobody_says_twice_what_the_policy_is(helm, tmp_path):
    with pytest.raises(HelmFailedError, match="only one of them can say what the policy is"):
        render(helm, {"policy": "# ours", "existingPolicyConfigMap": "ours"}, tmp_path)


def test_the_default_values_say_what_the_chart_would_be_without_them(helm, tmp_path):
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))

    assert render(helm, values, tmp_path) == render(helm, {}, tmp_path)


def test_in_another_namespace_nothing_is_left_of_the_usual_one(helm, tmp_path):
    documents = render(helm, ALL, tmp_path, namespace="elsewhere")

    assert "rayjob-webhook-system" not in json.dumps(documents)
    assert of_kind(documents, "Certificate")["spec"]["dnsNames"][0] == "rayjob-webhook.elsewhere.svc"
    (webhook,) = of_kind(documents, "ValidatingWebhookConfiguration")["webhooks"]
    assert webhook["clientConfig"]["service"]["namespace"] == "elsewhere"
    assert webhook["namespaceSelector"]["matchExpressions"][0]["values"] == ["kube-system", "elsewhere"]


def test_chart_and_image_are_of_the_projects_version():
    project = tomllib.loads((MANIFESTS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))

    assert (chart["name"], chart["version"], chart["appVersion"]) == (
        project["name"],
        project["version"],
        project["version"],
    )


def test_helm_lint_finds_no_fault(helm, tmp_path):
    assert "1 chart(s) linted, 0 chart(s) failed" in run([helm, "lint", "--strict", CHART], tmp_path)


def test_a_packed_chart_has_its_alerts_and_its_dashboard_within(helm, tmp_path):
    run([helm, "package", CHART, "--destination", tmp_path], tmp_path)
    (packed,) = tmp_path.glob("*.tgz")

    assert run([helm, "template", packed, "--set", "monitoring.enabled=true"], tmp_path).count("RayJobWebhookDown") == 1


def test_the_schema_knows_every_setting_that_serve_has_and_no_other():
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    known = {parameter.envvar for parameter in serve.command.params} - RELIED_ON

    assert schema["properties"]["settings"]["properties"].keys() == known


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"replica": 3}, "additional properties 'replica' not allowed"),
        ({"image": {"digest": "sha256:abc"}}, "at '/image/digest'"),
        ({"settings": {"RAYJOB_WEBHOOK_KUBERAY_RELEASE": "1.7"}}, "at '/settings'"),
        ({"settings": {"RAYJOB_WEBHOOK_PORT": "443"}}, "at '/settings'"),
        ({"settings": {"RAYJOB_WEBHOOK_CONCURRENCY": 256}}, "at '/settings/RAYJOB_WEBHOOK_CONCURRENCY'"),
        ({"settings": {"RAYJOB_WEBHOOK_DRAIN_SECONDS": "601"}}, "at '/settings/RAYJOB_WEBHOOK_DRAIN_SECONDS'"),
        ({"certificates": "self-signed"}, "at '/certificates'"),
        ({"webhooks": {"timeoutSeconds": 31}}, "at '/webhooks/timeoutSeconds'"),
        ({"webhooks": {"validatingFailurePolicy": "ignore"}}, "at '/webhooks/validatingFailurePolicy'"),
        ({"monitoring": {"enabled": "yes"}}, "at '/monitoring/enabled'"),
        ({"policy": {"rules": {"negative-ttl": "off"}}}, "at '/policy'"),  # whose `off` would be false by now
        ({"webhooks": {"profiles": ["Strict"]}}, "at '/webhooks/profiles/0'"),
        ({"mtls": {"enabled": True, "names": ["a,b"]}}, "at '/mtls/names/0'"),
        ({"settings": {"RAYJOB_WEBHOOK_CLIENT_CA": "/ca.crt"}}, "at '/settings'"),
    ],
)
def test_values_that_mean_nothing_are_refused(helm, tmp_path, values, fault):
    with pytest.raises(HelmFailedError, match=re.escape(fault)):
        render(helm, values, tmp_path)


@pytest.mark.parametrize(
    ("image", "rendered"),
    [
        ({"repository": "example/rayjob-webhook"}, "example/rayjob-webhook:0.1.0"),
        ({"tag": "0.2.0"}, "rayjob-webhook:0.2.0"),
        ({"tag": "0.2.0", "digest": f"sha256:{'0' * 64}"}, f"rayjob-webhook@sha256:{'0' * 64}"),
    ],
)
def test_an_image_goes_by_its_digest_if_there_is_one(helm, tmp_path, image, rendered):
    documents = render(helm, {"image": image, "certificates": "self-managed"}, tmp_path)

    assert set(re.findall(r'"image": "([^"]+)"', json.dumps(documents))) == {rendered}


def test_the_grace_period_follows_the_time_to_drain(helm, tmp_path):
    documents = render(helm, {"settings": {"RAYJOB_WEBHOOK_DRAIN_SECONDS": "30"}}, tmp_path)

    assert of_kind(documents, "Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 40


def test_callers_are_let_in_by_the_ca_and_the_names_that_are_given(helm, tmp_path):
    values = {"mtls": {"enabled": True, "configMap": "ours", "names": ["kube-apiserver", "api.example.org"]}}

    documents = render(helm, values, tmp_path)

    settings = of_kind(documents, "ConfigMap", "rayjob-webhook-settings")["data"]
    pod = of_kind(documents, "Deployment")["spec"]["template"]["spec"]
    assert settings["RAYJOB_WEBHOOK_CLIENT_NAMES"] == "kube-apiserver,api.example.org"
    assert pod["volumes"][0] == {"name": "client-ca", "configMap": {"name": "ours"}}


def test_a_changed_setting_changes_the_pods(helm, tmp_path):
    def annotations(values: dict[str, Any]) -> Any:
        return of_kind(render(helm, values, tmp_path), "Deployment")["spec"]["template"]["metadata"]["annotations"]

    assert annotations({"settings": {"RAYJOB_WEBHOOK_KUBERAY_VERSION": "1.6"}}) != annotations({})


def test_what_a_cluster_may_need_is_passed_on_to_every_pod(helm, tmp_path):
    values = {
        "certificates": "self-managed",
        "pullSecrets": ["registry"],
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
        "nodeSelector": {"pool": "system"},
        "priorityClassName": "",
        "monitoring": {"enabled": True, "labels": {"release": "prometheus"}},
    }

    documents = render(helm, values, tmp_path)

    for spec in (
        of_kind(documents, "Deployment")["spec"]["template"]["spec"],
        of_kind(documents, "CronJob", "rayjob-webhook-certs")["spec"]["jobTemplate"]["spec"]["template"]["spec"],
    ):
        assert spec["imagePullSecrets"] == [{"name": "registry"}]
        assert spec["tolerations"] == values["tolerations"]
        assert spec["nodeSelector"] == {"pool": "system", "kubernetes.io/os": "linux"}
        assert "priorityClassName" not in spec
    assert of_kind(documents, "ServiceMonitor")["metadata"]["labels"]["release"] == "prometheus"
    assert of_kind(documents, "PrometheusRule")["metadata"]["labels"]["release"] == "prometheus"
    assert "ResourceQuota" not in {document["kind"] for document in documents}


def test_a_helm_that_cannot_be_had_says_why(tmp_path: Path) -> None:
    with pytest.raises(NoHelmError, match=r"^there is no Go to build it with$"):
        find_helm({"HOME": str(tmp_path), "PATH": ""}, pytest.fail)
