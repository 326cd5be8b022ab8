"""The policies whose cost is measured: the shipped one, the strict one, one of many overrides, one of rules in CEL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from webhook.policy.loading import load
from webhook.policy.policy import Policy

_FOLDER = Path(__file__).parents[2] / "manifests/policies"

OVERRIDES = 20
_HEADER = {"apiVersion": "rayjob-webhook/v1", "kind": "RayJobPolicy"}

# Conditions of which the first holds for what is measured (tests.benchmarks.reviews) and the second does not.
_MATCHES: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = (
    ({"namespaces": ["train*"]}, {"namespaces": ["prod-*", "*-staging"]}),
    ({"matchLabels": {"team": "nlp"}}, {"matchLabels": {"team": "vision"}}),
    ({"users": ["oidc:*@example.com", "system:serviceaccount:argocd:*"]}, {"users": ["oidc:robot-*@example.com"]}),
    ({"groups": ["oidc:ml-*", "system:serviceaccounts:argocd"]}, {"groups": ["oidc:platform-*"]}),
    (
        {
            "matchExpressions": [{"key": "team", "operator": "In", "values": ["nlp", "speech"]}],
            "operations": ["CREATE"],
        },
        {"namespaces": ["train*"], "serviceAccounts": ["ci:*"]},
    ),
)

# What platform teams ask beyond the rules that are there; every job that is measured passes.
_EXPRESSIONS = (
    "object.metadata.name.size() < 200",
    "!has(object.metadata.generateName)",
    "object.metadata.labels.all(key, object.metadata.labels[key] != '')",
    "!has(object.spec.managedBy) || object.spec.managedBy == 'ray.io/kuberay-operator'",
    "object.spec.entrypoint.startsWith('python ')",
    "object.spec.rayClusterSpec.rayVersion in ['2.51.0', '2.52.0']",
    "object.spec.rayClusterSpec.workerGroupSpecs.all(group, group.groupName.matches('^gpu(-[0-9]+)?$'))",
    "object.spec.rayClusterSpec.workerGroupSpecs.map(group, group.maxReplicas).all(most, most <= 64)",
    "object.spec.rayClusterSpec.headGroupSpec.template.spec.containers.exists(one, has(one.resources))",
    "request.operation == 'CREATE' && !request.userInfo.username.endsWith('@example.org')",
)


@dataclass(frozen=True)
class Priced:
    """A policy by the name that it has in the table; ``texts`` are its files, by name."""

    name: str
    texts: Mapping[str, str]

    @cached_property
    def policy(self) -> Policy:
        """The policy that the files make."""
        return load(self.texts.items())

    def written(self, folder: Path) -> Path:
        """Write the files into a new folder in another one, and give it."""
        own = folder / self.name
        own.mkdir()
        for name, text in self.texts.items():
            (own / name).write_text(text, encoding="utf-8")
        return own


@cache
def policies() -> tuple[Priced, ...]:
    """Every policy: the shipped one, to which the others are compared, first, all together last."""
    strict = {"10-strict.yaml": _shipped_as("strict-production.yaml")}
    overrides = {"20-overrides.yaml": _text(trustedLabels=["team"], overrides=list(_overrides()))}
    rules = {"30-cel.yaml": _text(custom=list(_rules()))}
    return (
        Priced("shipped", {"shipped.yaml": _shipped_as("shipped.yaml")}),
        Priced("strict", strict),
        Priced("overrides", overrides),
        Priced("cel", rules),
        Priced("all", strict | overrides | rules),
    )


def _shipped_as(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _text(**said: Any) -> str:
    return yaml.safe_dump(_HEADER | said, sort_keys=False)


def _overrides() -> Iterator[Mapping[str, Any]]:
    """Overrides of which every other one matches; each says something of its own, so that none is like another."""
    for index in range(OVERRIDES):
        match = _MATCHES[index // 2 % len(_MATCHES)][index % 2]
        yield {"match": dict(match), "rules": {"too-many-workers": {"action": "deny", "maxWorkers": 1000 + index}}}


def _rules() -> Iterator[Mapping[str, Any]]:
    for number, expression in enumerate(_EXPRESSIONS, start=1):
        yield {"id": f"house-rule-{number}", "expression": expression, "message": "must keep to the rules of the house"}
