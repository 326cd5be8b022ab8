import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rayjob.job import Job
from webhook.rules.example import head, merged, smallest, worker_group
from webhook.rules.guardrail.privileged_pod import RESTRICTED_CONTEXT, PrivilegedPod, privileged_pod
from webhook.rules.table import Table

HEAD = "spec.rayClusterSpec.headGroupSpec.template"
WORKER = "spec.rayClusterSpec.workerGroupSpecs[1].template"
SUBMITTER = "spec.submitterPodTemplate"
ROOT = {"name": "a", "image": "a", "securityContext": {"privileged": True}}
SECURED = {"name": "a", "image": "a", "securityContext": RESTRICTED_CONTEXT}


def in_head(*containers, **spec):
    return {
        "spec": {"rayClusterSpec": {"headGroupSpec": {"template": {"spec": {"containers": [*containers], **spec}}}}}
    }


def restricted(**spec):
    """A job that keeps to restricted, with the given fields merged into its spec."""
    kept = {
        "rayClusterSpec": {"headGroupSpec": head(securityContext=RESTRICTED_CONTEXT)},
        "submitterPodTemplate": {"spec": {"restartPolicy": "Never", "containers": [SECURED]}},
    }
    return {"spec": merged(spec, into=kept)}


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize(
    ("place", "patch"),
    [
        (HEAD, lambda template: {"rayClusterSpec": {"headGroupSpec": {"template": template}}}),
        (
            WORKER,
            lambda template: {
                "rayClusterSpec": {"workerGroupSpecs": [worker_group(), worker_group(template=template)]}
            },
        ),
        (SUBMITTER, lambda template: {"submitterPodTemplate": template}),
    ],
)
def test_a_privileged_container_is_found_wherever_it_stands(place, patch, kind):
    template = {"spec": {kind: [{"name": "harmless"}, ROOT]}}

    assert judged(privileged_pod, {}, {"spec": patch(template)}) == [
        (
            f"{place}.spec.{kind}[1].securityContext.privileged: Invalid value: true: must be false or absent "
            "(baseline: privileged)"
        )
    ]


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (
            in_head(hostPID=True),
            "spec.hostPID: Invalid value: true: must be false or absent (baseline: hostNamespaces)",
        ),
        (
            in_head({"ports": [{"containerPort": 6379}]}, hostNetwork=True),
            (
                "spec.containers[0].ports[0].containerPort: Invalid value: 6379: must not be the node's (hostNetwork) "
                "(baseline: hostPorts)"
            ),
        ),
        (
            in_head(volumes=[{"name": "a", "hostPath": {"path": "/"}}]),
            "spec.volumes[0].hostPath: Forbidden: a volume must not be a path of the node (baseline: hostPathVolumes)",
        ),
        (
            in_head({"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}),
            (
                'spec.containers[0].securityContext.capabilities.add[0]: Invalid value: "SYS_ADMIN": must be one of '
                "the default capabilities (baseline: capabilities_baseline)"
            ),
        ),
        (
            in_head({"securityContext": {"seccompProfile": {}}}),
            (
                'spec.containers[0].securityContext.seccompProfile.type: Required value: must be "RuntimeDefault" or '
                '"Localhost" (baseline: seccompProfile_baseline)'
            ),
        ),
    ],
)
def test_a_message_names_the_field_what_would_do_and_the_control(patch, message):
    assert f"{HEAD}.{message}" in judged(privileged_pod, {}, patch)


def test_an_apparmor_annotation_is_found_in_the_templates_metadata():
    name = "container.apparmor.security.beta.kubernetes.io/ray-head"
    template = {"metadata": {"annotations": {name: "unconfined"}}}

    assert judged(privileged_pod, {}, {"spec": {"rayClusterSpec": {"headGroupSpec": {"template": template}}}}) == [
        (
            f'{HEAD}.metadata.annotations[{name}]: Invalid value: "unconfined": must be "runtime/default" or start '
            'with "localhost/" (baseline: appArmorProfile)'
        )
    ]


def test_the_autoscaler_is_a_container_of_the_head_once_it_runs():
    options = {"securityContext": {"privileged": True}}
    off = {"spec": {"rayClusterSpec": {"autoscalerOptions": options}}}
    on = {"spec": {"rayClusterSpec": {"autoscalerOptions": options, "enableInTreeAutoscaling": True}}}

    assert judged(privileged_pod, {}, off) == []
    assert judged(privileged_pod, {}, on) == [
        (
            "spec.rayClusterSpec.autoscalerOptions.securityContext.privileged: Invalid value: true: must be false or "
            "absent (baseline: privileged)"
        )
    ]


