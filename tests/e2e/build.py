"""Builds kube-apiserver, etcd and kubectl once, from their own Go modules, into a cache outside the tree."""

import fcntl
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

MODULE = Path(__file__).with_name("controlplane")
"""The folder of our go.mod and go.sum."""

PACKAGES = {
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
}
"""The programs and the packages they are built from."""

_ERROR_LINES = 3


class BuildFailedError(Exception):
    """Go could not build a program; the message holds Go's last lines."""


def cache_folder(module: Path, environ: Mapping[str, str]) -> Path:
    """Name the folder of these very versions: another go.mod or go.sum has another one."""
    cache = environ.get("XDG_CACHE_HOME") or Path(environ["HOME"], ".cache")
    digest = hashlib.sha256((module / "go.mod").read_bytes() + (module / "go.sum").read_bytes()).hexdigest()
    return Path(cache, "rayjob-webhook", f"controlplane-{digest[:12]}")


def build(
    module: Path, environ: Mapping[str, str], say: Callable[[str], None], packages: Mapping[str, str] = PACKAGES
) -> Path:
    """Build the programs, unless another run has built them by now, and return their folder.

    They are built one after the other (two at once on two cores gain nothing and double the memory) into a folder that
    gets its name at the end, so that a build cut off leaves no half cache.

    Raises:
        BuildFailedError: Go said no.
    """
    folder = cache_folder(module, environ)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.with_suffix(".lock"), say):
        if folder.is_dir():
            return folder
        say(f"Building the control plane into {folder}, once; about 4 minutes on two cores:")
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        for count, (program, package) in enumerate(packages.items(), start=1):
            say(f"  {count} of {len(packages)}: {program}")
            _go_build(module, package, unfinished / program, environ)
        unfinished.rename(folder)
    return folder


@contextmanager
def _alone(lock: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of this cache; the kernel gives it back when we end, however we end."""
    with lock.open("wb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another run that builds the control plane")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _go_build(module: Path, package: str, output: Path, environ: Mapping[str, str]) -> None:
    flags = f"-s -w {_version_flags((module / 'go.mod').read_text(encoding='utf-8'))}"
    finished = subprocess.run(
        ["go", "build", "-ldflags", flags, "-o", output, package],
        cwd=module,
        env={**environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        reason = " / ".join(finished.stderr.splitlines()[-_ERROR_LINES:])
        raise BuildFailedError(f"go build {package} failed: {reason}")


def _version_flags(go_mod: str) -> str:
    """Give the linker the version: unset, it is `v0.0.0-master+$Format:%H$`, over which `kubectl version` stumbles."""
    version = re.search(r"k8s\.io/kubernetes (v(\d+)\.(\d+)\.\S+)", go_mod)
    if version is None:
        raise BuildFailedError("go.mod: must require k8s.io/kubernetes")
    values = {
        "k8s.io/component-base/version.gitVersion": version[1],
        "k8s.io/client-go/pkg/version.gitVersion": version[1],
        "k8s.io/component-base/version.gitMajor": version[2],
        "k8s.io/component-base/version.gitMinor": version[3],
    }
    return " ".join(f"-X {name}={value}" for name, value in values.items())
