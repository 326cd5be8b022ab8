"""The manifests on a real API server: it takes them all, and from nothing they lead to RayJobs that are judged."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from cryptography import x509

from tests.e2e.cert_manager import Installation
from tests.e2e.client import connect
from tests.e2e.crd import find_crds, install_crd
from tests.e2e.issuance import injected, stored
from tests.e2e.kubectl import Cluster, Result
from tests.e2e.polling import until
from tests.e2e.process import free_ports
from tests.e2e.registration import PROBE
from tests.e2e.secret_volume import mounted_secret, write_files
from tests.e2e.server import serving
from tests.e2e.service import at_port, expose_loopback
from tests.e2e.test_apply import FIVE, FIVE_CAUSES
from tests.manifests.chart import CHART, NoHelmError, find_helm
from tests.manifests.kustomize import (
    COMPONENTS,
    MANIFESTS,
    OVERLAYS,
    Documents,
    compose,
    of_kind,
    pod_templates,
    render,
)

pytestmark = pytest.mark.e2e

NAMESPACE = "rayjob-webhook-system"
CONFIGURATIONS = ("mutatingwebhookconfiguration/rayjob-webhook", "validatingwebhookconfiguration/rayjob-webhook")
KINDS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
SECONDS = 60
"""For what takes the API server and cert-manager 6 s where nothing else runs."""


def prometheus_operators_crd(kind: str) -> dict[str, Any]:
    """A CRD as that operator has it, as far as the API server tells its resource: no schema is judged by it."""
    plural = f"{kind.lower()}s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.monitoring.coreos.com"},
        "spec": {
            "group": "monitoring.coreos.com",
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural},
            "versions": [version],
        },
    }


@pytest.fixture(scope="module")
def namespace_of_the_manifests(cluster: Cluster) -> str:
    """The namespace, whose quota says what it allows, as a controller-manager would have it say."""
    for file in ("00-namespace.yaml", "15-resource-quota.yaml"):
        cluster.kubectl("apply", "--filename", MANIFESTS / "base" / file, check=True)
    quota = cluster.get("resourcequota", "rayjob-webhook-critical-pods", "--namespace", NAMESPACE)
    status = {"status": {"hard": quota["spec"]["hard"], "used": {"pods": "0"}}}
    patch = ("--subresource=status", "--type=merge", "--patch", json.dumps(status))
    cluster.kubectl("patch", "resourcequota", quota["metadata"]["name"], "--namespace", NAMESPACE, *patch, check=True)
    return NAMESPACE


@pytest.fixture(scope="module")
def crds(cluster: Cluster, cert_manager_installation: Installation) -> None:
    """The resources that are not Kubernetes' own; nobody acts on them."""
    cluster.kubectl("apply", "--server-side", "--filename", cert_manager_installation.crds, check=True)
    operators = [prometheus_operators_crd(kind) for kind in ("ServiceMonitor", "PrometheusRule")]
    cluster.apply_yaml(yaml.safe_dump_all(operators))
    names = [crd["metadata"]["name"] for crd in operators]
    until(
        lambda: all(cluster.kubectl("get", name).code == 0 for name in [*names, "certificates.cert-manager.io"]),
        what="the resources of the CRDs",
        seconds=SECONDS,
        seen=lambda: cluster.kubectl("get", "customresourcedefinitions").stdout,
    )


@pytest.mark.usefixtures("crds", "namespace_of_the_manifests")
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_api_server_takes_every_manifest_as_it_is_and_warns_of_none(
    cluster: Cluster, tmp_path: Path, overlay: str
) -> None:
    own = compose(tmp_path, [f"overlays/{overlay}"], COMPONENTS)
    documents = render(cluster.program, own)

    # Strict: a field that is misspelt is refused, not dropped.
    applied = cluster.kubectl(
        "apply",
        "--dry-run=server",
        "--validate=strict",
        "-f",
        "-",
        stdin=yaml.safe_dump_all(documents),
    )

    assert (applied.code, applied.stderr) == (0, "")
    assert len(applied.stdout.splitlines()) == len(documents)


@pytest.mark.usefixtures("namespace_of_the_manifests")
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_of_the_templates_are_admitted_where_pod_security_is_restricted(cluster: Cluster, overlay: str) -> None:
    for owner, template in pod_templates(render(cluster.program, MANIFESTS / "overlays" / overlay)).items():
        created = create_pod(cluster, template)

        assert created == (0, ""), owner


