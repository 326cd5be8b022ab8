"""The budgets that a job must keep to: seconds, and attempts."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Release
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, invalid
from webhook.rules.rule import Layer, fails, passes, rule

ACTIVE_DEADLINE = field("spec.activeDeadlineSeconds")
PRE_RUNNING_DEADLINE = field("spec.preRunningDeadlineSeconds")
BACKOFF_LIMIT = field("spec.backoffLimit")


@rule(
    "The job has no time to run",
    layer=Layer.KUBERAY,
    source=("R119",),
    reads=("spec.activeDeadlineSeconds",),
    examples=(
        passes({"spec": {"activeDeadlineSeconds": 1}}),
        fails({"spec": {"activeDeadlineSeconds": 0}}, "spec.activeDeadlineSeconds"),
        fails({"spec": {"activeDeadlineSeconds": -1}}, "spec.activeDeadlineSeconds"),
    ),
)
def no_active_time(job: Job) -> Iterator[Finding]:
    """`spec.activeDeadlineSeconds` is 0 or less.

    Why: the seconds count from the moment the operator takes the job up; it refuses a job that is over by then.

    Instead: give the seconds that the whole job may take, the start of its cluster included, or leave the field out.
    """
    seconds = job.spec.get("activeDeadlineSeconds")
    if seconds is not None and seconds <= 0:
        yield invalid(ACTIVE_DEADLINE, seconds, "must be 1 or more (seconds)")


@rule(
    "The job has no time to start",
    layer=Layer.KUBERAY,
    source=("R120", "R133"),
    since=Release.V1_6,
    reads=("spec.preRunningDeadlineSeconds",),
    examples=(
        passes({"spec": {"preRunningDeadlineSeconds": 1}}),
        fails({"spec": {"preRunningDeadlineSeconds": 0}}, "spec.preRunningDeadlineSeconds", number="R120"),
        fails({"spec": {"preRunningDeadlineSeconds": -1}}, "spec.preRunningDeadlineSeconds", number="R133"),
    ),
)
def no_time_to_start(job: Job) -> Iterator[Finding]:
    """`spec.preRunningDeadlineSeconds` is 0 or less.

    Why: the seconds count from the moment the operator takes the job up; neither the CRD nor the operator accepts a
    job that has to run at that very moment.

    Instead: give the seconds that cluster and submission may take until the job runs, or leave the field out.
    """
    seconds = job.spec.get("preRunningDeadlineSeconds")
    if seconds is not None and seconds <= 0:
        yield invalid(PRE_RUNNING_DEADLINE, seconds, "must be 1 or more (seconds)")


@rule(
    "The number of retries is negative",
    layer=Layer.KUBERAY,
    source=("R121",),
    reads=("spec.backoffLimit",),
    examples=(
        passes({"spec": {"backoffLimit": 0}}),
        fails({"spec": {"backoffLimit": -1}}, "spec.backoffLimit"),
    ),
)
def negative_backoff_limit(job: Job) -> Iterator[Finding]:
    """`spec.backoffLimit` is less than 0.

    Why: it counts the attempts after the first; KubeRay's operator refuses the job after it is stored.

    Instead: give the number of retries, each of which starts a new cluster; 0 is none, as is leaving the field out.
    """
    retries = job.spec.get("backoffLimit")
    if retries is not None and retries < 0:
        yield invalid(BACKOFF_LIMIT, retries, "must be 0 or more (retries)")
