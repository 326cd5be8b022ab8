"""How many GPUs a job may hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from typing import Self

from pydantic import Field, model_validator

from webhook.rayjob import demand, quantity
from webhook.rayjob.job import Job
from webhook.rules import budget
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.finding import Finding, forbidden
from webhook.rules.parameters import Expression, Parameters, Pattern, either
from webhook.rules.rule import fails, guardrail, passes

# By KubeRay's own test, a name that ends with gpu; besides, slices and shares of GPUs under the names that the device
# plugins of NVIDIA, AMD and Intel give them, and the counts of GPUs of other plugins (not their shares of memory or
# cores, which are no numbers of GPUs). A name that Kubernetes itself makes of a device class (DRA) does not say what it
# stands for, so that it counts until the policy says which are GPUs.
GPUS = (
    "(?i).*gpu",
    "(?i).*gpu[.-](shared|count|number)",
    r"nvidia\.com/mig-.*",
    r"amd\.com/[a-z]+_nps[0-9]+",
    r"gpu\.intel\.com/(i915|xe).*",
    r"deviceclass\.resource\.kubernetes\.io/.*",
)


class TooManyGpus(Parameters):
    """How many are too many."""

    max_gpus: int = Field(ge=0, description="The most GPUs that all pods of a job may ask for together")
    resource_names: tuple[Pattern, ...] = Field(
        default=GPUS,
        validate_default=True,
        min_length=1,
        description="Patterns of the resources that are GPUs; each unit counts for one, a MIG slice as well. Where "
        "device classes (DRA) are asked for as resources, the names of those with GPUs belong here",
    )
    allow_resource_claims: bool = Field(
        default=False, description="Whether pods may have resource claims (DRA), whose devices cannot be counted"
    )

    @cached_property
    def gpu(self) -> Expression:
        """What the name of any resource that counts matches."""
        return either(self.resource_names)

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        _ = self.gpu  # what is too large is told to the owner, not to a review
        return self


def _gpus(pods: int, **container: object) -> dict[str, object]:
    return worker_group(
        maxReplicas=pods,
        template={"spec": {"containers": [{"name": "ray-worker", "image": "rayproject/ray:2.52.0", **container}]}},
    )


@guardrail(
    "A job holds too many GPUs",
    parameters=TooManyGpus,
    examples=(
        passes(
            cluster(workerGroupSpecs=[_gpus(2, resources={"limits": {"nvidia.com/gpu": 8}})]), given={"maxGpus": 16}
        ),
        fails(
            cluster(workerGroupSpecs=[_gpus(3, resources={"limits": {"nvidia.com/gpu": 8}})]),
            "spec.rayClusterSpec",
            given={"maxGpus": 16},
        ),
        fails(
            cluster(headGroupSpec=head(resources={"limits": {"nvidia.com/mig-1g.5gb": "1"}})),
            "spec.rayClusterSpec",
            given={"maxGpus": 0},
        ),
        passes(
            cluster(headGroupSpec=head(resources={"limits": {"nvidia.com/gpu": 1, "example.com/npu": "2"}})),
            given={"maxGpus": 2, "resourceNames": [r"example\.com/npu"]},
        ),
        fails(
            cluster(headGroupSpec={"template": {"spec": {"resourceClaims": [{"name": "gpu"}]}}}),
            "spec.rayClusterSpec.headGroupSpec.template.spec.resourceClaims",
            given={"maxGpus": 8},
        ),
    ),
)
def too_many_gpus(job: Job, params: TooManyGpus) -> Iterator[Finding]:
    """All pods of a job together may come to ask for more GPUs than the policy's `maxGpus`.

    Counted are the head, each worker group at `maxReplicas` times `numOfHosts` whatever `replicas` says, and the
    submitter; in a pod whatever Kubernetes counts: containers, sidecars and init containers. A resource claim (DRA)
    may bring any number of devices, so a pod with one is refused, unless the policy says `allowResourceClaims`.

    Out of reach are GPUs that a container takes without asking: where a node's runtime heeds `NVIDIA_VISIBLE_DEVICES`,
    which an image may set, that must be forbidden there; privileged containers and paths of the node have their own
    guardrails.

    Why: GPUs are what a job costs, and the job that asks for more than there are waits for ever.

    Instead: lower `maxReplicas`, or the GPUs of a pod. `num-gpus` changes nothing here: it tells Ray, not Kubernetes.
    """
    counts = cache(params.gpu.matches)  # for this job, which names few resources, and each in every container
    must = f"must be {params.max_gpus} or less (GPUs)"
    yield from budget.overdrawn(job, demand.shares(job, counts), params.max_gpus * quantity.BILLION, must)
    yield from budget.uncountable(job, counts)
    if not params.allow_resource_claims:
        for template in demand.templates(job):
            claims = template.spec.get("resourceClaims")
            if claims:
                yield forbidden(
                    template.path / "resourceClaims", claims, "must be left out: nobody can count what a claim brings"
                )
