"""`rayjob-webhook policy` and `rules`, as whoever runs a cluster reads them at night."""

import json

import jsonschema_rs
import pytest

from tests.policy.written import HEADER
from webhook.cli.rules import listed
from webhook.policy.parts import Parts
from webhook.policy.policy import Policy
from webhook.policy.setting import Setting
from webhook.rayjob.kuberay import Target
from webhook.rules.register import EVERY_RULE
from webhook.rules.rule import Action

STRICTER = "only what is stricter: authors may set these labels"
GATES = "{RayClusterMTLS: true}"
TARGET = f'{{kuberayVersion: "1.5", featureGates: {GATES}, batchScheduler: volcano, certManager: false, kueue: true}}'
BASE = f"""\
{HEADER}\
target: {TARGET}
trustedLabels: [tier]
defaults:
  ttl: 60
  runtime-env-yaml: off
  add:
    labels: {{team: none}}
    head: {{nodeSelector: {{pool: cpu}}, resources: {{limits: {{cpu: 4}}}}}}
rules:
  too-many-gpus:
    action: deny
    maxGpus: 8
    resourceNames: [nvidia.com/gpu]
  unpinned-image: warn
  negative-ttl: audit
  submitter-with-kai-scheduler: warn
  missing-entrypoint: off
"""
OTHERS = f"""\
{HEADER}\
overrides:
  - match: {{namespaces: ["ml-*"]}}
    rules: {{too-many-gpus: {{maxGpus: 64}}}}
    defaults: {{ttl: 600, add: {{labels: {{team: ml}}}}}}
  - match: {{matchLabels: {{team: x}}}}
    rules: {{unpinned-image: deny}}
  - match: {{operations: [UPDATE]}}
    rules: {{unpinned-image: off}}
exemptions:
  - match: {{namespaces: [ml-old]}}
    rules: [unpinned-image, negative-ttl]
    reason: old image
    expires: 2026-12-01
    ticket: OPS-7
  - match: {{users: ["*"]}}
    rules: [unpinned-image]
    reason: everybody had to move
    expires: 2026-11-01
  - match: {{groups: [research]}}
    rules: [too-many-gpus]
    reason: the big run
    expires: 2027-06-30
profiles:
  strict:
    rules: {{unpinned-image: {{action: deny, digestRequired: true}}}}
"""


