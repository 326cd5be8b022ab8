import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.guardrail.unpinned_image import unpinned_image

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"
DIGEST = "sha256:" + "0123456789abcdef" * 4

NO_TAG = "must have a tag or a digest: without one it is latest"
MOVING = r'must have a digest, or a tag that is none of "(?i)latest([-_.].*)?" or "(?i)nightly([-_.].*)?"'
NAME = "must be an image's name that a container runtime takes, such as rayproject/ray:2.52.0"
NO_DIGEST = "must have a digest, such as rayproject/ray@sha256:…"


@pytest.mark.parametrize(
    ("image", "must"),
    [
        ("ray:2.52.0", None),
        ("registry.example.com:5000/ray:2", None),
        (f"ray@{DIGEST}", None),
        (f"ray:latest@{DIGEST}", None),
        ("ray:latest2", None),
        ("latest/ray:1", None),
        ("ray", NO_TAG),
        ("latest", NO_TAG),
        ("registry.example.com:5000/ray", NO_TAG),
        ("[::1]:5000/ray", NO_TAG),
        ("ray:latest", MOVING),
        ("ray:LATEST", MOVING),
        ("ray:latest-py311-gpu", MOVING),
        ("ray:latest.1", MOVING),
        ("ray:nightly_x", MOVING),
        ("ray:", NAME),
        ("ray:2.52.0 ", NAME),
        ("ray@sha256:abc", NAME),
        ("sha256:abc", NAME),
        ("", NAME),
    ],
)
def test_an_image_is_pinned_by_a_tag_that_stays_or_a_digest(image, must):
    found = judged(unpinned_image, {}, cluster(headGroupSpec=head(image=image)))

    assert found == ([f'{HEAD}.containers[0].image: Invalid value: "{image}": {must}'] if must else [])


@pytest.mark.parametrize(
    ("image", "must"),
    [
        (f"ray@{DIGEST}", None),
        (f"ray:2.52.0@{DIGEST}", None),
        ("ray", NO_DIGEST),
        ("ray:2.52.0", NO_DIGEST),
        (f"ray:{DIGEST[7:]}", NO_DIGEST),
        (f"ray@{DIGEST}0", NAME),
    ],
)
def test_a_policy_may_want_a_digest(image, must):
    found = judged(unpinned_image, {"digestRequired": True}, cluster(headGroupSpec=head(image=image)))

    shown = image if len(image) <= 64 else image[:63] + "…"
    assert found == ([f'{HEAD}.containers[0].image: Invalid value: "{shown}": {must}'] if must else [])


@pytest.mark.parametrize(
    ("moving", "tag", "passes"), [(["main"], "latest", True), (["main"], "main", False), ([], "latest", True)]
)
def test_a_policy_says_which_tags_move(moving, tag, passes):
    found = judged(unpinned_image, {"movingTags": moving}, cluster(headGroupSpec=head(image=f"ray:{tag}")))

    must = 'must have a digest, or a tag that is none of "main"'
    assert found == ([] if passes else [f'{HEAD}.containers[0].image: Invalid value: "ray:main": {must}'])


def test_no_place_of_an_image_is_forgotten():
    patch = {
        "spec": {
            "runtimeEnvYAML": "image_uri: e",
            "submitterPodTemplate": {"spec": {"containers": [{"name": "s", "image": "s"}]}},
            "rayClusterSpec": {
                "headGroupSpec": {
                    "template": {
                        "spec": {
                            "initContainers": [{"name": "i", "image": "i"}, {"name": "without"}],
                            "ephemeralContainers": [{"name": "d", "image": "d"}],
                            "volumes": [{"name": "v", "image": {"reference": "v"}}],
                        }
                    }
                },
                "workerGroupSpecs": [worker_group(template={"spec": {"containers": [{"name": "w", "image": "w"}]}})],
                "autoscalerOptions": {"image": "a"},
                "historyServerOptions": {"collectorOptions": {"image": "c"}},
            },
        }
    }

    assert judged(unpinned_image, {}, patch) == [
        f'spec.rayClusterSpec.autoscalerOptions.image: Invalid value: "a": {NO_TAG}',
        f'{HEAD}.ephemeralContainers[0].image: Invalid value: "d": {NO_TAG}',
        f'{HEAD}.initContainers[0].image: Invalid value: "i": {NO_TAG}',
        f'{HEAD}.volumes[0].image.reference: Invalid value: "v": {NO_TAG}',
        f'spec.rayClusterSpec.historyServerOptions.collectorOptions.image: Invalid value: "c": {NO_TAG}',
        f'spec.rayClusterSpec.workerGroupSpecs[0].template.spec.containers[0].image: Invalid value: "w": {NO_TAG}',
        f"spec.runtimeEnvYAML: Invalid value: image_uri {NO_TAG}",
        f'spec.submitterPodTemplate.spec.containers[0].image: Invalid value: "s": {NO_TAG}',
    ]
