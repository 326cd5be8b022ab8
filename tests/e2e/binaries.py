"""Where kube-apiserver, etcd and kubectl come from: this machine if it has them, else a build of our own."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.build import MODULE, BuildFailedError, build, cache_folder

_OLDEST_VERSION = (1, 36)
"""The release whose answers the tests compare word for word; an older one is used only when there is no other."""


class NoControlPlaneError(Exception):
    """There is no control plane to be had here; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The three programs of a control plane, in one folder."""

    folder: Path

    @property
    def kube_apiserver(self) -> Path:
        return self.folder / "kube-apiserver"

    @property
    def etcd(self) -> Path:
        return self.folder / "etcd"

    @property
    def kubectl(self) -> Path:
        return self.folder / "kubectl"

    def are_complete(self) -> bool:
        """Tell whether all three are there."""
        return all(program.is_file() for program in (self.kube_apiserver, self.etcd, self.kubectl))


def find(environ: Mapping[str, str], say: Callable[[str], None], *, system: Path = Path("/usr/local")) -> Binaries:
    """Find the binaries, building them if nobody else did.

    In order: `KUBEBUILDER_ASSETS`, the folders of Kubebuilder and of setup-envtest, our cache, a build into our cache,
    and without Go an older release of setup-envtest.

    Args:
        environ: of it, HOME, PATH, KUBEBUILDER_ASSETS, XDG_CACHE_HOME and XDG_DATA_HOME.
        say: takes each line of the build's progress.
        system: where Kubebuilder's own installation stands.

    Raises:
        NoControlPlaneError: nothing of the above is there, or the build failed.
    """
    if assets := environ.get("KUBEBUILDER_ASSETS"):
        binaries = Binaries(Path(assets))
        if not binaries.are_complete():
            raise NoControlPlaneError(f"KUBEBUILDER_ASSETS={assets}: must hold kube-apiserver, etcd and kubectl")
        return binaries
    envtest = list(_envtest_releases(environ))
    recent = [binaries for version, binaries in envtest if version >= _OLDEST_VERSION]
    cached = Binaries(cache_folder(MODULE, environ))
    for binaries in (Binaries(system / "kubebuilder/bin"), *recent, cached):
        if binaries.are_complete():
            return binaries
    if shutil.which("go", path=environ.get("PATH")):
        try:
            return Binaries(build(MODULE, environ, say))
        except BuildFailedError as failure:
            raise NoControlPlaneError(str(failure)) from failure
    if envtest:
        return envtest[0][1]
    raise NoControlPlaneError("there are no binaries of envtest, and no Go to build them with")


def _envtest_releases(environ: Mapping[str, str]) -> Iterator[tuple[tuple[int, ...], Binaries]]:
    """Yield what setup-envtest downloaded, the newest first: its folders are called `1.36.0-linux-amd64`."""
    data = environ.get("XDG_DATA_HOME") or Path(environ["HOME"], ".local/share")
    releases = []
    for folder in Path(data, "kubebuilder-envtest/k8s").glob("*"):
        version = re.match(r"(\d+)\.(\d+)\.(\d+)", folder.name)
        if version and Binaries(folder).are_complete():
            releases.append((tuple(int(part) for part in version.groups()), folder))
    for release, folder in sorted(releases, reverse=True):
        yield release, Binaries(folder)
