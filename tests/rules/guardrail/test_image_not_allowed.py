import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.guardrail.image_not_allowed import ImageNotAllowed, image_not_allowed

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"
GIVEN = {"registries": ["registry.example.com/team", "docker.io/rayproject/ray"]}
WHERE = '"registry.example.com/team" or "docker.io/rayproject/ray"'
NAME = "must be an image's name that a container runtime takes, such as docker.io/rayproject/ray:2.52.0"
DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "image",
    [
        "rayproject/ray",
        "docker.io/rayproject/ray:2.52.0",
        "index.docker.io/rayproject/ray",
        "DOCKER.io/rayproject/ray/x",
        f"registry.example.com/team/ray:1@{DIGEST}",
        "REGISTRY.example.com/team/a/b",
    ],
)
def test_an_image_of_an_allowed_repository_passes(image):
    assert judged(image_not_allowed, GIVEN, cluster(headGroupSpec=head(image=image))) == []


@pytest.mark.parametrize(
    ("image", "must"),
    [
        ("rayproject/ray-ml", f"must come from {WHERE}, is from docker.io"),
        ("ray", f"must come from {WHERE}, is from docker.io"),
        ("registry.example.com", f"must come from {WHERE}, is from docker.io"),
        ("docker.io/rayproject", f"must come from {WHERE}"),
        ("registry.example.com/ray", f"must come from {WHERE}"),
        ("registry.example.com/teams/ray", f"must come from {WHERE}"),
        ("registry.example.com:443/team/ray", f"must come from {WHERE}"),
        ("registry.example.com.evil.io/team/ray", f"must come from {WHERE}"),
        ("evil.io/registry.example.com/team/ray", f"must come from {WHERE}"),
        ("localhost/rayproject/ray", f"must come from {WHERE}"),
        ("[::1]:5000/team/ray", f"must come from {WHERE}"),
        ("registry.example.com/team/../evil", NAME),
        ("registry.example.com/Team/ray", NAME),
        ("registry.example.com@evil.io/team/ray", NAME),
        (" rayproject/ray", NAME),
        ("sha256:abc", NAME),
        ("", NAME),
    ],
)
def test_an_image_from_elsewhere_is_found(image, must):
    found = judged(image_not_allowed, GIVEN, cluster(headGroupSpec=head(image=image)))

    assert found == [f'{HEAD}.containers[0].image: Invalid value: "{image}": {must}']


def test_a_name_that_only_looks_allowed_is_shown_as_it_is():
    found = judged(image_not_allowed, GIVEN, cluster(headGroupSpec=head(image="rayproject\u200b/ray")))

    assert found == [f'{HEAD}.containers[0].image: Invalid value: "rayproject\\u200b/ray": {NAME}']


EVIL = {"name": "a", "image": "evil.io/a"}
GOOD = {"name": "ray", "image": "rayproject/ray"}


@pytest.mark.parametrize(
    ("patch", "place"),
    [
        (
            cluster(headGroupSpec={"template": {"spec": {"containers": [GOOD, EVIL]}}}),
            f"{HEAD}.containers[1].image",
        ),
        (cluster(headGroupSpec={"template": {"spec": {"initContainers": [EVIL]}}}), f"{HEAD}.initContainers[0].image"),
        (
            cluster(headGroupSpec={"template": {"spec": {"ephemeralContainers": [EVIL]}}}),
            f"{HEAD}.ephemeralContainers[0].image",
        ),
        (
            cluster(
                headGroupSpec={
                    "template": {"spec": {"volumes": [{"name": "a", "image": {"reference": EVIL["image"]}}]}}
                }
            ),
            f"{HEAD}.volumes[0].image.reference",
        ),
        (
            cluster(workerGroupSpecs=[worker_group(), worker_group(template={"spec": {"containers": [GOOD, EVIL]}})]),
            "spec.rayClusterSpec.workerGroupSpecs[1].template.spec.containers[1].image",
        ),
        (
            {"spec": {"submitterPodTemplate": {"spec": {"containers": [EVIL]}}}},
            "spec.submitterPodTemplate.spec.containers[0].image",
        ),
        (
            {"spec": {"submissionMode": "HTTPMode", "submitterPodTemplate": {"spec": {"initContainers": [EVIL]}}}},
            "spec.submitterPodTemplate.spec.initContainers[0].image",
        ),
        (cluster(autoscalerOptions={"image": "evil.io/a"}), "spec.rayClusterSpec.autoscalerOptions.image"),
        (
            cluster(historyServerOptions={"collectorOptions": {"image": "evil.io/a"}}),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.image",
        ),
        (
            {"spec": {"clusterSelector": {"a": "b"}, **cluster(headGroupSpec=head(image="evil.io/a"))["spec"]}},
            f"{HEAD}.containers[0].image",
        ),
    ],
)
def test_no_place_of_an_image_is_forgotten(patch, place):
    assert judged(image_not_allowed, GIVEN, patch) == [f'{place}: Invalid value: "evil.io/a": must come from {WHERE}']


