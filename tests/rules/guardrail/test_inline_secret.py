import json

import pytest

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.guardrail.inline_secret import inline_secret

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"
MUST = "Invalid value: must not stand here: refer to a Secret"
IN_ENV = f"{MUST} (valueFrom.secretKeyRef)"

VALUE = "hunter2"
PARTS = {  # in two, so that no scanner takes them for more than they are
    "AWS": ("AKIA", "A" * 16),
    "temporary AWS": ("ASIA", "7" * 16),
    "GitHub": ("ghp", "_" + "a" * 36),
    "fine-grained GitHub": ("github", "_pat_" + "a" * 22),
    "GitLab": ("glpat", "-" + "a" * 20),
    "Hugging Face": ("hf", "_" + "a" * 34),
    "OpenAI": ("sk-", "a" * 48),
    "Anthropic": ("sk-", "ant-api03-" + "a" * 20),
    "Slack": ("xoxb", "-" + "1" * 12),
    "Google": ("AIza", "b" * 35),
    "Azure": ("Account", "Key=" + "c" * 86 + "=="),
    "JSON Web Token": ("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln"),
    "PEM": ("-----BEGIN RSA", " PRIVATE KEY-----\nMIIE"),
    "URL": ("https://user:", "hunter2@example.com/simple"),
    "URL without a user": ("redis://:", "hunter2@redis:6379"),
}
FORMS = {kind: "".join(parts) for kind, parts in PARTS.items()}


def env(name, value):
    return [{"name": name, "value": value}]


def in_runtime_env(field, *names):
    return [
        f'spec.{field}: Invalid value: the value of "{name}" must not stand here: refer to a Secret, '
        "in the environment of head and workers"
        for name in names
    ]


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("PASSWORD", True),
        ("DB_PASSWORD", True),
        ("dbPassword", True),
        ("DB_PASS", True),
        ("HF_TOKEN", True),
        ("hf_token", True),
        ("HF_TOKEN_2", True),
        ("WANDB_API_KEY", True),
        ("WANDB_APIKEY", True),
        ("AWS_ACCESS_KEY_ID", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("CLIENT_SECRET", True),
        ("GCP_CREDENTIALS", True),
        ("AZURE_STORAGE_CONNECTION_STRING", True),
        ("private-key", True),
        ("PROXY_AUTHORIZATION", True),
        ("ERLANG_COOKIE", True),
        ("HF_TOKEN_PATH", False),
        ("PASSWORD_FILE", False),
        ("SECRET_NAME", False),
        ("MAX_TOKENS", False),
        ("TOKENIZERS_PARALLELISM", False),
        ("PWD_DIR", False),
        ("BYPASS", False),
        ("KEY", False),
        ("", False),
    ],
)
def test_by_default_a_name_tells_a_secret(name, is_secret):
    found = judged(inline_secret, {}, cluster(headGroupSpec=head(env=env(name, VALUE))))

    assert found == ([f"{HEAD}.containers[0].env[0].value: {IN_ENV}"] if is_secret else [])


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_by_default_the_form_tells_a_secret_wherever_it_stands(form):
    container = {"name": "c", "args": ["-x", form], "command": [f"echo {form}"], "env": env("A", f"a {form} b")}
    patch = {
        "spec": {
            "entrypoint": f"python script.py {form}",
            "runtimeEnvYAML": json.dumps({"pip": ["a", form]}),
            **cluster(headGroupSpec={"template": {"spec": {"containers": [container]}}})["spec"],
        }
    }

    found = judged(inline_secret, {}, patch)

    assert found == [
        f"spec.entrypoint: {MUST}",
        f"{HEAD}.containers[0].args[1]: {MUST}",
        f"{HEAD}.containers[0].command[0]: {MUST}",
        f"{HEAD}.containers[0].env[0].value: {IN_ENV}",
        *in_runtime_env("runtimeEnvYAML", ""),
    ]
    assert form not in "".join(found)


@pytest.mark.parametrize(
    "value",
    [
        "",
        None,
        "true",
        "No",
        "$(DB_PASSWORD)",
        7,
    ],
)
def test_a_reference_is_no_secret(value):
    assert judged(inline_secret, {}, cluster(headGroupSpec=head(env=env("DB_PASSWORD", value)))) == []


@pytest.mark.parametrize("value", ["$(DB_PASSWORD)", "${DB_PASSWORD}", "$DB_PASSWORD", "true"])
def test_nor_is_one_that_a_shell_expands(value):
    patch = cluster(headGroupSpec={"rayStartParams": {"redis-password": value}})
    patch["spec"] |= {"metadata": {"token": value}, "runtimeEnvYAML": json.dumps({"env_vars": {"A_TOKEN": value}})}

    assert judged(inline_secret, {}, patch) == []


