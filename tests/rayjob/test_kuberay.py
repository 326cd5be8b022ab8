import pytest

from webhook.rayjob.kuberay import NEWEST, Gate, Release, Target


def test_releases_are_ordered_and_print_as_people_say_them():
    assert max(Release) is NEWEST is Release.V1_7
    assert Release.V1_4 < Release.V1_5 <= Release.V1_5
    assert [str(release) for release in Release] == ["1.4", "1.5", "1.6", "1.7"]


@pytest.mark.parametrize(
    ("release", "on"),
    [
        (Release.V1_4, set()),
        (Release.V1_5, set()),
        (Release.V1_6, {Gate.DELETION_POLICY}),
        (Release.V1_7, {Gate.DELETION_POLICY}),
    ],
)
def test_each_release_has_its_gates_in_their_default_state(release, on):
    assert {gate for gate in Gate if Target(release).is_on(gate)} == on


def test_a_gate_can_be_overridden_either_way():
    target = Target(Release.V1_7, {Gate.DELETION_POLICY: False, Gate.MTLS: True})

    assert (target.is_on(Gate.DELETION_POLICY), target.is_on(Gate.MTLS), target.is_on(Gate.HISTORY_SERVER)) == (
        False,
        True,
        False,
    )
