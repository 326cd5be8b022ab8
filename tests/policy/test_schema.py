"""An editor and the loader agree on what a policy is, as far as JSON Schema can say it."""

import re
from collections.abc import Mapping
from pathlib import Path

import jsonschema_rs
import orjson
import pytest

from tests.policy.written import HEADER
from webhook.defaults.declared import DEFAULTS
from webhook.policy.loading import load
from webhook.policy.node import BadPolicy, parse
from webhook.policy.schema import schema, text
from webhook.rules.register import EVERY_RULE, GUARDRAILS

ROOT = Path(__file__).parents[2]
SCHEMA = jsonschema_rs.validator_for(schema(), validate_formats=True)
GPUS = "rules: {too-many-gpus: {action: deny, maxGpus: 8}}\n"
RAW = {"apiVersion": "rayjob-webhook/v1", "kind": "RayJobPolicy"}

# The policies that people read and copy: whole files, and those in the documentation.
FILES = [path for path in sorted(ROOT.glob("manifests/**/*.yaml")) if "kind: RayJobPolicy" in path.read_text()]
BLOCKS = [
    block
    for path in (ROOT / "README.md", ROOT / "docs" / "policy.md")
    for block in re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL)
    if "kind: RayJobPolicy" in block
]


def loads(written):
    try:
        load([("policy.yaml", written)])
    except BadPolicy:
        return False
    return True


def validates(written):
    node = parse("policy.yaml", written)
    return node is not None and SCHEMA.is_valid(node.raw)


def test_the_schema_is_one():
    jsonschema_rs.meta.validate(schema())

    assert orjson.loads(text()) == schema()


@pytest.mark.parametrize("written", [*(path.read_text() for path in FILES), *BLOCKS])
def test_every_policy_that_is_shown_validates_and_loads(written):
    assert (validates(written), loads(written)) == (True, True)


@pytest.mark.parametrize(
    ("rule", "given"),
    [(rule.id, example.given) for rule in GUARDRAILS for example in rule.examples],
)
def test_the_parameters_of_every_example_validate_and_load(rule, given):
    defaults = {"ttl": "off"}  # which a rule might deny
    written = orjson.dumps(RAW | {"defaults": defaults, "rules": {rule: {"action": "deny", **given}}}).decode()

    assert (validates(written), loads(written)) == (True, True)


@pytest.mark.parametrize("rule", [rule for rule in GUARDRAILS if rule.parameters], ids=lambda rule: rule.id)
def test_the_schema_refuses_no_parameter_that_loads(rule):
    given: Mapping[str, object] = next((example.given for example in rule.examples if example.given), {})
    (name, *_) = [field.alias for field in rule.parameters.model_fields.values()] or [None]
    refused = 0
    values: tuple[object, ...] = (None, True, -1, 0, 2.5, "", "x", "1Gi", [], ["x"], [{}], {}, {"x": "y"})
    for value in values:
        said = {"action": "warn", **given} | ({} if name is None else {name: value})
        written = orjson.dumps(RAW | {"rules": {rule.id: said}}).decode()
        refused += not validates(written)
        assert validates(written) or not loads(written), said

    assert bool(refused) is (name is not None)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "rules: {negative-ttl: warn, too-many-gpus: off}",
        "rules: {negative-ttl: {action: warn}, missing-name: {}}",
        "rules: {too-many-gpus: {action: off}}",
        "rules: {unpinned-image: deny, autoscaling-not-allowed: audit}",
        f"{GPUS}overrides: [{{match: {{namespaces: [a]}}, rules: {{too-many-gpus: {{maxGpus: 64}}}}}}]",
        f"{GPUS}profiles: {{strict: {{rules: {{too-many-gpus: {{maxGpus: 4}}}}}}}}",
        "defaults: {ttl: off, shutdown: false, dashboard-host: on, runtime-env-yaml: true}",
        "defaults: {ttl: 60, dashboard-host: '::', add: {labels: {team: a}, head: {resources: {limits: {cpu: 4}}}}}",
        "defaults: {add: {workers: {tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]}}}",
        'target: {kuberayVersion: "1.6", featureGates: {RayClusterMTLS: true}, certManager: false}',
        "trustedLabels: [tier]\noverrides: [{match: {matchLabels: {tier: a}}, defaults: {ttl: 5}}]",
        "exemptions: [{match: {users: ['a*']}, rules: [negative-ttl], reason: old, expires: 2026-12-31, ticket: T-1}]",
    ],
)
def test_what_may_be_said_validates_and_loads(written):
    assert (validates(HEADER + written), loads(HEADER + written)) == (True, True)


