"""The types of a RayJob's fields."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.departure import Sort
from webhook.rayjob.job import Job
from webhook.rules.finding import Finding, type_invalid
from webhook.rules.rule import Layer, fails, passes, rule


@rule(
    "A field has the wrong JSON type",
    layer=Layer.CONTRACT,
    source=("R150",),
    reads=("departures",),
    examples=(
        passes({"spec": {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": 60.0}}),
        passes({"spec": {"suspend": None}}),
        fails({"spec": {"ttlSecondsAfterFinished": "60"}}, "spec.ttlSecondsAfterFinished"),
        fails({"spec": {"ttlSecondsAfterFinished": True}}, "spec.ttlSecondsAfterFinished"),
        fails({"spec": {"suspend": "false"}}, "spec.suspend"),
        fails({"spec": {"entrypoint": ["python", "train.py"]}}, "spec.entrypoint"),
        fails({"metadata": {"labels": {"team": 7}}}, "metadata.labels[team]"),
        fails(
            {"spec": {"rayClusterSpec": {"headGroupSpec": {"rayStartParams": {"num-cpus": 2}}}}},
            "spec.rayClusterSpec.headGroupSpec.rayStartParams[num-cpus]",
        ),
    ),
)
def wrong_type(job: Job) -> Iterator[Finding]:
    """A value is not of the type that the RayJob interface gives its field.

    Why: the API server refuses it where the CRD is current; where it does not, the operator cannot read the object.

    Instead: write the value in its own type. In YAML, quote what must be text: `num-cpus: "2"`.
    """
    for departure in job.departures:
        if departure.sort is Sort.TYPE:
            yield type_invalid(departure.path, departure.value, f"must be {departure.expected}")
