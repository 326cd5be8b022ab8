"""What the Dockerfile builds, built without an engine: its wheel, its environment, and its command as a Pod runs it."""

import importlib.util
import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions, requires
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from certs.authority import Authority
from certs.pair import write
from tests.e2e.process import Process, free_ports
from tests.image.builder import REPOSITORY, Image, build, tracked
from tests.image.confinement import Confinement
from tests.image.container import Container
from webhook.rules.example import merged

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
PACKAGES = ("webhook", "certs")
UNCHECKED_HASH = 1  # PEP 552: the bytecode is taken without a look at its source


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The builder's work, once for all: installing what is pinned takes a while."""
    # Not below pytest's own folder, which is closed to the image's user.
    with tempfile.TemporaryDirectory(prefix="image-") as name:
        root = Path(name)
        root.chmod(0o755)
        built = build(root)
        for path in [built.tree, *built.tree.rglob("*")]:
            if not path.is_symlink():
                path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
        yield built


@pytest.fixture(scope="module")
def installed(image: Image) -> dict[str, Distribution]:
    """Everything that is installed in the image, by name."""
    (packages,) = image.tree.glob("lib/python*/site-packages")
    return {canonicalize_name(found.name): found for found in distributions(path=[str(packages)])}


@pytest.fixture(scope="module")
def pinned() -> dict[str, str]:
    """Names and versions in requirements.txt, as far as they are for this machine."""
    return pins_of("requirements.txt")


def pins_of(file: str) -> dict[str, str]:
    return {name: str(pin.specifier).removeprefix("==") for name, pin in requirements_of(file).items()}


def requirements_of(file: str) -> dict[str, Requirement]:
    lines = (REPOSITORY / file).read_text().splitlines()
    pins = [Requirement(line.removesuffix(" \\")) for line in lines if re.match(r"[a-z]", line)]
    return {canonicalize_name(pin.name): pin for pin in pins if pin.marker is None or pin.marker.evaluate()}


def test_what_is_asked_for_with_extras_is_pinned_with_them_or_pip_would_take_a_newer_release():
    pins = requirements_of("requirements-dev.txt")
    asked = [Requirement(text) for name in pins for text in requires(name) or []]
    meant = [one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]

    lacking = [str(one) for one in meant if not one.extras <= pins[canonicalize_name(one.name)].extras]
    assert [str(one) for one in meant if one.extras]  # or this test would show nothing
    assert lacking == []


def test_the_wheel_is_our_two_packages_with_their_types_and_licence_and_nothing_else(image):
    about = f"rayjob_webhook-{PROJECT['version']}.dist-info"
    described = ["METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"]

    with zipfile.ZipFile(image.wheel) as wheel:
        names = wheel.namelist()

    assert sorted(names) == sorted([*tracked(*PACKAGES), *(f"{about}/{name}" for name in described)])
    assert {"webhook/py.typed", "certs/py.typed"} <= {*names}


def test_the_wheel_built_again_elsewhere_and_later_is_the_same_byte_for_byte(image, tmp_path):
    sources = shutil.copytree(image.root / "src", tmp_path / "elsewhere", copy_function=shutil.copyfile)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again"]
    subprocess.run(command, cwd=sources, check=True, capture_output=True, timeout=60)

    (again,) = (tmp_path / "again").iterdir()
    assert again.read_bytes() == image.wheel.read_bytes()


def test_what_is_installed_says_of_itself_what_pyproject_says(installed):
    ours = installed["rayjob-webhook"]

    assert ours.version == PROJECT["version"]
    assert ours.metadata["Requires-Python"] == PROJECT["requires-python"]
    assert ours.metadata["License-Expression"] == PROJECT["license"]
    extras = {
        Requirement(f'{dependency}; extra == "{extra}"')
        for extra, dependencies in PROJECT["optional-dependencies"].items()
        for dependency in dependencies
    }
    assert {*map(Requirement, ours.requires or [])} == {*map(Requirement, PROJECT["dependencies"])} | extras
    assert {one.name: one.value for one in ours.entry_points} == PROJECT["scripts"]


def test_what_is_installed_is_what_is_pinned_without_a_pip_and_without_what_builds(installed, pinned):
    versions = {name: one.version for name, one in installed.items()}

    assert versions == {**pinned, "rayjob-webhook": PROJECT["version"]}


def test_the_image_with_traces_has_the_same_and_what_traces_need_as_it_is_tested(pinned):
    tracing, tested = pins_of("requirements-tracing.txt"), pins_of("requirements-dev.txt")
    asked = {canonicalize_name(Requirement(one).name) for one in PROJECT["optional-dependencies"]["tracing"]}

    assert pinned.items() < tracing.items() <= tested.items()
    assert asked <= tracing.keys() - pinned.keys()


def test_the_pins_are_all_that_pyproject_and_each_of_them_asks_for(image, pinned):
    asked = [Requirement(dependency) for dependency in PROJECT["dependencies"]]
    check = [sys.executable, "-m", "pip", "--python", image.tree, "check"]
    checked = subprocess.run(check, capture_output=True, text=True, check=False, timeout=60)

    assert [str(one) for one in asked if pinned[canonicalize_name(one.name)] not in one.specifier] == []
    assert (checked.returncode, checked.stdout) == (0, "No broken requirements found.\n")


