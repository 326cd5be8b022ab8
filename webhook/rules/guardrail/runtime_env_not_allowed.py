"""What a job's runtime environment may use, and where it may come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from webhook.rayjob import environment, runtime_env, source
from webhook.rayjob.goyaml import Json
from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rayjob.source import Source
from webhook.rules.finding import Finding, forbidden, invalid_secret, shown
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

FIELDS = ("config", "env_vars", "excludes", "py_modules", "working_dir")  # nothing is installed, no image is changed
LOADED = ("working_dir", "py_modules", "java_jars")
MANAGERS = ("pip", "uv", "conda")
VERSIONS = ("pip_version", "uv_version")

UNEXPANDED = ("HTTPMode", "InteractiveMode")  # where no shell of KubeRay's reads the text

# The options that choose where packages come from in place of the internet, and all whose effect is known.
_INDEX = ("-i", "--index-url", "--default-index", "--no-index")
_KNOWN = (
    *("-f", "--find-links", "--extra-index-url", "--index", "-U", "--upgrade", "--pre", "--no-deps", "--hash"),
    *("--require-hashes", "--only-binary", "--no-binary", "--prefer-binary", "--no-cache-dir", "--no-build-isolation"),
)
_VALUED = ("-f", "--find-links", "--extra-index-url", "--index", "--hash", "--only-binary", "--no-binary")

# A word with a URL in it: --index-url=URL, package[extra]@URL, git+URL.
_WITH_URL = re.compile(r"(?:--[a-z-]+=|[A-Za-z0-9._-]+(?:\[[A-Za-z0-9._,-]*\])?@)?(?:(?:git|hg|svn|bzr)\+)?(.*:.*)")


def _source(raw: object) -> Source:
    found = source.parse(raw) if isinstance(raw, str) else None
    if found is None:
        raise ValueError("must be a URL without escapes, such as https://packages.example.com/ray or s3://bucket")
    return found


class RuntimeEnvNotAllowed(Parameters):
    """What is allowed."""

    fields: tuple[str, ...] = Field(
        default=FIELDS, description="The fields of the runtime environment that jobs may use; pip is one, conda another"
    )
    sources: tuple[
        Annotated[Source, PlainValidator(_source), WithJsonSchema({"type": "string", "format": "uri"})], ...
    ] = Field(
        default=(),
        description="Beginnings of the URLs from which code and packages may come: scheme, host and port must be the "
        "same, the path may go on at a slash. What the image holds is always allowed",
    )
    any_index: bool = Field(
        default=False,
        description="Whether pip, uv and conda, where they are among the fields, may install from anywhere",
    )


@guardrail(
    "A runtime environment uses what is not allowed",
    parameters=RuntimeEnvNotAllowed,
    reads=("spec.runtimeEnv|spec.runtimeEnvYAML",),
    examples=(
        passes({"spec": {"runtimeEnvYAML": "env_vars: {TEAM: vision}\nworking_dir: /app\n"}}),
        passes(
            {"spec": {"runtimeEnvYAML": "working_dir: https://code.example.com/ml/a.zip"}},
            given={"sources": ["https://code.example.com/ml"]},
        ),
        fails(
            {"spec": {"runtimeEnvYAML": "working_dir: https://code.example.com@evil.example.net/a.zip"}},
            "spec.runtimeEnvYAML",
            given={"sources": ["https://code.example.com"]},
        ),
        fails({"spec": {"runtimeEnvYAML": "pip: [pandas]"}}, "spec.runtimeEnvYAML"),
        fails({"spec": {"runtimeEnvYAML": "pip: [pandas]"}}, "spec.runtimeEnvYAML", given={"fields": ["pip"]}),
        passes({"spec": {"runtimeEnvYAML": "pip: [pandas]"}}, given={"fields": ["pip"], "anyIndex": True}),
        passes(
            {"spec": {"runtimeEnvYAML": "pip: [--index-url https://packages.example.com/simple, pandas]"}},
            given={"fields": ["pip"], "sources": ["https://packages.example.com"]},
        ),
        fails({"spec": {"runtimeEnvYAML": "env_vars: {A: $(whoami)}"}}, "spec.runtimeEnvYAML"),
    ),
)
def runtime_env_not_allowed(job: Job, params: RuntimeEnvNotAllowed) -> Iterator[Finding]:
    """The runtime environment has a field that is not among the policy's `fields`, or loads from elsewhere.

    `working_dir`, `py_modules` and `java_jars` are paths in the image, or URLs below the policy's `sources`. Packages
    of pip and uv need an option for their index (`--index-url`), which with every other URL is below a source; a conda
    environment is one of the image's, by name. In the modes in which a shell hands the text on, it may have neither
    `$` nor a backtick, for then nobody knows what Ray gets.

    It is no sandbox: what runs in the job can load whatever the network lets it, and an image, or a ConfigMap that is
    taken for an environment, may hold settings of pip. A submitter with a command of its own submits another runtime
    environment, and so does whoever comes in InteractiveMode; `entrypoint-not-allowed` refuses both.

    Why: what is loaded when a job starts is in no image that anybody has scanned, and the next start may load another.

    Instead: build it into the image, or load it from where the policy says.
    """
    for name, text in (("runtimeEnv", job.spec.get("runtimeEnv")), ("runtimeEnvYAML", job.spec.get("runtimeEnvYAML"))):
        found = runtime_env.parse(text) if text else None
        if isinstance(found, dict):
            # The whole text tells two violations apart: a field's value may nest more deeply than anything compares.
            for must in _faults(job, found, params):
                yield invalid_secret(field("spec") / name, text, must)
            if not params.any_index and any(found.get(manager) for manager in MANAGERS):
                yield from _of_containers(job)


def _faults(job: Job, found: dict[str, Json], params: RuntimeEnvNotAllowed) -> Iterator[str]:
    """What must be and is not, one phrase for each field; a fault of the whole text comes first."""
    expanded = job.submission_mode not in UNEXPANDED
    if expanded and any("$" in text or "`" in text for _, text in runtime_env.texts(found)):
        yield "must have no $ and no backtick, which a shell expands"
    for key, value in found.items():
        must = None if value is None else _of_field(key, value, found, params)
        if must:
            yield f"{shown(key)} must {must}"


def _of_field(key: str, value: Json, found: dict[str, Json], params: RuntimeEnvNotAllowed) -> str | None:
    if key not in params.fields:
        return f"not be used; allowed: {', '.join(params.fields) or 'nothing'}"
    if key in LOADED:
        well = all(_is_allowed(text, params) for text in _items(value))
        return None if well else "be in the image, or come from an allowed source"
    if key not in MANAGERS or params.any_index:
        return None
    return _of_conda(value) if key == "conda" else _of_packages(value, found.get("env_vars"), params)


def _items(value: Json) -> list[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _is_allowed(text: str, params: RuntimeEnvNotAllowed) -> bool:
    if source.is_local(text):
        return True
    found = source.parse(text)
    return found is not None and any(found.is_below(allowed) for allowed in params.sources)


def _of_conda(value: Json) -> str | None:
    named = isinstance(value, str) and "/" not in value and not value.endswith((".yml", ".yaml"))
    return None if named else "be the name of an environment in the image"


def _of_packages(value: Json, env_vars: Json, params: RuntimeEnvNotAllowed) -> str | None:
    """What packages of pip or uv must be and are not, as a phrase; None where they are well."""
    if not isinstance(value.get("packages") if isinstance(value, dict) else value, list):
        return "be a list of packages: nobody can say what a file lists"
    words = [word for _, text in runtime_env.texts(value) for word in text.split()]
    options = {word.partition("=")[0] for word in words if word.startswith("-")}
    faults = (
        (
            isinstance(value, dict) and any(value.get(name) for name in VERSIONS),
            "have no pip_version and no uv_version, which are installed from the usual index",
        ),
        (
            bool(options - {*_INDEX, *_KNOWN}) or any("$" in word or "\\" in word or word[0] == "#" for word in words),
            "have no option but those of a known effect, no variable, no comment and no backslash",
        ),
        (
            not all(_is_known(word, params) for word in words if ":" in word),
            "have no URL but those of an allowed source",
        ),
        (not any(map(_chooses_index, _lines(value))), "have an option --index-url with an allowed source, on its own"),
        (
            isinstance(env_vars, dict) and any(map(_is_setting, env_vars)),
            "stand beside no variable in env_vars that changes where packages come from",
        ),
    )
    return next((must for is_there, must in faults if is_there), None)


def _lines(value: Json) -> Iterator[list[str]]:
    """The words of each line that an installer reads: the packages' ones, and its own command line."""
    packages = value.get("packages") if isinstance(value, dict) else value
    for text in _items(packages):
        # Quotes make one word of many, and belong to conditions of packages alone.
        yield from (line.split() for line in text.splitlines() if not {"'", '"'} & {*line})
    if isinstance(value, dict):
        yield from (_items(value.get(name)) for name in ("pip_install_options", "uv_pip_install_options"))


def _chooses_index(words: list[str]) -> bool:
    """Whether one of the options chooses the index: neither the value of another one nor, unheeded, of a package."""
    left = iter(words)
    for word in left:
        name, with_value, _ = word.partition("=")
        if not word.startswith("-") or name in _INDEX:
            return name in _INDEX
        if name in _VALUED and not with_value:
            next(left, None)
    return False


def _is_known(word: str, params: RuntimeEnvNotAllowed) -> bool:
    match = _WITH_URL.fullmatch(word)
    return word.startswith("--hash=") or (match is not None and _is_allowed(match[1], params))


_SETTINGS = ("PIP_", "UV_")


def _is_setting(name: str) -> bool:
    return name.startswith(_SETTINGS)


def _of_containers(job: Job) -> Iterator[Finding]:
    for place, index, entry in environment.variables(job):
        if _is_setting(entry.get("name") or ""):
            yield forbidden(place / index, None, _SETTING)
    for path, source_ in environment.sources(job):
        prefix = source_.get("prefix")
        if prefix and (_is_setting(prefix) or any(setting.startswith(prefix) for setting in _SETTINGS)):
            yield forbidden(path / "prefix", prefix, _SETTING)


_SETTING = "must not change where the packages of the runtime environment come from"
