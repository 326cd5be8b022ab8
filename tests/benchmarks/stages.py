"""Where the time of one review goes: the decision core alone, in this process, without HTTP and TLS."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from statistics import median
from time import perf_counter_ns

import orjson

from tests.benchmarks.cases import Case
from tests.benchmarks.rayjobs import Size
from webhook.admission import decide, response
from webhook.admission.review import parse
from webhook.policy.policy import shipped
from webhook.rayjob.job import Job

HEADINGS = ("case, median us", "json", "envelope", "types", "rules", "defaults", "response", "decided", "budget")

BUDGETS = {Size.SMALL: 75, Size.LARGE: 540}
"""What is left for what we decide, in microseconds, once HTTP, TLS and the JSON parser have had their part."""

_POLICY = shipped()


def row(case: Case, *, repetitions: int) -> Iterator[str]:
    """Answer a review many times and tell the stages' medians as one row.

    `json` is the parser alone, `envelope` what else `review.parse` does, `types` the settling of the types, `rules`
    and `defaults` what a validation and a mutation do after it, `response` the answer with its patch; `decided` is all
    of it but the parser.

    All of it is hot in the processor's caches here. In the server, where TLS and HTTP run in between, the same stages
    cost up to twice as much: the comparison has the last word.
    """
    gc.collect()
    gc.disable()  # the server, too, seldom looks for garbage
    try:
        runs = [_run(case) for _ in range(repetitions)]
    finally:
        gc.enable()
    json, envelope, types, decision, answer = (median(stage) / 1000 for stage in zip(*runs, strict=True))
    decided = median(sum(stages[1:]) for stages in runs) / 1000
    yield case.name
    yield from (f"{json:.0f}", f"{envelope:.0f}", f"{types:.0f}")
    yield from (f"{decision:.0f}", "-") if case.endpoint == "validate" else ("-", f"{decision:.0f}")
    yield from (f"{answer:.0f}", f"{decided:.0f}", f"{BUDGETS[case.size]}")


def _run(case: Case) -> tuple[int, int, int, int, int]:
    """Answer a review once, and give nanoseconds: JSON, envelope, types, decision, answer.

    The public functions are called, of which some do the stage before once more: it is measured by itself and taken
    off.
    """
    today = datetime.now(UTC).date()
    decided = partial(decide.validate, today=today) if case.endpoint == "validate" else decide.mutate
    start = perf_counter_ns()
    parsed = orjson.loads(case.body)
    after_json = perf_counter_ns()
    request = parse(case.body)
    after_parse = perf_counter_ns()
    job = Job.of(request.object or {}, namespace=request.namespace)
    after_types = perf_counter_ns()
    verdict = decided(request, _POLICY)
    after_verdict = perf_counter_ns()
    response.answer(request, verdict)
    end = perf_counter_ns()
    del parsed, job  # not before: to free them costs time as well
    json, types = after_json - start, after_types - after_parse
    return json, after_parse - after_json - json, types, after_verdict - after_types - types, end - after_verdict