@pytest.fixture
def policies(tmp_path, monkeypatch):
    """A folder of policy files beside which the commands run, so that they are called by short names."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "10-base.yaml").write_text(BASE)
    (tmp_path / "policies" / "20-others.yaml").write_text(OTHERS)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "policies"


def counts(**changed):
    """How many rules do what, as they are shipped but for some."""
    declared = [rule.action for rule in EVERY_RULE]
    return ", ".join(f"{declared.count(action) + changed.get(action, 0)} {action}" for action in Action)


@pytest.mark.usefixtures("policies")
def test_a_policy_that_can_be_used_is_told_in_short(run):
    result = run("policy", "check", "policies", "--date", "2026-11-24")

    assert (result.exit_code, result.stderr) == (0, "")
    digest, *lines = result.stdout.splitlines()
    assert digest.startswith("policy ")
    assert digest.endswith(" is valid")
    assert lines == [
        f"rules: {counts(deny=-2, warn=2, audit=1, off=-1)}",
        f"rules of profile strict: {counts(deny=-1, warn=1, audit=1, off=-1)}",
        "overrides: 3",
        "custom rules: 0",
        "exemptions: 2 in force, 1 expired",
        "  policies/20-others.yaml:12:5: ends on 2026-12-01: unpinned-image, negative-ttl: old image (OPS-7)",
        "  policies/20-others.yaml:17:5: expired on 2026-11-01: unpinned-image: everybody had to move",
    ]


def test_all_faults_of_all_files_are_told_each_on_a_line(run, policies):
    (policies / "10-base.yaml").write_text(f"{HEADER}rules: {{negativ-ttl: deny, too-many-gpus: deny}}\n")
    (policies / "20-others.yaml").write_text(f"{HEADER}defaults: {{tl: 5}}\n")

    result = run("policy", "check", "policies")

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "policies/10-base.yaml:3:9: rules.negativ-ttl: "
        'there is no rule "negativ-ttl" here; did you mean negative-ttl?\n'
        'policies/20-others.yaml:3:12: defaults.tl: there is no default "tl" here; did you mean ttl?\n'
    )


@pytest.mark.usefixtures("policies")
def test_what_cannot_be_read_is_told_apart_from_what_is_wrong(run):
    result = run("policy", "check", "policies", "none.yaml", "nothing/")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "none.yaml:1:1: cannot be read: No such file or directory\n"
        "nothing/:1:1: cannot be read: No such file or directory\n"
    )


def test_the_schema_is_printed(run):
    schema = json.loads(run("policy", "schema").stdout)

    jsonschema_rs.meta.validate(schema)
    assert schema["title"] == "RayJobPolicy rayjob-webhook/v1"


def shown(result):
    """What is shown but for the digest, which hangs on every character of the policy."""
    lines = result.stdout.splitlines()
    return [line for line in lines if not line.startswith("policy:")]


@pytest.mark.usefixtures("policies")
def test_what_applies_is_shown_with_the_line_that_says_so(run):
    arguments = ("--user", "ada", "--group", "research", "--group", "staff", "--label", "team=x")
    result = run("policy", "show", "--policy", "policies", "-n", "ml-old", *arguments, "--date", "2026-11-24")

    assert result.exit_code == 0
    assert shown(result) == [
        "asked:    CREATE in namespace ml-old",
        "by:       ada, groups research, staff",
        "labels:   team=x",
        "KubeRay:  1.5, RayClusterMTLS=true, scheduler volcano, no cert-manager, Kueue",
        "",
        f"rules (5 of {len(EVERY_RULE)}; --all shows the rest, as shipped):",
        "  deny   unpinned-image                policies/20-others.yaml:8:29",
        "  deny   too-many-gpus                 policies/20-others.yaml:5:28",
        "           maxGpus: 64  (line 5)",
        '           resourceNames: ["nvidia.com/gpu"]  (policies/10-base.yaml:15:20)',
        "  warn   submitter-with-kai-scheduler  policies/10-base.yaml:18:33, but not for this KubeRay",
        "  audit  negative-ttl                  policies/10-base.yaml:17:17",
        "  off    missing-entrypoint            policies/10-base.yaml:19:23",
        "",
        "defaults:",
        '  dashboard-host    as shipped                    "0.0.0.0"',
        "  shutdown          as shipped                    true",
        "  ttl               policies/20-others.yaml:6:21  600",
        "  runtime-env-yaml  policies/10-base.yaml:7:21    off",
        "",
        "added where the author is silent:",
        '  labels.team             policies/20-others.yaml:6:31  "ml"',
        '  head.nodeSelector.pool  policies/10-base.yaml:9:5     "cpu"',
        '  head.resources          policies/10-base.yaml:9:5     {"limits":{"cpu":"4"}}',
        "",
        "overrides that match, the first counts:",
        '  policies/20-others.yaml:4:5  {"namespaces":["ml-*"]}',
        f'  policies/20-others.yaml:7:5  {{"matchLabels":{{"team":"x"}}}} ({STRICTER})',
        "",
        "exemptions that match:",
        "  until 2026-12-01    policies/20-others.yaml:12:5  unpinned-image, negative-ttl: old image (OPS-7)",
        "  expired 2026-11-01  policies/20-others.yaml:17:5  unpinned-image: everybody had to move",
        "  until 2027-06-30    policies/20-others.yaml:21:5  too-many-gpus: the big run",
    ]


@pytest.mark.usefixtures("policies")
def test_nobody_is_known_unless_it_is_said(run):
    lines = shown(run("policy", "show", "--policy", "policies", "--profile", "strict", "--operation", "UPDATE"))

    assert lines[:3] == ["asked:    UPDATE in namespace default", "by:       nobody known", "labels:   none"]
    assert "  deny   unpinned-image                policies/20-others.yaml:27:29" in lines
    assert "           digestRequired: true  (line 27)" in lines
    assert lines[-2:] == [
        "overrides that match, the first counts:",
        '  policies/20-others.yaml:9:5  {"operations":["UPDATE"]}',
    ]


def test_without_a_policy_the_shipped_one_is_shown(run):
    assert run("policy", "show").stdout == (
        "asked:    CREATE in namespace default\n"
        "by:       nobody known\n"
        "labels:   none\n"
        "policy:   as shipped\n"
        "KubeRay:  1.7\n"
        "\n"
        f"rules (0 of {len(EVERY_RULE)}; --all shows the rest, as shipped):\n"
        "\n"
        "defaults:\n"
        '  dashboard-host    as shipped  "0.0.0.0"\n'
        "  shutdown          as shipped  true\n"
        "  ttl               as shipped  3600\n"
        "  runtime-env-yaml  as shipped  on\n"
    )


def test_all_rules_are_shown_the_strictest_first(run):
    lines = run("policy", "show", "--all").stdout.splitlines()
    rules = lines[lines.index(f"rules ({len(EVERY_RULE)} of {len(EVERY_RULE)}):") + 1 : lines.index("defaults:") - 1]

    assert {line.split()[1] for line in rules} == {rule.id for rule in EVERY_RULE}
    assert list(dict.fromkeys(line.split()[0] for line in rules)) == ["deny", "warn", "off"]
    assert all("as shipped" in line for line in rules)


def test_a_label_is_a_key_and_a_value(run):
    result = run("policy", "show", "--label", "team")

    assert result.exit_code == 2
    assert "Invalid value for --label: must be KEY=VALUE, is 'team'" in result.stderr


@pytest.mark.usefixtures("policies")
def test_rules_are_listed_with_the_actions_of_a_policy(run):
    actions = {
        profile: dict(line.split()[:2] for line in run("rules", "--policy", "policies", *arguments).stdout.splitlines())
        for profile, arguments in {"": (), "strict": ("--profile", "strict")}.items()
    }

    assert [*actions[""]] == [rule.id for rule in EVERY_RULE]
    assert (actions[""]["unpinned-image"], actions["strict"]["unpinned-image"]) == ("warn", "deny")
    assert (actions[""]["too-many-gpus"], actions["strict"]["too-many-gpus"]) == ("deny", "deny")


def test_rules_of_the_policys_own_are_listed_too():
    settings = {rule.id: Setting(rule.action) for rule in EVERY_RULE} | {"own-rule": Setting(Action.WARN)}

    *_, line = listed(Policy(Parts(Target(), settings)))

    assert line.split(maxsplit=3) == ["own-rule", "warn", "custom", "a rule of the policy's own"]


@pytest.mark.usefixtures("policies")
def test_a_rule_is_explained_with_what_a_policy_may_tell_it_and_what_it_does(run):
    lines = run("rules", "unpinned-image", "--policy", "policies").stdout.splitlines()

    assert lines[:3] == [
        "unpinned-image: An image can change while its name stays the same",
        "guardrail layer, off by default",
        "warn as of policies/10-base.yaml:16:19",
    ]
    assert lines[lines.index("Parameters:") :] == [
        "Parameters:",
        "  digestRequired: true or false",
        "      Whether an image needs a digest (@sha256:…); a tag alone can be moved by its owner",
        "      By default: false",
        "  movingTags: list of texts",
        "      Patterns of the tags that pin nothing, because they are moved; no tag at all is latest",
        "      By default:",
        '        "(?i)latest([-_.].*)?"',
        '        "(?i)nightly([-_.].*)?"',
    ]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("toleration-not-allowed", "  tolerations: list of mappings"),
        ("toleration-not-allowed", "      By default: none"),
        ("toleration-not-allowed", "      key: text, required"),
        ("toleration-not-allowed", "          The taint's key, as it stands"),
        ("toleration-not-allowed", "      operator: one of Equal, Exists, Gt, Lt"),
        ("missing-label", "  labels: mapping from keys to text, required"),
        ("too-many-cpus", "  maxCpus: text or number from 0, required"),
        (
            "submission-mode-not-allowed",
            "  modes: list, each one of K8sJobMode, HTTPMode, InteractiveMode, SidecarMode",
        ),
        ("privileged-pod", "  level: one of baseline, restricted"),
        ("deadline-missing-or-too-long", "  maxSeconds: whole number from 1"),
    ],
)
def test_every_type_of_parameter_has_its_words(run, rule, told):
    assert any(line.startswith(told) for line in run("rules", rule).stdout.splitlines())


def test_no_line_is_wider_than_a_terminal_but_for_patterns(run):
    for rule in EVERY_RULE:
        _, *lines = run("rules", rule.id).stdout.splitlines()

        assert [line for line in lines if len(line) > 100 and not line.lstrip().startswith('"')] == []


def test_a_rule_without_parameters_tells_of_none(run):
    assert "Parameters:" not in run("rules", "autoscaling-not-allowed").stdout
    assert "Parameters:" not in run("rules", "negative-ttl").stdout
