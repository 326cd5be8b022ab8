"""Whether an image can change while its name stays the same."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from webhook.rayjob import image
from webhook.rayjob.image_place import image_places
from webhook.rayjob.job import Job
from webhook.rules.choice import listed
from webhook.rules.example import cluster, head
from webhook.rules.finding import Finding, invalid, invalid_secret
from webhook.rules.parameters import Parameters, Pattern
from webhook.rules.rule import fails, guardrail, passes

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].image"
DIGEST = "sha256:" + "0123456789abcdef" * 4

# Ray itself moves these, with its Python version and its GPUs behind them: latest-py311-gpu.
MOVING = ("(?i)latest([-_.].*)?", "(?i)nightly([-_.].*)?")


class UnpinnedImage(Parameters):
    """What pins an image."""

    digest_required: bool = Field(
        default=False, description="Whether an image needs a digest (@sha256:…); a tag alone can be moved by its owner"
    )
    moving_tags: tuple[Pattern, ...] = Field(
        default=MOVING,
        validate_default=True,
        description="Patterns of the tags that pin nothing, because they are moved; no tag at all is latest",
    )


@guardrail(
    "An image can change while its name stays the same",
    parameters=UnpinnedImage,
    reads=("spec",),
    examples=(
        passes({}),
        fails(cluster(headGroupSpec=head(image="rayproject/ray")), HEAD),
        fails(cluster(headGroupSpec=head(image="registry.example.com:5000/ray")), HEAD),
        fails(cluster(headGroupSpec=head(image="rayproject/ray:latest-py311")), HEAD),
        passes(cluster(headGroupSpec=head(image=f"rayproject/ray:latest@{DIGEST}"))),
        fails({}, HEAD, given={"digestRequired": True}),
        passes(cluster(headGroupSpec=head(image=f"rayproject/ray@{DIGEST}")), given={"digestRequired": True}),
    ),
)
def unpinned_image(job: Job, params: UnpinnedImage) -> Iterator[Finding]:
    """An image has no tag, or one that is moved, such as latest; or it has no digest, where the policy wants one.

    Looked at is every image that is named: in every container of every template, in volumes, for the autoscaler and
    the history server's collector, and in the runtime environment as it is written.

    Why: head and workers that pull at different times run different versions of Ray, and a retry runs another program
    than the first attempt. What was scanned is not what runs.

    Instead: name a version, rayproject/ray:2.52.0, or better a digest, rayproject/ray@sha256:…
    """
    for place in image_places(job):
        must = None if place.text is None else _must(place.text, params)
        if must and place.key:
            yield invalid_secret(place.path, place.text, f"{place.key} {must}")
        elif must:
            yield invalid(place.path, place.text, must)


def _must(text: str, params: UnpinnedImage) -> str | None:
    """What an image's name must have and has not, as a phrase; None where it is well."""
    named = image.parse(text)
    if named is None:
        return "must be an image's name that a container runtime takes, such as rayproject/ray:2.52.0"
    if named.digest is not None:
        return None
    if params.digest_required:
        return "must have a digest, such as rayproject/ray@sha256:…"
    if named.tag is None:
        return "must have a tag or a digest: without one it is latest"
    if any(moving.matches(named.tag) for moving in params.moving_tags):
        return f"must have a digest, or a tag that is none of {listed(moving.text for moving in params.moving_tags)}"
    return None
