import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release, Target
from webhook.rules.kuberay import mode
from webhook.rules.rule import Rule
from webhook.rules.table import Table

RULES = [declared for declared in vars(mode).values() if isinstance(declared, Rule)]

SELECTOR = {"ray.io/cluster": "shared"}


@pytest.mark.parametrize(
    ("raw", "messages"),
    [
        (
            {"spec": {"clusterSelector": {"ray.io/cluster": None}}},
            [
                (
                    "spec.clusterSelector[ray.io/cluster]: Required value: the name of the RayCluster to run on "
                    "[selector-without-cluster-name]"
                )
            ],
        ),
        (
            {"spec": {"submissionMode": "SidecarMode", "clusterSelector": SELECTOR, "backoffLimit": 2}},
            [
                (
                    "spec.backoffLimit: Invalid value: 2: must be 0 with spec.clusterSelector: "
                    "a retry needs a new cluster [retries-on-selected-cluster]"
                ),
                (
                    'spec.submissionMode: Invalid value: "SidecarMode": must be another mode with '
                    "spec.clusterSelector, whose head runs already [sidecar-on-selected-cluster]"
                ),
            ],
        ),
        (
            {"spec": {"submissionMode": "InteractiveMode", "clusterSelector": SELECTOR, "backoffLimit": 1}},
            [
                (
                    "spec.backoffLimit: Invalid value: 1: must be 0 in InteractiveMode: nobody submits the retry "
                    "[retries-in-interactive-mode]"
                ),
                (
                    "spec.backoffLimit: Invalid value: 1: must be 0 with spec.clusterSelector: "
                    "a retry needs a new cluster [retries-on-selected-cluster]"
                ),
            ],
        ),
        (
            {
                "spec": {
                    "submissionMode": "SidecarMode",
                    "submitterPodTemplate": {"spec": {"containers": [{"env": [{"name": "TOKEN", "value": "secret"}]}]}},
                    "submitterConfig": {"backoffLimit": 1},
                    "rayClusterSpec": {"headGroupSpec": {"template": {"spec": {"restartPolicy": "OnFailure"}}}},
                }
            },
            [
                (
                    'spec.rayClusterSpec.headGroupSpec.template.spec.restartPolicy: Invalid value: "OnFailure": '
                    "must be Never, or left out, in SidecarMode [sidecar-on-restarting-head]"
                ),
                (
                    "spec.submitterConfig: Forbidden: must be left out in SidecarMode, which has no submitter Job "
                    "[sidecar-with-submitter-config]"
                ),
                (
                    "spec.submitterPodTemplate: Forbidden: must be left out in SidecarMode, which has no submitter pod "
                    "[sidecar-with-submitter-pod]"
                ),
            ],
        ),
        (
            {"spec": {}, "status": {"jobDeploymentStatus": "Waiting"}},
            [
                (
                    'spec.submissionMode: Invalid value: "K8sJobMode": must stay InteractiveMode while '
                    "status.jobDeploymentStatus is Waiting [waiting-outside-interactive-mode]"
                )
            ],
        ),
    ],
)
def test_a_mode_says_what_it_excludes(raw, messages):
    assert [finding.message for finding in Table(RULES).findings(Job.of(raw))] == messages


@pytest.mark.parametrize(
    "raw",
    [
        {"spec": {"submissionMode": "sidecarMode", "submitterConfig": {}, "submitterPodTemplate": {}}},
        {"spec": {"submissionMode": "", "clusterSelector": SELECTOR}},
        {"spec": {"submissionMode": "SidecarMode", "submitterConfig": None, "submitterPodTemplate": None}},
        {"spec": {"submissionMode": "interactivemode", "backoffLimit": 1}},
        {"spec": {"submissionMode": "InteractiveMode", "backoffLimit": -1}},
        {"spec": {"clusterSelector": SELECTOR, "backoffLimit": None}},
        {"spec": {}, "status": {"jobDeploymentStatus": "waiting"}},
        {"status": None},
    ],
)
def test_modes_and_states_are_compared_letter_by_letter_and_null_is_absent(raw):
    assert Table(RULES).findings(Job.of(raw)) == ()


@pytest.mark.parametrize(
    "spec",
    [
        {"rayClusterSpec": None},
        {"rayClusterSpec": {}},
        {"rayClusterSpec": {"headGroupSpec": {}}},
        {"rayClusterSpec": {"headGroupSpec": {"template": {}}}},
        {"rayClusterSpec": {"headGroupSpec": {"template": {"spec": {}}}}},
    ],
)
def test_a_sidecar_without_a_described_head_is_no_fault_of_the_restart_policy(spec):
    job = Job.of({"spec": {"submissionMode": "SidecarMode", **spec}})

    assert list(mode.sidecar_on_restarting_head.findings(job)) == []


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        (Release.V1_4, ["retries-in-interactive-mode", "waiting-outside-interactive-mode"]),
        (Release.V1_5, [declared.id for declared in RULES if declared.id != "retries-on-selected-cluster"]),
        (Release.V1_6, [declared.id for declared in RULES]),
    ],
)
def test_each_release_has_its_rules(release, expected):
    assert [declared.id for declared in RULES if declared.holds_for(Target(release))] == expected