@pytest.mark.usefixtures("namespace_of_the_manifests")
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (("runAsNonRoot",), "runAsNonRoot != true"),
        (("seccompProfile",), "seccompProfile"),
        (("containers", 0, "securityContext", "allowPrivilegeEscalation"), "allowPrivilegeEscalation != false"),
        (("containers", 0, "securityContext", "capabilities"), "unrestricted capabilities"),
    ],
)
def test_a_pod_that_lacks_one_of_the_restrictions_is_refused(
    cluster: Cluster, place: tuple[str | int, ...], reason: str
) -> None:
    template = pod_templates(render(cluster.program, MANIFESTS / "base"))["Deployment rayjob-webhook"]
    holder = template["spec"] if place[0] == "containers" else template["spec"]["securityContext"]
    for step in place[:-1]:
        holder = holder[step]
    del holder[place[-1]]

    code, stderr = create_pod(cluster, template)

    assert code == 1
    assert f'violates PodSecurity "restricted:latest": {reason}' in stderr


def create_pod(cluster: Cluster, template: dict[str, Any]) -> tuple[int, str]:
    """What kubectl says to a Pod as a controller makes it of a template, dry."""
    metadata = {**template["metadata"], "name": "probe", "namespace": NAMESPACE}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    created = cluster.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(pod))
    return created.code, created.stderr


SPARED = "not asked"
ASKED = "asked"

OPERATORS = "ray.io/rayjob-finalizer"
FREE = {"metadata": {"finalizers": None}}


@dataclass(frozen=True, slots=True)
class Deaf:
    """A namespace where nobody answers for the webhook, so that the API server refuses what it asks about."""

    cluster: Cluster
    namespace: str

    def create(self, name: str, variables: int = 0) -> None:
        """Store a RayJob with a finalizer, before the webhook is registered."""
        raw = yaml.safe_load(PROBE)
        (container,) = raw["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"]
        container["env"] = [{"name": f"VARIABLE_{index}", "value": "x" * 40} for index in range(variables)]
        raw["metadata"] = {
            "name": name,
            "namespace": self.namespace,
            "finalizers": [OPERATORS],
            "labels": {"team": "a"},
            "annotations": {"owner": "b"},
        }
        self.cluster.kubectl("create", "-f", "-", stdin=json.dumps(raw), check=True)

    def remove(self, name: str) -> None:
        """Let it go, if it is still there, once the webhook is not registered any more."""
        where = ("rayjob", name, "--namespace", self.namespace)
        self.cluster.kubectl("delete", *where, "--ignore-not-found", "--wait=false", check=True)
        self.cluster.kubectl("patch", *where, "--type=merge", "--patch", json.dumps(FREE))

    def patch(self, name: str, patch: Any, kind: str = "merge", resource: str = "rayjob") -> str:
        """Change a RayJob; return whether the webhook was asked."""
        what = ("patch", resource, name, "--namespace", self.namespace)
        patched = self.cluster.kubectl(*what, f"--type={kind}", "--patch", json.dumps(patch))
        if not patched.code:
            assert "(no change)" not in patched.stdout
            return SPARED
        assert "failed calling webhook" in patched.stderr
        return ASKED


@pytest.fixture(params=KINDS)
def deaf(cluster: Cluster, rayjob_crd: str, namespace: str, request: pytest.FixtureRequest) -> Iterator[Deaf]:  # noqa: ARG001 (the CRD is in force)
    """One of the configurations as it is shipped, but failing closed, and at a port where nobody listens."""
    configuration = of_kind(render(cluster.program, MANIFESTS / "base"), request.param)
    for webhook in configuration["webhooks"]:
        webhook["clientConfig"] = {"url": f"https://127.0.0.1:{free_ports(1)[0]}/"}
        webhook["failurePolicy"] = "Fail"
    deaf, where = Deaf(cluster, namespace), ("--namespace", namespace)
    probe = ("create", "--dry-run=server", *where, "-f", "-")
    deaf.create("job")
    try:
        cluster.apply_yaml(yaml.safe_dump(configuration))
        until(
            lambda: cluster.kubectl(*probe, stdin=PROBE).code != 0,
            what="the configuration to be in force",
            seconds=SECONDS,
            seen=lambda: str(configuration),
        )
        yield deaf
    finally:
        cluster.kubectl("delete", request.param, "rayjob-webhook", check=True)
        until(
            lambda: cluster.kubectl(*probe, stdin=PROBE).code == 0,
            what="the configuration to be gone",
            seconds=SECONDS,
            seen=lambda: str(configuration),
        )
        deaf.remove("job")


