"""Whether secrets stand in the object itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from webhook.rayjob import environment, runtime_env
from webhook.rayjob.hooks import Hook, hooks
from webhook.rayjob.job import CLUSTER, HEAD, WORKERS, Job
from webhook.rayjob.path import Key, Path, field
from webhook.rules.example import cluster, head
from webhook.rules.finding import Finding, invalid_secret, shown
from webhook.rules.parameters import Expression, Parameters, Pattern, either
from webhook.rules.rule import fails, guardrail, passes

ENTRYPOINT = field("spec.entrypoint")
METADATA = field("spec.metadata")
AUTOSCALER = CLUSTER / "autoscalerOptions"
REDIS_PASSWORD = CLUSTER / "gcsFaultToleranceOptions" / "redisPassword" / "value"

# Names that end like this; one that goes on with _FILE or _NAME says where a secret is.
NAMES = (
    "(?i).*(password|passwd|passphrase|secret|token|credentials?)([_.-]?[0-9]+)?",
    "(?i)(.*[_.-])?(pass|pwd)",
    "(?i).*(api|access|account|auth|encryption|license|master|private|secret|service|signing)[_.-]?key([_.-]?id)?",
    "(?i).*connection[_.-]?string",
    "(?i)(.*[_.-])?(authorization|cookie)",
)

# What only credentials look like, by the forms that their issuers document.
VALUES = (
    r"(?s).*\b(AKIA|ASIA)[A-Z0-9]{16}\b.*",  # AWS
    r"(?s).*\b(gh[oprsu]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}).*",  # GitHub
    r"(?s).*\bglpat-[A-Za-z0-9_-]{20}.*",  # GitLab
    r"(?s).*\bhf_[A-Za-z]{30}.*",  # Hugging Face
    r"(?s).*\bsk-(ant-[a-z0-9]+-|proj-|svcacct-|admin-)?[A-Za-z0-9_]{20}.*",  # OpenAI, Anthropic
    r"(?s).*\bxox[abeoprs]-[A-Za-z0-9-]{10}.*",  # Slack
    r"(?s).*\bAIza[A-Za-z0-9_-]{35}.*",  # Google
    r"(?s).*\bAccountKey=[A-Za-z0-9+/]{40}.*",  # Azure
    r"(?s).*\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*.*",  # a JSON Web Token
    r"(?s).*-----BEGIN [A-Z0-9 ]*PRIVATE KEY.*",  # PEM
    r"(?s).*\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:]*:[^\s/?#@$][^\s/?#@]*@.*",  # a URL with a password
)

# What says no more than yes or no, or is read from elsewhere when the pod starts, which is all that Kubernetes expands.
_EXPANDED = r"\$\([A-Za-z_][A-Za-z0-9_.-]*\)|(?i:true|false|yes|no|on|off|none|null)|"
_HARMLESS = re.compile(_EXPANDED)

# The same, and what a shell or Ray reads from elsewhere.
_HARMLESS_TO_SHELL = re.compile(rf"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{{[A-Za-z_][A-Za-z0-9_]*\}})|{_EXPANDED}")

# An assignment in a command line, or an option with its value: HF_TOKEN=x, --db-password=x.
_ASSIGNMENT = re.compile(r"""(?<![^\s;&|])-{0,2}([A-Za-z_][\w.-]{0,255})=((?:"[^"]*"|'[^']*'|[^\s;&|"']++)*+)""")


class InlineSecret(Parameters):
    """What is a secret."""

    names: tuple[Pattern, ...] = Field(
        default=NAMES, validate_default=True, description="Patterns of the names whose values are secrets"
    )
    values: tuple[Pattern, ...] = Field(
        default=VALUES, validate_default=True, description="Patterns of texts that hold a secret, whatever their name"
    )

    @cached_property
    def name(self) -> Expression:
        """What any of the names matches."""
        return either(self.names)

    @cached_property
    def value(self) -> Expression:
        """What any of the values matches."""
        return either(self.values)

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        _ = self.name, self.value  # what is too large is told to the owner, not to a review
        return self


@guardrail(
    "A secret stands in the object itself",
    parameters=InlineSecret,
    reads=("spec",),
    examples=(
        passes(
            cluster(
                headGroupSpec=head(
                    env=[
                        {"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "hf", "key": "token"}}},
                        {"name": "HF_TOKEN_PATH", "value": "/secrets/hf"},
                    ]
                )
            )
        ),
        fails(
            cluster(headGroupSpec=head(env=[{"name": "HF_TOKEN", "value": "hunter2"}])),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[0].value",
        ),
        fails({"spec": {"runtimeEnvYAML": "env_vars: {DB_PASSWORD: hunter2}"}}, "spec.runtimeEnvYAML"),
        fails({"spec": {"entrypoint": "DB_PASSWORD=hunter2 python script.py"}}, "spec.entrypoint"),
        passes({"spec": {"entrypoint": "DB_PASSWORD=hunter2 python script.py"}}, given={"names": []}),
    ),
)
def inline_secret(job: Job, params: InlineSecret) -> Iterator[Finding]:
    """A value that is a secret by its name, or by its form whatever its name, is written out in the object.

    Looked at are the environment of every container, the runtime environment, `rayStartParams`, the job's `metadata`,
    the password of Redis, the entrypoint, the containers' `command` and `args`, commands and headers of their probes
    and hooks, and attributes of volumes. The value is never printed. A secret that neither its name nor its form gives
    away is not found.

    Why: whoever may read the RayJob reads the secret too, and so do the dashboard, the logs and every backup.

    Instead: keep it in a Secret, and refer to it: `valueFrom.secretKeyRef` in the container's environment.
    """
    yield from _of_environment(job, params)
    yield from _of_runtime_env(job, params)
    yield from _of_params(job, params)
    yield from _of_commands(job, params)
    yield from _of_volumes(job, params)
    password = (job.cluster.get("gcsFaultToleranceOptions") or {}).get("redisPassword") or {}
    if not _is_harmless(password.get("value"), _HARMLESS):
        yield invalid_secret(REDIS_PASSWORD, password.get("value"), _MUST)


_MUST = "must not stand here: refer to a Secret"


def _of_environment(job: Job, params: InlineSecret) -> Iterator[Finding]:
    judged: dict[tuple[str, str], bool] = {}  # for this job: most of its containers have the same environment
    for place, index, entry in environment.variables(job):
        name, value = entry.get("name") or "", entry.get("value")
        if value is None:
            continue
        is_secret = judged.get((name, value))
        if is_secret is None:
            is_secret = judged[name, value] = _is_secret(name, value, params, _HARMLESS)
        if is_secret:
            yield invalid_secret(place / index / "value", value, f"{_MUST} (valueFrom.secretKeyRef)")


def _of_params(job: Job, params: InlineSecret) -> Iterator[Finding]:
    places = [(METADATA, job.spec.get("metadata")), (HEAD / "rayStartParams", job.head.get("rayStartParams"))]
    for index, group in enumerate(job.workers):
        places.append((WORKERS / index / "rayStartParams", group.get("rayStartParams")))
    for path, options in places:
        for name, value in (options or {}).items():
            if _is_secret(name, value, params, _HARMLESS_TO_SHELL):
                yield invalid_secret(path / Key(name), value, _MUST)


def _of_runtime_env(job: Job, params: InlineSecret) -> Iterator[Finding]:
    for name, text in (("runtimeEnv", job.spec.get("runtimeEnv")), ("runtimeEnvYAML", job.spec.get("runtimeEnvYAML"))):
        if text:
            found = runtime_env.parse(text)
            if not isinstance(found, dict):
                found = {"": text}  # another rule's fault: the text is looked at as it stands
            for key, value in runtime_env.texts(found):
                if _is_secret(key, value, params, _HARMLESS_TO_SHELL):
                    must = f"the value of {shown(key)} {_MUST}, in the environment of head and workers"
                    yield invalid_secret(field("spec") / name, value, must)


def _of_commands(job: Job, params: InlineSecret) -> Iterator[Finding]:
    entrypoint = job.spec.get("entrypoint")
    if _holds_secret(entrypoint, params):
        yield invalid_secret(ENTRYPOINT, entrypoint, _MUST)
    autoscaler = job.cluster.get("autoscalerOptions") or {}
    yield from _of_words(AUTOSCALER, "command", autoscaler.get("command"), params)
    yield from _of_words(AUTOSCALER, "args", autoscaler.get("args"), params)
    for container in job.containers:
        yield from _of_words(container.path, "command", container.spec.get("command"), params)
        yield from _of_words(container.path, "args", container.spec.get("args"), params)
        for path, hook in hooks(container.path, container.spec):
            yield from _of_hook(path, hook, params)


def _of_words(path: Path, name: str, words: list[str] | None, params: InlineSecret) -> Iterator[Finding]:
    for index, word in enumerate(words or ()):
        if _holds_secret(word, params):
            yield invalid_secret(path / name / index, word, _MUST)


def _of_hook(path: Path, hook: Hook, params: InlineSecret) -> Iterator[Finding]:
    yield from _of_words(path / "exec", "command", (hook.get("exec") or {}).get("command"), params)
    for index, header in enumerate((hook.get("httpGet") or {}).get("httpHeaders") or ()):
        value = (header or {}).get("value")
        if _is_secret((header or {}).get("name") or "", value, params, _HARMLESS):
            yield invalid_secret(path / "httpGet" / "httpHeaders" / index / "value", value, _MUST)


def _of_volumes(job: Job, params: InlineSecret) -> Iterator[Finding]:
    for template in job.templates:
        for index, volume in enumerate(template.spec.get("volumes") or ()):
            csi, flex = (volume or {}).get("csi") or {}, (volume or {}).get("flexVolume") or {}
            for steps, attributes in (
                (("csi", "volumeAttributes"), csi.get("volumeAttributes")),
                (("flexVolume", "options"), flex.get("options")),
            ):
                for name, value in (attributes or {}).items():
                    if _is_secret(name, value, params, _HARMLESS):
                        place = template.path / "volumes" / index
                        yield invalid_secret(Path((*place.steps, *steps, Key(name))), value, _MUST)


def _holds_secret(text: str | None, params: InlineSecret) -> bool:
    if not text:
        return False
    return params.value.matches(text) or any(
        params.name.matches(match[1]) and _is_written_out(match[2]) for match in _ASSIGNMENT.finditer(text)
    )


def _is_written_out(word: str) -> bool:
    """Whether a word of a command line is no expansion by the shell, which a single quote prevents, and no number."""
    value = word.replace('"', "").replace("'", "")
    if word.startswith(("'", "$'", '$"')):
        return value not in ("", "$")
    return not (value.startswith(("$", "`")) or value.isdigit() or _is_harmless(value, _HARMLESS))


def _is_secret(name: str, value: str | None, params: InlineSecret, harmless: re.Pattern[str]) -> bool:
    return not _is_harmless(value, harmless) and (params.name.matches(name) or params.value.matches(value or ""))


def _is_harmless(value: str | None, harmless: re.Pattern[str]) -> bool:
    return value is None or harmless.fullmatch(value) is not None
