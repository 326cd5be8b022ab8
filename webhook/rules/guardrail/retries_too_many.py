"""How often a job may be tried again."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

RETRIES = field("spec.backoffLimit")
SUBMITTER_RETRIES = field("spec.submitterConfig.backoffLimit")

KUBERAY = 2  # how often KubeRay lets the submitter's Job try again where the author does not say


class RetriesTooMany(Parameters):
    """How many are too many."""

    max_retries: int = Field(ge=0, description="The most retries of a whole job, each with a cluster of its own")
    max_submitter_retries: int = Field(
        default=KUBERAY, ge=0, description="The most retries of the submitter within one attempt; KubeRay's own are 2"
    )


@guardrail(
    "A job is tried too often",
    parameters=RetriesTooMany,
    examples=(
        passes({"spec": {"backoffLimit": 1, "submitterConfig": {"backoffLimit": 2}}}, given={"maxRetries": 1}),
        fails({"spec": {"backoffLimit": 2}}, "spec.backoffLimit", given={"maxRetries": 1}),
        fails(
            {"spec": {"submitterConfig": {"backoffLimit": 3}}},
            "spec.submitterConfig.backoffLimit",
            given={"maxRetries": 1},
        ),
        fails({}, "spec.submitterConfig.backoffLimit", given={"maxRetries": 0, "maxSubmitterRetries": 0}),
    ),
)
def retries_too_many(job: Job, params: RetriesTooMany) -> Iterator[Finding]:
    """`spec.backoffLimit` is more than the policy's `maxRetries`, or the submitter is tried too often.

    The submitter's Job has its own `spec.submitterConfig.backoffLimit`, which is 2 where it is absent; it counts in
    K8sJobMode, where alone there is such a Job. The two are not multiplied: another submitter finds the job that the
    first has submitted.

    Why: every retry starts a new cluster, and a job that fails by its own fault fails again.

    Instead: give fewer retries; a job that keeps checkpoints may be worth one or two.
    """
    retries = job.spec.get("backoffLimit") or 0
    if retries > params.max_retries:
        yield invalid(RETRIES, retries, f"must be {params.max_retries} or less (retries)")
    if job.submission_mode == "K8sJobMode":
        again, most = (job.spec.get("submitterConfig") or {}).get("backoffLimit"), params.max_submitter_retries
        if again is None and most < KUBERAY:
            yield required(SUBMITTER_RETRIES, f"{most} or less (retries); it is {KUBERAY} where it is absent")
        elif again is not None and again > most:
            yield invalid(SUBMITTER_RETRIES, again, f"must be {most} or less (retries)")
