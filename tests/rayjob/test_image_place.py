import pytest

from webhook.rayjob.image_place import image_places
from webhook.rayjob.job import Job
from webhook.rules.example import merged, worker_group

EVERYWHERE = {
    "spec": {
        "runtimeEnv": "container: {image: e1}",
        "runtimeEnvYAML": "image_uri: e2\ncontainer: {image: e3}\n",
        "rayClusterSpec": {
            "headGroupSpec": {
                "template": {
                    "spec": {
                        "containers": [{"image": "h0"}, None, {"name": "b"}],
                        "initContainers": [{"image": "h1"}],
                        "ephemeralContainers": [{"image": "h2"}],
                        "volumes": [{"name": "a"}, None, {"image": {"reference": "h3"}}, {"image": {}}],
                    }
                }
            },
            "workerGroupSpecs": [
                worker_group(),
                worker_group(
                    template={"spec": {"containers": [{"image": 5}], "volumes": [{"rbd": {"image": "block"}}]}}
                ),
            ],
            "autoscalerOptions": {"image": "a"},
            "historyServerOptions": {"collectorOptions": {"image": ""}},
        },
        "submitterPodTemplate": {"spec": {"containers": [{"image": "s"}]}},
    }
}


def places(patch):
    return [(str(place.path), place.text, place.key) for place in image_places(Job.of(merged(patch)))]


def test_images_are_found_wherever_they_are_named():
    cluster = "spec.rayClusterSpec"
    head, worker = f"{cluster}.headGroupSpec.template.spec", f"{cluster}.workerGroupSpecs"

    assert places(EVERYWHERE) == [
        (f"{head}.containers[0].image", "h0", ""),
        (f"{head}.containers[1].image", None, ""),
        (f"{head}.containers[2].image", None, ""),
        (f"{head}.initContainers[0].image", "h1", ""),
        (f"{head}.ephemeralContainers[0].image", "h2", ""),
        (f"{worker}[0].template.spec.containers[0].image", "rayproject/ray:2.52.0", ""),
        (f"{worker}[1].template.spec.containers[0].image", None, ""),
        ("spec.submitterPodTemplate.spec.containers[0].image", "s", ""),
        (f"{head}.volumes[2].image.reference", "h3", ""),
        (f"{head}.volumes[3].image.reference", None, ""),
        (f"{cluster}.autoscalerOptions.image", "a", ""),
        (f"{cluster}.historyServerOptions.collectorOptions.image", "", ""),
        ("spec.runtimeEnv", "e1", "container.image"),
        ("spec.runtimeEnvYAML", "e2", "image_uri"),
        ("spec.runtimeEnvYAML", "e3", "container.image"),
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", []),
        ("pip: [a]", []),
        ("image_uri: [a]", []),
        ("container: image", []),
        ("container: {image: 5}", []),
        ("- image_uri: a", []),
        ("image_uri: {", []),
        ('"\\x69mage_uri": a', [("spec.runtimeEnvYAML", "a", "image_uri")]),
        ("? image_uri\n: a", [("spec.runtimeEnvYAML", "a", "image_uri")]),
        (
            "{image_uri: &a b, container: {image: *a}}",
            [("spec.runtimeEnvYAML", "b", "image_uri")] * 1 + [("spec.runtimeEnvYAML", "b", "container.image")],
        ),
        ("x: &x {image_uri: a}\n<<: *x\n", [("spec.runtimeEnvYAML", "a", "image_uri")]),
    ],
)
def test_a_runtime_environment_names_an_image_however_it_is_spelled(text, named):
    assert places({"spec": {"rayClusterSpec": None, "runtimeEnvYAML": text}}) == named


def test_a_job_without_templates_names_no_image():
    assert places({"spec": None}) == []
