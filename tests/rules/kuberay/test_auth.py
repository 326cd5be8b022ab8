import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release, Target
from webhook.rules.example import merged
from webhook.rules.kuberay import auth
from webhook.rules.rule import Rule
from webhook.rules.table import Table

RULES = [value for value in vars(auth).values() if isinstance(value, Rule)]


def findings(cluster, target):
    table = Table([rule for rule in RULES if rule.holds_for(target)])
    return [finding.message for finding in table.findings(Job.of(merged({"spec": {"rayClusterSpec": cluster}})))]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("", ["Required value: authOptions.mode token needs to know that Ray is 2.52.0 or newer"]),
        (
            "2",
            ['Invalid value: "2": must be a version such as "2.52.0": authOptions.mode token needs to know it'],
        ),
        (
            "2.51",
            ['Invalid value: "2.51": must be 2.52.0 or newer: older versions do not have authOptions.mode token'],
        ),
        ("2.52", []),
        ("v2.52.0rc1", []),
        ("2.052", []),
        ("3.0", []),
    ],
)
def test_each_version_is_found_fault_with_once(version, expected):
    found = findings({"rayVersion": version, "authOptions": {"mode": "token"}}, Target())

    assert [message.rpartition(" [")[0] for message in found] == [
        f"spec.rayClusterSpec.rayVersion: {text}" for text in expected
    ]


@pytest.mark.parametrize("options", [None, {}, {"mode": ""}, {"mode": "disabled"}, {"mode": "Token"}])
def test_without_mode_token_the_version_does_not_matter(options):
    assert findings({"rayVersion": "nightly", "authOptions": options}, Target()) == []


@pytest.mark.parametrize(
    ("release", "rules"),
    [
        (Release.V1_4, []),
        (Release.V1_5, ["token-auth-without-ray-version"]),
        (Release.V1_6, ["unsupported-k8s-token-auth", "token-auth-without-ray-version"]),
        (Release.V1_7, ["unsupported-k8s-token-auth", "token-auth-without-ray-version"]),
    ],
)
def test_each_release_knows_more_of_authentication(release, rules):
    found = findings({"authOptions": {"mode": "token", "enableK8sTokenAuth": True}}, Target(release))

    assert [message.rpartition(" [")[2] for message in found] == [f"{rule}]" for rule in rules]
