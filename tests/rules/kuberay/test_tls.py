import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release, Target
from webhook.rules.example import merged
from webhook.rules.kuberay import tls
from webhook.rules.rule import Rule
from webhook.rules.table import Table

RULES = [value for value in vars(tls).values() if isinstance(value, Rule)]
GATE_ON = Target(overrides={Gate.MTLS: True})

OURS = {
    "env": [None, *({"name": name, "value": "secret"} for name in sorted(tls.VARIABLES))],
    "volumeMounts": [None, {"name": "ray-tls", "mountPath": "/etc/ray/tls"}],
}


def findings(cluster, target=GATE_ON):
    table = Table([rule for rule in RULES if rule.holds_for(target)])
    return [finding.message for finding in table.findings(Job.of(merged({"spec": {"rayClusterSpec": cluster}})))]


def test_everything_that_kuberay_sets_itself_is_found_in_every_ray_container_and_the_autoscalers():
    containers = [{"name": "ray", **OURS}, {"name": "sidecar", **OURS}]
    cluster = {
        "tlsOptions": {"enabled": True},
        "autoscalerOptions": OURS,
        "headGroupSpec": {"template": {"spec": {"containers": containers, "initContainers": containers}}},
        "workerGroupSpecs": [None, {"groupName": "workers", "template": {"spec": {"containers": containers}}}],
    }

    assert findings(cluster) == [
        message
        for place in (
            "spec.rayClusterSpec.autoscalerOptions",
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0]",
            "spec.rayClusterSpec.workerGroupSpecs[1].template.spec.containers[0]",
        )
        for message in (
            *(
                f"{place}.env[{index}]: Forbidden: KubeRay sets {name} itself where tlsOptions.enabled is true "
                "[reserved-tls-variable]"
                for index, name in enumerate(sorted(tls.VARIABLES), start=1)
            ),
            (
                f"{place}.volumeMounts[1]: Forbidden: "
                "KubeRay mounts ray-tls at /etc/ray/tls itself where tlsOptions.enabled is true [reserved-tls-mount]"
            ),
        )
    ]


@pytest.mark.parametrize("options", [None, {}, {"enabled": None}, {"enabled": False}])
def test_without_mtls_everything_is_the_users_own(options):
    assert findings({"tlsOptions": options, "autoscalerOptions": OURS}) == []


@pytest.mark.parametrize("options", [{}, {"enabled": False}, {"enabled": True}])
def test_where_the_gate_is_off_nothing_else_is_said(options):
    assert findings({"tlsOptions": options, "autoscalerOptions": OURS}, Target(cert_manager=False)) == [
        (
            "spec.rayClusterSpec.tlsOptions: Forbidden: "
            "the operator's feature gate RayClusterMTLS is off [tls-without-gate]"
        )
    ]


def test_older_releases_do_not_know_the_field_and_drop_it():
    assert findings({"tlsOptions": {"enabled": True}}, Target(Release.V1_6, cert_manager=False)) == []


def test_without_cert_manager_nobody_issues_certificates():
    target = Target(overrides={Gate.MTLS: True}, cert_manager=False)

    assert findings({"tlsOptions": {"enabled": True}}, target) == [
        (
            "spec.rayClusterSpec.tlsOptions.enabled: Invalid value: true: must be false or left out: "
            "cert-manager, which would issue the certificates, is not installed [tls-without-cert-manager]"
        )
    ]
