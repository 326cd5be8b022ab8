"""The options that say which KubeRay the jobs are meant for, alike for every command that decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import click

from webhook.policy.target import BadTarget, target
from webhook.rayjob.kuberay import Scheduler

R = TypeVar("R")


def targeted(command: Callable[..., R]) -> Callable[..., R]:
    """Gives a command the options, and their meaning as its argument `kuberay` (a Target)."""

    @click.option(
        "--kuberay-version",
        metavar="X.Y",
        default="newer",
        show_default=True,
        envvar="RAYJOB_WEBHOOK_KUBERAY_VERSION",
        show_envvar=True,
        help="Release of the KubeRay that runs the jobs.",
    )
    @click.option(
        "--feature-gates",
        metavar="NAME=BOOL,...",
        default="",
        envvar="RAYJOB_WEBHOOK_FEATURE_GATES",
        show_envvar=True,
        help="Feature gates of its operator, as its own flag has them.",
    )
    @click.option(
        "--batch-scheduler",
        type=click.Choice([str(scheduler) for scheduler in Scheduler]),
        envvar="RAYJOB_WEBHOOK_BATCH_SCHEDULER",
        show_envvar=True,
        help="Batch scheduler of its operator, if it is one of these.",
    )
    @click.option(
        "--cert-manager/--no-cert-manager",
        default=True,
        envvar="RAYJOB_WEBHOOK_CERT_MANAGER",
        show_envvar=True,
        help="Whether cert-manager is installed where the jobs run.",
    )
    @wraps(command)
    def with_target(
        *arguments: object,
        kuberay_version: str,
        feature_gates: str,
        batch_scheduler: str | None,
        cert_manager: bool,
        **options: object,
    ) -> R:
        try:
            scheduler = Scheduler(batch_scheduler) if batch_scheduler else None
            kuberay = target(kuberay_version, feature_gates, scheduler, cert_manager=cert_manager)
        except BadTarget as error:
            raise click.UsageError(f"the target KubeRay: {error}") from None
        return command(*arguments, kuberay=kuberay, **options)

    return with_target
