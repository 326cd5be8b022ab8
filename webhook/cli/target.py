"""The options that say which KubeRay the jobs are meant for, alike for every command that decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import click

from webhook.policy.target import BadTarget, Said
from webhook.rayjob.kuberay import Scheduler

R = TypeVar("R")


def targeted(command: Callable[..., R]) -> Callable[..., R]:
    """Gives a command the options, and what they say as its argument `kuberay` (a `Said`, which makes a target).

    What is not said by a flag or variable may be said by a policy, and else is the newest KubeRay as it comes.
    """

    @click.option(
        "--kuberay-version",
        metavar="X.Y",
        show_default="the policy's, else newer",
        envvar="RAYJOB_WEBHOOK_KUBERAY_VERSION",
        show_envvar=True,
        help="Release of the KubeRay that runs the jobs.",
    )
    @click.option(
        "--feature-gates",
        metavar="NAME=BOOL,...",
        show_default="the policy's, else its own defaults",
        envvar="RAYJOB_WEBHOOK_FEATURE_GATES",
        show_envvar=True,
        help="Feature gates of its operator, as its own flag has them.",
    )
    @click.option(
        "--batch-scheduler",
        type=click.Choice([str(scheduler) for scheduler in Scheduler]),
        show_default="the policy's, else another or none",
        envvar="RAYJOB_WEBHOOK_BATCH_SCHEDULER",
        show_envvar=True,
        help="Batch scheduler of its operator, if it is one of these.",
    )
    @click.option(
        "--cert-manager/--no-cert-manager",
        default=None,
        show_default="the policy's, else --cert-manager",
        envvar="RAYJOB_WEBHOOK_CERT_MANAGER",
        show_envvar=True,
        help="Whether cert-manager is installed where the jobs run.",
    )
    @click.option(
        "--kueue/--no-kueue",
        default=None,
        show_default="the policy's, else --no-kueue",
        envvar="RAYJOB_WEBHOOK_KUEUE",
        show_envvar=True,
        help="Whether Kueue is installed where the jobs run.",
    )
    @wraps(command)
    def with_target(
        *arguments: object,
        kuberay_version: str | None,
        feature_gates: str | None,
        batch_scheduler: str | None,
        cert_manager: bool | None,
        kueue: bool | None,
        **options: object,
    ) -> R:
        scheduler = Scheduler(batch_scheduler) if batch_scheduler else None
        kuberay = Said(kuberay_version, feature_gates, scheduler, cert_manager, kueue)
        try:
            kuberay.target()  # what is said badly is the fault of no policy
        except BadTarget as error:
            raise click.UsageError(f"the target KubeRay: {error}") from None
        return command(*arguments, kuberay=kuberay, **options)

    return with_target