@pytest.mark.parametrize(
    "value",
    [
        *("hunter2", " ", "$(A)$(B)", "x$(A)", "1234", "s3cr3t\u200b", "true\n"),
        *("$hunter2", "${hunter2}", "${A:-hunter2}", "$$(A)", "$()"),  # Kubernetes expands none of them
    ],
)
def test_anything_else_is_one(value):
    found = judged(inline_secret, {}, cluster(headGroupSpec=head(env=env("DB_PASSWORD", value))))

    assert found == [f"{HEAD}.containers[0].env[0].value: {IN_ENV}"]


@pytest.mark.parametrize(
    "text",
    [
        "python sk-learn-something-rather-long.py",
        "https://example.com:8443/a@b",
        "https://user@example.com",
        "https://${USER}:${TOKEN}@example.com",
        "eyJ.a.b",
        "MAKIA" + "A" * 16,
        "-----BEGIN CERTIFICATE-----",
        "python train.py --eos-token=2 --max_token=512 --tokenizer=bert",
        "DB_PASSWORD=$(cat /secrets/db) python a.py",
        'DB_PASSWORD="$DB" python a.py',
        "DB_PASSWORD=`cat /secrets/db` python a.py",
        "DB_PASSWORD= python a.py",
        "DB_PASSWORD='' python a.py",
        "DB_PASSWORD=$'' python a.py",
        None,
        "train(token=tok)",
        "python a.py --password hunter2",
    ],
)
def test_what_only_looks_like_one_passes(text):
    assert judged(inline_secret, {}, {"spec": {"entrypoint": text}}) == []


@pytest.mark.parametrize(
    "text",
    [
        "DB_PASSWORD=hunter2 python a.py",
        'export DB_PASSWORD="hunter2"; python a.py',
        "env DB_PASSWORD=''hunter2 python a.py",
        "DB_PASSWORD='$ecret' python a.py",
        "DB_PASSWORD=$'hunter2' python a.py",
        'DB_PASSWORD=$"hunter2" python a.py',
        'DB_PASSWORD=hun"ter"2 python a.py',
        "cd /x&&DB_PASSWORD=hunter2 python a.py",
        "python a.py --db-password=hunter2",
        "python a.py\nhf_token=hunter2",
    ],
)
def test_an_assignment_in_a_command_line_is_one(text):
    assert judged(inline_secret, {}, {"spec": {"entrypoint": text}}) == [f"spec.entrypoint: {MUST}"]


def test_every_container_of_every_template_is_looked_at():
    spec = {
        kind: [{"name": kind.lower(), "env": env("HF_TOKEN", VALUE)}]
        for kind in ("containers", "initContainers", "ephemeralContainers")
    }
    patch = {
        "spec": {
            "submitterPodTemplate": {"spec": spec},
            "rayClusterSpec": {
                "headGroupSpec": {"template": {"spec": spec}},
                "workerGroupSpecs": [worker_group(), worker_group(groupName="b", template={"spec": spec})],
                "autoscalerOptions": {"env": env("HF_TOKEN", VALUE)},
                "historyServerOptions": {"collectorOptions": {"env": env("HF_TOKEN", VALUE)}},
            },
        }
    }

    assert judged(inline_secret, {}, patch) == [
        f"{place}.env[0].value: {IN_ENV}"
        for place in (
            "spec.rayClusterSpec.autoscalerOptions",
            f"{HEAD}.containers[0]",
            f"{HEAD}.ephemeralContainers[0]",
            f"{HEAD}.initContainers[0]",
            "spec.rayClusterSpec.historyServerOptions.collectorOptions",
            "spec.rayClusterSpec.workerGroupSpecs[1].template.spec.containers[0]",
            "spec.rayClusterSpec.workerGroupSpecs[1].template.spec.ephemeralContainers[0]",
            "spec.rayClusterSpec.workerGroupSpecs[1].template.spec.initContainers[0]",
            "spec.submitterPodTemplate.spec.containers[0]",
            "spec.submitterPodTemplate.spec.ephemeralContainers[0]",
            "spec.submitterPodTemplate.spec.initContainers[0]",
        )
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("env_vars: {HF_TOKEN: hunter2, TEAM: a}", ["HF_TOKEN"]),
        ("env_vars:\n  A_TOKEN: hunter2\n  B_TOKEN: hunter2\n", ["A_TOKEN", "B_TOKEN"]),
        ('env_vars: {"HF\\x5fTOKEN": "hunter2"}', ["HF_TOKEN"]),
        ("env_vars: {HF_TOKEN: 1234, B_TOKEN: 1.5}", ["B_TOKEN", "HF_TOKEN"]),
        ("a: &a {HF_TOKEN: hunter2}\nb: *a\nenv_vars: {<<: *a}\n", ["HF_TOKEN", "HF_TOKEN"]),
        ("env_vars: {HF_TOKEN: true, B_TOKEN: null, C_TOKEN: ''}", []),
        ("env_vars: {HF_TOKEN: '${HF_TOKEN}'}", []),
        ("env_vars: {HF_TOKEN: [hunter2]}", []),
        ("[" * 5000 + "]" * 5000, []),
        ("env_vars: {HF_TOKEN: hunter2", []),
        ("", []),
        (f"env_vars: [{FORMS['AWS']}", [""]),
        (f'a: "\\x41{FORMS["AWS"][1:]}"', ["a"]),
    ],
)
@pytest.mark.parametrize("field", ["runtimeEnv", "runtimeEnvYAML"])
def test_a_runtime_environment_is_looked_at_under_either_name(field, text, names):
    found = judged(inline_secret, {}, {"spec": {field: text}})

    assert sorted(found) == in_runtime_env(field, *names)


