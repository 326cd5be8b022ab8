"""The builds, with a `go` that only writes down what it was asked."""

import fcntl
import os
from pathlib import Path

import pytest

from tests.e2e.build import BuildFailedError, Undertaking, build, cache_folder

PACKAGES = {"kubectl": "example.org/kubectl", "etcd": "example.org/etcd"}
FLAGS = (
    "-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3 -X k8s.io/client-go/pkg/version.gitVersion=v1.36.3 "
    "-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"
)
RECORD = """#!/bin/sh
case "$6" in *broken) echo 'first' >&2; echo 'no such package' >&2; exit 1;; esac
echo "CGO_ENABLED=$CGO_ENABLED go $1 $2 '$3' $4 $(basename "$5") $6, in $(basename "$PWD")" > "$5"
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "go.mod").write_text("require (\n\tk8s.io/kubernetes v1.36.3 // indirect\n)\n", encoding="utf-8")
    (folder / "go.sum").write_text("", encoding="utf-8")
    return folder


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    go = tmp_path / "go"
    go.write_text(RECORD, encoding="utf-8")
    go.chmod(0o755)
    return {"HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}


def test_each_program_is_built_by_itself_with_its_version_told(module: Path, environ: dict[str, str]) -> None:
    said: list[str] = []

    folder = build(module, environ, said.append, PACKAGES)

    assert folder == cache_folder(module, environ)
    assert {program.name: program.read_text(encoding="utf-8") for program in folder.iterdir()} == {
        name: f"CGO_ENABLED=0 go build -ldflags '{FLAGS}' -o {name} {package}, in module\n"
        for name, package in PACKAGES.items()
    }
    assert said == [
        f"Building the control plane into {folder}, once; about 4 minutes on two cores:",
        "  1 of 2: kubectl",
        "  2 of 2: etcd",
    ]


def test_other_versions_get_a_cache_of_their_own(module: Path, environ: dict[str, str]) -> None:
    before = cache_folder(module, environ)
    (module / "go.sum").write_text("k8s.io/kubernetes v1.36.4 h1:...\n", encoding="utf-8")

    assert cache_folder(module, environ) != before


def test_other_sources_of_ours_get_a_cache_of_their_own(module: Path, environ: dict[str, str]) -> None:
    before = cache_folder(module, environ)
    (module / "main.go").write_text("package main\n", encoding="utf-8")

    assert cache_folder(module, environ) != before


def test_what_is_not_kubernetes_is_built_and_told_as_its_undertaking_says(
    module: Path, environ: dict[str, str]
) -> None:
    (module / "go.mod").write_text("module garden\n", encoding="utf-8")
    garden = Undertaking("the garden", 2, lambda go_mod: {"garden.Name": go_mod.split()[1]})
    said: list[str] = []

    folder = build(module, environ, said.append, {"garden": "."}, garden)

    assert (folder / "garden").read_text(encoding="utf-8") == (
        "CGO_ENABLED=0 go build -ldflags '-s -w -X garden.Name=garden' -o garden ., in module\n"
    )
    assert said == [
        f"Building the garden into {folder}, once; about 2 minutes on two cores:",
        "  1 of 1: garden",
    ]


def test_the_cache_stands_where_the_user_keeps_caches(module: Path, tmp_path: Path) -> None:
    folder = cache_folder(module, {"HOME": "/elsewhere", "XDG_CACHE_HOME": str(tmp_path)})

    assert folder.parent == tmp_path / "rayjob-webhook"


def test_a_build_that_fails_leaves_no_cache_and_does_not_hinder_the_next(module: Path, environ: dict[str, str]) -> None:
    broken = {"kubectl": "example.org/kubectl", "api": "example.org/broken"}

    with pytest.raises(BuildFailedError, match=r"^go build example.org/broken failed: first / no such package$"):
        build(module, environ, print, broken)

    assert not cache_folder(module, environ).exists()
    assert {program.name for program in build(module, environ, print, PACKAGES).iterdir()} == set(PACKAGES)


def test_a_module_without_kubernetes_is_refused(module: Path, environ: dict[str, str]) -> None:
    (module / "go.mod").write_text("module empty\n", encoding="utf-8")

    with pytest.raises(BuildFailedError, match=r"^go.mod: must require k8s.io/kubernetes$"):
        build(module, environ, print, PACKAGES)


def test_a_second_run_waits_for_the_first_and_takes_what_it_built(module: Path, environ: dict[str, str]) -> None:
    folder = cache_folder(module, environ)
    folder.parent.mkdir(parents=True)
    said: list[str] = []
    with folder.with_suffix(".lock").open("wb") as first:
        fcntl.flock(first, fcntl.LOCK_EX)

        def finish_the_first(line: str) -> None:
            said.append(line)
            folder.mkdir()
            fcntl.flock(first, fcntl.LOCK_UN)

        assert build(module, environ, finish_the_first, PACKAGES) == folder

    assert said == ["Waiting for another run that builds the control plane"]
    assert list(folder.iterdir()) == []
