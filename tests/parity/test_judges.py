"""That every row has an answer, whatever stands in it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.objects import json_values, objects
from tests.parity.comparison import Difference
from tests.parity.judges import judge
from tests.parity.recording import Kind
from webhook.rayjob.model import RayClusterSpec

anything = st.dictionaries(st.text(max_size=8), json_values, max_size=3)
clusters = st.fixed_dictionaries({}, optional={"spec": objects(RayClusterSpec) | json_values, "ann": json_values})
besides = st.fixed_dictionaries(
    {},
    optional={
        "kuberay": st.sampled_from(["1.4.2", "1.7.0", "1.3.0", "", "newer"]),
        "gates": st.none() | st.dictionaries(st.sampled_from(["RayClusterMTLS", "X"]), st.booleans() | st.text()),
        "rules": st.lists(st.sampled_from(["R1", "R122", "H1"]) | st.text()),
    },
)
functions = st.sampled_from(["job", "jobmeta", "jobstatus", "cluster", "clustermeta", "netpol", "tls", "upgrade", ""])


@given(rayjob=objects() | anything, denied=st.booleans(), more=besides)
def test_every_verdict_has_an_answer(rayjob: Any, denied: bool, more: Any):
    row = {"kuberay": "1.7.0", "rayjob": rayjob, "denied": denied} | more

    assert isinstance(judge(Kind.VERDICT, row), Difference | None)


@given(rayjob=objects() | anything, more=besides)
def test_every_rayjob_has_one_stage(rayjob: Any, more: Any):
    answers = [judge(Kind.DECODING, {"rayjob": rayjob, "stage": stage} | more) for stage in ("decode", "spec", "ok")]

    assert answers.count(None) == (0 if any(answer and "none: " in answer.found for answer in answers) else 1)


@given(function=functions, given=objects() | clusters | anything, denied=st.booleans(), more=besides)
def test_every_call_of_an_upstream_test_has_an_answer(function: str, given: Any, denied: bool, more: Any):
    row = {"function": function, "object": given, "denied": denied} | more

    assert isinstance(judge(Kind.UPSTREAM, row), Difference | None)


@given(text=st.text())
def test_every_text_is_accepted_or_not(text: str):
    answers = [judge(Kind.RUNTIME_ENV, {"text": text, "accepted": accepted}) for accepted in (True, False)]

    assert answers.count(None) == 1
