"""The kustomizations, as kubectl renders them."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

MANIFESTS = Path(__file__).parents[2] / "manifests"

OVERLAYS = ("cert-manager", "self-managed")
COMPONENTS = ("autoscaling", "monitoring", "mtls", "network-policy", "profiles")
"""Those that add to an overlay; `runtime-env` patches what is KubeRay's."""

Documents = list[dict[str, Any]]


class KustomizeFailedError(Exception):
    """Kubectl could not render it; the message holds what it printed."""


def render(kubectl: Path, folder: Path) -> Documents:
    """Return the documents of a folder's kustomization, in order.

    Raises:
        KustomizeFailedError: kubectl said no.
    """
    command: list[str | Path] = [kubectl, "kustomize", folder]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise KustomizeFailedError(finished.stderr)
    return [document for document in yaml.load_all(finished.stdout, yaml.CSafeLoader) if document]


def compose(folder: Path, resources: Iterable[str], components: Iterable[str] = ()) -> Path:
    """Write a kustomization like a user's own, beside a copy of the manifests; return its folder.

    Args:
        folder: an empty one.
        resources: paths below `manifests/`.
        components: names of components.
    """
    shutil.copytree(MANIFESTS, folder / "manifests")
    own = folder / "own"
    own.mkdir()
    kustomization = {
        "resources": [f"../manifests/{path}" for path in resources],
        "components": [f"../manifests/components/{name}" for name in components],
    }
    (own / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
    return own


def of_kind(documents: Documents, kind: str, name: str = "rayjob-webhook") -> dict[str, Any]:
    """Return the one document of this kind and name."""
    (found,) = [one for one in documents if one["kind"] == kind and one["metadata"]["name"] == name]
    return found


def pod_templates(documents: Documents) -> dict[str, dict[str, Any]]:
    """Return every Pod template, by kind and name of what holds it."""
    templates = {}
    for document in documents:
        spec = document.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            templates[f"{document['kind']} {document['metadata']['name']}"] = spec["template"]
    return templates


def select(selector: dict[str, Any], documents: Documents) -> list[str]:
    """Return who makes Pods that these labels select."""
    return [
        owner
        for owner, template in pod_templates(documents).items()
        if selector.items() <= template["metadata"]["labels"].items()
    ]
