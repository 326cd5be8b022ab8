import pytest

from webhook.policy.node import Fault, Place
from webhook.serving.policy_files import FILE_BYTES, UnreadablePolicy, read


def mounted(folder, **texts):
    """A folder as the kubelet mounts a ConfigMap: links through `..data` to the version that is in force."""
    version = folder / "..2026_11_24_09_00_00.1"
    version.mkdir(parents=True)
    (folder / "..data").symlink_to(version.name)
    for name, text in texts.items():
        (version / f"{name}.yaml").write_text(text)
        (folder / f"{name}.yaml").symlink_to(f"..data/{name}.yaml")


def test_a_directory_is_its_policy_files_in_the_order_of_their_names(tmp_path):
    for name in ("20-b.yml", "10-a.yaml", "30-c.json", ".hidden.yaml", "README.md", "sub.yaml/below.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)

    assert read([str(tmp_path)]) == [(f"{tmp_path}/{name}", name) for name in ("10-a.yaml", "20-b.yml", "30-c.json")]


def test_a_file_is_called_as_its_owner_calls_it(tmp_path, monkeypatch):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "a.yaml").write_text("a")
    monkeypatch.chdir(tmp_path)

    assert read(["./policies/a.yaml", "./policies", "policies/"]) == [
        ("./policies/a.yaml", "a"),
        ("./policies/a.yaml", "a"),
        ("policies/a.yaml", "a"),
    ]


def test_a_mounted_configmap_is_read_in_one_version(tmp_path):
    mounted(tmp_path, a="old", b="old")
    (tmp_path / "a.yaml").unlink()  # the version in force has it still: the kubelet's links come and go after the swap

    assert read([str(tmp_path)]) == [(f"{tmp_path}/a.yaml", "old"), (f"{tmp_path}/b.yaml", "old")]


def test_everything_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.yaml").write_bytes("# fine\nreason: für\n".encode("latin-1"))
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(FILE_BYTES + 1)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "gone.yaml").symlink_to("nowhere.yaml")

    with pytest.raises(UnreadablePolicy) as bad:
        read([str(tmp_path / name) for name in ("none.yaml", "empty", "latin.yaml", "large.yaml", "links")])

    assert bad.value.faults == (
        Fault(Place(f"{tmp_path}/empty"), "", "holds no file that ends in .json, .yaml, .yml"),
        Fault(Place(f"{tmp_path}/large.yaml"), "", f"must have no more than {FILE_BYTES} bytes"),
        Fault(Place(f"{tmp_path}/latin.yaml", 2), "", "must be UTF-8"),
        Fault(Place(f"{tmp_path}/links/gone.yaml"), "", "cannot be read: No such file or directory"),
        Fault(Place(f"{tmp_path}/none.yaml"), "", "cannot be read: No such file or directory"),
    )