def test_every_other_place_for_a_secret_is_looked_at():
    patch = cluster(
        headGroupSpec={"rayStartParams": {"redis-password": VALUE, "port": "6379"}},
        workerGroupSpecs=[worker_group(rayStartParams={"redis-password": "$REDIS_PASSWORD", "x-token": VALUE})],
        gcsFaultToleranceOptions={"redisPassword": {"value": VALUE}},
        autoscalerOptions={"command": ["/scale"], "args": ["--fast", f"--token={VALUE}"]},
    )
    patch["spec"]["metadata"] = {"team": "vision", "api-key": VALUE}

    assert judged(inline_secret, {}, patch) == [
        f"spec.metadata[api-key]: {MUST}",
        f"spec.rayClusterSpec.autoscalerOptions.args[1]: {MUST}",
        f"spec.rayClusterSpec.gcsFaultToleranceOptions.redisPassword.value: {MUST}",
        f"spec.rayClusterSpec.headGroupSpec.rayStartParams[redis-password]: {MUST}",
        f"spec.rayClusterSpec.workerGroupSpecs[0].rayStartParams[x-token]: {MUST}",
    ]


HOOK = {
    "exec": {"command": ["check", f"--token={VALUE}"]},
    "httpGet": {
        "port": 1,
        "httpHeaders": [{"name": "Authorization", "value": f"Bearer {VALUE}"}, None, {"name": "Accept", "value": "a"}],
    },
}


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
def test_probes_and_hooks_are_looked_at(kind):
    container = {
        "name": "c",
        "livenessProbe": HOOK,
        "readinessProbe": HOOK,
        "startupProbe": HOOK,
        "lifecycle": {"postStart": HOOK, "preStop": HOOK},
    }

    assert judged(inline_secret, {}, {"spec": {"submitterPodTemplate": {"spec": {kind: [container]}}}}) == [
        f"spec.submitterPodTemplate.spec.{kind}[0].{place}.{part}: {MUST}"
        for place in ("lifecycle.postStart", "lifecycle.preStop", "livenessProbe", "readinessProbe", "startupProbe")
        for part in ("exec.command[1]", "httpGet.httpHeaders[0].value")
    ]


def test_attributes_of_volumes_are_looked_at():
    volumes = [
        None,
        {"name": "a", "emptyDir": {}},
        {"name": "b", "csi": {"driver": "d", "volumeAttributes": {"accessKey": VALUE, "bucket": "b", "token": None}}},
        {"name": "c", "flexVolume": {"driver": "d", "options": {"password": VALUE}}},
    ]

    found = judged(inline_secret, {}, cluster(headGroupSpec={"template": {"spec": {"volumes": volumes}}}))

    assert found == [
        f"{HEAD}.volumes[2].csi.volumeAttributes[accessKey]: {MUST}",
        f"{HEAD}.volumes[3].flexVolume.options[password]: {MUST}",
    ]


def test_the_policy_says_what_a_secret_is():
    given = {"names": ["LICENCE"], "values": ["corp-[0-9]+"]}
    entries = [*env("LICENCE", "a"), *env("LICENCES", "a"), *env("A", "corp-7"), *env("B", "corp-7b")]

    found = judged(inline_secret, given, cluster(headGroupSpec=head(env=[*entries, *env("HF_TOKEN", FORMS["GitHub"])])))

    assert found == [f"{HEAD}.containers[0].env[{index}].value: {IN_ENV}" for index in (0, 2)]


@pytest.mark.parametrize("text", ["A_TOKEN=" * 100_000, 'a="' * 100_000, "x" * 1_000_000, "://:" * 200_000])
def test_a_long_text_is_read_in_linear_time(text):
    assert len(judged(inline_secret, {}, {"spec": {"entrypoint": text}})) <= 1