def test_an_operator_lets_go_of_a_job_though_nobody_answers_for_the_webhook(deaf: Deaf) -> None:
    added = deaf.patch("job", {"metadata": {"finalizers": [OPERATORS, "kueue.x-k8s.io/resource-in-use"]}})
    removed = deaf.patch("job", [{"op": "remove", "path": "/metadata/finalizers/1"}], "json")
    forgotten = deaf.patch("job", {"metadata": {"managedFields": [{}]}})
    deaf.cluster.kubectl("delete", "rayjob", "job", "--namespace", deaf.namespace, "--wait=false", check=True)
    freed = deaf.patch("job", FREE)

    assert (added, removed, forgotten, freed) == (SPARED, SPARED, SPARED, SPARED)
    assert "NotFound" in deaf.cluster.kubectl("get", "rayjob", "job", "--namespace", deaf.namespace).stderr


def test_nobody_slips_past_the_webhook_beside_a_finalizer(deaf: Deaf, rayjob_crd: str) -> None:
    attempts: dict[str, Any] = {
        "a field": {"spec": {"entrypoint": " "}},
        "a field that was not there": {"spec": {"suspend": True}},
        "a field deep down": [
            {"op": "add", "path": "/spec/rayClusterSpec/headGroupSpec/rayStartParams/a", "value": ""}
        ],
        "a field less": [{"op": "remove", "path": "/spec/entrypoint"}],
        "the whole spec less": {"spec": None},
        "a label": {"metadata": {"labels": {"kueue.x-k8s.io/queue-name": "a"}}},
        "another label": {"metadata": {"labels": {"team": "b"}}},
        "a label less": {"metadata": {"labels": {"team": None}}},
        "all labels less": {"metadata": {"labels": None}},
        "an annotation": {"metadata": {"annotations": {"ray.io/ft-enabled": "true"}}},
        "all annotations less": {"metadata": {"annotations": None}},
        "an owner": {
            "metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "b"}]}
        },
    }

    def beside_a_finalizer(patch: Any) -> Any:
        if isinstance(patch, list):
            return [*patch, {"op": "remove", "path": "/metadata/finalizers"}]
        return {**patch, "metadata": {**patch.get("metadata", {}), "finalizers": None}}

    def outcomes() -> dict[str, str]:
        return {
            what: deaf.patch("job", beside_a_finalizer(patch), "json" if isinstance(patch, list) else "merge")
            for what, patch in attempts.items()
        }

    assert outcomes() == dict.fromkeys(attempts, ASKED)
    deaf.cluster.kubectl("delete", "rayjob", "job", "--namespace", deaf.namespace, "--wait=false", check=True)
    assert outcomes() == dict.fromkeys(attempts, ASKED)
    if rayjob_crd == "kuberay":
        assert deaf.patch("job", attempts["a field"], resource="rayjobs.v1alpha1.ray.io") == ASKED


@pytest.fixture
def large(cluster: Cluster, rayjob_crd: str, namespace: str) -> Iterator[str]:  # noqa: ARG001 (the CRD is in force)
    """The name of a RayJob of a megabyte, two thirds of what etcd takes."""
    jobs = Deaf(cluster, namespace)
    jobs.create("large", variables=14_000)
    yield "large"
    jobs.remove("large")


def test_a_job_of_a_megabyte_is_compared_like_any_other(large: str, deaf: Deaf) -> None:
    # An expression that costs more than it may would refuse what it is to spare.
    assert deaf.patch(large, FREE) == SPARED
    assert deaf.patch(large, {"spec": {"suspend": True}}) == ASKED