def test_every_module_is_compiled_and_stays_so_whatever_its_date_becomes(image):
    def flags(module: Path) -> int | None:
        compiled = Path(importlib.util.cache_from_source(str(module)))
        return int.from_bytes(compiled.read_bytes()[4:8], "little") if compiled.exists() else None

    modules = [*image.tree.rglob("*.py")]

    assert len(modules) > len(tracked(*PACKAGES))
    assert [module for module in modules if flags(module) != UNCHECKED_HASH] == []


@pytest.fixture(scope="module")
def container(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Container:
    """The image, ready to run."""
    port, metrics_port = free_ports(2)
    secret = image.root / "etc/rayjob-webhook/tls"
    now = datetime.now(UTC)
    authority = Authority.create(common_name="test", now=now)
    write(secret, authority.issue(["localhost"], ["127.0.0.1"], now=now), authority)
    secret.chmod(0o555)
    for file in secret.iterdir():
        file.chmod(0o444)  # of a mounted Secret's files everybody in the container may read each
    settings = {
        "RAYJOB_WEBHOOK_PORT": str(port),
        "RAYJOB_WEBHOOK_METRICS_PORT": str(metrics_port),
        "RAYJOB_WEBHOOK_CERT_DIR": str(secret),
        "RAYJOB_WEBHOOK_DRAIN_SECONDS": "0",
    }
    container = Container(
        image,
        Confinement((image.tree, secret), image.stage.texts("USER")[-1], tmp_path_factory.mktemp("root")),
        image.environ | settings,
        f"https://127.0.0.1:{port}",
        f"http://127.0.0.1:{metrics_port}",
        ssl.create_default_context(cafile=secret / "ca.crt"),
    )
    if os.geteuid() == 0 and not container.confinement.is_a_root and container.run("python", "-c", "").returncode:
        pytest.skip("this Python lies where only root may look, and this root may not mount it elsewhere")
    return container


@pytest.fixture(scope="module")
def before(container: Container) -> dict[Path, tuple[int, int]]:
    """The image's files as they were before this test's server began: a wider scope comes first."""
    return container.files()


@pytest.fixture
def server(container: Container, tmp_path: Path) -> Iterator[Process]:
    """The image's own command, ready."""
    with container.started(tmp_path / "log") as process:
        yield process


@pytest.mark.usefixtures("server")
def test_the_images_command_is_ready_denies_and_is_healthy(container):
    bad = merged({"spec": {"ttlSecondsAfterFinished": -1}})
    request = {
        "uid": "the-uid",
        "kind": {"group": "ray.io", "version": "v1", "kind": "RayJob"},
        "operation": "CREATE",
        "namespace": "default",
        "object": bad,
    }
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}

    with httpx.Client(verify=container.trust, base_url=container.url, trust_env=False) as client:
        health, answer = client.get("/healthz"), client.post("/validate", json=review).json()["response"]

    assert health.status_code == 404  # it is told on the other port
    assert (answer["uid"], answer["allowed"]) == ("the-uid", False)
    assert [cause["field"] for cause in answer["status"]["details"]["causes"]] == ["spec.ttlSecondsAfterFinished"]
    assert container.healthcheck() == 0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells in /proc what a process may do")
def test_the_images_command_runs_without_a_privilege_and_listens_on_every_address(container, server):
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{server.child.pid}/status").read_text().splitlines())
    owner = container.confinement.owner if os.geteuid() == 0 else f"{os.geteuid()}:{os.getegid()}"
    uid, gid = owner.split(":")

    assert ({*status["Uid"].split()}, {*status["Gid"].split()}) == ({uid}, {gid})
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == int(status["CapAmb"], 16) == 0
    assert f"listening on 0.0.0.0 port {container.environ['RAYJOB_WEBHOOK_PORT']}\n" in server.log.read_text()


def test_sigterm_ends_the_images_command_with_0_and_leaves_nothing_written(container, server, before):
    server.child.terminate()
    code = server.child.wait(30)

    assert (code, "Traceback" in server.log.read_text()) == (0, False)
    assert container.healthcheck() == 1
    assert container.files() == before


def test_the_images_programs_could_write_nowhere(container):
    search = "import os, sys; print([path for top in sys.argv[1:] for path, *_ in os.walk(top) if os.access(path, 2)])"

    searched = container.run("python", "-c", search, *map(str, container.confinement.visible))
    temporary = container.run("python", "-c", "import tempfile; tempfile.gettempdir()")

    assert (searched.stdout, searched.stderr) == ("[]\n", "")
    assert not container.confinement.is_a_root or "No usable temporary directory found" in temporary.stderr


def test_the_image_runs_every_other_command_as_well(container):
    version = container.run(*container.image.stage.command("ENTRYPOINT"), "--version")

    assert (version.returncode, version.stdout, version.stderr) == (0, f"{PROJECT['version']}\n", "")
