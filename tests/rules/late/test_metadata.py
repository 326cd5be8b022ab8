import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release, Target
from webhook.rules.example import merged
from webhook.rules.late import metadata
from webhook.rules.rule import Action, Rule
from webhook.rules.table import Table

RULES = [value for value in vars(metadata).values() if isinstance(value, Rule)]

SHARED = {"rayClusterSpec": None, "clusterSelector": {"ray.io/cluster": "shared"}}
OWN_COMMAND = {"submitterPodTemplate": {"spec": {"containers": [{"name": "submit", "command": ["/submit"]}]}}}

NEEDED = "spec.metadata needs Ray 2.6.0 or newer"
MISSING = f"spec.rayClusterSpec.rayVersion: Required value: {NEEDED}"
OLD = f'spec.rayClusterSpec.rayVersion: Invalid value: "2.5.9": must be 2.6.0 or newer, and no pre-release: {NEEDED}'
UNREADABLE = (
    f'spec.rayClusterSpec.rayVersion: Invalid value: "2.9.0rc1": must be a semantic version such as "2.9.0": {NEEDED}'
)
PANIC = "spec.metadata: Forbidden: KubeRay 1.4 reads the version of Ray for it, and only in spec.rayClusterSpec"
LOST = "spec.metadata: Forbidden: KubeRay before 1.7 drops it with spec.clusterSelector"


def version(text):
    return {"rayClusterSpec": {"rayVersion": text}}


@pytest.mark.parametrize(
    ("spec", "v1_4", "v1_5", "v1_6", "v1_7"),
    [
        (version("2.9.0"), [], [], [], []),
        (version("2.5.9"), [OLD], [OLD], [OLD], [OLD]),
        (version("2.9.0rc1"), [UNREADABLE], [UNREADABLE], [UNREADABLE], [UNREADABLE]),
        (version(None), [MISSING], [MISSING], [MISSING], []),
        (version(""), [MISSING], [MISSING], [MISSING], []),
        (SHARED, [PANIC], [LOST], [LOST], []),
        ({**version("2.5.9"), "clusterSelector": {"ray.io/cluster": "shared"}}, [OLD], [OLD], [OLD], [OLD]),
        ({**version("2.5.9"), "metadata": {}}, [], [], [], []),
        ({**SHARED, "metadata": None}, [], [], [], []),
        ({**version("2.5.9"), "submissionMode": "HTTPMode"}, [], [], [], []),
        ({**SHARED, "submissionMode": "InteractiveMode"}, [], [], [], []),
        ({**version(""), "submissionMode": "HTTPMode"}, [], [], [], []),
        ({**version("2.5.9"), "submissionMode": "SidecarMode"}, [], [OLD], [OLD], [OLD]),
        ({**version("2.5.9"), **OWN_COMMAND}, [], [OLD], [OLD], [OLD]),
    ],
)
def test_each_release_reads_the_version_for_metadata_in_its_own_way(spec, v1_4, v1_5, v1_6, v1_7):
    job = Job.of(merged({"spec": {"metadata": {"team": "a"}, **spec}}))

    found = {
        release: [
            finding.message.rpartition(" [")[0]
            for finding in Table([rule for rule in RULES if rule.holds_for(Target(release))]).findings(job)
        ]
        for release in Release
    }

    assert found == dict(zip(Release, (v1_4, v1_5, v1_6, v1_7), strict=True))


def test_what_is_only_lost_is_only_warned_of():
    assert {rule.id: rule.action for rule in RULES} == {
        "metadata-with-old-ray-version": Action.DENY,
        "metadata-without-ray-version": Action.DENY,
        "lost-metadata": Action.WARN,
        "unsubmittable-metadata": Action.DENY,
    }
