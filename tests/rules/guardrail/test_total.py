"""The laws of guardrails, on objects nobody thought of: each answers any of them, always the same."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.objects import objects
from webhook.rayjob import pod
from webhook.rayjob.job import Job
from webhook.rules.example import merged
from webhook.rules.register import GUARDRAILS
from webhook.rules.rule import Rule
from webhook.rules.table import Table

JUDGES: list[Rule] = [
    guardrail.applied(guardrail.parameters.of(given))
    for guardrail in GUARDRAILS
    if guardrail.parameters is not None
    for given in {json.dumps(example.given): example.given for example in guardrail.examples}.values()
]
"""Every guardrail, once for each of the parameters that its examples give."""


@st.composite
def templates(draw: st.DrawFn) -> Any:
    """A pod template with more in it than the chance of a whole RayJob would put there."""
    parts = {
        name: draw(st.lists(objects(described, depth=5), max_size=2))
        for name, described in (
            ("containers", pod.Container),
            ("initContainers", pod.Container),
            ("ephemeralContainers", pod.EphemeralContainer),
            ("volumes", pod.Volume),
            ("tolerations", pod.Toleration),
        )
        if draw(st.booleans())
    }
    for container in parts.get("containers", []):
        container["securityContext"] = draw(objects(pod.SecurityContext, depth=5))
        container["resources"] = draw(objects(pod.ResourceRequirements, depth=5))
    return {
        "metadata": draw(st.none() | objects(pod.EmbeddedObjectMeta, depth=5)),
        "spec": {**draw(objects(pod.PodSpec, depth=5)), **parts},
    }


@st.composite
def jobs(draw: st.DrawFn) -> Any:
    """A RayJob of anything, or the smallest one with templates of anything."""
    if draw(st.booleans()):
        return draw(objects())
    cluster = {
        "headGroupSpec": {"template": draw(templates())},
        "workerGroupSpecs": draw(st.lists(st.fixed_dictionaries({"template": templates()}), max_size=2)),
        "enableInTreeAutoscaling": draw(st.booleans()),
    }
    submitter = {"submitterPodTemplate": draw(templates())} if draw(st.booleans()) else {}
    return merged({"spec": {"rayClusterSpec": cluster, **submitter}})


def test_every_guardrail_is_among_them():
    assert {judge.id for judge in JUDGES} == {guardrail.id for guardrail in GUARDRAILS}


@pytest.mark.parametrize("from_file", [False, True])
@settings(max_examples=100, deadline=None)
@given(raw=jobs())
def test_a_guardrail_answers_whatever_the_object_and_always_the_same(from_file: bool, raw: Any):
    before, table = copy.deepcopy(raw), Table(JUDGES)

    once, again = (table.findings(Job.of(copy.deepcopy(raw), from_file=from_file)) for _ in range(2))

    assert once == again
    assert all(finding.message.isprintable() for finding in once)
    assert raw == before
