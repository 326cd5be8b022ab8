"""Labels of Kueue's on a RayJob, which its webhook reads.

Source: kubernetes-sigs/kueue v0.10.6 to v0.19.2, ValidateJobOnCreate and ValidateJobOnUpdate of
pkg/controller/jobframework/validation.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.path import Key, field
from webhook.rayjob.queue import QUEUE_NAME, queue_name
from webhook.rayjob.syntax import is_dns1123_subdomain
from webhook.rules.example import merged
from webhook.rules.finding import Finding, invalid
from webhook.rules.rule import Layer, fails, passes, rule

LABELS = field("metadata.labels")
EXECUTION_TIME = "kueue.x-k8s.io/max-exec-time-seconds"
WORKLOAD = "kueue.x-k8s.io/prebuilt-workload-name"

_DIGITS = re.compile("[0-9]+")

QUEUED = {"metadata": {"labels": {QUEUE_NAME: "team-a"}}, "spec": {"shutdownAfterJobFinishes": True}}
SUSPENDED = {"spec": {"suspend": True}}


def _labelled(name: str, value: str) -> dict[str, object]:
    labelled: dict[str, object] = merged({"metadata": {"labels": {name: value}}}, QUEUED)
    return labelled


@rule(
    "A label of Kueue's says what Kueue does not take",
    layer=Layer.LATE,
    kueue=True,
    reads=("metadata.labels",),
    examples=(
        passes(_labelled(EXECUTION_TIME, "3600")),
        passes(_labelled(WORKLOAD, "big.job")),
        passes({"metadata": {"labels": {EXECUTION_TIME: "1h"}}}),
        fails(_labelled(QUEUE_NAME, "Team_A"), f"metadata.labels[{QUEUE_NAME}]"),
        fails(_labelled(QUEUE_NAME, ""), f"metadata.labels[{QUEUE_NAME}]"),
        fails(_labelled(EXECUTION_TIME, "1h"), f"metadata.labels[{EXECUTION_TIME}]"),
        fails(_labelled(EXECUTION_TIME, "0"), f"metadata.labels[{EXECUTION_TIME}]"),
        fails(_labelled(WORKLOAD, "Big"), f"metadata.labels[{WORKLOAD}]"),
    ),
)
def invalid_queue_label(job: Job) -> Iterator[Finding]:
    """The label kueue.x-k8s.io/queue-name is there, and it or another label of Kueue's has an impossible value.

    The names of a queue and of a prebuilt Workload are DNS subdomains, and the execution time is a number of seconds,
    1 or more.

    Why: Kueue refuses the job.

    Instead: name a queue of the namespace, `kubectl get localqueues`, and count in seconds.
    """
    labels = job.metadata.get("labels") or {}
    if labels.get(QUEUE_NAME) is None:
        return
    for name in (QUEUE_NAME, WORKLOAD):
        text = labels.get(name)
        if text is not None and not is_dns1123_subdomain(text):
            yield invalid(LABELS / Key(name), text, "must be a DNS subdomain: lower-case letters, digits, '-' and '.'")
    seconds = labels.get(EXECUTION_TIME)
    if seconds is not None and not (_DIGITS.fullmatch(seconds) and seconds.strip("0")):
        yield invalid(LABELS / Key(EXECUTION_TIME), seconds, "must be a number of seconds, 1 or more")


@rule(
    "A job that is not suspended changes its queue",
    layer=Layer.LATE,
    kueue=True,
    reads=("old", "metadata.labels"),
    examples=(
        passes(QUEUED, old=QUEUED),
        passes(merged(SUSPENDED, QUEUED), old=merged(SUSPENDED, _labelled(QUEUE_NAME, "team-b"))),
        passes(merged(SUSPENDED, _labelled(EXECUTION_TIME, "60")), old=merged(SUSPENDED, QUEUED)),
        passes({"metadata": {"labels": {"team": "a"}}}, old=QUEUED),
        fails(QUEUED, f"metadata.labels[{QUEUE_NAME}]", old={}),
        fails(QUEUED, f"metadata.labels[{QUEUE_NAME}]", old=_labelled(QUEUE_NAME, "team-b")),
        fails(_labelled(EXECUTION_TIME, "60"), f"metadata.labels[{EXECUTION_TIME}]", old=QUEUED),
        fails(merged(SUSPENDED, _labelled(EXECUTION_TIME, "60")), f"metadata.labels[{EXECUTION_TIME}]", old=QUEUED),
    ),
)
def queue_of_running_job_changed(job: Job) -> Iterator[Finding]:
    """An update puts a job that is not suspended into another queue, or a first one, or changes its execution time.

    The labels are kueue.x-k8s.io/queue-name and kueue.x-k8s.io/max-exec-time-seconds.

    Why: the quota that the job takes up is its queue's. Kueue refuses the update.

    Instead: suspend the job first, or delete it and create it anew.
    """
    if job.old is None or not queue_name(job):
        return
    labels = job.metadata.get("labels") or {}
    stored = (job.old.get("metadata") or {}).get("labels") or {}
    is_suspended = job.spec.get("suspend") is True
    was_suspended = (job.old.get("spec") or {}).get("suspend") is True
    if not is_suspended and labels.get(QUEUE_NAME) != stored.get(QUEUE_NAME):
        yield _changed(QUEUE_NAME, labels.get(QUEUE_NAME), "must stay as it is while the job is not suspended")
    if not (is_suspended and was_suspended) and labels.get(EXECUTION_TIME) != stored.get(EXECUTION_TIME):
        yield _changed(EXECUTION_TIME, labels.get(EXECUTION_TIME), "must stay as it is unless the job is suspended")


def _changed(name: str, value: str | None, must: str) -> Finding:
    return invalid(LABELS / Key(name), value, must)
