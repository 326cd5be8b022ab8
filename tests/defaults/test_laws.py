"""The laws of the design for whatever a policy gives and adds, on jobs that say some of it."""

import copy
from collections.abc import Mapping
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.defaults import drawn
from tests.objects import json_values, objects
from tests.patching import apply_rfc6902, apply_v4
from webhook.admission import patch
from webhook.defaults import added, declared
from webhook.defaults.additions import Additions
from webhook.defaults.declared import TTL
from webhook.defaults.fill import Fill
from webhook.rayjob.job import Job, Owner
from webhook.rayjob.kuberay import Target
from webhook.rules.register import RULES
from webhook.rules.table import Table

# The rules for every KubeRay at once: that some contradict each other is no matter, for none of them may find more.
EVERY_RULE = Table(RULES)
SHIPPED_RULES = Table(rule for rule in RULES if rule.holds_for(Target()))
EXAMPLES = 300


def filled(raw: Any, values: Mapping[str, object], additions: Additions) -> tuple[Fill, ...]:
    job = Job.of(raw)
    fills = declared.fills(job, values)
    return (*fills, *added.fills(job, additions, fills))


def found(raw: Any, table: Table = EVERY_RULE) -> set[tuple[str, str]]:
    return {(finding.rule, str(finding.path)) for finding in table.findings(Job.of(raw))}


def is_kept(said: Any, now: Any) -> bool:
    """Whether all that was said is still said, and no list has another length."""
    if isinstance(said, dict):
        return isinstance(now, dict) and all(is_kept(value, now.get(key)) for key, value in said.items())
    if isinstance(said, list):
        return isinstance(now, list) and len(said) == len(now) and all(map(is_kept, said, now))
    return said is None or said == now


anything = drawn.jobs() | objects() | st.dictionaries(st.text(), json_values)


@settings(max_examples=EXAMPLES)
@given(anything, drawn.given, drawn.additions)
def test_law_3_a_patch_means_the_same_to_rfc_6902_and_to_the_api_server_and_changes_no_object(raw, values, additions):
    before = copy.deepcopy(raw)

    made = patch.operations(raw, filled(raw, values, additions))

    assert apply_rfc6902(raw, made) == apply_v4(raw, made) == patch.applied(raw, made)
    assert raw == before


@settings(max_examples=EXAMPLES)
@given(anything, drawn.given, drawn.additions)
def test_law_3_a_patch_only_adds_what_was_absent_or_null_but_for_the_crds_zero(raw, values, additions):
    made = patch.operations(raw, filled(raw, values, additions))

    for operation in made:
        before = raw
        for token in operation["path"].split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            before = before[int(name)] if isinstance(before, list) else (before or {}).get(name)
        expected = ("replace", 0) if operation["path"] == TTL.pointer and before == 0 else ("add", None)
        assert (operation["op"], before) == expected
    zeroes = {"ttlSecondsAfterFinished": None} if any(operation["op"] == "replace" for operation in made) else {}
    said = raw | {"spec": raw["spec"] | zeroes} if zeroes else raw
    assert is_kept(said, apply_v4(raw, made))


@settings(max_examples=EXAMPLES)
@given(anything, drawn.given, drawn.additions)
def test_law_3_applied_twice_a_patch_is_empty_and_what_passed_passes(raw, values, additions):
    after = apply_v4(raw, patch.operations(raw, filled(raw, values, additions)))

    assert filled(after, values, additions) == ()
    assert found(after) <= found(raw)


@given(drawn.jobs(), drawn.additions)
def test_law_7_the_same_job_gets_the_same(raw, additions):
    again = Additions.model_validate_json(additions.model_dump_json(by_alias=True))

    assert added.fills(Job.of(raw), additions) == added.fills(Job.of(copy.deepcopy(raw)), again)


@given(drawn.jobs(), drawn.additions)
def test_a_policy_that_adds_nothing_adds_nothing_and_a_selected_cluster_gets_nothing(raw, additions):
    selecting = raw | {"spec": raw["spec"] | {"clusterSelector": {"ray.io/cluster": "c"}}}

    assert added.fills(Job.of(raw), Additions()) == ()
    assert not {fill.default for fill in added.fills(Job.of(selecting), additions)} & {
        added.IDS[Owner.HEAD],
        added.IDS[Owner.WORKER],
    }


def test_the_laws_are_tried_with_jobs_that_pass_and_get_something_of_every_sort():
    got: set[str] = set()

    @settings(max_examples=EXAMPLES, derandomize=True, phases=[Phase.generate])
    @given(drawn.jobs(), drawn.given, drawn.additions)
    def collect(raw, values, additions):
        if not found(raw, SHIPPED_RULES):
            got.update(fill.default for fill in filled(raw, values, additions))

    collect()

    assert got == {*declared.SHIPPED, *added.IDS.values(), "add-labels", "add-annotations"}
