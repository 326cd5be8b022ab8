"""The library that knows CEL: when it is loaded, what it needs, and what it never does to us."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.cel.asking import rule
from webhook.policy.cel.subject import Subject

ASKED = """
import sys
sys.modules["google.protobuf"] = None
from tests.policy.cel.asking import outcome
expression = (
    "object.a.all(x, x > timestamp(0).getSeconds()) && object.?b.orValue('c').matches('^c$')"
    " && quantity(object.q).isLessThan(quantity('1')) && duration('1h') > duration('1m') && [1, 2].sum() == 3"
)
print(outcome(expression, {"a": [1, 2], "q": "500m"}))
"""
LOADED = """
import sys
import webhook.policy.custom, webhook.policy.loading
print([name for name in sys.modules if name.startswith(("cel_expr_python", "webhook.policy.cel"))])
"""


def printed(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def test_rules_in_cel_need_no_protocol_buffers_which_only_tracing_brings():
    assert printed(ASKED) == "True"


def test_a_policy_without_rules_in_cel_loads_no_cel():
    assert printed(LOADED) == "[]"


TEXTS = st.text(st.characters(), max_size=4) | st.sampled_from(
    ["1Gi", "500m", "a:b", "2026-01-01T00:00:00Z", "1h", "x\0"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd") | TEXTS, inner, max_size=3),
    max_leaves=12,
)
RULES = [
    rule(text)
    for text in (
        "object.a.all(x, x > 0) || object.b.c == object.d",
        "object.a.map(x, x.b).sum() < 3 && object.a.exists(k, v, v == k)",
        "object.?a.?b[?0].orValue(object.c) == 'x' || has(object.a.b.c)",
        "quantity(object.a).isGreaterThan(quantity(object.b)) && isQuantity(object.c)",
        "int(object.a) + int(object.b) < 3 || double(object.a) > 1.5 || string(object.a) == string(object.b)",
        "timestamp(object.a) > timestamp(0) && duration(object.b) < duration('1h')",
        "object.a.split(':')[1].lowerAscii().indexOf('b') > 0 || object.a.replace('a', 'bb').size() > 3",
        "object.a.sort().distinct() == object.b || sets.contains(object.a, object.b) || object.a in object.b",
        "object == oldObject || object.a == request.name",
    )
]


@pytest.mark.parametrize("asked", RULES, ids=lambda asked: asked.text)
@given(a=VALUES, b=VALUES, c=VALUES, whole=st.dictionaries(TEXTS, VALUES, max_size=3))
def test_whatever_a_review_holds_a_rule_has_an_answer(asked, a, b, c, whole):
    raw = {**whole, "a": a, "b": b, "c": c}

    findings = asked.findings(Subject(raw, raw, {"name": "x"}))

    assert findings == asked.findings(Subject(raw, raw, {"name": "x"}))
    assert len(findings) <= 1
    assert all(finding.text.isprintable() for finding in findings)
