from webhook.rayjob.environment import sources, variables
from webhook.rayjob.job import Job


def env(*names):
    return {"env": [{"name": name} for name in names]}


def test_the_variables_of_every_container_are_there_with_their_places():
    template = {"spec": {"containers": [env("a"), {}], "initContainers": [env("b")], "ephemeralContainers": [env("c")]}}
    job = Job.of(
        {
            "spec": {
                "rayClusterSpec": {
                    "headGroupSpec": {"template": template},
                    "workerGroupSpecs": [{"template": {"spec": {"containers": [env("d")]}}}],
                    "autoscalerOptions": {"env": [None, {"name": "e"}]},
                    "historyServerOptions": {"collectorOptions": env("f")},
                },
                "submitterPodTemplate": {"spec": {"containers": [{"env": [None, {"name": "g"}]}]}},
            }
        }
    )

    head = "spec.rayClusterSpec.headGroupSpec.template.spec"
    assert [(str(place / index), entry.get("name")) for place, index, entry in variables(job)] == [
        (f"{head}.containers[0].env[0]", "a"),
        (f"{head}.initContainers[0].env[0]", "b"),
        (f"{head}.ephemeralContainers[0].env[0]", "c"),
        ("spec.rayClusterSpec.workerGroupSpecs[0].template.spec.containers[0].env[0]", "d"),
        ("spec.submitterPodTemplate.spec.containers[0].env[0]", None),
        ("spec.submitterPodTemplate.spec.containers[0].env[1]", "g"),
        ("spec.rayClusterSpec.autoscalerOptions.env[0]", None),
        ("spec.rayClusterSpec.autoscalerOptions.env[1]", "e"),
        ("spec.rayClusterSpec.historyServerOptions.collectorOptions.env[0]", "f"),
    ]


def test_the_sources_of_variables_are_there_with_their_places():
    container = {"envFrom": [{"prefix": "A_"}, None]}
    job = Job.of(
        {
            "spec": {
                "rayClusterSpec": {"autoscalerOptions": container},
                "submitterPodTemplate": {"spec": {"containers": [container], "initContainers": [{}, container]}},
            }
        }
    )

    places = ("submitterPodTemplate.spec.containers[0]", "submitterPodTemplate.spec.initContainers[1]")
    assert [(str(path), entry) for path, entry in sources(job)] == [
        (f"spec.{place}.envFrom[{index}]", {"prefix": "A_"} if index == 0 else {})
        for place in (*places, "rayClusterSpec.autoscalerOptions")
        for index in (0, 1)
    ]


def test_a_job_without_containers_has_neither():
    assert list(variables(Job.of({}))) == []
    assert list(sources(Job.of({}))) == []
