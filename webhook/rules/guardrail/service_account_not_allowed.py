"""Which service accounts pods may run as."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob.job import Job, Owner, Template
from webhook.rules.choice import listed
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, invalid, required
from webhook.rules.parameters import Parameters, Pattern
from webhook.rules.rule import fails, guardrail, passes

DEFAULT = "default"
HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"


class ServiceAccountNotAllowed(Parameters):
    """What is allowed."""

    accounts: tuple[Pattern, ...] = Field(
        default=(DEFAULT,),
        validate_default=True,
        min_length=1,
        description="Patterns of the service accounts that pods may run as; default is that of pods that name none",
    )
    autoscaler_account: bool = Field(
        default=False,
        description="Whether the head of an autoscaling cluster may name none: KubeRay then makes it an account that "
        "may change the pods and RayClusters of the namespace, past every policy for RayJobs",
    )


def _head(**spec: object) -> dict[str, object]:
    return cluster(headGroupSpec={"template": {"spec": spec}})


@guardrail(
    "A pod runs as a service account that is not allowed",
    parameters=ServiceAccountNotAllowed,
    reads=("spec",),
    examples=(
        passes({}),
        fails(_head(serviceAccountName="admin"), f"{HEAD}.serviceAccountName"),
        fails(_head(serviceAccount="admin"), f"{HEAD}.serviceAccount"),
        passes(_head(serviceAccountName="ray-vision"), given={"accounts": ["ray-.*"]}),
        fails({}, f"{HEAD}.serviceAccountName", given={"accounts": ["ray-.*"]}),
        fails(cluster(enableInTreeAutoscaling=True), f"{HEAD}.serviceAccountName"),
        passes(cluster(enableInTreeAutoscaling=True), given={"autoscalerAccount": True}),
    ),
)
def service_account_not_allowed(job: Job, params: ServiceAccountNotAllowed) -> Iterator[Finding]:
    """A template's service account is none of the policy's `accounts`, by either of the fields that name it.

    A pod that names none runs as `default`; the head of an autoscaling cluster runs as an account that KubeRay makes.
    The submitter that KubeRay makes where there is no `submitterPodTemplate` is not asked.

    Why: whatever the account may do in the cluster, the job's code may do.

    Instead: name an allowed account in `serviceAccountName` of every template.
    """
    must = f"must be {listed(account.text for account in params.accounts)}"
    for template in job.templates:
        yield from _found(template, params, must, autoscales=job.autoscales and template.owner is Owner.HEAD)


def _found(template: Template, params: ServiceAccountNotAllowed, must: str, *, autoscales: bool) -> Iterator[Finding]:
    name, alias = (template.spec.get("serviceAccountName") or ""), (template.spec.get("serviceAccount") or "")
    for field, account in (("serviceAccountName", name), ("serviceAccount", alias)):
        if account and not _is_allowed(account, params):
            yield invalid(template.path / field, account, must)
    if autoscales and not name:  # KubeRay does not look at the alias
        if not params.autoscaler_account:
            made = "; without it, KubeRay makes an account that may change pods and RayClusters"
            yield required(template.path / "serviceAccountName", must + made)
    elif not (name or alias or _is_allowed(DEFAULT, params)):
        yield required(template.path / "serviceAccountName", f'{must}; without it, the pod runs as "{DEFAULT}"')


def _is_allowed(account: str, params: ServiceAccountNotAllowed) -> bool:
    return any(allowed.matches(account) for allowed in params.accounts)