@contextmanager
def applied(cluster: Cluster, overlay: str) -> Iterator[Documents]:
    """Apply an overlay with one command; remove what it made at the end, the webhooks first, as the README says."""
    folder = MANIFESTS / "overlays" / overlay
    documents = render(cluster.program, folder)
    cluster.kubectl("apply", "--kustomize", folder, check=True)
    try:
        yield documents
    finally:
        cluster.kubectl("delete", *CONFIGURATIONS, "--ignore-not-found", check=True)
        # Nothing empties a namespace here, so it must stay; and nobody collects what belonged to what is gone.
        rest = [document for document in documents if document["kind"] != "Namespace"]
        delete = ("delete", "--ignore-not-found", "--wait=false")
        cluster.kubectl(*delete, "-f", "-", stdin=yaml.safe_dump_all(rest), check=True)
        cluster.kubectl(*delete, "secrets,certificaterequests", "--all", "--namespace", NAMESPACE, check=True)


@contextmanager
def running_pod(cluster: Cluster, folder: Path) -> Iterator[int]:
    """Do for the Deployment's Pod what a kubelet and a network would; yields the port that it is called at."""
    spec = cluster.get("deployment", "rayjob-webhook", "--namespace", NAMESPACE)["spec"]["template"]["spec"]
    (container,), volumes = spec["containers"], {volume["name"]: volume for volume in spec["volumes"]}
    assert container["args"] == ["serve"]
    source = container["envFrom"][0]["configMapRef"]["name"]
    environ = cluster.get("configmap", source, "--namespace", NAMESPACE)["data"]
    secret, mount, (metrics_port,) = volumes["tls"]["secret"]["secretName"], folder / "tls", free_ports(1)
    mount.mkdir()
    policy = cluster.get("configmap", volumes["policy"]["configMap"]["name"], "--namespace", NAMESPACE)["data"]
    (folder / "policy").mkdir()
    write_files(folder / "policy", {name: text.encode() for name, text in policy.items()})
    # Address and ports are a Pod's own, as are the paths of mounts: here they are options, which go before variables.
    options = ("--metrics-port", str(metrics_port), "--policy", str(folder / "policy"))
    with (
        mounted_secret(cluster, NAMESPACE, secret, mount),
        serving(mount, folder / "log", *options, environ=environ, name=f"rayjob-webhook.{NAMESPACE}.svc") as server,
    ):
        port = httpx.URL(server.url).port
        assert port
        yield port


def lead_to_loopback(cluster: Cluster, documents: Documents, port: int) -> None:
    """Do for the Service what kube-proxy would; whom the API server calls and trusts stays as it was applied."""
    cluster.kubectl("delete", "service", "rayjob-webhook", "--namespace", NAMESPACE, check=True)
    expose_loopback(cluster, NAMESPACE, "rayjob-webhook")
    configurations = [at_port(of_kind(documents, kind), port) for kind in KINDS]
    cluster.apply_yaml(yaml.safe_dump_all(configurations))


def issued_by_cert_manager(cluster: Cluster, folder: Path) -> None:  # noqa: ARG001 (nothing is to be done)
    ready = ("--for=condition=Ready", "certificate/rayjob-webhook", f"--timeout={SECONDS}s")
    cluster.kubectl("wait", *ready, "--namespace", NAMESPACE, check=True)


def issued_by_the_first_run(cluster: Cluster, folder: Path) -> None:
    """Run the Job's container, with no more rights than its account has."""
    spec = cluster.get("job", "rayjob-webhook-certs-1", "--namespace", NAMESPACE)["spec"]["template"]["spec"]
    account = ("create", "token", spec["serviceAccountName"], "--namespace", NAMESPACE)
    token = cluster.kubectl(*account, check=True).stdout
    kubeconfig = yaml.safe_load(cluster.kubeconfig.read_text(encoding="utf-8"))
    trust = kubeconfig["clusters"][0]["cluster"]
    trust["certificate-authority"] = str(cluster.kubeconfig.parent / trust["certificate-authority"])
    kubeconfig["users"][0]["user"] = {"token": token}
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump(kubeconfig), encoding="utf-8")
    script = Path(sys.executable).with_name("rayjob-webhook")
    command = [script, *spec["containers"][0]["args"], "--kubeconfig", file]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert (run.returncode, run.stderr) == (0, "")


