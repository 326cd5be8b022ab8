"""Whether a job stands in one of Kueue's queues."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.path import Key, field
from webhook.rayjob.queue import QUEUE_NAME
from webhook.rules.choice import listed
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.parameters import Parameters, Pattern
from webhook.rules.rule import fails, guardrail, passes

PATH = field("metadata.labels") / Key(QUEUE_NAME)

ANY = (".+",)

QUEUED = {"metadata": {"labels": {QUEUE_NAME: "team-a"}}}


class QueueNameMissing(Parameters):
    """Which queues there are."""

    queues: tuple[Pattern, ...] = Field(
        default=ANY,
        validate_default=True,
        min_length=1,
        description="Patterns of the queues (Kueue's LocalQueues) that a job may stand in",
    )


@guardrail(
    "A job stands in no queue",
    parameters=QueueNameMissing,
    examples=(
        passes(QUEUED),
        fails({}, f"metadata.labels[{QUEUE_NAME}]"),
        fails({"metadata": {"labels": {QUEUE_NAME: ""}}}, f"metadata.labels[{QUEUE_NAME}]"),
        passes(QUEUED, given={"queues": ["team-.*"]}),
        fails(QUEUED, f"metadata.labels[{QUEUE_NAME}]", given={"queues": ["team-b"]}),
    ),
)
def queue_name_missing(job: Job, params: QueueNameMissing) -> Iterator[Finding]:
    """The RayJob has no label kueue.x-k8s.io/queue-name, an empty one, or one that is none of the policy's `queues`.

    The annotation of that name, which old versions of Kueue took for it, does not count. A job with `clusterSelector`
    is not Kueue's, whatever its label says: see existing-cluster-not-allowed.

    Why: Kueue lets a job without the label pass, beside every quota and before everybody who waits.

    Instead: set the label to a queue of the namespace: `kubectl get localqueues`.
    """
    name = (job.metadata.get("labels") or {}).get(QUEUE_NAME)
    if any(queue.matches(name or "") for queue in params.queues):
        return
    texts = tuple(queue.text for queue in params.queues)
    must = "must name a queue" if texts == ANY else f"must name a queue that matches {listed(texts)}"
    yield required(PATH, must) if name is None else invalid(PATH, name, must)
