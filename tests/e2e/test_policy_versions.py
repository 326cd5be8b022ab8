"""The writers notice an answer that is by no version of the policy, by two, or by one that may not decide."""

from typing import Any

import httpx
import pytest

from tests.e2e.versions import COMPLETED, DENIED, InForce, answered, turns

IN_FORCE = InForce(oldest=2, newest=3)


def first(answers: dict[str, dict[str, Any]], outcome: str) -> str:
    """What a writer tells first of an outcome, where an API server gives these answers to good jobs and to bad ones."""

    def answer(request: httpx.Request) -> httpx.Response:
        raw = answers["bad" if b'"writer-0-bad"' in request.content else "good"]
        return httpx.Response(raw.get("code", httpx.codes.CREATED), json=raw)

    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://api") as client:
        return next(told for told in turns(client, "n", "writer", IN_FORCE) if outcome in told)


def stored(label: str | None, seconds: int | None) -> dict[str, Any]:
    labels = {} if label is None else {"labels": {"example.com/version": label}}
    spec = {} if seconds is None else {"ttlSecondsAfterFinished": seconds}
    return {"kind": "RayJob", "metadata": {"resourceVersion": "1", **labels}, "spec": spec}


def denied(*causes: str, reason: str = "Invalid") -> dict[str, Any]:
    listed = [{"message": cause} for cause in causes]
    return {"kind": "Status", "code": 422, "reason": reason, "details": {"causes": listed}}


def workers(limit: int) -> str:
    return f"Invalid value: 100: must be {limit} or less (workers) in all pods"


def seconds(limit: int) -> str:
    return f"Invalid value: 100000: must be {limit} or less (seconds)"


@pytest.mark.parametrize("version", [2, 3])
def test_an_answer_by_one_version_that_is_in_force_is_told_as_such(version: int) -> None:
    answers = {
        "good": stored(f"v{version}", 1000 + version),
        "bad": denied(workers(10 - version), seconds(10_000 + version)),
    }

    assert first(answers, COMPLETED) == answered(COMPLETED, version)
    assert first(answers, DENIED) == answered(DENIED, version)


@pytest.mark.parametrize(
    ("raw", "by"),
    [
        pytest.param(stored(None, None), {0}, id="none"),
        pytest.param(stored("v2", None), {0, 2}, id="one, and half of it"),
        pytest.param(stored("v2", 1003), {2, 3}, id="two"),
        pytest.param(stored("v1", 1001), {1}, id="one whose successor is in force"),
        pytest.param(stored("v4", 1004), {4}, id="one that was not written yet"),
        pytest.param({"kind": "Status", "code": 500, "reason": "InternalError"}, set(), id="a failed call"),
    ],
)
def test_a_job_that_is_not_completed_by_one_version_in_force_is_told_in_other_words(
    raw: dict[str, Any], by: set[int]
) -> None:
    told = first({"good": raw, "bad": denied()}, COMPLETED)

    assert told == f"not {COMPLETED} by one of 2 to 3, but {raw.get('code', 201)} by {by}: {raw}"


@pytest.mark.parametrize(
    ("raw", "by"),
    [
        pytest.param(stored("v2", 100_000), set(), id="none"),
        pytest.param(denied(workers(8)), set(), id="half of one"),
        pytest.param(denied(workers(8), seconds(10_003)), {2, 3}, id="two"),
        pytest.param(denied(workers(9), seconds(10_001)), {1}, id="one whose successor is in force"),
        pytest.param(denied(workers(8), seconds(10_002), "something else"), set(), id="one, and another rule"),
        pytest.param({"kind": "Status", "code": 500, "reason": "InternalError"}, set(), id="a failed call"),
    ],
)
def test_a_bad_job_that_is_not_denied_by_one_version_in_force_is_told_in_other_words(
    raw: dict[str, Any], by: set[int]
) -> None:
    told = first({"good": stored("v2", 1002), "bad": raw}, DENIED)

    assert told == f"not {DENIED} by one of 2 to 3, but {raw.get('code', 201)} by {by}: {raw}"
