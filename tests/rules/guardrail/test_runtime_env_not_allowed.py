import json

import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, head
from webhook.rules.guardrail.runtime_env_not_allowed import RuntimeEnvNotAllowed, runtime_env_not_allowed

GOOD = "https://good.com/ml"
ALL = {"fields": ["pip", "uv", "conda", "working_dir", "py_modules", "java_jars", "env_vars"], "sources": [GOOD]}

OPTION = "have no option but those of a known effect, no variable, no comment and no backslash"
URL = "have no URL but those of an allowed source"
INDEX = "have an option --index-url with an allowed source, on its own"
FILE = "be a list of packages: nobody can say what a file lists"
VERSION = "have no pip_version and no uv_version, which are installed from the usual index"
VARIABLE = "stand beside no variable in env_vars that changes where packages come from"
IMAGE = "be the name of an environment in the image"
SOURCE = "be in the image, or come from an allowed source"
SHELL = "must have no $ and no backtick, which a shell expands"


def found(given, text, **spec):
    messages = judged(runtime_env_not_allowed, given, {"spec": {"runtimeEnvYAML": text, **spec}})
    return [message.removeprefix("spec.runtimeEnvYAML: Invalid value: ") for message in messages]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", []),
        ("{}", []),
        ("env_vars: {A: b}\nconfig: {setup_timeout_seconds: 60}\nexcludes: [a]\n", []),
        ("working_dir: /app\npy_modules: [/lib]\n", []),
        ("pip: null", []),
        ("pip: []", ["pip"]),
        ("pip: [pandas]", ["pip"]),
        ("uv: {packages: [pandas]}", ["uv"]),
        ("conda: ray", ["conda"]),
        ("container: {image: evil.com/ray}", ["container"]),
        ("image_uri: evil.com/ray", ["image_uri"]),
        ("py_executable: curl evil.com", ["py_executable"]),
        ("worker_process_setup_hook: evil.setup", ["worker_process_setup_hook"]),
        ("java_jars: [/a.jar]", ["java_jars"]),
        ("PIP: [pandas]\npip : [pandas]\n", ["PIP", "pip"]),
        ('"\\x70ip": [pandas]', ["pip"]),
        ("a: &a {pip: [pandas]}\n<<: *a\n", ["a", "pip"]),
        ("working_dir: https://good.com/ml/a.zip", None),
        ("pip: [pandas", []),
        ("- pip", []),
    ],
)
@pytest.mark.parametrize("field", ["runtimeEnv", "runtimeEnvYAML"])
def test_by_default_nothing_is_installed_and_nothing_is_loaded(field, text, refused):
    allowed = "allowed: config, env_vars, excludes, py_modules, working_dir"
    must = (
        ['"working_dir" must ' + SOURCE]
        if refused is None
        else [f'"{key}" must not be used; {allowed}' for key in refused]
    )

    assert sorted(judged(runtime_env_not_allowed, {}, {"spec": {field: text}})) == [
        f"spec.{field}: Invalid value: {phrase}" for phrase in must
    ]


def test_both_texts_are_looked_at_and_an_empty_list_allows_nothing():
    patch = {"spec": {"runtimeEnv": "pip: [a]", "runtimeEnvYAML": "env_vars: {A: b}"}}

    assert judged(runtime_env_not_allowed, {"fields": []}, patch) == [
        'spec.runtimeEnv: Invalid value: "pip" must not be used; allowed: nothing',
        'spec.runtimeEnvYAML: Invalid value: "env_vars" must not be used; allowed: nothing',
    ]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (f"{GOOD}/a.zip", True),
        ("HTTPS://GOOD.com:443/ml/a.zip", True),
        (f"{GOOD}/a.zip?token=hunter2", True),
        ("/app", True),
        ("file:///app.zip", True),
        ("http://good.com/ml/a.zip", False),
        ("https://good.com/mlx/a.zip", False),
        ("https://good.com/other/a.zip", False),
        ("https://good.com/ml/../other/a.zip", False),
        ("https://good.com/ml/%2e%2e/other/a.zip", False),
        ("https://good.com@evil.com/ml/a.zip", False),
        ("https://good.com:hunter2@evil.com/ml/a.zip", False),
        ("https://good.com.evil.com/ml/a.zip", False),
        ("https://good.com\\@evil.com/ml/a.zip", False),
        ("https://good.com:444/ml/a.zip", False),
        ("https://g\u043e\u043ed.com/ml/a.zip", False),
        ("https://xn--gd-1laa.com/ml/a.zip", False),
        ("ht\ttps://evil.com/a.zip", False),
        ("s3://bucket/a.zip", False),
        ("git+https://good.com/ml/a.zip", False),
    ],
)
@pytest.mark.parametrize("field", ["working_dir", "py_modules", "java_jars"])
def test_code_is_loaded_from_the_policys_sources_alone(field, url, allowed):
    value = url if field == "working_dir" else ["/app", url]
    phrases = [] if allowed else [f'"{field}" must {SOURCE}']

    assert found(ALL, json.dumps({field: value})) == phrases


