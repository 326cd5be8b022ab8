"""KubeRay's own samples under each policy, rule by rule."""

import json

import pytest

from tests.policies.samples import SAMPLES, TALLY, tally

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"{SAMPLES} is not here")


def test_each_policy_does_to_kuberays_samples_what_it_did_when_the_tally_was_written():
    assert tally() == json.loads(TALLY.read_text(encoding="utf-8"))


def test_a_first_job_passes_where_people_try_things_out_and_none_does_in_production():
    passed = {name: one["passed"] for name, one in tally().items()}

    assert passed == {
        "shipped": 34,
        "strict-production": 0,
        "strict-production/staging": 0,
        "research": 17,
        "research/strict": 0,
        "migration": 34,
    }
