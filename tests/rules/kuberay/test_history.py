import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release, Target
from webhook.rules.example import merged, worker_group
from webhook.rules.kuberay import history, history_storage
from webhook.rules.rule import Rule
from webhook.rules.table import Table

RULES = [value for module in (history, history_storage) for value in vars(module).values() if isinstance(value, Rule)]
GATE_ON = Target(overrides={Gate.HISTORY_SERVER: True})

COLLECTOR = "spec.rayClusterSpec.historyServerOptions.collectorOptions"
LITERAL = "Required value: the storage of logs and events, as a literal value"


def findings(options, target=GATE_ON, **cluster):
    job = Job.of(merged({"spec": {"rayClusterSpec": {"historyServerOptions": options, **cluster}}}))
    table = Table([rule for rule in RULES if rule.holds_for(target)])
    return [finding.message for finding in table.findings(job)]


def findings_in_env(*env):
    return findings({"collectorOptions": {"image": "collector:1", "env": list(env)}})


def variable(name, value):
    return {"name": name, "value": value}


def test_where_the_gate_is_off_nothing_else_is_said():
    assert findings({"collectorOptions": {"image": ""}}, Target()) == [
        (
            "spec.rayClusterSpec.historyServerOptions: Forbidden: "
            "the operator's feature gate RayClusterHistoryServer is off [history-server-without-gate]"
        )
    ]


def test_older_releases_do_not_know_the_field_and_drop_it():
    assert findings({}, Target(Release.V1_6)) == []


def test_an_empty_collector_lacks_image_and_backend():
    assert findings({"collectorOptions": {}}) == [
        f"{COLLECTOR}.env[STORAGE_BACKEND]: {LITERAL} [missing-storage-backend]",
        f"{COLLECTOR}.image: Required value: KubeRay has no default image for the collector [missing-collector-image]",
    ]


def test_where_there_is_no_collector_nothing_is_said_of_what_it_lacks():
    assert findings({}) == [
        f"{COLLECTOR}: Required value: the collector that saves logs and events [missing-collector]"
    ]
    job = Job.of(merged({"spec": {"rayClusterSpec": {"historyServerOptions": None}}}))
    assert [list(rule.findings(job)) for rule in RULES] == [[]] * len(RULES)


def test_every_reserved_variable_is_found_but_its_value_is_not_told():
    env = [variable(name, "secret") for name in sorted(history.VARIABLES)]

    assert findings_in_env(variable("STORAGE_BACKEND", "local"), *env, None) == [
        f"{COLLECTOR}.env[{index}]: Forbidden: KubeRay sets {name} in the collector itself "
        "[reserved-collector-variable]"
        for index, name in enumerate(sorted(history.VARIABLES), start=1)
    ]


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ([variable("STORAGE_BACKEND", "GCS"), variable("STORAGE_BACKEND", "local")], []),
        (
            [variable("STORAGE_BACKEND", "local"), variable("STORAGE_BACKEND", "")],
            [f"{COLLECTOR}.env[1].value: {LITERAL} [missing-storage-backend]"],
        ),
        (
            [variable("GCS_BUCKET", "logs"), variable("STORAGE_BACKEND", "GCS"), variable("GCS_BUCKET", "")],
            [
                (
                    f"{COLLECTOR}.env[2].value: Required value: "
                    "the storage backend GCS needs GCS_BUCKET [missing-storage-variable]"
                )
            ],
        ),
    ],
)
def test_of_two_entries_with_one_name_the_later_one_counts(env, expected):
    assert findings_in_env(*env) == expected


@pytest.mark.parametrize("backend", ["local", " GCS", "S3\n", "aliyunoß", "azure"])
def test_a_backend_that_kuberay_does_not_know_is_not_checked(backend):
    assert findings_in_env(variable("STORAGE_BACKEND", backend)) == []


def test_an_empty_source_is_a_value():
    assert findings_in_env(variable("STORAGE_BACKEND", "s3"), {"name": "S3_REGION", "valueFrom": {}}) == []


CONNECTION_STRING, ACCOUNT_URL = "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT_URL"
EITHER = f"{CONNECTION_STRING} or {ACCOUNT_URL}"


@pytest.mark.parametrize(
    ("mode", "given", "needed"),
    [
        ("connection_string", CONNECTION_STRING, None),
        ("connection_string", ACCOUNT_URL, CONNECTION_STRING),
        ("\tCONNECTION_STRING\n", ACCOUNT_URL, CONNECTION_STRING),
        ("workload_identity", ACCOUNT_URL, None),
        ("workload_identity", CONNECTION_STRING, ACCOUNT_URL),
        ("default", ACCOUNT_URL, None),
        ("Default", CONNECTION_STRING, ACCOUNT_URL),
        ("", CONNECTION_STRING, None),
        ("", ACCOUNT_URL, None),
        ("", "", EITHER),
        ("account_key", CONNECTION_STRING, None),
        ("account_key", ACCOUNT_URL, None),
        ("account_key", "", EITHER),
    ],
)
def test_azure_needs_what_its_authentication_mode_asks_for(mode, given, needed):
    expected = []
    if needed:
        where = f" where AZURE_STORAGE_AUTH_MODE is {mode.strip().lower()}" if needed is not EITHER else ""
        expected = [
            (
                f"{COLLECTOR}.env[{needed.partition(' ')[0]}]: Required value: "
                f"the storage backend AZUREBLOB needs {needed}{where} [missing-azure-credentials]"
            )
        ]

    assert (
        findings_in_env(
            variable("STORAGE_BACKEND", "AZUREBLOB"), variable("AZURE_STORAGE_AUTH_MODE", mode), variable(given, "x")
        )
        == expected
    )


def test_a_mode_that_comes_from_a_source_is_none():
    env = [
        variable("STORAGE_BACKEND", "azureblob"),
        {"name": "AZURE_STORAGE_AUTH_MODE", "valueFrom": {"secretKeyRef": {"key": "mode"}}},
        variable(ACCOUNT_URL, "logs.local"),
    ]

    assert findings_in_env(*env) == []


def test_only_the_containers_of_ray_pods_may_not_have_the_collectors_name():
    collector = {"name": "ray-history-collector"}
    options = {"collectorOptions": {"image": "collector:1", "env": [variable("STORAGE_BACKEND", "local")]}}
    head = {"containers": [None, {"name": "ray-head"}, collector], "initContainers": [collector]}
    patch = {
        "spec": {
            "rayClusterSpec": {
                "historyServerOptions": options,
                "headGroupSpec": {"template": {"spec": head}},
                "workerGroupSpecs": [
                    worker_group(template=None),
                    worker_group(template={"spec": {"containers": None}}),
                ],
            },
            "submitterPodTemplate": {"spec": {"containers": [collector]}},
        }
    }

    job = Job.of(merged(patch))

    assert [str(finding.path) for finding in history.reserved_collector_container.findings(job)] == [
        "spec.rayClusterSpec.headGroupSpec.template.spec.containers[2].name"
    ]