def test_a_submitter_that_is_left_to_kuberay_is_not_restricted():
    place, too = f"{SUBMITTER}.spec.containers[0].securityContext", "here or in the pod's securityContext"

    assert judged(privileged_pod, {"level": "restricted"}, restricted(submitterPodTemplate=None)) == [
        f"{place}.allowPrivilegeEscalation: Required value: must be false (restricted: allowPrivilegeEscalation)",
        f'{place}.capabilities.drop: Required value: must hold "ALL" (restricted: capabilities_restricted)',
        f"{place}.runAsNonRoot: Required value: must be true {too} (restricted: runAsNonRoot)",
        (
            f'{place}.seccompProfile.type: Required value: must be "RuntimeDefault" or "Localhost" {too} '
            "(restricted: seccompProfile_restricted)"
        ),
    ]


@pytest.mark.parametrize(
    ("asking", "name", "spec"),
    [
        ("spec.submissionMode", "ray-job-submitter", {"submissionMode": "SidecarMode", "submitterPodTemplate": None}),
        (
            "spec.rayClusterSpec.historyServerOptions.collectorOptions",
            "ray-history-collector",
            {
                "rayClusterSpec": {
                    "historyServerOptions": {"collectorOptions": {"image": "a"}},
                    "headGroupSpec": {"template": {"spec": {"securityContext": RESTRICTED_CONTEXT}}},
                    "workerGroupSpecs": [
                        worker_group(
                            template={"spec": {"containers": [SECURED], "securityContext": RESTRICTED_CONTEXT}}
                        )
                    ],
                }
            },
        ),
    ],
)
def test_a_container_whose_context_nobody_can_set_is_found_at_the_field_that_asks_for_it(asking, name, spec):
    found = judged(privileged_pod, {"level": "restricted"}, restricted(**spec))

    assert found[:2] == [
        (
            f"{asking}: Forbidden: adds the container {name}, whose securityContext.allowPrivilegeEscalation nobody "
            "can set: must be false (restricted: allowPrivilegeEscalation)"
        ),
        (
            f"{asking}: Forbidden: adds the container {name}, whose securityContext.capabilities.drop nobody can set: "
            'must hold "ALL" (restricted: capabilities_restricted)'
        ),
    ]
    assert len(found) == (2 if "historyServerOptions" in asking else 4)  # the rest could be set for the whole pod
    assert judged(privileged_pod, {"level": "baseline"}, restricted(**spec)) == []


def test_what_keeps_to_restricted_passes_and_what_keeps_to_baseline_alone_does_not():
    assert judged(privileged_pod, {"level": "restricted"}, restricted()) == []
    assert judged(privileged_pod, {"level": "baseline"}, {}) == []
    assert judged(privileged_pod, {"level": "restricted"}, {}) != []


def test_an_allowed_control_is_not_asked_for():
    patch = in_head(hostPID=True, hostNetwork=True, volumes=[{"name": "a", "hostPath": {"path": "/"}}])

    assert judged(privileged_pod, {"allowed": ["hostNamespaces"]}, patch) == [
        (
            f"{HEAD}.spec.volumes[0].hostPath: Forbidden: a volume must not be a path of the node "
            "(baseline: hostPathVolumes)"
        )
    ]
    assert judged(privileged_pod, {"allowed": ["hostNamespaces", "hostPathVolumes"]}, patch) == []


def test_null_is_absent_and_what_is_mistyped_is_for_another_rule_to_tell():
    raw = smallest()
    raw["spec"]["rayClusterSpec"]["headGroupSpec"]["template"] = {
        "metadata": None,
        "spec": {
            "containers": [None, {"securityContext": None}, {"securityContext": {"privileged": "true"}}],
            "initContainers": None,
            "volumes": [None, {"name": "a", "hostPath": None}],
            "securityContext": {"sysctls": None, "seccompProfile": None},
            "hostPID": "true",
        },
    }

    assert list(privileged_pod.applied(PrivilegedPod()).findings(Job.of(raw))) == []


def test_what_is_missing_only_because_it_was_mistyped_is_not_told_twice():
    raw = merged(restricted())
    raw["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"][0]["securityContext"] = "none"

    table = Table([privileged_pod.applied(PrivilegedPod.of({"level": "restricted"}))])

    assert table.findings(Job.of(raw)) == ()


@pytest.mark.parametrize(
    "given", [{"level": "privileged"}, {"level": "Baseline"}, {"allowed": ["hostpath"]}, {"allowed": "privileged"}]
)
def test_a_level_or_control_that_kubernetes_does_not_know_is_an_error(given):
    with pytest.raises(ValidationError):
        PrivilegedPod.of(given)
