from webhook.rayjob.path import Key, Path, field


def test_a_path_prints_as_kubernetes_prints_it():
    path = field("spec.rayClusterSpec") / "workerGroupSpecs" / 0 / "template" / "metadata" / "labels" / Key("a.b/c~d")

    assert str(path) == "spec.rayClusterSpec.workerGroupSpecs[0].template.metadata.labels[a.b/c~d]"


def test_a_path_is_a_json_pointer_with_escaped_names():
    assert (field("metadata") / "labels" / Key("a.b/c~d")).pointer == "/metadata/labels/a.b~1c~0d"
    assert (Path() / "items" / 10 / "name").pointer == "/items/10/name"
    assert Path().pointer == ""


def test_the_root_prints_as_nothing():
    assert str(Path()) == ""


def test_paths_are_sorted_by_name_and_items_by_number():
    items = [field("b") / 10, field("b") / 2, field("b"), field("a") / Key("z"), field("b") / 2 / "c"]

    assert [str(path) for path in sorted(items, key=lambda path: path.order)] == [
        "a[z]",
        "b",
        "b[2]",
        "b[2].c",
        "b[10]",
    ]


def test_a_path_knows_what_it_is_in():
    assert field("spec.suspend").is_in(field("spec"))
    assert field("spec").is_in(Path())
    assert field("spec").is_in(field("spec"))
    assert not field("spec").is_in(field("spec.suspend"))
    assert not field("specs").is_in(field("spec"))
