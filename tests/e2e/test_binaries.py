"""Where the control plane's programs are looked for, and in which order."""

from pathlib import Path

import pytest

from tests.e2e.binaries import Binaries, NoControlPlaneError, find
from tests.e2e.build import MODULE, cache_folder

PROGRAMS = ("kube-apiserver", "etcd", "kubectl")


def test_the_folder_that_the_user_names_wins(tmp_path: Path) -> None:
    environ = place(tmp_path, "named", "usr/kubebuilder/bin", "data/kubebuilder-envtest/k8s/1.36.2-linux-amd64")

    found = find({**environ, "KUBEBUILDER_ASSETS": str(tmp_path / "named")}, pytest.fail, system=tmp_path / "usr")

    assert found == Binaries(tmp_path / "named")


def test_a_named_folder_that_lacks_a_program_is_an_error_and_not_passed_over(tmp_path: Path) -> None:
    environ = place(tmp_path, "named", "usr/kubebuilder/bin")
    (tmp_path / "named/etcd").unlink()

    with pytest.raises(NoControlPlaneError, match=r"KUBEBUILDER_ASSETS=.*/named: must hold kube-apiserver, etcd and"):
        find({**environ, "KUBEBUILDER_ASSETS": str(tmp_path / "named")}, pytest.fail, system=tmp_path / "usr")


@pytest.mark.parametrize(
    ("there", "found"),
    [
        (["usr/kubebuilder/bin", "data/kubebuilder-envtest/k8s/1.37.0-linux-amd64"], "usr/kubebuilder/bin"),
        (
            ["data/kubebuilder-envtest/k8s/1.36.9-linux-amd64", "data/kubebuilder-envtest/k8s/1.36.10-linux-amd64"],
            "data/kubebuilder-envtest/k8s/1.36.10-linux-amd64",
        ),
        (
            ["data/kubebuilder-envtest/k8s/1.36.0-linux-amd64", "CACHE"],
            "data/kubebuilder-envtest/k8s/1.36.0-linux-amd64",
        ),
        (["data/kubebuilder-envtest/k8s/1.35.0-linux-amd64", "CACHE"], "CACHE"),
        (
            ["data/kubebuilder-envtest/k8s/1.9.0-linux-amd64", "data/kubebuilder-envtest/k8s/1.35.0-linux-amd64"],
            "data/kubebuilder-envtest/k8s/1.35.0-linux-amd64",
        ),
    ],
)
def test_recent_binaries_come_before_our_cache_and_old_ones_after_it(
    tmp_path: Path, there: list[str], found: str
) -> None:
    environ = {"HOME": str(tmp_path), "PATH": "", "XDG_DATA_HOME": str(tmp_path / "data")}
    cache = cache_folder(MODULE, environ).relative_to(tmp_path)
    place(tmp_path, *(str(cache) if folder == "CACHE" else folder for folder in there))

    binaries = find(environ, pytest.fail, system=tmp_path / "usr")

    assert binaries == Binaries(tmp_path / (cache if found == "CACHE" else found))


def test_a_machine_with_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoControlPlaneError, match=r"^there are no binaries of envtest, and no Go to build them with$"):
        find(place(tmp_path), pytest.fail, system=tmp_path / "usr")


def test_a_build_that_fails_means_that_there_is_no_control_plane(tmp_path: Path) -> None:
    environ = place(tmp_path)
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho 'no network' >&2\nexit 1\n", encoding="utf-8")
    go.chmod(0o755)
    said: list[str] = []

    with pytest.raises(NoControlPlaneError, match=r"^go build \S+ failed: no network$"):
        find({**environ, "PATH": str(tmp_path)}, said.append, system=tmp_path / "usr")


def place(home: Path, *folders: str) -> dict[str, str]:
    """Put the three programs into folders below a home; return an environment in which there is no Go."""
    for folder in folders:
        (home / folder).mkdir(parents=True)
        for program in PROGRAMS:
            (home / folder / program).touch()
    return {"HOME": str(home), "PATH": "", "XDG_DATA_HOME": str(home / "data")}
