"""Every rule there is, listed by hand: a rule that is not here does not exist."""

from __future__ import annotations

from webhook.rules.contract import mode, name, required, runtime_env, ttl, types
from webhook.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    types.wrong_type,
    required.missing_name,
    required.missing_namespace,
    required.missing_entrypoint,
    required.missing_cluster,
    name.name_too_long,
    name.invalid_name,
    mode.unknown_submission_mode,
    ttl.negative_ttl,
    ttl.ttl_without_shutdown,
    runtime_env.invalid_runtime_env,
    runtime_env.conflicting_runtime_env,
    runtime_env.undeclared_runtime_env,
)