@pytest.mark.parametrize(
    "written",
    [
        "kind: RayJobPolicy",
        "apiVersion: rayjob-webhook/v2\nkind: RayJobPolicy",
        "apiVersion: rayjob-webhook/v1\nkind: Policy",
        *(
            HEADER + said
            for said in (
                "rule: {}",
                "rules: [deny]",
                "rules:",
                "rules: {negativ-ttl: deny}",
                "rules: {negative-ttl: refuse}",
                "rules: {negative-ttl: false}",
                "rules: {negative-ttl: {action: refuse}}",
                "rules: {negative-ttl: {action: warn, seconds: 1}}",
                "rules: {ttl-too-long: deny}",
                "rules: {ttl-too-long: {maxSeconds: 5}}",
                "rules: {ttl-too-long: {action: deny, maxSeconds: long}}",
                "rules: {ttl-too-long: {action: deny, maxSeconds: -1}}",
                "rules: {unpinned-image: {digestRequired: true}}",
                "rules: {privileged-pod: {action: deny, level: high}}",
                "rules: {autoscaling-not-allowed: {action: deny, level: high}}",
                "defaults: {tl: 4}",
                "defaults: {ttl: -1}",
                "defaults: {ttl: yes}",
                "defaults: {runtime-env-yaml: x}",
                "defaults: {add: {label: {}}}",
                "defaults: {add: {labels: {a: 1}}}",
                "defaults: {add: {head: {node: {}}}}",
                "overrides: [{rules: {}}]",
                "overrides: [{match: {}}]",
                "overrides: [{match: {usrs: [a]}}]",
                "overrides: [{match: {namespaces: [a]}, rules: {negativ-ttl: warn}}]",
                "overrides: [{match: {operations: [DELETE]}}]",
                "exemptions: [{match: {users: [a]}, rules: [negativ-ttl], reason: x, expires: 2026-12-31}]",
                "exemptions: [{match: {users: [a]}, rules: [], reason: x, expires: 2026-12-31}]",
                "exemptions: [{match: {users: [a]}, rules: [negative-ttl], expires: 2026-12-31}]",
                "exemptions: [{match: {users: [a]}, rules: [negative-ttl], reason: x, expires: 2026-02-30}]",
                "exemptions: [{match: {users: [a]}, rules: [negative-ttl], reason: x, expires: soon}]",
                "target: {kuberayVersion: 1.7}",
                "target: {kuberay: '1.7'}",
                "profiles: {Strict: {}}",
                "profiles: {strict: {target: {}}}",
                "profiles: {strict: {rules: {negativ-ttl: deny}}}",
            )
        ),
    ],
)
def test_what_may_not_be_said_fails_in_both(written):
    assert (validates(written), loads(written)) == (False, False)


def test_where_a_file_declares_rules_of_its_own_it_may_name_them():
    own = "profiles: {strict: {custom: [{id: own-rule, expression: 'true', message: x}], rules: {own-rule: warn}}}"

    assert validates(HEADER + own)
    assert not validates(HEADER + "profiles: {strict: {rules: {own-rule: warn}}}")


def test_an_editor_explains_every_rule_and_default():
    told = schema()["$defs"]

    assert [one for one in EVERY_RULE if rule_title(one) not in told[f"rule-{one.id}"]["description"]] == []
    assert [one for one in DEFAULTS if one.why not in told["defaults"]["properties"][one.id]["description"]] == []


def rule_title(rule):
    return f"{rule.title}. {rule.what}"
