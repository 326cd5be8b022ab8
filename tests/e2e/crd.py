"""The RayJob's CustomResourceDefinition: which there are, and how one comes into force."""

import hashlib
from pathlib import Path

import yaml

from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until

_ROOT = Path(__file__).parents[2]
_SOURCE = "rayjob-webhook.test/source"
"""The annotation that says which file the CRD in force came from."""

_IN_FORCE_SECONDS = 60
"""An idle machine takes 4 s for KubeRay's 1.4 MB of schema, and 3 s more to delete another flavour."""


def find_crds() -> dict[str, Path]:
    """Find the flavours there are: `kuberay`, as KubeRay 1.7 ships it, then `ours`, made from our own model."""
    found = {
        "kuberay": next(iter((_ROOT / "../shared/crd").glob("rayjobs-1.7.0.yaml")), None),
        "ours": next(iter((_ROOT / "manifests/crd").glob("*rayjobs*.yaml")), None),
    }
    return {flavour: path for flavour, path in found.items() if path}


def install_crd(cluster: Cluster, path: Path) -> None:
    """Put the CRD of a file in force; return when objects of its kind can be written.

    Another flavour of the same CRD is deleted first, with all its objects: a replaced schema comes into force at a
    moment that nobody can see, a new one when its resource appears.

    Raises:
        KubectlFailedError: the API server refused it, or an object of the other flavour holds a finalizer.
        DeadlinePassedError: it was taken, but its resource never appeared.
    """
    text = path.read_text(encoding="utf-8")
    source = hashlib.sha256(text.encode()).hexdigest()
    document = yaml.load(text, yaml.CSafeLoader)
    name = document["metadata"]["name"]
    if _installed_source(cluster, name) == source:
        return
    cluster.kubectl(
        "delete", "customresourcedefinition", name, "--ignore-not-found", f"--timeout={_IN_FORCE_SECONDS}s", check=True
    )
    # Server-side, because KubeRay's schema is larger than the annotation of a client-side apply may be.
    cluster.kubectl("apply", "--server-side", "--filename", path, check=True)
    until(
        lambda: cluster.kubectl("get", name).code == 0,
        what=f"the resource {name}",
        seconds=_IN_FORCE_SECONDS,
        seen=lambda: cluster.kubectl("get", "customresourcedefinition", name, "--output=jsonpath={.status}").stdout,
    )
    cluster.kubectl("annotate", "customresourcedefinition", name, f"{_SOURCE}={source}", check=True)


def _installed_source(cluster: Cluster, name: str) -> str:
    escaped = _SOURCE.replace(".", r"\.")
    template = f"--output=jsonpath={{.metadata.annotations.{escaped}}}"
    return cluster.kubectl("get", "customresourcedefinition", name, "--ignore-not-found", template).stdout
