"""The policy as it is shipped says nothing, and shows in comments everything that can be said."""

import re
from typing import Any

import jsonschema_rs
import pytest

from tests.policies.judging import FOLDER, TODAY, text
from webhook.defaults.declared import DEFAULTS, SHIPPED
from webhook.policy.loading import load
from webhook.policy.match import Asked
from webhook.policy.model import API_VERSION, KIND, Document, TargetPart
from webhook.policy.node import parse
from webhook.policy.policy import shipped
from webhook.policy.schema import schema
from webhook.rules.register import EVERY_RULE, GUARDRAILS
from webhook.rules.rule import Action

WRITTEN = text("shipped")
HEADER = WRITTEN.splitlines()[:3]
BODY = WRITTEN.splitlines()[3:]

POLICIES = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "kustomization")


def uncommented(lines: list[str]) -> str:
    """What stands there once one `#` and the blank after it are taken away; what had two is a comment still."""
    return "\n".join([*HEADER, *(re.sub("^# ?", "", line) for line in lines)]) + "\n"


WHOLE = uncommented(BODY)


def said(written: str) -> dict[str, Any]:
    """The parts of a policy, as its own reader takes them."""
    node = parse("policy.yaml", written)
    assert node is not None
    return {name: part for name, part in node.raw.items() if name not in {"apiVersion", "kind"}}


PARTS = said(WHOLE)
ENTRIES = [(part, name) for part in ("defaults", "rules", "target", "profiles") for name in PARTS[part]]


def block(part: str, entry: str = "") -> str:
    """The commented lines of a part alone, or of it and one of its entries."""
    lines, taken, inside = [], False, False
    for line in WHOLE.splitlines()[3:]:
        if re.match(r"[^\s#]", line):
            inside = line.startswith(f"{part}:")
            taken = inside and not entry
            lines += [line] if inside else []
        elif inside and entry and re.match(r" {2}[^\s#-]", line):
            taken = line.startswith(f"  {entry}:")
            lines += [line] if taken else []
        elif taken:
            lines.append(line)
    return "\n".join([*HEADER, *lines]) + "\n"


def ruling(texts: str, **asked: Any) -> Any:
    return load([("policy.yaml", texts)]).ruling(Asked("team", "CREATE", **asked))


def test_it_is_the_empty_policy():
    loaded, empty = load([("shipped.yaml", WRITTEN)]), shipped()

    assert loaded.base.actions == empty.base.actions
    assert loaded.base.actions == {rule.id: rule.action for rule in EVERY_RULE if rule.action is not Action.OFF}
    assert loaded.base.defaults == empty.base.defaults == SHIPPED
    assert (loaded.base.release, loaded.base.additions, loaded.base.custom) == (empty.base.release, None, ())
    assert loaded.parts.target == empty.parts.target
    assert (loaded.profiles, loaded.asks) == ({}, False)


def test_it_holds_nothing_but_its_header_and_comments():
    assert HEADER[1:] == [f"apiVersion: {API_VERSION}", f"kind: {KIND}"]
    assert [line for line in BODY if line and not line.startswith("#")] == []


def test_it_can_be_uncommented_as_a_whole():
    loaded = load([("shipped.yaml", WHOLE)])

    assert loaded.base.actions.keys() >= {rule.id for rule in GUARDRAILS}
    assert loaded.exemptions(Asked("legacy-etl", "CREATE"), TODAY)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_can_be_uncommented_alone(part):
    alone = block(part)

    assert said(alone) == {part: PARTS[part]}
    load([("shipped.yaml", alone)])


@pytest.mark.parametrize(("part", "entry"), ENTRIES)
def test_each_entry_of_a_part_can_be_uncommented_alone(part, entry):
    alone = block(part, entry)

    assert said(alone) == {part: {entry: PARTS[part][entry]}}
    load([("shipped.yaml", alone)])


def test_it_shows_every_part_that_a_policy_has():
    assert PARTS.keys() == {field.alias or name for name, field in Document.model_fields.items()}


def test_it_shows_everything_that_can_be_said_of_the_target():
    assert PARTS["target"].keys() == {field.alias or name for name, field in TargetPart.model_fields.items()}


def test_it_shows_every_default_with_the_value_that_it_has():
    shown = {name: value for name, value in PARTS["defaults"].items() if name != "add"}

    assert [*shown] == [default.id for default in DEFAULTS]
    assert ruling(block("defaults")).defaults == SHIPPED


def test_it_shows_every_guardrail_each_of_which_is_then_in_force_as_it_says():
    in_force = ruling(block("rules")).actions

    assert [rule.id for rule in GUARDRAILS if rule.id not in PARTS["rules"]] == []
    for rule, said in PARTS["rules"].items():
        assert in_force.get(rule, Action.OFF) == (said if isinstance(said, str) else said["action"]), rule


def test_it_gives_a_reason_for_every_guardrail():
    lines = WHOLE.splitlines()
    first = {rule.id: line for rule in GUARDRAILS for line in lines if line.startswith(f"  {rule.id}:")}

    assert [rule for rule, line in first.items() if " # " not in line] == []


def test_it_shows_what_overrides_and_exemptions_can_say():
    overrides, exemptions = PARTS["overrides"], PARTS["exemptions"]

    assert {key for one in overrides for key in one} == {"match", "rules", "defaults"}
    assert {key for one in exemptions for key in one} == {"match", "rules", "reason", "expires", "ticket"}


@pytest.mark.parametrize("name", POLICIES)
def test_each_policy_names_the_schema_by_which_editors_judge_it(name):
    named = text(name).splitlines()[0].removeprefix("# yaml-language-server: $schema=")

    assert (FOLDER / named).resolve() == FOLDER.parents[1] / "docs/policy.schema.json"


def test_an_editor_finds_no_fault_in_what_is_uncommented():
    document = {"apiVersion": API_VERSION, "kind": KIND, **PARTS}

    assert [fault.message for fault in jsonschema_rs.validator_for(schema()).iter_errors(document)] == []
