"""How the job is submitted."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, not_supported
from webhook.rules.rule import Layer, fails, passes, rule
from webhook.rules.spelling import did_you_mean

MODE = field("spec.submissionMode")
MODES = ("K8sJobMode", "HTTPMode", "InteractiveMode", "SidecarMode")
RENAMED = {"usermode": "InteractiveMode"}  # what KubeRay 1.2.2 called it


@rule(
    "The submission mode is unknown",
    layer=Layer.CONTRACT,
    source=("X1",),
    reads=("spec.submissionMode",),
    examples=(
        passes({"spec": {"submissionMode": "HTTPMode"}}),
        fails({"spec": {"submissionMode": "HttpMode"}}, "spec.submissionMode"),
        fails({"spec": {"submissionMode": ""}}, "spec.submissionMode"),
    ),
)
def unknown_submission_mode(job: Job) -> Iterator[Finding]:
    """`spec.submissionMode` is none of KubeRay's modes; letter case counts.

    Why: neither the CRD nor the operator checks it. The cluster comes up, the job says Running, and nothing is ever
    submitted.

    Instead: leave it out for K8sJobMode, or write one of the modes exactly.
    """
    mode = job.submission_mode
    if mode not in MODES:
        yield not_supported(MODE, mode, MODES, did_you_mean(mode, MODES, RENAMED))