def test_an_image_that_is_not_there_is_asked_for():
    containers = [{"name": "ray", "image": None}, {"name": "a"}, None]
    volumes = [{"name": "a", "image": {}}, {"name": "b", "image": {"reference": None}}]
    patch = cluster(headGroupSpec={"template": {"spec": {"containers": containers, "volumes": volumes}}})

    found = judged(image_not_allowed, GIVEN, patch)

    assert found == [
        f"{HEAD}.{place}: Required value: must name an image from {WHERE}"
        for place in (
            *(f"containers[{index}].image" for index in range(3)),
            *(f"volumes[{index}].image.reference" for index in range(2)),
        )
    ]


def test_an_image_that_cannot_be_read_is_left_to_the_rule_on_types_and_hides_no_other():
    containers = [{"name": "ray", "image": 5}, {"name": "a", "image": ["rayproject/ray"]}, EVIL]
    patch = cluster(headGroupSpec={"template": {"spec": {"containers": containers}}})

    assert judged(image_not_allowed, GIVEN, patch) == [
        f'{HEAD}.containers[2].image: Invalid value: "evil.io/a": must come from {WHERE}'
    ]


@pytest.mark.parametrize(
    ("text", "musts"),
    [
        ("image_uri: rayproject/ray", []),
        ("image_uri: evil.io/a", [f"image_uri must come from {WHERE}"]),
        ("container: {image: a}", [f"container.image must come from {WHERE}, is from docker.io"]),
        ('"\\x69mage_uri": "user:hunter2@evil.io/a"', [f"image_uri {NAME}"]),
    ],
)
def test_the_runtime_environment_changes_no_image_and_is_never_printed(text, musts):
    for field in ("runtimeEnv", "runtimeEnvYAML"):
        found = judged(image_not_allowed, GIVEN, {"spec": {field: text}})

        assert found == [f"spec.{field}: Invalid value: {must}" for must in musts]


def test_a_policy_may_want_every_registry_named():
    given = {**GIVEN, "allowShortNames": False}

    assert judged(image_not_allowed, given, cluster(headGroupSpec=head(image="docker.io/rayproject/ray"))) == []
    assert judged(image_not_allowed, given, {}) == [
        f'{HEAD}.containers[0].image: Invalid value: "rayproject/ray:2.52.0": must begin with its registry: {WHERE}'
    ]


@pytest.mark.parametrize(
    "raw", [None, 5, "", "rayproject", "https://registry.example.com", "registry.example.com/", "docker.io/ray:1", "*"]
)
def test_a_policy_names_registries(raw):
    with pytest.raises(ValidationError, match="must be a registry, with a path or without"):
        ImageNotAllowed.of({"registries": [raw]})


@pytest.mark.parametrize("given", [{}, {"registries": []}, {"registries": "docker.io"}])
def test_a_policy_names_at_least_one_registry(given):
    with pytest.raises(ValidationError):
        ImageNotAllowed.of(given)