ISSUED: dict[str, Callable[[Cluster, Path], None]] = {
    "cert-manager": issued_by_cert_manager,
    "self-managed": issued_by_the_first_run,
}
"""How a Pod gets what it waits for, by overlay."""

BAD = PROBE.replace("python probe.py", "' '")
DEFAULTED = "Warning: Defaulted: dashboard-host=0.0.0.0, shutdownAfterJobFinishes=true, ttlSecondsAfterFinished=3600\n"
JUDGED = (
    f'{DEFAULTED}{DEFAULTED}The RayJob "probe" is invalid: spec.entrypoint: Required value: the command that the job '
    "runs [missing-entrypoint]\n"
)


@pytest.mark.usefixtures("cert_manager", "rayjob_crd")
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_from_nothing_to_a_denied_and_an_admitted_rayjob(
    cluster: Cluster, namespace: str, tmp_path: Path, overlay: str
) -> None:
    def try_out() -> str:
        """What the authors of a good job and of a bad one are told."""
        create = ("create", "--dry-run=server", "--namespace", namespace, "-f", "-")
        return "".join(cluster.kubectl(*create, stdin=text).stderr for text in (PROBE, BAD))

    with applied(cluster, overlay) as documents:
        ISSUED[overlay](cluster, tmp_path)
        drift = cluster.kubectl("diff", "--kustomize", MANIFESTS / "overlays" / overlay)
        with running_pod(cluster, tmp_path) as port:
            lead_to_loopback(cluster, documents, port)
            until(lambda: try_out() == JUDGED, what="both webhooks to answer", seconds=SECONDS, seen=try_out)
            denied = cluster.kubectl("apply", "-f", FIVE)
            admitted = cluster.kubectl(
                "apply", "--namespace", namespace, "-f", "-", stdin=PROBE.replace("name: probe", f"name: {overlay}")
            )
            stored = cluster.get("rayjob", overlay, "--namespace", namespace)

        # The server has gone: the validating webhook fails closed, until the README's command switches it off.
        refused = try_out()
        cluster.kubectl(*emergency(), check=True)
        until(lambda: not try_out(), what="RayJobs to pass unjudged", seconds=SECONDS, seen=try_out)
    cluster.kubectl("delete", "rayjob", overlay, "--namespace", namespace, check=True)

    assert drift == Result(0, "", "")  # though others have filled in what is theirs
    assert denied.stderr.endswith(FIVE_CAUSES)
    assert admitted == Result(0, f"rayjob.ray.io/{overlay} created\n", DEFAULTED)
    assert stored["spec"]["shutdownAfterJobFinishes"] is True
    assert refused.count('failed calling webhook "validate.rayjob-webhook.ray.io"') == 2


@pytest.mark.usefixtures("cert_manager", "rayjob_crd")
@pytest.mark.parametrize(
    ("overlay", "end", "authorities"),
    [
        ("self-managed", "cronjobs", 2),  # cert-manager's CA beside the old one
        ("cert-manager", "certificates,issuers", 1),  # the same CA, whose Secret is taken over
    ],
)
def test_with_another_issuer_the_certificate_before_is_still_trusted(
    cluster: Cluster, tmp_path: Path, overlay: str, end: str, authorities: int
) -> None:
    (other,) = set(OVERLAYS) - {overlay}
    with applied(cluster, overlay), connect(cluster) as client:

        def trusted() -> list[set[x509.Certificate]]:
            return [set(x509.load_pem_x509_certificates(pem)) for pem in injected(client, "rayjob-webhook") if pem]

        ISSUED[overlay](cluster, tmp_path)
        until(lambda: len(trusted()) == 2, what="a CA in both configurations", seconds=SECONDS, seen=str)
        (before, _), leaf = trusted(), stored(client, NAMESPACE, "rayjob-webhook-tls")
        cluster.kubectl("delete", end, "--all", "--namespace", NAMESPACE, check=True)
        with applied(cluster, other):
            ISSUED[other](cluster, tmp_path)
            until(
                lambda: (
                    stored(client, NAMESPACE, "rayjob-webhook-tls") != leaf
                    and [len(bundle) for bundle in trusted()] == [authorities, authorities]
                ),
                what="another certificate, and its CA in both configurations",
                seconds=SECONDS,
                seen=lambda: str(trusted()),
            )
            after = trusted()

    assert len(before) == 1
    assert all(before <= bundle for bundle in after)


