from webhook.rayjob.branch import Fork, branches
from webhook.rayjob.facet import Default, ListMap
from webhook.rayjob.kuberay import NEWEST, Release
from webhook.rayjob.model import DeletionStrategy, RayClusterSpec, RayJobStatus, UpgradeStrategy, WorkerGroupSpec
from webhook.rayjob.schema import Field


def default_of(field: Field) -> object:
    default = field.facet(Default)
    return default.value if default else None


def test_marks_are_found_in_objects_and_in_the_items_of_lists():
    ttl = {"ttlSeconds": Fork(0, {}, in_items=False)}

    assert branches(default_of, NEWEST, DeletionStrategy) == {
        "deletionRules": Fork(None, {"condition": Fork(None, ttl, in_items=False)}, in_items=True)
    }


def test_a_list_may_bear_a_mark_and_have_marks_in_its_items():
    forks = branches(lambda field: field.facet(ListMap), NEWEST, RayClusterSpec)

    containers = forks["workerGroupSpecs"].below["template"].below["spec"].below["containers"]

    assert (containers.mark, containers.in_items) == (ListMap("name"), True)
    assert containers.below["env"] == Fork(ListMap("name"), {}, in_items=True)
    assert "args" not in containers.below


def test_a_field_that_the_release_does_not_have_is_no_branch():
    newer, older = (branches(default_of, release, WorkerGroupSpec) for release in (Release.V1_7, Release.V1_6))

    assert newer.keys() - older.keys() == {"priority"}


def test_where_nothing_is_marked_there_is_no_branch():
    assert branches(default_of, NEWEST, UpgradeStrategy) == {}
    assert branches(lambda _: None, NEWEST, RayJobStatus) == {}
