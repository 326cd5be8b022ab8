"""Which command may be the job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from webhook.rayjob import runtime_env
from webhook.rayjob.hooks import hooks
from webhook.rayjob.job import Container, Job, Owner
from webhook.rayjob.path import Key, Path, field
from webhook.rules.finding import Finding, forbidden, invalid, invalid_secret, required, shown
from webhook.rules.parameters import Parameters, Pattern
from webhook.rules.rule import fails, guardrail, passes

ENTRYPOINT = field("spec.entrypoint")
MODE = field("spec.submissionMode")

JOB_ID = field("spec.jobId")
METADATA = field("spec.metadata")
RESOURCES = field("spec.entrypointResources")

UNEXPANDED = ("HTTPMode", "InteractiveMode")  # where no shell of KubeRay's reads the fields

# What a shell leaves as it is: without quotes, and between double quotes, where a variable alone runs nothing.
_ONE_WORD = re.compile(r"[A-Za-z0-9._:@%+=,/-]*")
_MAY_RUN = re.compile(r"[$`\\!]")  # an escape or a tag of YAML's may stand for the others
_TEXT = re.compile(r"(?:[^$`]++|\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\})*+")

COMMAND = {"submitterPodTemplate": {"spec": {"containers": [{"name": "submit", "command": ["/submit"]}]}}}


class EntrypointNotAllowed(Parameters):
    """What is allowed, what is not."""

    allowed: tuple[Pattern, ...] | None = Field(
        default=None,
        description="Patterns of which the entrypoint must match one; without them, any will do. A shell reads the "
        "entrypoint, so leave no place for ; & | $ ` and line feeds: a dot matches no line feed, but [^;] and \\s do",
    )
    forbidden: tuple[Pattern, ...] = Field(
        default=(), description="Patterns of which the entrypoint may match none; .*curl.* finds a text anywhere"
    )
    allow_submitter_command: bool = Field(
        default=False,
        description="Whether the submitter may run commands of its own, in any of its containers and in other fields "
        "that its shell reads; they submit what they like",
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
        fails({"spec": {"jobId": "a -- bash"}}, "spec.jobId", given={"allowed": ["python .*"]}),
        fails({"spec": {"metadata": {"team": "$(bash)"}}}, "spec.metadata[team]", given={"allowed": ["python .*"]}),
        fails(
            {"spec": {"submissionMode": "InteractiveMode", "entrypoint": None}},
            "spec.submissionMode",
            given={"forbidden": [".*curl.*"]},
        ),
    ),
)
def entrypoint_not_allowed(job: Job, params: EntrypointNotAllowed) -> Iterator[Finding]:
    """`spec.entrypoint`, without the blanks around it, matches none of the policy's `allowed`, or one of `forbidden`.

    A submitter with commands of its own submits what it likes, and so does whoever comes in InteractiveMode: both are
    refused, unless the policy says `allowSubmitterCommand` of the one. Its commands are `command`, hooks and probes
    that execute something, init containers and all containers beside the first; and whatever stands in `jobId`,
    `metadata`, `entrypointResources` and the runtime environment that the submitter's shell would execute, for KubeRay
    gives these to it as they are. Arguments alone do not replace the entrypoint: KubeRay puts its own in their place.
    The entrypoint is never printed: it may hold secrets. What is forbidden stops a mistake; whoever means to gets past
    it, for a shell has many ways to write one word.

    This is about what is submitted. What images, volumes and environments make of the words, and what the containers
    of head and workers start beside Ray, is out of its reach; `image-not-allowed` bounds the first.

    Why: in a shell, one line can do anything; a job that starts only what the platform knows can be told apart.

    Instead: use an entrypoint of the form that the policy gives.
    """
    if job.submission_mode == "InteractiveMode":
        yield forbidden(MODE, job.submission_mode, "must be another: in InteractiveMode anything can be submitted")
        return
    submitter = [container for container in job.containers if container.template.owner is Owner.SUBMITTER]
    command = any(container.main and container.spec.get("command") for container in submitter)
    if not params.allow_submitter_command:
        for container in submitter:
            yield from _run_by(container)
        if job.submission_mode not in UNEXPANDED:
            yield from _run_by_shell(job)
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


def _run_by(container: Container) -> Iterator[Finding]:
    must = "must be left out: KubeRay submits the entrypoint"
    if not container.main:
        yield forbidden(container.path, container.spec, must)
        return
    command = container.spec.get("command")
    if command:
        yield forbidden(container.path / "command", command, must)
    for path, hook in hooks(container.path, container.spec):
        if hook.get("exec") is not None:
            yield forbidden(path / "exec", hook.get("exec"), must)


def _run_by_shell(job: Job) -> Iterator[Finding]:
    job_id = job.spec.get("jobId") or ""
    if not _ONE_WORD.fullmatch(job_id):
        must = "must be one word of letters, digits and . _ : @ % + = , / -, for it stands in the submitter's command"
        yield invalid(JOB_ID, job_id, must)
    for path, value, texts in _quoted(job):
        if not all(map(_TEXT.fullmatch, texts)):
            must = "must have no backtick and no $ but for a variable's name: the submitter's shell would run it"
            yield invalid_secret(path, value, must)


def _quoted(job: Job) -> Iterator[tuple[Path, str | None, list[str]]]:
    """What KubeRay puts between double quotes: the place, the value, and the texts in it."""
    for key, value in (job.spec.get("metadata") or {}).items():
        yield METADATA / Key(key), value, [key, value or ""]
    resources = job.spec.get("entrypointResources")
    yield RESOURCES, resources, [resources or ""]
    for name, text in (("runtimeEnv", job.spec.get("runtimeEnv")), ("runtimeEnvYAML", job.spec.get("runtimeEnvYAML"))):
        found = runtime_env.parse(text) if text and _MAY_RUN.search(text) else {}
        if isinstance(found, dict):  # the operator hands on no other
            yield field("spec") / name, text, [below for _, below in runtime_env.texts(found)]


def _listed(patterns: tuple[Pattern, ...]) -> str:
    return " or ".join(shown(pattern.text) for pattern in patterns) or "nothing: the policy allows none"
