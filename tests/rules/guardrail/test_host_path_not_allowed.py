import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rayjob.job import Job
from webhook.rules.example import smallest, worker_group
from webhook.rules.guardrail.host_path_not_allowed import HostPathNotAllowed, host_path_not_allowed

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"
DATA = {"allowed": [{"path": "/data"}]}
READ = {"allowed": [{"path": "/data", "readOnly": True}]}


def volume(path, name="node", **others):
    return {"name": name, "hostPath": {"path": path}, **others}


def pod(*volumes, **containers):
    return {"spec": {"volumes": [*volumes], **containers}}


def in_head(template, **cluster):
    return {"spec": {"rayClusterSpec": {"headGroupSpec": {"template": template}, **cluster}}}


def is_allowed(given, path):
    return judged(host_path_not_allowed, given, in_head(pod(volume(path)))) == []


@pytest.mark.parametrize(
    ("place", "patch"),
    [
        (HEAD, lambda template: {"rayClusterSpec": {"headGroupSpec": {"template": template}}}),
        (
            "spec.rayClusterSpec.workerGroupSpecs[1].template.spec",
            lambda template: {
                "rayClusterSpec": {"workerGroupSpecs": [worker_group(), worker_group(template=template)]}
            },
        ),
        ("spec.submitterPodTemplate.spec", lambda template: {"submitterPodTemplate": template}),
    ],
)
def test_a_path_of_the_node_is_found_in_every_template(place, patch):
    template = pod({"name": "a", "emptyDir": {}}, volume("/etc"))

    assert judged(host_path_not_allowed, {}, {"spec": patch(template)}) == [
        f'{place}.volumes[1].hostPath.path: Invalid value: "/etc": a pod must have no path of its node'
    ]
    assert judged(host_path_not_allowed, DATA, {"spec": patch(template)}) == [
        f"{place}.volumes[1].hostPath.path: Invalid value: \"/etc\": must be /data, or below, without '..'"
    ]


@pytest.mark.parametrize(
    "path", ["/data", "/data/", "/data/a/b", "//data", "/./data/.", "/data//a", "/data/...", "/data/a "]
)
def test_an_allowed_path_and_what_is_below_it_pass(path):
    assert is_allowed(DATA, path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "/.",
        "",
        ".",
        "data",
        "./data",
        "/database",
        "/data.",
        "/data ",
        " /data",
        "/Data",
        "/d\N{CYRILLIC SMALL LETTER A}ta",
        "/\N{FULLWIDTH LATIN SMALL LETTER D}ata",
        "/data\x00",
        "/data/..",
        "/data/../etc",
        "/data/a/../../etc",
        "/../data",
        "/data/a\\..\\..\\etc",
        "C:\\data",
        "/a/data",
        "%2Fdata",
    ],
)
def test_a_path_that_only_looks_like_an_allowed_one_does_not_pass(path):
    assert not is_allowed(DATA, path)


@pytest.mark.parametrize("path", ["/", "/etc", "//"])
def test_the_root_allows_every_absolute_path(path):
    assert is_allowed({"allowed": [{"path": "/"}]}, path)


@pytest.mark.parametrize("path", ["etc", "/a/../b", ""])
def test_even_the_root_allows_no_path_that_is_relative_or_climbs(path):
    assert not is_allowed({"allowed": [{"path": "/"}]}, path)


def test_one_of_several_paths_is_enough():
    given = {"allowed": [{"path": "/a"}, {"path": "/b/c"}]}

    assert is_allowed(given, "/b/c/d")
    assert judged(host_path_not_allowed, given, in_head(pod(volume("/b")))) == [
        f"{HEAD}.volumes[0].hostPath.path: Invalid value: \"/b\": must be /a or /b/c, or below, without '..'"
    ]


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize(
    ("mount", "shown"),
    [
        ({}, "Required value"),
        ({"readOnly": None}, "Required value"),
        ({"readOnly": False}, "Invalid value: false"),
        ({"subPath": "a"}, "Required value"),
        ({"recursiveReadOnly": "Enabled"}, "Required value"),
    ],
)
def test_every_mount_of_a_path_that_may_only_be_read_is_read_only(kind, mount, shown):
    read, written = {"name": "node", "mountPath": "/a", "readOnly": True}, {"name": "node", "mountPath": "/b", **mount}
    other = {"name": "scratch", "mountPath": "/c"}
    volumes = (volume("/data/a"), {"name": "scratch", "emptyDir": {}})
    template = pod(*volumes, **{kind: [{}, {"volumeMounts": [read, other, written, None]}]})

    assert judged(host_path_not_allowed, READ, in_head(template)) == [
        f"{HEAD}.{kind}[1].volumeMounts[2].readOnly: {shown}: must be true for this path of the node"
    ]


