"""Which command may be the job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from webhook.rayjob.job import SUBMITTER, Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, forbidden, invalid_secret, required, shown
from webhook.rules.parameters import Parameters, Pattern
from webhook.rules.rule import fails, guardrail, passes

ENTRYPOINT = field("spec.entrypoint")
MODE = field("spec.submissionMode")

COMMAND = {"submitterPodTemplate": {"spec": {"containers": [{"name": "submit", "command": ["/submit"]}]}}}


class EntrypointNotAllowed(Parameters):
    """What is allowed, what is not."""

    allowed: tuple[Pattern, ...] | None = Field(
        default=None, description="Patterns of which the entrypoint must match one; without them, any will do"
    )
    forbidden: tuple[Pattern, ...] = Field(
        default=(), description="Patterns of which the entrypoint may match none; .*curl.* finds a text anywhere"
    )
    allow_submitter_command: bool = Field(
        default=False, description="Whether the submitter may have a command of its own, which submits what it likes"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.allowed is None and not self.forbidden:
            raise ValueError("must have allowed, or forbidden, or both")
        return self


@guardrail(
    "The command of a job is not allowed",
    parameters=EntrypointNotAllowed,
    examples=(
        passes({"spec": {"entrypoint": " python script.py\n"}}, given={"allowed": ["python [a-z/]+[.]py"]}),
        fails({"spec": {"entrypoint": "bash script.sh"}}, "spec.entrypoint", given={"allowed": ["python .*"]}),
        fails({"spec": {"entrypoint": "python a.py; curl x"}}, "spec.entrypoint", given={"forbidden": [".*curl.*"]}),
        fails(
            {"spec": COMMAND}, "spec.submitterPodTemplate.spec.containers[0].command", given={"allowed": ["python .*"]}
        ),
        passes({"spec": COMMAND}, given={"allowed": ["python .*"], "allowSubmitterCommand": True}),
        fails(
            {"spec": {"submissionMode": "InteractiveMode", "entrypoint": None}},
            "spec.submissionMode",
            given={"forbidden": [".*curl.*"]},
        ),
    ),
)
def entrypoint_not_allowed(job: Job, params: EntrypointNotAllowed) -> Iterator[Finding]:
    """`spec.entrypoint`, without the blanks around it, matches none of the policy's `allowed`, or one of `forbidden`.

    A submitter with a command of its own submits what it likes, and so does whoever comes in InteractiveMode: both are
    refused, unless the policy says `allowSubmitterCommand` of the one. Arguments alone do not replace the entrypoint:
    KubeRay puts its own in their place. The entrypoint is never printed: it may hold secrets. What is forbidden stops
    a mistake; whoever means to gets past it, for a shell has many ways to write one word.

    Why: in a shell, one line can do anything; a job that starts only what the platform knows can be told apart.

    Instead: use an entrypoint of the form that the policy gives.
    """
    if job.submission_mode == "InteractiveMode":
        yield forbidden(MODE, job.submission_mode, "must be another: in InteractiveMode anything can be submitted")
        return
    command = _submitter_command(job)
    if command and not params.allow_submitter_command:
        place = SUBMITTER / "spec" / "containers" / 0 / "command"
        yield forbidden(place, command, "must be left out: KubeRay submits the entrypoint")
    entrypoint = (job.spec.get("entrypoint") or "").strip()
    if not entrypoint:
        if params.allowed is not None and not command:
            yield required(ENTRYPOINT, "a command that the policy allows")
    elif params.allowed is not None and not any(pattern.matches(entrypoint) for pattern in params.allowed):
        yield invalid_secret(ENTRYPOINT, entrypoint, f"must match {_listed(params.allowed)}")
    else:
        in_one_line = entrypoint.replace("\n", " ")  # a dot matches no line feed, which would hide what follows
        matched = [one for one in params.forbidden if one.matches(entrypoint) or one.matches(in_one_line)]
        if matched:
            yield invalid_secret(ENTRYPOINT, entrypoint, f"must not match {_listed(tuple(matched))}")


def _submitter_command(job: Job) -> list[str]:
    containers = ((job.spec.get("submitterPodTemplate") or {}).get("spec") or {}).get("containers")
    return ((containers[0] or {}).get("command") or []) if containers else []


def _listed(patterns: tuple[Pattern, ...]) -> str:
    return " or ".join(shown(pattern.text) for pattern in patterns) or "nothing: the policy allows none"
