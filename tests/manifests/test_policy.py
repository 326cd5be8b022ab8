"""The policy in a cluster: who puts it there, who enforces it, and which namespaces get a profile of it."""

from pathlib import Path

import pytest
import yaml

from tests.manifests.kustomize import (
    COMPONENTS,
    MANIFESTS,
    OVERLAYS,
    Documents,
    compose,
    of_kind,
    pod_templates,
    render,
)
from tests.manifests.test_readme import FENCED
from webhook.policy.loading import load
from webhook.policy.match import LabelExpression
from webhook.policy.policy import shipped
from webhook.serving.policy_files import SUFFIXES

NAMESPACE = "rayjob-webhook-system"
SERVERS = "Deployment rayjob-webhook"


@pytest.fixture(scope="module", params=OVERLAYS)
def whole(request: pytest.FixtureRequest, kubectl: Path, tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """An overlay with every component that adds to it."""
    folder = tmp_path_factory.mktemp("kustomization")
    return render(kubectl, compose(folder, [f"overlays/{request.param}"], COMPONENTS))


def enforced(documents: Documents) -> dict[str, str]:
    """The files of the policy that the servers mount."""
    (name,) = [
        volume["configMap"]["name"]
        for volume in pod_templates(documents)[SERVERS]["spec"]["volumes"]
        if volume["name"] == "policy"
    ]
    files: dict[str, str] = of_kind(documents, "ConfigMap", name)["data"]
    return files


def with_policy(own: Path, behavior: str, name: str) -> Path:
    """Let a kustomization of a user's own say what the policy is, as the README shows it."""
    kustomization = yaml.safe_load((own / "kustomization.yaml").read_text(encoding="utf-8"))
    (own / "policy.yaml").write_bytes((MANIFESTS / "policies" / f"{name}.yaml").read_bytes())
    generator = {
        "name": "rayjob-webhook-policy",
        "namespace": NAMESPACE,
        "behavior": behavior,
        "files": ["policy.yaml"],
    }
    kustomization["configMapGenerator"] = [generator]
    (own / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
    return own


def test_the_shipped_policy_is_enforced_until_an_owner_puts_another_in_its_place(kubectl, tmp_path):
    before = render(kubectl, MANIFESTS / "overlays/cert-manager")
    own = with_policy(compose(tmp_path, ["overlays/cert-manager"]), "replace", "strict-production")

    after = render(kubectl, own)

    written = {
        name: (MANIFESTS / f"policies/{name}.yaml").read_text("utf-8") for name in ("shipped", "strict-production")
    }
    assert enforced(before) == {"policy.yaml": written["shipped"]}
    assert enforced(after) == {"policy.yaml": written["strict-production"]}
    assert all(name.endswith(SUFFIXES) for name in (*enforced(before), *enforced(after)))  # or no server sees it
    assert load([*enforced(before).items()]).base.actions == shipped().base.actions
    assert load([*enforced(after).items()]).profiles.keys() == {"staging"}


def test_the_readme_shows_how_an_owner_does_so(kubectl, tmp_path):
    (whole,) = [yaml.safe_load(text) for language, text in FENCED if language == "yaml" and "components:" in text]
    (more,) = [
        yaml.safe_load(text) for language, text in FENCED if language == "yaml" and "rayjob-webhook-policy" in text
    ]
    whole["configMapGenerator"] += more["configMapGenerator"]
    (tmp_path / "manifests").symlink_to(MANIFESTS)
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    (tmp_path / "policy.yaml").write_bytes((MANIFESTS / "policies/migration.yaml").read_bytes())

    documents = render(kubectl, tmp_path)

    assert enforced(documents) == {"policy.yaml": (MANIFESTS / "policies/migration.yaml").read_text("utf-8")}


def test_a_changed_policy_changes_no_pods(kubectl, tmp_path):
    before = render(kubectl, MANIFESTS / "overlays/cert-manager")
    own = with_policy(compose(tmp_path, ["overlays/cert-manager"]), "replace", "research")

    after = render(kubectl, own)

    assert [one for one in after if one not in before] == [of_kind(after, "ConfigMap", "rayjob-webhook-policy")]


def test_the_policy_can_be_applied_by_itself(kubectl):
    alone = render(kubectl, MANIFESTS / "policies")

    assert alone == [of_kind(render(kubectl, MANIFESTS / "base"), "ConfigMap", "rayjob-webhook-policy")]


def called(documents: Documents, kind: str, name: str, **labels: str) -> list[str]:
    """The paths that are called for RayJobs of a namespace with this name and these labels."""
    labels["kubernetes.io/metadata.name"] = name
    paths = []
    for webhook in of_kind(documents, kind)["webhooks"]:
        selector = webhook["namespaceSelector"]
        assert selector.keys() == {"matchExpressions"}
        if all(LabelExpression.of(expression).holds(labels) for expression in selector["matchExpressions"]):
            paths.append(webhook["clientConfig"]["service"]["path"])
    return paths


@pytest.mark.parametrize(
    ("name", "labels", "path"),
    [
        ("team", {}, ""),
        ("team", {"rayjob-webhook.ray.io/profile": "strict"}, "/strict"),
        ("team", {"rayjob-webhook.ray.io/profile": "Strict"}, ""),
        ("team", {"rayjob-webhook.ray.io/profile": ""}, ""),
        ("kube-system", {"rayjob-webhook.ray.io/profile": "strict"}, None),
        (NAMESPACE, {"rayjob-webhook.ray.io/profile": "strict"}, None),
    ],
)
def test_each_namespace_gets_either_the_policy_or_the_profile_of_its_label(whole, name, labels, path):
    for kind, verb in (("Mutating", "/mutate"), ("Validating", "/validate")):
        assert called(whole, f"{kind}WebhookConfiguration", name, **labels) == ([] if path is None else [verb + path])


@pytest.mark.parametrize("kind", ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
def test_a_profile_is_called_for_as_the_policy_is(whole, kind):
    own, strict = of_kind(whole, kind)["webhooks"]

    differing = {key for key in own.keys() | strict.keys() if own.get(key) != strict.get(key)}

    assert differing == {"name", "clientConfig", "namespaceSelector"}
    assert strict["name"] == f"strict.{own['name']}"
    service = own["clientConfig"]["service"]
    assert strict["clientConfig"] == {"service": {**service, "path": f"{service['path']}/strict"}}


def test_the_profile_of_the_component_is_one_that_a_policy_may_have(whole):
    research = load([("research.yaml", (MANIFESTS / "policies/research.yaml").read_text("utf-8"))])
    (webhook,) = [
        one for one in of_kind(whole, "ValidatingWebhookConfiguration")["webhooks"] if "strict" in one["name"]
    ]

    assert webhook["clientConfig"]["service"]["path"] in {f"/validate/{profile}" for profile in research.profiles}
