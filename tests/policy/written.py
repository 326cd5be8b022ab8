"""Policies as their owners write them, below the header that every file has."""

from textwrap import dedent

from webhook.policy.loading import load
from webhook.policy.node import BadPolicy
from webhook.policy.policy import Policy
from webhook.policy.target import Said

HEADER = "apiVersion: rayjob-webhook/v1\nkind: RayJobPolicy\n"


def policy(text: str, said: Said | None = None) -> Policy:
    """The policy of one file, whose first line stands in line 3."""
    return load([("policy.yaml", HEADER + dedent(text))], said)


def faults(text: str) -> list[str]:
    """What is wrong in one file, each fault without the file's name."""
    try:
        policy(text)
    except BadPolicy as bad:
        return [str(fault).removeprefix("policy.yaml:") for fault in bad.faults]
    return []
