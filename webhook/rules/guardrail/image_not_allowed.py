"""Which registries and repositories images may come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from webhook.rayjob import image
from webhook.rayjob.image import Repositories
from webhook.rayjob.image_place import ImagePlace, image_places
from webhook.rayjob.job import Job
from webhook.rules.choice import listed
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.finding import Finding, invalid, invalid_secret, required
from webhook.rules.parameters import Parameters
from webhook.rules.rule import fails, guardrail, passes

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"


def _repositories(raw: object) -> Repositories:
    found = image.parse_repositories(raw) if isinstance(raw, str) else None
    if found is None:
        raise ValueError(
            "must be a registry, with a path or without, such as registry.example.com:5000/team or "
            "docker.io/rayproject: no scheme, no tag, no slash at its end"
        )
    return found


class ImageNotAllowed(Parameters):
    """What is allowed."""

    registries: tuple[
        Annotated[Repositories, PlainValidator(_repositories), WithJsonSchema({"type": "string", "minLength": 1})], ...
    ] = Field(
        min_length=1,
        description="Registries from which images may come, each with a path or without: registry.example.com/team "
        "allows team and what is below it, on that host and port alone. docker.io/rayproject allows rayproject/ray, "
        "docker.io/library allows images of a single name, such as busybox",
    )
    allow_short_names: bool = Field(
        default=True,
        description="Whether an image may leave its registry out, which is docker.io then; for nodes with CRI-O say "
        "false, for it may look in other registries first",
    )


@guardrail(
    "An image comes from where none may come from",
    parameters=ImageNotAllowed,
    reads=("spec",),
    examples=(
        passes({}, given={"registries": ["docker.io/rayproject"]}),
        fails({}, f"{HEAD}.containers[0].image", given={"registries": ["registry.example.com"]}),
        fails(
            {}, f"{HEAD}.containers[0].image", given={"registries": ["docker.io/rayproject"], "allowShortNames": False}
        ),
        passes(
            cluster(headGroupSpec=head(image="registry.example.com/team/ray:2.52.0")),
            given={"registries": ["registry.example.com/team"]},
        ),
        fails(
            cluster(headGroupSpec=head(image="registry.example.com.evil.io/team/ray:2.52.0")),
            f"{HEAD}.containers[0].image",
            given={"registries": ["registry.example.com"]},
        ),
        fails(
            cluster(
                headGroupSpec=head(image="registry.example.com:5000/ray:2.52.0"),
                workerGroupSpecs=[worker_group()],
                autoscalerOptions={"image": "registry.example.com/teams/ray:2.52.0"},
            ),
            "spec.rayClusterSpec.autoscalerOptions.image",
            f"{HEAD}.containers[0].image",
            given={"registries": ["registry.example.com/team", "docker.io/rayproject/ray"]},
        ),
        fails(
            {"spec": {"runtimeEnvYAML": "image_uri: registry.example.com/ray:2.52.0"}},
            "spec.runtimeEnvYAML",
            given={"registries": ["docker.io/rayproject/ray"]},
        ),
    ),
)
def image_not_allowed(job: Job, params: ImageNotAllowed) -> Iterator[Finding]:
    """An image is from none of the policy's `registries`, is not named at all, or is no image's name.

    Looked at is every container of every template, volumes of images, the images of the autoscaler and of the history
    server's collector, and `image_uri` and `container` in the runtime environment as it is written. A name is read as
    container runtimes read it: `ray` is docker.io/library/ray, and the host's case makes no difference. An image's id
    (`sha256:…`) names what lies on a node, whoever pulled it there, and is refused.

    Why: an image is code that runs with the job's accounts and data; from a registry of one's own it has been scanned.

    Instead: push the image to an allowed registry, and name it from there.
    """
    where = listed(allowed.text for allowed in params.registries)
    for place in image_places(job):
        must = _must(place.text, params, where)
        if must:
            yield _finding(place, must)


def _must(text: str | None, params: ImageNotAllowed, where: str) -> str | None:
    """What an image's name must be and is not, as a phrase; None where it is well."""
    if text is None:
        return f"must name an image from {where}"
    named = image.parse(text)
    if named is None:
        return "must be an image's name that a container runtime takes, such as docker.io/rayproject/ray:2.52.0"
    if named.short and not params.allow_short_names:
        return f"must begin with its registry: {where}"
    if any(allowed.hold(named) for allowed in params.registries):
        return None
    return f"must come from {where}" + (f", is from {image.HUB}" if named.short else "")


def _finding(place: ImagePlace, must: str) -> Finding:
    if place.text is None:
        return required(place.path, must)
    if place.key:
        return invalid_secret(place.path, place.text, f"{place.key} {must}")
    return invalid(place.path, place.text, must)
