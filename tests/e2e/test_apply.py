"""What kubectl says and what the API server stores when RayJobs are applied, to the letter."""

import re
from pathlib import Path

import pytest

from tests.e2e.kubectl import Cluster, Result

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("webhook"),
    pytest.mark.parametrize("rayjob_crd", ["ours", "kuberay"], indirect=True),
]

EXAMPLES = Path(__file__).parents[2] / "manifests/examples"
FIVE = EXAMPLES / "five-mistakes.yaml"

FIVE_CAUSES = """\
The RayJob "7b.finetune" is invalid: 
* metadata.name: Invalid value: "7b.finetune": must be lower-case letters, digits and '-', beginning with a letter, \
ending with a letter or digit [invalid-name]
* spec.entrypoint: Required value: the command that the job runs [missing-entrypoint]
* spec.runtimeEnvYAML: Invalid value: must be a YAML mapping, is a list [invalid-runtime-env]
* spec.submissionMode: Unsupported value: "HttpMode": supported values: "K8sJobMode", "HTTPMode", "InteractiveMode", \
"SidecarMode"; did you mean "HTTPMode"? [unknown-submission-mode]
* spec.ttlSecondsAfterFinished: Invalid value: 600: must be left out unless spec.shutdownAfterJobFinishes is true \
[ttl-without-shutdown]
"""  # noqa: W291 (kubectl's own)

ALL_DEFAULTED = (
    "Warning: Defaulted: dashboard-host=0.0.0.0, shutdownAfterJobFinishes=true, ttlSecondsAfterFinished=3600\n"
)


def job(name: str, namespace: str, **spec: object) -> str:
    """The YAML of a small RayJob; `name` ending in '-' is a generateName."""
    lines = "".join(f"  {field}: {value}\n" for field, value in spec.items())
    named = f"generateName: {name}" if name.endswith("-") else f"name: {name}"
    return f"""\
apiVersion: ray.io/v1
kind: RayJob
metadata:
  {named}
  namespace: {namespace}
spec:
  entrypoint: python train.py
{lines}\
  rayClusterSpec:
    headGroupSpec:
      template:
        spec:
          containers:
            - name: ray-head
              image: rayproject/ray:2.52.0
"""


def spec_of(cluster: Cluster, namespace: str, name: str) -> dict[str, object]:
    spec: dict[str, object] = cluster.get("rayjob", name, "--namespace", namespace)["spec"]
    return spec


def test_the_interfaces_own_example_passes_and_is_completed(cluster: Cluster, rayjob_crd: str, namespace: str) -> None:
    text = (EXAMPLES / "rayjob.yaml").read_text().replace("namespace: default", f"namespace: {namespace}")

    applied = cluster.kubectl("apply", "-f", "-", stdin=text)

    if rayjob_crd == "kuberay":  # its CRD does not declare the interface's own names: kubectl says so
        assert applied == Result(
            1,
            "",
            'Error from server (BadRequest): error when creating "STDIN": RayJob in version "v1" cannot be handled as '
            'a RayJob: strict decoding error: unknown field "spec.runtimeEnv", unknown field "status.status"\n',
        )
        return
    assert applied == Result(
        0, "rayjob.ray.io/example-rayjob created\n", "Warning: Defaulted: runtimeEnvYAML from runtimeEnv\n"
    )
    environment = "pip:\n  - pandas\nenv_vars:\n  ENV: production\n"
    assert spec_of(cluster, namespace, "example-rayjob") == {
        "entrypoint": "python script.py",
        "runtimeEnv": environment,
        "runtimeEnvYAML": environment,
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": 3600,
        "rayClusterSpec": {
            "headGroupSpec": {
                "rayStartParams": {"dashboard-host": "0.0.0.0"},  # noqa: S104 (the default)
                "template": {"spec": {"containers": [{"name": "ray-head", "image": "rayproject/ray:latest"}]}},
            }
        },
    }


@pytest.mark.parametrize(
    "how",
    [["apply"], ["apply", "--server-side"], ["apply", "--dry-run=server"], ["create"], ["create", "--dry-run=server"]],
)
def test_five_mistakes_come_at_once_whatever_the_verb(cluster: Cluster, how: list[str]) -> None:
    refused = cluster.kubectl(*how, "-f", FIVE)

    assert refused == Result(1, "", "Warning: Defaulted: dashboard-host=0.0.0.0\n" + FIVE_CAUSES)


@pytest.mark.parametrize(
    ("how", "name"), [(["apply"], "silent"), (["apply", "--server-side"], "silent-ssa"), (["create"], "silent-create")]
)
def test_a_silent_job_is_completed_and_told_so(cluster: Cluster, namespace: str, how: list[str], name: str) -> None:
    done = cluster.kubectl(*how, "-f", "-", stdin=job(name, namespace))

    verb = "serverside-applied" if "--server-side" in how else "created"
    assert done == Result(0, f"rayjob.ray.io/{name} {verb}\n", ALL_DEFAULTED)
    spec = spec_of(cluster, namespace, name)
    assert (spec["shutdownAfterJobFinishes"], spec["ttlSecondsAfterFinished"]) == (True, 3600)


