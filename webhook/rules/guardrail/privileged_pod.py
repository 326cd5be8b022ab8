"""What a pod may do on its node: the Pod Security Standards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from pydantic import Field

from webhook.rayjob.job import Job
from webhook.rayjob.pod_security.standard import BASELINE, Check, Control, Level, controls
from webhook.rayjob.pod_security.violation import Violation
from webhook.rayjob.pods import UNSETTABLE, pods
from webhook.rules.example import head
from webhook.rules.finding import Finding, forbidden, invalid, required
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

RESTRICTED_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
RESTRICTED_CONTAINER = {"name": "ray-job-submitter", "image": "rayproject/ray:2.52.0"} | {
    "securityContext": RESTRICTED_CONTEXT
}


class PrivilegedPod(Parameters):
    """How much a pod may do."""

    level: Level = Field(default=Level.BASELINE, description="The level of the Pod Security Standards to be kept to")
    allowed: tuple[Control, ...] = Field(
        default=(),
        description=(
            "The controls that a pod need not keep to, by the names that Kubernetes has for its checks. Some controls "
            "of restricted stand in for one of baseline, which is asked again where only the stricter one is allowed"
        ),
    )

    @cached_property
    def controls(self) -> Mapping[Control, Check]:
        """The controls that a pod must keep to."""
        return controls(self.level, self.allowed)


@guardrail(
    "A pod may do more than the Pod Security Standards let it",
    parameters=PrivilegedPod,
    reads=("spec",),
    examples=(
        passes({}),
        fails(
            {"spec": {"rayClusterSpec": {"headGroupSpec": head(securityContext={"privileged": True})}}},
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].securityContext.privileged",
        ),
        passes(
            {
                "spec": {
                    "rayClusterSpec": {"headGroupSpec": head(securityContext=RESTRICTED_CONTEXT)},
                    "submitterPodTemplate": {
                        "spec": {"restartPolicy": "Never", "containers": [RESTRICTED_CONTAINER]},
                    },
                }
            },
            given={"level": "restricted"},
        ),
        fails(
            {
                "spec": {
                    "submissionMode": "HTTPMode",
                    "rayClusterSpec": {"headGroupSpec": head(securityContext=RESTRICTED_CONTEXT | {"runAsUser": 0})},
                }
            },
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].securityContext.runAsUser",
            given={"level": "restricted"},
        ),
    ),
)
def privileged_pod(job: Job, params: PrivilegedPod) -> Iterator[Finding]:
    """A pod breaks a control of the Pod Security Standards, in their newest version.

    Every container of every template counts, those that KubeRay adds too: the autoscaler, and the submitter where there
    is no `submitterPodTemplate`.

    Why: a privileged container is root on its node, and so in every job that shares it. A namespace that enforces the
    standards refuses the pods one by one, after the RayJob was stored, and the job waits forever.

    Instead: take out what the message names; at level restricted, also say what each container gives up.
    """
    told = set()
    for made in pods(job):
        for control, check in params.controls.items():
            for violation in check(made):
                level = Level.BASELINE if control in BASELINE else Level.RESTRICTED
                finding = _finding(violation, f"({level}: {control})")
                # The collector is added to every pod, but asked for once.
                if (finding.path, finding.text) not in told:
                    told.add((finding.path, finding.text))
                    yield finding


def _finding(violation: Violation, control: str) -> Finding:
    path, value, must = violation.path, violation.value, f"{violation.must} {control}"
    for adding, name in UNSETTABLE.items():
        if path.is_in(adding):
            field = ".".join(str(step) for step in path.steps[len(adding.steps) :])
            return forbidden(adding, field, f"adds the container {name}, whose {field} nobody can set: {must}")
    if value is None:
        return required(path, must)
    if isinstance(value, dict):
        return forbidden(path, value, must)
    return invalid(path, value, must)