def test_the_autoscaler_mounts_read_only_too():
    options = {"volumeMounts": [{"name": "node", "mountPath": "/a"}]}
    patch = in_head(pod(volume("/data")), autoscalerOptions=options, enableInTreeAutoscaling=True)

    assert judged(host_path_not_allowed, READ, patch) == [
        (
            "spec.rayClusterSpec.autoscalerOptions.volumeMounts[0].readOnly: Required value: must be true for this "
            "path of the node"
        )
    ]


@pytest.mark.parametrize("name", ["shared-mem", "ray-logs"])
def test_a_volume_that_kuberay_itself_mounts_for_writing_is_no_way_round(name):
    template = pod(volume("/data", name))

    assert judged(host_path_not_allowed, READ, in_head(template)) == [
        (
            f'{HEAD}.volumes[0].name: Invalid value: "{name}": must be another name, because KubeRay mounts a volume '
            "of this name for writing"
        )
    ]
    assert judged(host_path_not_allowed, DATA, in_head(template)) == []
    assert judged(host_path_not_allowed, READ, {"spec": {"submitterPodTemplate": template}}) == []


def test_where_the_longer_path_may_be_written_to_it_may_though_the_shorter_may_not():
    given = {"allowed": [{"path": "/data", "readOnly": True}, {"path": "/data/scratch"}]}
    template = pod(volume("/data/scratch/a"), containers=[{"volumeMounts": [{"name": "node", "mountPath": "/a"}]}])

    assert judged(host_path_not_allowed, given, in_head(template)) == []


def test_a_volume_without_a_name_is_matched_with_a_mount_without_one():
    template = pod({"hostPath": {"path": "/data"}}, containers=[{"volumeMounts": [{"mountPath": "/a"}]}])

    assert judged(host_path_not_allowed, READ, in_head(template)) == [
        f"{HEAD}.containers[0].volumeMounts[0].readOnly: Required value: must be true for this path of the node"
    ]


@pytest.mark.parametrize(
    ("source", "is_found"), [({}, True), ({"path": None}, True), ({"path": ["/a"]}, False), (None, False)]
)
def test_a_path_that_is_missing_is_told_and_one_that_is_mistyped_is_for_another_rule_to_tell(source, is_found):
    patch = in_head({"spec": {"volumes": [{"name": "node", "hostPath": source}]}})
    missing = f"{HEAD}.volumes[0].hostPath.path: Required value: a pod must have no path of its node"

    assert judged(host_path_not_allowed, {}, patch) == ([missing] if is_found else [])


@pytest.mark.parametrize(
    "source",
    [
        {"persistentVolumeClaim": {"claimName": "/etc"}},
        {"emptyDir": {"medium": "Memory"}},
        {"configMap": {"name": "a"}},
        {"csi": {"driver": "hostpath.csi.k8s.io"}},
    ],
)
def test_what_is_no_path_of_the_node_is_not_this_rules_business(source):
    assert judged(host_path_not_allowed, {}, in_head(pod({"name": "a", **source}))) == []


def test_a_path_beside_another_source_is_found_all_the_same():
    template = pod({"name": "a", "emptyDir": {}, "hostPath": {"path": "/etc"}}, None)

    assert len(judged(host_path_not_allowed, {}, in_head(template))) == 1


def test_nothing_is_found_where_there_is_nothing():
    raw = smallest()
    raw["spec"]["rayClusterSpec"] = {"headGroupSpec": None, "workerGroupSpecs": [None]}

    assert list(host_path_not_allowed.applied(HostPathNotAllowed()).findings(Job.of(raw))) == []


@pytest.mark.parametrize("path", ["", "data", "/data/", "//data", "/a/../b", "/./a", "/a//b", "C:\\data", "/a\\b"])
def test_an_allowed_path_is_absolute_and_has_one_spelling(path):
    with pytest.raises(ValidationError, match="must be an absolute path as short as it can be"):
        HostPathNotAllowed.of({"allowed": [{"path": path}]})


@pytest.mark.parametrize("given", [{"allowed": ["/data"]}, {"allowed": [{"readOnly": True}]}, {"allow": []}])
def test_what_is_no_list_of_paths_is_an_error(given):
    with pytest.raises(ValidationError):
        HostPathNotAllowed.of(given)
