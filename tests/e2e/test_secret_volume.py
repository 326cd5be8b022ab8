"""A Secret in a folder: what a program in a Pod sees of it, and when."""

import base64
import json
from pathlib import Path

import pytest

from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.secret_volume import NoSecretError, mount_secret, mounted_secret, read_files, write_files

PAIR = {"tls.crt": b"certificate", "tls.key": b"key"}


def put(cluster: Cluster, namespace: str, **files: str) -> None:
    data = {name.replace("_", "."): base64.b64encode(text.encode()).decode() for name, text in files.items()}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pair", "namespace": namespace}, "data": data}
    cluster.apply_yaml(json.dumps(secret))


def test_a_file_is_a_link_into_a_folder_whose_name_is_a_time(tmp_path: Path) -> None:
    write_files(tmp_path, PAIR)

    (written,) = tmp_path.glob("..2*")
    assert {path.name: str(path.readlink()) for path in tmp_path.iterdir() if path.is_symlink()} == {
        "..data": written.name,
        "tls.crt": "..data/tls.crt",
        "tls.key": "..data/tls.key",
    }
    assert read_files(tmp_path) == PAIR


def test_other_files_take_the_place_of_all_the_old_ones(tmp_path: Path) -> None:
    write_files(tmp_path, PAIR)
    opened = (tmp_path / "..data").resolve()
    other = {"tls.crt": b"new certificate", "ca.crt": b"new CA"}

    write_files(tmp_path, other)

    assert read_files(tmp_path) == other
    assert not opened.exists()
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.e2e
def test_a_secret_that_does_not_exist_cannot_be_mounted(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    with pytest.raises(NoSecretError, match=f"^{namespace}/absent: must exist, does not$"):
        mount_secret(cluster, namespace, "absent", tmp_path)


@pytest.mark.e2e
def test_a_mounted_secret_is_followed_and_stays_when_it_is_deleted(
    cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    put(cluster, namespace, tls_crt="old")
    with mounted_secret(cluster, namespace, "pair", tmp_path):
        before = read_files(tmp_path)
        cluster.kubectl("delete", "secret", "pair", "--namespace", namespace, check=True)
        after_deletion = read_files(tmp_path)
        put(cluster, namespace, tls_crt="new")
        renewed = {"tls.crt": b"new"}
        until(lambda: read_files(tmp_path) == renewed, what="the new file", seconds=10, seen=lambda: str(tmp_path))

    assert before == after_deletion == {"tls.crt": b"old"}