@pytest.mark.parametrize("value", [None, 7, True, {}, [], [7, None], {"a": "https://evil.com"}])
def test_a_value_of_another_type_is_left_to_ray(value):
    assert found(ALL, json.dumps({"working_dir": value})) == []


@pytest.mark.parametrize(
    ("packages", "must"),
    [
        ([f"--index-url {GOOD}", "pandas==2.2.0", "ray[data]"], None),
        ([f"--index-url={GOOD}/simple", "pandas"], None),
        ([f"-i {GOOD}", "pandas"], None),
        (["--no-index", "--find-links /wheels", "pandas"], None),
        ([f"--index-url {GOOD}", f"--extra-index-url {GOOD}/b", f"a @ {GOOD}/a.whl", f"b@{GOOD}/b.whl"], None),
        ([f"--index-url {GOOD}", f"c[x,y]@git+{GOOD}/c.git@v1#egg=c", f"git+{GOOD}/d.git"], None),
        ([f"--index-url {GOOD}", "a --hash=sha256:0123", "./a.whl", "file:///b.whl"], None),
        ({"packages": ["a"], "pip_install_options": ["--index-url", GOOD], "pip_check": False}, None),
        ({"packages": ["a"], "uv_pip_install_options": [f"--default-index={GOOD}"]}, None),
        ([], INDEX),
        (["pandas"], INDEX),
        ({"packages": ["pandas"]}, INDEX),
        ([f"--index {GOOD}", "pandas"], INDEX),
        ([f"--pre -f /wheels --index-url {GOOD}", "a"], None),
        ([f"--index-url {GOOD}", 'a; python_version < "3.12"'], None),
        ([f"--pre\n-i {GOOD}", "a"], None),
        ({"packages": ["a"], "pip_install_options": ["--pre", "-i", GOOD]}, None),
        ([f"pandas --index-url {GOOD}"], INDEX),  # pip heeds no such option behind a package
        ([f"pandas --hash=sha256:0 -i {GOOD}"], INDEX),
        ([f"--find-links --index-url {GOOD}", "a"], INDEX),  # the path --index-url
        ([f"--find-links 'a --index-url {GOOD}/b'", "a"], INDEX),
        ({"packages": ["a"], "pip_install_options": ["--find-links", "--index-url", GOOD]}, INDEX),
        ({"packages": ["a"], "pip_install_options": ["-f"]}, INDEX),
        ({"packages": ["a"], f"--index-url {GOOD}": "b"}, INDEX),
        ([f"# --index-url {GOOD}", "a"], OPTION),
        ([f"a #-i {GOOD}"], OPTION),
        (["a \\", f"--index-url {GOOD}"], OPTION),  # one line of the two
        (["--index-url https://pypi.example.org/simple", "a"], URL),
        ([f"--index-url {GOOD}", "--extra-index-url https://evil.com"], URL),
        ([f"--index-url {GOOD}", "a @ https://evil.com/a.whl"], URL),
        ([f"--index-url {GOOD}", "a@https://evil.com/a.whl"], URL),
        ([f"--index-url {GOOD}", "git+https://evil.com/a.git"], URL),
        ([f"--index-url {GOOD}", "git+ssh://git@good.com/ml/a.git"], URL),
        ([f"--index-url {GOOD}", f"{GOOD}@evil.com/a.whl"], URL),
        (["--index-url https://good.com@evil.com/ml", "a"], URL),
        ([f"--index-url {GOOD}", "1https://evil.com/a.whl"], URL),
        ([f"--index-url {GOOD}", {"a": "https://evil.com/a.whl"}], URL),
        ([f"-i{GOOD}", "a"], OPTION),
        ([f"--index-u {GOOD}", "a"], OPTION),
        ([f"--index-url {GOOD}", "-r more.txt"], OPTION),
        ([f"--index-url {GOOD}", "--requirement=more.txt"], OPTION),
        ([f"--index-url {GOOD}", "-c more.txt"], OPTION),
        ([f"--index-url {GOOD}", "-e ."], OPTION),
        ([f"--index-url {GOOD}", "--trusted-host evil.com"], OPTION),
        (["--index-url ${INDEX}", "a"], OPTION),
        ("requirements.txt", FILE),
        ({"packages": "requirements.txt"}, FILE),
        ({}, None),
        ({"packages": [f"--index-url {GOOD}"], "pip_version": "@https://evil.com/pip.whl"}, VERSION),
        ({"packages": [f"--index-url {GOOD}"], "uv_version": "==0.9.0"}, VERSION),
    ],
)
@pytest.mark.parametrize("manager", ["pip", "uv"])
def test_packages_come_from_an_index_among_the_policys_sources(manager, packages, must):
    phrases = [] if must is None else [f'"{manager}" must {must}']
    if packages == {}:
        phrases = [f'"{manager}" must {FILE}']

    assert found(ALL, json.dumps({manager: packages}), submissionMode="HTTPMode") == phrases
    assert found(ALL | {"anyIndex": True}, json.dumps({manager: packages}), submissionMode="HTTPMode") == []


