"""A Secret in a folder, as the kubelet mounts it into a Pod: written whole, and replaced whole when it changes.

The steps, and their order, are those of the kubelet's AtomicWriter. A kubelet takes up to a minute and more to bring a
change; here it takes the time of a poll.
"""

import base64
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import httpx

from tests.e2e.client import connect
from tests.e2e.kubectl import Cluster

_PAUSE_SECONDS = 0.1
"""Between two looks at the Secret, which cost the API server a millisecond each."""


class NoSecretError(Exception):
    """The Secret to be mounted does not exist; a kubelet would not start the Pod."""


def mount_secret(cluster: Cluster, namespace: str, name: str, folder: Path) -> None:
    """Write the files of the Secret into a folder, or replace what an earlier call has written there.

    Raises:
        NoSecretError: there is none.
    """
    with connect(cluster) as client:
        files = _read(client, namespace, name)
    if files is None:
        raise NoSecretError(f"{namespace}/{name}: must exist, does not")
    write_files(folder, files)


@contextmanager
def mounted_secret(cluster: Cluster, namespace: str, name: str, folder: Path) -> Iterator[None]:
    """Mount the Secret, and bring its changes to the folder while the block lasts.

    A Secret that is deleted stays mounted as it was, as it does in a Pod that runs.

    Raises:
        NoSecretError: there is none to begin with.
    """
    mount_secret(cluster, namespace, name, folder)
    ended = Event()

    def follow() -> None:
        with connect(cluster) as client:
            while not ended.wait(_PAUSE_SECONDS):
                files = _read(client, namespace, name)
                if files is not None and files != read_files(folder):
                    write_files(folder, files)

    with ThreadPoolExecutor(1) as threads:
        following = threads.submit(follow)
        try:
            yield
        finally:
            ended.set()
        following.result()


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the files that a program sees in a mounted folder, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith("..")}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files so that a reader sees all of the old ones or all of the new ones.

    Each is a link to `..data/FILE`, and `..data` is a link to a folder with a time in its name; the new folder is
    written aside, and the link to it renamed over the old one.
    """
    data, aside = folder / "..data", folder / "..data_tmp"
    old = data.readlink() if data.is_symlink() else None
    new = Path(tempfile.mkdtemp(prefix=f"..{datetime.now(UTC):%Y_%m_%d_%H_%M_%S}.", dir=folder))
    new.chmod(0o755)
    for name, content in files.items():
        (new / name).write_bytes(content)
    aside.symlink_to(new.name)
    aside.rename(data)
    for name in files:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    for path in folder.iterdir():
        if not path.name.startswith("..") and path.name not in files:
            path.unlink()
    if old:
        shutil.rmtree(folder / old)


def _read(client: httpx.Client, namespace: str, name: str) -> dict[str, bytes] | None:
    answer = client.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    data: dict[str, str] = answer.raise_for_status().json().get("data", {})
    return {file: base64.b64decode(content) for file, content in data.items()}