def test_applied_again_a_completed_job_is_unchanged(cluster: Cluster, namespace: str) -> None:
    text = job("again", namespace)
    cluster.apply_yaml(text)

    assert cluster.kubectl("apply", "-f", "-", stdin=text) == Result(0, "rayjob.ray.io/again unchanged\n", "")


def test_a_dry_run_says_the_same_and_stores_nothing(cluster: Cluster, namespace: str) -> None:
    done = cluster.kubectl("apply", "--dry-run=server", "-f", "-", stdin=job("dry", namespace))

    assert done == Result(0, "rayjob.ray.io/dry created (server dry run)\n", ALL_DEFAULTED)
    assert "NotFound" in cluster.kubectl("get", "rayjob", "dry", "--namespace", namespace).stderr


@pytest.mark.parametrize(("how", "name"), [(["apply"], "zero"), (["apply", "--server-side"], "zero-ssa")])
def test_a_ttl_of_zero_stays_where_a_record_shows_that_the_author_wrote_it(
    cluster: Cluster, namespace: str, how: list[str], name: str
) -> None:
    text = job(name, namespace, shutdownAfterJobFinishes="true", ttlSecondsAfterFinished=0)

    done = cluster.kubectl(*how, "-f", "-", stdin=text)

    assert done.stderr == "Warning: Defaulted: dashboard-host=0.0.0.0\n"
    assert spec_of(cluster, namespace, name)["ttlSecondsAfterFinished"] == 0


def test_a_name_is_generated_and_judged(cluster: Cluster, namespace: str) -> None:
    done = cluster.kubectl("create", "-f", "-", stdin=job("train-", namespace))
    long = cluster.kubectl("create", "-f", "-", stdin=job("t" * 42 + "-", namespace))

    assert re.fullmatch(r"rayjob\.ray\.io/train-[a-z0-9]{5} created\n", done.stdout)
    assert re.sub(r"-[a-z0-9]{5}\b", "-*****", long.stderr) == (
        f"{ALL_DEFAULTED}"
        f'The RayJob "{"t" * 42}-*****" is invalid: metadata.name: Too long: may not be more than 47 bytes, is 48: '
        "KubeRay appends to it to name the cluster [name-too-long]\n"
    )


def test_an_update_is_denied_for_a_violation_that_it_brings(cluster: Cluster, namespace: str) -> None:
    cluster.apply_yaml(job("updated", namespace))
    patch = '{"spec": {"submissionMode": "httpmode"}}'

    patched = cluster.kubectl("patch", "rayjob", "updated", "--namespace", namespace, "--type=merge", "-p", patch)
    edited = cluster.kubectl(
        "edit", "rayjob", "updated", "--namespace", namespace, editor="sed -i 's/entrypoint: .*/entrypoint: \" \"/'"
    )

    assert patched == Result(
        1,
        "",
        'The RayJob "updated" is invalid: spec.submissionMode: Unsupported value: "httpmode": supported values: '
        '"K8sJobMode", "HTTPMode", "InteractiveMode", "SidecarMode"; did you mean "HTTPMode"? '
        "[unknown-submission-mode]\n",
    )
    assert edited.code == 1
    assert (
        'error: rayjobs.ray.io "updated" is invalid' in edited.stderr
        or "spec.entrypoint: Required value: the command that the job runs [missing-entrypoint]" in edited.stderr
    )


def test_an_edit_that_breaks_nothing_is_stored(cluster: Cluster, namespace: str) -> None:
    cluster.apply_yaml(job("edited", namespace))

    done = cluster.kubectl(
        "edit",
        "rayjob",
        "edited",
        "--namespace",
        namespace,
        editor="sed -i 's/entrypoint: .*/entrypoint: python b.py/'",
    )

    assert done == Result(0, "rayjob.ray.io/edited edited\n", "")
    assert spec_of(cluster, namespace, "edited")["entrypoint"] == "python b.py"


def test_the_operators_status_writes_are_not_looked_at(cluster: Cluster, namespace: str) -> None:
    cluster.apply_yaml(job("reported", namespace))
    status = '{"status": {"jobId": "job-1", "message": "running"}}'

    done = cluster.kubectl(
        "patch", "rayjob", "reported", "--namespace", namespace, "--subresource=status", "--type=merge", "-p", status
    )

    assert done == Result(0, "rayjob.ray.io/reported patched\n", "")


def test_the_table_of_rayjobs_can_be_printed(cluster: Cluster, rayjob_crd: str, namespace: str) -> None:
    cluster.apply_yaml(job("listed", namespace))

    header = cluster.kubectl("get", "rayjobs", "--namespace", namespace).stdout.splitlines()[0]

    columns = ["NAME", "STATUS", "JOB ID", "AGE"]
    assert re.split(r" {2,}", header.strip()) == columns or rayjob_crd == "kuberay"
