"""The Helm chart, as helm renders it."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.build import BuildFailedError, Undertaking, build

CHART = Path(__file__).parents[2] / "manifests/chart"

NAMESPACE = "rayjob-webhook-system"

_MODULE = Path(__file__).with_name("helm")
"""The folder of the go.mod that pins helm."""

_UNDERTAKING = Undertaking("helm", 2, lambda _go_mod: {})


class NoHelmError(Exception):
    """There is no helm to be had here; the message says why, in one line."""


class HelmFailedError(Exception):
    """Helm refused; the message holds what it printed."""


def find_helm(environ: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """Find helm in our cache, building it if nobody else did.

    Args:
        environ: the whole environment of Go; of it, HOME, PATH and XDG_CACHE_HOME decide where the cache is.
        say: takes each line of the build's progress.

    Raises:
        NoHelmError: there is no Go, or it said no.
    """
    if not shutil.which("go", path=environ.get("PATH")):
        raise NoHelmError("there is no Go to build it with")
    try:
        return build(_MODULE, environ, say, {"helm": "helm.sh/helm/v4/cmd/helm"}, _UNDERTAKING) / "helm"
    except BuildFailedError as failure:
        raise NoHelmError(str(failure)) from failure


def render(helm: Path, values: Mapping[str, Any], home: Path, *, namespace: str = NAMESPACE) -> list[dict[str, Any]]:
    """Return what the chart makes of these values, in helm's order; its schema has approved of them.

    Args:
        helm: the program.
        values: what differs from values.yaml.
        home: an empty folder for its caches.
        namespace: the release's.

    Raises:
        HelmFailedError: it, or the schema, refused.
    """
    command: list[str | Path] = [helm, "template", "rayjob-webhook", CHART, "--namespace", namespace, "--values", "-"]
    finished = run(command, home, json.dumps(values))
    return [document for document in yaml.load_all(finished, yaml.CSafeLoader) if document]


def run(command: list[str | Path], home: Path, stdin: str = "") -> str:
    """Run helm to its end; return what it printed.

    Raises:
        HelmFailedError: it failed.
    """
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    finished = subprocess.run(command, input=stdin, env=environ, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise HelmFailedError(f"{finished.stdout}{finished.stderr}")
    return finished.stdout
