import pytest

from webhook.policy.target import BadTarget, Said, target
from webhook.rayjob.kuberay import Gate, Release, Scheduler, Target


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("1.4", Release.V1_4),
        ("v1.5.1", Release.V1_5),
        ("1.6.2", Release.V1_6),
        ("1.7", Release.V1_7),
        ("v1.7.0-rc.1", Release.V1_7),
        ("1.8", Release.V1_7),
        ("2.0", Release.V1_7),
        ("newer", Release.V1_7),
    ],
)
def test_a_release_is_the_newest_that_is_known_and_not_newer(text, release):
    assert target(text) == Target(release)


@pytest.mark.parametrize("text", ["", "1.3", "0.9", "1", "latest", "1.x", "\u0661.\u0667", "1.7 "])
def test_a_release_that_is_none_is_refused(text):
    with pytest.raises(BadTarget) as bad:
        target(text)

    assert str(bad.value) == f"must be a KubeRay release from 1.4 on, or newer, is {text!r}"


@pytest.mark.parametrize(
    ("release", "gates", "overrides"),
    [
        ("1.7", "", {}),
        ("1.7", " RayClusterMTLS = true , RayJobDeletionPolicy=F,", {Gate.MTLS: True, Gate.DELETION_POLICY: False}),
        ("1.7", "RayMultiHostIndexing=false", {}),
        ("1.7", "AllBeta=false", {Gate.DELETION_POLICY: False}),
        ("1.5", "AllBeta=false", {}),
        ("1.5", "AllAlpha=true,RayClusterMTLS=false", {**dict.fromkeys(Gate, True), Gate.MTLS: False}),
        ("1.7", "AllAlpha=1", {gate: True for gate in Gate if gate is not Gate.DELETION_POLICY}),
    ],
)
def test_gates_are_read_as_the_operators_flag_is(release, gates, overrides):
    assert target(release, gates).overrides == overrides


@pytest.mark.parametrize(
    ("gates", "told"),
    [
        ("RayClusterMTLS", "must be NAME=true or NAME=false, is 'RayClusterMTLS'"),
        ("RayClusterMTLS=yes", "must be NAME=true or NAME=false, is 'RayClusterMTLS=yes'"),
        ("RayClusterMtls=true", "KubeRay has no feature gate 'RayClusterMtls'; did you mean RayClusterMTLS?"),
        ("Zzz=true", "KubeRay has no feature gate 'Zzz'"),
    ],
)
def test_a_gate_that_is_none_is_refused(gates, told):
    with pytest.raises(BadTarget) as bad:
        target("1.7", gates)

    assert str(bad.value) == told


def test_what_the_operator_works_with_is_part_of_the_target():
    assert Said("1.7", scheduler=Scheduler.KAI, cert_manager=False, kueue=True).target() == Target(
        Release.V1_7, {}, Scheduler.KAI, cert_manager=False, kueue=True
    )


def test_of_what_nobody_says_cert_manager_is_there_and_kueue_is_not():
    assert Said().target() == Target()
    assert (Target().cert_manager, Target().kueue) == (True, False)