def emergency() -> list[str]:
    """The README's command for when nothing else may be waited for, without its `kubectl`."""
    text = (MANIFESTS / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n## Switch it off at once\n")[2]
    command = section.partition("```sh\n")[2].partition("\n```")[0]
    program, *arguments = shlex.split(command)
    assert program == "kubectl"
    return arguments


@pytest.fixture(scope="module")
def helm() -> Path:
    """Helm; that there is one, where it must be, is held by tests/manifests."""
    try:
        return find_helm(os.environ, lambda _line: None)
    except NoHelmError as missing:
        pytest.skip(str(missing))


def test_helm_installs_the_chart_upgrades_it_and_leaves_nothing_behind(
    cluster: Cluster, helm: Path, namespace: str
) -> None:
    values = ("--set", "certificates=self-managed", "--set", "networkPolicy.enabled=true")

    def release(command: str, *options: str | Path) -> None:
        environ = {"HOME": str(cluster.home), "KUBECONFIG": str(cluster.kubeconfig)}
        arguments = [helm, command, "rayjob-webhook", *options, "--namespace", namespace]
        subprocess.run(arguments, env=environ, capture_output=True, text=True, check=True)

    def ours() -> set[str]:
        kinds = (
            "serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,configmaps,resourcequotas,services,"
            "deployments,poddisruptionbudgets,jobs,cronjobs,networkpolicies,mutatingwebhookconfigurations,"
            "validatingwebhookconfigurations"
        )
        listed = cluster.kubectl("get", kinds, "--namespace", namespace, "--output=name", check=True).stdout
        return {name for name in listed.split() if "/rayjob-webhook" in name}

    release("install", CHART, *values)
    installed = ours()
    bundle = [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "bm90IGEgQ0EK"}]
    cluster.kubectl("patch", CONFIGURATIONS[1], "--type=json", "--patch", json.dumps(bundle), check=True)
    release("upgrade", CHART, *values, "--set", "image.tag=0.2.0")
    upgraded = ours()
    (container,) = cluster.get("deployment", "rayjob-webhook", "--namespace", namespace)["spec"]["template"]["spec"][
        "containers"
    ]
    (webhook,) = cluster.get(CONFIGURATIONS[1])["webhooks"]
    release("uninstall")

    assert len(installed) == 18
    assert installed - upgraded == {"job.batch/rayjob-webhook-certs-1"}
    assert upgraded - installed == {"job.batch/rayjob-webhook-certs-2"}
    assert container["image"] == "rayjob-webhook:0.2.0"
    assert webhook["clientConfig"]["caBundle"] == "bm90IGEgQ0EK"  # whose it is, it keeps
    assert ours() == set()


def test_kuberays_crd_takes_the_runtime_env_once_it_is_patched(cluster: Cluster, namespace: str) -> None:
    crds = find_crds()
    if "kuberay" not in crds:
        pytest.skip("KubeRay's CRD is not here")
    install_crd(cluster, crds["kuberay"])
    raw = yaml.safe_load((MANIFESTS / "examples/rayjob.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(
        {**{key: raw[key] for key in ("apiVersion", "kind", "spec")}, "metadata": {"name": "example"}}
    )
    apply = ("apply", "--namespace", namespace, "-f", "-")

    refused = cluster.kubectl(*apply, stdin=text)
    patch = MANIFESTS / "components/runtime-env/rayjob-crd.yaml"
    cluster.kubectl(
        "patch", "customresourcedefinition", "rayjobs.ray.io", "--type=json", "--patch-file", patch, check=True
    )
    try:
        until(
            lambda: cluster.kubectl(*apply, stdin=text).code == 0,
            what="the patched CRD to be in force",
            seconds=SECONDS,
            seen=lambda: cluster.kubectl(*apply, stdin=text).stderr,
        )
        stored = cluster.get("rayjob", "example", "--namespace", namespace)
    finally:
        # Whoever needs a CRD next gets it as it is in its file.
        cluster.kubectl("delete", "customresourcedefinition", "rayjobs.ray.io", check=True)

    assert 'strict decoding error: unknown field "spec.runtimeEnv"' in refused.stderr
    assert stored["spec"]["runtimeEnv"] == raw["spec"]["runtimeEnv"]
