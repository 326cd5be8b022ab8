"""The runtime environment, which a RayJob carries as YAML text under one of two names."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob import runtime_env
from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rules.finding import Finding, forbidden, invalid_secret
from webhook.rules.rule import Action, Layer, fails, passes, rule

RUNTIME_ENV = field("spec.runtimeEnv")
RUNTIME_ENV_YAML = field("spec.runtimeEnvYAML")


@rule(
    "The runtime environment is not a YAML mapping",
    layer=Layer.CONTRACT,
    source=("R118",),
    examples=(
        passes({"spec": {"runtimeEnvYAML": "pip:\n  - pandas\n"}}),
        passes({"spec": {"runtimeEnvYAML": ""}}),
        passes({"spec": {"runtimeEnv": "env_vars: {ENV: production}"}}),
        fails({"spec": {"runtimeEnvYAML": "- pandas"}}, "spec.runtimeEnvYAML"),
        fails({"spec": {"runtimeEnvYAML": "pip: [pandas"}}, "spec.runtimeEnvYAML"),
        fails({"spec": {"runtimeEnv": "pandas"}}, "spec.runtimeEnv"),
    ),
)
def invalid_runtime_env(job: Job) -> Iterator[Finding]:
    """`spec.runtimeEnv` or `spec.runtimeEnvYAML` is no YAML, or YAML of something else than a mapping.

    Why: KubeRay's operator refuses the job after it is stored.

    Instead: write a mapping of Ray's runtime_env fields: `pip: [pandas]`, `env_vars: {ENV: production}`.
    """
    for path, text in ((RUNTIME_ENV, job.spec.get("runtimeEnv")), (RUNTIME_ENV_YAML, job.spec.get("runtimeEnvYAML"))):
        if text and (fault := runtime_env.fault(text)) is not None:
            yield invalid_secret(path, text, fault)


@rule(
    "The two names of the runtime environment say different things",
    layer=Layer.CONTRACT,
    reads=("spec.runtimeEnv", "spec.runtimeEnvYAML"),
    examples=(
        passes({"spec": {"runtimeEnv": "pip: [pandas]", "runtimeEnvYAML": "pip:\n- pandas\n"}}),
        fails({"spec": {"runtimeEnv": "pip: [pandas]", "runtimeEnvYAML": "pip: [numpy]"}}, "spec.runtimeEnv"),
    ),
)
def conflicting_runtime_env(job: Job) -> Iterator[Finding]:
    """`spec.runtimeEnv` and `spec.runtimeEnvYAML` are both given, and differ in more than their layout.

    Why: KubeRay 1.1 and later read only `runtimeEnvYAML`, so what the other one says would be lost without a word.

    Instead: keep `runtimeEnvYAML` alone.
    """
    text, yaml_text = job.spec.get("runtimeEnv"), job.spec.get("runtimeEnvYAML")
    if text is not None and yaml_text is not None and not runtime_env.same(text, yaml_text):
        yield forbidden(RUNTIME_ENV, text, "says something else than spec.runtimeEnvYAML, which is what KubeRay reads")


@rule(
    "KubeRay's own CRD does not know spec.runtimeEnv",
    layer=Layer.CONTRACT,
    action=Action.WARN,
    reads=("spec.runtimeEnv",),
    examples=(
        passes({"spec": {"runtimeEnvYAML": "pip: [pandas]"}}, from_file=True),
        passes({"spec": {"runtimeEnv": "pip: [pandas]"}}),
        fails({"spec": {"runtimeEnv": "pip: [pandas]"}}, "spec.runtimeEnv", from_file=True),
    ),
)
def undeclared_runtime_env(job: Job) -> Iterator[Finding]:
    """A file says `spec.runtimeEnv`, the interface's name, which KubeRay's own CRD does not declare.

    Why: on a cluster with that CRD `kubectl apply` fails with an unknown field, or drops the field without a word.

    Instead: write `spec.runtimeEnvYAML`, with the same text. A cluster with this project's CRD takes both.
    """
    if job.from_file and job.spec.get("runtimeEnv") is not None:
        yield forbidden(RUNTIME_ENV, None, "KubeRay's own CRD refuses this name; write spec.runtimeEnvYAML")
