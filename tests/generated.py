"""What is generated from code: README's tables, the CRD and the JSON Schema of policies.

`python -m tests.generated` writes them, with `--check` it compares.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from webhook.defaults.declared import DEFAULTS
from webhook.policy import schema
from webhook.rayjob.crd import custom_resource_definition
from webhook.rules.register import EVERY_RULE

ROOT = Path(__file__).parent.parent
NOTICE = "# Generated from webhook/rayjob/model.py by `make generate`.\n"


def readme() -> str:
    """README.md with its generated tables made anew."""
    text = (ROOT / "README.md").read_text()
    for name, table in (("defaults", _defaults), ("rules", _rules)):
        opening, closing = f"<!-- generated: {name} -->\n", "<!-- end -->"
        before, found, rest = text.partition(opening)
        _, ended, after = rest.partition(closing)
        if not (found and ended):
            raise ValueError(f"README.md: must hold {opening.strip()} and {closing}")
        text = before + opening + "\n".join(table()) + "\n" + closing + after
    return text


def _defaults() -> Iterator[str]:
    yield "| default | field | value | why |"
    yield "|---|---|---|---|"
    for default in DEFAULTS:
        value = f"`{json.dumps(default.value)}`" if default.accepts else "-"
        yield f"| `{default.id}` | `{default.path}` | {value} | {default.why} |"


def _rules() -> Iterator[str]:
    yield "| rule | what it finds | layer | default | KubeRay |"
    yield "|---|---|---|---|---|"
    for rule in EVERY_RULE:
        yield f"| `{rule.id}` | {rule.title} | {rule.layer} | {rule.action} | {', '.join(rule.source) or '-'} |"


def crd() -> str:
    """The CRD of the interface as YAML."""
    return NOTICE + yaml.safe_dump(custom_resource_definition(), sort_keys=False, width=120)


GENERATED: dict[str, Callable[[], str]] = {
    "README.md": readme,
    "manifests/crd/rayjobs.ray.io.yaml": crd,
    "docs/policy.schema.json": schema.text,
}


def stale() -> list[str]:
    """The generated files that differ from what the code says now."""
    return [name for name, make in GENERATED.items() if _content(ROOT / name) != make()]


def _content(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def main() -> None:
    if "--check" in sys.argv[1:]:
        if names := stale():
            sys.exit(f"not as the code says: {', '.join(names)}; run `make generate`")
    else:
        for name, make in GENERATED.items():
            (ROOT / name).write_text(make())


if __name__ == "__main__":
    main()
