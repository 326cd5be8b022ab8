from webhook.rayjob.hooks import hooks
from webhook.rayjob.job import Job


def hooked(container):
    job = Job.of({"spec": {"submitterPodTemplate": {"spec": {"containers": [container]}}}})
    return {str(path): hook for path, hook in hooks(job.containers[0].path, job.containers[0].spec)}


def test_every_probe_and_hook_is_there_with_its_place():
    container = {
        "livenessProbe": {"exec": {"command": ["a"]}},
        "readinessProbe": {},
        "startupProbe": {"httpGet": {"port": 1}},
        "lifecycle": {"postStart": {"exec": {"command": ["b"]}}, "preStop": None},
    }

    place = "spec.submitterPodTemplate.spec.containers[0]"
    assert hooked(container) == {
        f"{place}.livenessProbe": {"exec": {"command": ["a"]}},
        f"{place}.readinessProbe": {},
        f"{place}.startupProbe": {"httpGet": {"port": 1}},
        f"{place}.lifecycle.postStart": {"exec": {"command": ["b"]}},
        f"{place}.lifecycle.preStop": {},
    }


def test_what_is_null_is_not_there():
    assert hooked({"livenessProbe": None, "lifecycle": None}) == {}
    assert hooked({}) == {}
