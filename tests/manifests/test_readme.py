"""The README of the manifests, where it speaks of what the code decides."""

import re
import shlex

import pytest
import yaml

from tests.manifests.kustomize import MANIFESTS, render
from webhook.defaults.declared import DEFAULTS

README = (MANIFESTS / "README.md").read_text(encoding="utf-8")
FENCED = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_argo_cd_is_told_of_every_field_that_a_default_may_fill():
    (ignored,) = [yaml.safe_load(text) for language, text in FENCED if "ignoreDifferences" in text]
    (rayjob,) = [one for one in ignored["ignoreDifferences"] if one["kind"] == "RayJob"]

    # jq quotes a key that is no identifier.
    assert sorted(rayjob["jqPathExpressions"]) == sorted(
        "." + re.sub(r"\[([a-z-]+)\]", r'["\1"]', str(default.path)) for default in DEFAULTS
    )


def test_the_kustomization_that_it_shows_can_be_rendered(kubectl, tmp_path):
    (text,) = [text for language, text in FENCED if "components:" in text]
    (tmp_path / "manifests").symlink_to(MANIFESTS)
    (tmp_path / "kustomization.yaml").write_text(text, encoding="utf-8")

    documents = render(kubectl, tmp_path)

    (deployment,) = [one for one in documents if one["kind"] == "Deployment"]
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == "REGISTRY/rayjob-webhook@sha256:DIGEST"
    assert {"PrometheusRule", "NetworkPolicy"} <= {one["kind"] for one in documents}


def test_every_folder_is_in_its_map():
    (drawn,) = [text for language, text in FENCED if language == "text"]
    folders = {path.parent.name for path in MANIFESTS.rglob("kustomization.yaml")} | {"chart", "crd", "examples"}

    assert {folder for folder in folders if f"{folder}/" not in drawn} == set()


@pytest.mark.parametrize(
    "command", [line for language, text in FENCED if language == "sh" for line in text.replace("\\\n", "").splitlines()]
)
def test_a_command_of_it_names_files_that_are_there(command):
    words = shlex.split(command, comments=True)

    assert words[0] in {"kubectl", "helm"}
    for word in words:
        if word.startswith("manifests/"):
            assert (MANIFESTS.parent / word).exists()
