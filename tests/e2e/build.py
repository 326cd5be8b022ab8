"""Builds the programs that the tests start once, from their own Go modules, into a cache outside the tree."""

import fcntl
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MODULE = Path(__file__).with_name("controlplane")
"""The folder of the control plane's go.mod and go.sum."""

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
    """Name the folder of these very versions: another go.mod, go.sum or Go file of ours has another one."""
    cache = environ.get("XDG_CACHE_HOME") or Path(environ["HOME"], ".cache")
    sources = [module / "go.mod", module / "go.sum", *sorted(module.glob("*.go"))]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    return Path(cache, "rayjob-webhook", f"{module.name}-{digest[:12]}")


def kubernetes_versions(go_mod: str) -> dict[str, str]:
    """Return what Kubernetes' programs must be told of themselves, by variable.

    Unset, the version is `v0.0.0-master+$Format:%H$`, over which `kubectl version` stumbles.

    Raises:
        BuildFailedError: the go.mod does not require Kubernetes.
    """
    version = re.search(r"k8s\.io/kubernetes (v(\d+)\.(\d+)\.\S+)", go_mod)
    if version is None:
        raise BuildFailedError("go.mod: must require k8s.io/kubernetes")
    return {
        "k8s.io/component-base/version.gitVersion": version[1],
        "k8s.io/client-go/pkg/version.gitVersion": version[1],
        "k8s.io/component-base/version.gitMajor": version[2],
        "k8s.io/component-base/version.gitMinor": version[3],
    }


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What is built, as far as one build differs from another."""

    what: str
    """As the progress calls it."""

    minutes: int
    """How long it takes on two cores."""

    variables: Callable[[str], Mapping[str, str]]
    """Makes of the go.mod's text what the linker is to set."""


CONTROL_PLANE = Undertaking("the control plane", 4, kubernetes_versions)


def build(
    module: Path,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    packages: Mapping[str, str] = PACKAGES,
    undertaking: Undertaking = CONTROL_PLANE,
) -> Path:
    """Build the programs, unless another run has built them by now, and return their folder.

    They are built one after the other (two at once on two cores gain nothing and double the memory) into a folder that
    gets its name at the end, so that a build cut off leaves no half cache.

    Raises:
        BuildFailedError: Go said no.
    """
    folder = cache_folder(module, environ)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.with_suffix(".lock"), undertaking, say):
        if folder.is_dir():
            return folder
        say(f"Building {undertaking.what} into {folder}, once; about {undertaking.minutes} minutes on two cores:")
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        values = undertaking.variables((module / "go.mod").read_text(encoding="utf-8"))
        for count, (program, package) in enumerate(packages.items(), start=1):
            say(f"  {count} of {len(packages)}: {program}")
            _go_build(module, package, unfinished / program, values, environ)
        unfinished.rename(folder)
    return folder


@contextmanager
def _alone(lock: Path, undertaking: Undertaking, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of this cache; the kernel gives it back when we end, however we end."""
    with lock.open("wb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting for another run that builds {undertaking.what}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _go_build(
    module: Path, package: str, output: Path, variables: Mapping[str, str], environ: Mapping[str, str]
) -> None:
    flags = " ".join(["-s -w", *(f"-X {name}={value}" for name, value in variables.items())])
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