@pytest.mark.parametrize(
    ("conda", "well"),
    [
        ("base", True),
        ("environment.yml", False),
        ("environment.yaml", False),
        ("/opt/env", False),
        ({"dependencies": ["pandas"]}, False),
        ([], False),
    ],
)
def test_a_conda_environment_is_one_of_the_images(conda, well):
    assert found(ALL, json.dumps({"conda": conda})) == ([] if well else [f'"conda" must {IMAGE}'])
    assert found(ALL | {"anyIndex": True}, json.dumps({"conda": conda})) == []


PACKAGES = {"pip": [f"--index-url {GOOD}", "a"]}


@pytest.mark.parametrize(
    ("env_vars", "must"),
    [
        ({"A": "b"}, None),
        ([], None),
        ({"PIP_EXTRA_INDEX_URL": "https://evil.com"}, VARIABLE),
        ({"A": "b", "UV_DEFAULT_INDEX": "https://evil.com"}, VARIABLE),
    ],
)
def test_no_variable_of_the_runtime_environment_changes_the_index(env_vars, must):
    assert found(ALL, json.dumps({**PACKAGES, "env_vars": env_vars})) == ([f'"pip" must {must}'] if must else [])


def test_no_variable_of_a_container_changes_the_index():
    env = [{"name": "A", "value": "b"}, {"name": "PIP_CONFIG_FILE", "value": "/evil"}]
    patch = {"spec": {"runtimeEnvYAML": json.dumps(PACKAGES), **cluster(headGroupSpec=head(env=env))["spec"]}}
    place = "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[1]"

    assert judged(runtime_env_not_allowed, ALL, patch) == [
        f"{place}: Forbidden: must not change where the packages of the runtime environment come from"
    ]
    assert judged(runtime_env_not_allowed, ALL | {"anyIndex": True}, patch) == []
    assert judged(runtime_env_not_allowed, ALL, {"spec": {**patch["spec"], "runtimeEnvYAML": "env_vars: {A: b}"}}) == []


@pytest.mark.parametrize(
    ("prefix", "found"),
    [("PIP_", True), ("UV_", True), ("PIP_EXTRA", True), ("P", True), ("MY_PIP_", False), ("pip_", False), ("", False)],
)
def test_no_prefix_of_variables_from_elsewhere_does_either(prefix, found):
    env_from = [None, {"configMapRef": {"name": "a"}}, {"prefix": prefix, "configMapRef": {"name": "a"}}]
    container = {"name": "c", "envFrom": env_from}
    patch = cluster(
        headGroupSpec={"template": {"spec": {"initContainers": [container]}}}, autoscalerOptions={"envFrom": env_from}
    )
    patch["spec"]["runtimeEnvYAML"] = json.dumps(PACKAGES)
    places = ["autoscalerOptions", "headGroupSpec.template.spec.initContainers[0]"] if found else []

    assert judged(runtime_env_not_allowed, ALL, patch) == [
        f"spec.rayClusterSpec.{place}.envFrom[2].prefix: Forbidden: "
        "must not change where the packages of the runtime environment come from"
        for place in places
    ]


@pytest.mark.parametrize(
    "text", ["env_vars: {A: $(id)}", "env_vars: {A: '`id`'}", 'env_vars: {"\\x24A": b}', "env_vars: {A: $B}"]
)
@pytest.mark.parametrize(
    ("mode", "expands"),
    [
        (None, True),
        ("K8sJobMode", True),
        ("SidecarMode", True),
        ("httpmode", True),
        ("HTTPMode", False),
        ("InteractiveMode", False),
    ],
)
def test_what_a_shell_would_change_is_refused(text, mode, expands):
    assert found({}, text, submissionMode=mode) == ([SHELL] if expands else [])


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, "pip: " + "[" * 5000 + "]" * 5000])
def test_a_value_may_nest_without_end(text):
    assert len(found({"fields": ["pip"]}, text)) <= 1


@pytest.mark.parametrize("source", ["good.com", "https://good.com/../a", "https://*.good.com", 7, "", None])
def test_a_policy_names_sources_by_their_url(source):
    with pytest.raises(
        ValidationError, match=r"must be a URL without escapes, such as https://packages\.example\.com/ray"
    ):
        RuntimeEnvNotAllowed.of({"sources": [source]})
