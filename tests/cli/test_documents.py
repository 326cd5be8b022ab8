import json

import pytest

from tests.cli.conftest import BAD, GOOD, OTHER
from webhook.cli.documents import FILE_BYTES, BadInput, Document, Place, read

RAYJOB = {"apiVersion": "ray.io/v1", "kind": "RayJob"}


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_file_holds_many_documents_each_with_its_line(tmp_path):
    path = write(tmp_path, "jobs.yaml", f"---\n{GOOD}---\n{OTHER}---\n---\n# nothing\n---\n{BAD}")

    found = [one for one in read([str(path)]) if isinstance(one, Document)]

    assert [(str(one.place), one.raw["metadata"]["name"], one.is_rayjob) for one in found] == [
        (f"{path}:2", "good", True),
        (f"{path}:16", "other", False),
        (f"{path}:26", "Bad", True),
    ]


def test_a_list_is_its_items(tmp_path):
    items = [RAYJOB, {"kind": "RayJobList", "items": [RAYJOB]}, {"kind": "Pod"}]
    path = write(tmp_path, "list.json", json.dumps({"kind": "List", "items": items}))

    found = list(read([str(path)]))

    assert found == [
        Document(Place(str(path), 1), RAYJOB, listed=True),
        Document(Place(str(path), 1), RAYJOB, listed=True),
        Document(Place(str(path), 1), {"kind": "Pod"}, listed=True),
    ]


@pytest.mark.parametrize(
    ("raw", "is_rayjob"),
    [
        (RAYJOB, True),
        (RAYJOB | {"apiVersion": "ray.io/v1alpha1"}, True),
        (RAYJOB | {"apiVersion": "batch/v1"}, False),
        (RAYJOB | {"apiVersion": None}, False),
        (RAYJOB | {"kind": "RayCluster"}, False),
        ({"kind": "WishList", "items": "none"}, False),
    ],
)
def test_a_rayjob_is_known_by_its_group_and_kind(raw, is_rayjob):
    assert Document(Place("f", 1), raw).is_rayjob is is_rayjob


def test_a_directory_is_all_its_manifests_in_the_order_of_their_names(tmp_path):
    for name in ("b.yaml", "a.yml", "sub/c.json", "README.md"):
        write(tmp_path, name, json.dumps(RAYJOB))

    assert [one.place.file for one in read([str(tmp_path)])] == [
        str(tmp_path / name) for name in ("a.yml", "b.yaml", "sub/c.json")
    ]


def test_what_cannot_be_read_is_told_with_its_place(tmp_path):
    (tmp_path / "empty").mkdir()
    broken = write(tmp_path, "broken.yaml", f"{GOOD}---\na: [1\n---\n{BAD}")
    scalar = write(tmp_path, "scalar.yaml", "- a\n")

    found = list(read([str(tmp_path / "none.yaml"), str(tmp_path / "empty"), str(broken), str(scalar)]))

    unreadable = [one for one in found if isinstance(one, BadInput)]
    assert unreadable == [
        BadInput(Place(str(tmp_path / "none.yaml"), 1), "No such file or directory"),
        BadInput(Place(str(tmp_path / "empty"), 1), "holds no file that ends in .json, .yaml, .yml"),
        BadInput(Place(str(broken), 16), unreadable[2].message),
        BadInput(Place(str(scalar), 1), "must be a Kubernetes object (a mapping)"),
    ]
    assert unreadable[2].message.startswith("is not valid YAML: ")
    assert [one.raw["metadata"]["name"] for one in found if isinstance(one, Document)] == ["good", "Bad"]


def test_a_file_that_is_too_large_to_hold_manifests_is_not_read(tmp_path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(FILE_BYTES + 1)

    assert list(read([str(path)])) == [BadInput(Place(str(path), 1), f"must have no more than {FILE_BYTES} bytes")]
