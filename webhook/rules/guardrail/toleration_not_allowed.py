"""Which taints pods may tolerate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from webhook.rayjob import pod
from webhook.rayjob.job import Job
from webhook.rules.choice import listed
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, forbidden, invalid, shown
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"

PAST_THE_SCHEDULER = "must be left out: the scheduler, which keeps pods off tainted nodes, is not asked"

GPU = {"tolerations": [{"key": "nvidia.com/gpu", "effect": "NoSchedule"}]}


class AllowedToleration(Parameters):
    """What a toleration may be; whatever is left out here may be anything there."""

    key: str = Field(min_length=1, description="The taint's key, as it stands")
    operator: Literal["Equal", "Exists", "Gt", "Lt"] | None = Field(
        default=None, description="The operator; Equal is that of a toleration that has none"
    )
    value: str | None = Field(
        default=None,
        description="The value, as it stands; Exists, which tolerates any, is not allowed then, nor Gt and Lt unless "
        "they are the operator",
    )
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="The effect; a toleration without one, which is for all effects, is not allowed then"
    )

    def covers(self, toleration: pod.Toleration) -> bool:
        """Whether a toleration bears no taint but the allowed ones."""
        operator = toleration.get("operator") or "Equal"
        return (
            toleration.get("key") == self.key
            and self.operator in {None, operator}
            and self.effect in {None, toleration.get("effect")}
            and (self.value is None or self._has_value(operator, toleration.get("value") or ""))
        )

    def _has_value(self, operator: str, value: str) -> bool:
        return operator == (self.operator or "Equal") and value == self.value

    @model_validator(mode="after")
    def _exists_has_no_value(self) -> Self:
        if self.operator == "Exists" and self.value is not None:
            raise ValueError("must have no value where the operator is Exists, which tolerates any")
        return self

    @property
    def text(self) -> str:
        """The toleration on one line: nvidia.com/gpu=true:NoSchedule."""
        return _text(self.key, self.operator, self.value, self.effect)


def _text(key: str | None, operator: str | None, value: str | None, effect: str | None) -> str:
    compared = {"Gt": ">", "Lt": "<"}.get(operator or "", "=")
    return f"{key or '*'}{f'{compared}{value}' if value else ''}{f':{effect}' if effect else ''}"


class TolerationNotAllowed(Parameters):
    """What is allowed."""

    tolerations: tuple[AllowedToleration, ...] = Field(
        default=(),
        description="What pods may tolerate; without any, nothing. Where Kueue starts jobs, with the tolerations of "
        "its ResourceFlavors too, which it writes into the RayJob",
    )


def _head(**spec: object) -> dict[str, object]:
    return cluster(headGroupSpec={"template": {"spec": spec}})


@guardrail(
    "A pod tolerates a taint that it may not",
    parameters=TolerationNotAllowed,
    reads=("spec",),
    examples=(
        passes({}),
        fails(_head(tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists"}]), f"{HEAD}.tolerations[0]"),
        passes(_head(tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]), given=GPU),
        fails(
            _head(tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists"}]), f"{HEAD}.tolerations[0]", given=GPU
        ),
        fails(_head(tolerations=[{"operator": "Exists"}]), f"{HEAD}.tolerations[0]", given=GPU),
        fails(_head(nodeName="gpu-1"), f"{HEAD}.nodeName", given=GPU),
    ),
)
def toleration_not_allowed(job: Job, params: TolerationNotAllowed) -> Iterator[Finding]:
    """A template has a toleration that is none of the policy's `tolerations`, or is for more taints than these.

    A toleration without a key tolerates every taint, and without an effect, every effect. `nodeName` is refused as
    well: it puts a pod on its node past the scheduler, which is who looks at taints.

    Why: a taint keeps a node for somebody: for system pods, for another team, for jobs that need its GPUs.

    Instead: leave the toleration out, or make it as narrow as the policy has it.
    """
    texts = [allowed.text for allowed in params.tolerations]
    must = f"must be {listed(texts)}, or narrower" if texts else "must be left out"
    for template in job.templates:
        for index, one in enumerate(template.spec.get("tolerations") or ()):
            toleration = one or {}
            if not any(allowed.covers(toleration) for allowed in params.tolerations):
                yield forbidden(template.path / "tolerations" / index, toleration, f"{_told(toleration)} {must}")
        name = template.spec.get("nodeName")
        if name:
            yield invalid(template.path / "nodeName", name, PAST_THE_SCHEDULER)


def _told(toleration: pod.Toleration) -> str:
    """A toleration in a message, with what it leaves open."""
    key, operator, effect = toleration.get("key"), toleration.get("operator"), toleration.get("effect")
    every = [
        *(() if key else ("taint",)),
        *(("value",) if key and operator == "Exists" else ()),
        *(() if effect else ("effect",)),
    ]
    told = shown(_text(key, operator, toleration.get("value"), effect))
    return f"{told} (every {' and every '.join(every)})" if every else told
