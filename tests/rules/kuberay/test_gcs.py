import pytest

from tests.rules.kuberay.found import found
from webhook.rayjob.kuberay import Gate, Release, Target
from webhook.rules.example import cluster, head
from webhook.rules.kuberay import embedded_storage, gcs, reserved_storage

HEAD = "spec.rayClusterSpec.headGroupSpec"
CONTAINER = f"{HEAD}.template.spec.containers[0]"
OPTIONS = "spec.rayClusterSpec.gcsFaultToleranceOptions"

ADDRESS = "Forbidden: RAY_REDIS_ADDRESS must not be set; set gcsFaultToleranceOptions.redisAddress instead"


@pytest.mark.parametrize(
    ("enabled", "on"),
    [
        ("true", True),
        ("TRUE", True),
        ("tRuE", True),
        ("", False),
        ("false", False),
        ("1", False),
        (" true", False),
        ("true\n", False),
        ("ｔｒｕｅ", False),  # noqa: RUF001 (letters of another width are the subject)
    ],
)
def test_the_annotation_turns_fault_tolerance_on_by_true_in_any_case(enabled, on):
    patch = {
        "metadata": {"annotations": {"ray.io/ft-enabled": enabled}},
        **cluster(headGroupSpec=head(env=[{"name": "RAY_REDIS_ADDRESS", "value": "redis:6379"}])),
    }

    assert found(gcs.redis_address_without_fault_tolerance, patch) == ([] if on else [(f"{CONTAINER}.env[0]", ADDRESS)])


def test_annotations_of_the_pods_turn_nothing_on():
    env = head(env=[{"name": "RAY_REDIS_ADDRESS"}])
    env["template"]["metadata"] = {"annotations": {"ray.io/ft-enabled": "true"}}

    assert found(gcs.redis_address_without_fault_tolerance, cluster(headGroupSpec=env)) == [
        (f"{CONTAINER}.env[0]", ADDRESS)
    ]


def test_an_address_beside_the_options_is_one_fault_and_not_two():
    patch = cluster(gcsFaultToleranceOptions={}, headGroupSpec=head(env=[{"name": "RAY_REDIS_ADDRESS"}]))

    assert found(gcs.redis_address_without_fault_tolerance, patch) == []
    assert found(gcs.redis_address_outside_options, patch) == [(f"{CONTAINER}.env[0]", ADDRESS)]


def test_credentials_are_found_in_both_places_and_never_told():
    patch = cluster(
        gcsFaultToleranceOptions={},
        headGroupSpec={
            **head(env=[{"name": "REDIS_PASSWORD", "value": "hunter2"}, {"name": "REDIS_USERNAME", "value": "hunter"}]),
            "rayStartParams": {"redis-password": "hunter2", "redis-username": "hunter"},
        },
    )

    assert found(gcs.redis_password_outside_options, patch) == [
        (
            f"{HEAD}.rayStartParams[redis-password]",
            "Forbidden: must not be set; set gcsFaultToleranceOptions.redisPassword instead",
        ),
        (
            f"{CONTAINER}.env[0]",
            "Forbidden: REDIS_PASSWORD must not be set; set gcsFaultToleranceOptions.redisPassword instead",
        ),
    ]
    assert found(gcs.redis_username_outside_options, patch) == [
        (
            f"{HEAD}.rayStartParams[redis-username]",
            "Forbidden: must not be set; set gcsFaultToleranceOptions.redisUsername instead",
        ),
        (
            f"{CONTAINER}.env[1]",
            "Forbidden: REDIS_USERNAME must not be set; set gcsFaultToleranceOptions.redisUsername instead",
        ),
    ]


@pytest.mark.parametrize("backend", [None, "", "redis", "RocksDB", "etcd"])
def test_every_backend_but_rocksdb_is_redis(backend):
    options = {
        "backend": backend,
        "redisAddress": "redis:6379",
        "redisUsername": {},
        "storage": {"claimName": "gcs", "size": "1Gi"},
    }
    patch = cluster(
        gcsFaultToleranceOptions=options,
        headGroupSpec=head(
            env=[{"name": "RAY_gcs_storage"}], volumeMounts=[{"name": "gcs-storage", "mountPath": "/data/gcs"}]
        ),
    )

    assert found(embedded_storage.storage_without_embedded_storage, patch) == [
        (f"{OPTIONS}.storage", "Forbidden: must not be set unless backend is rocksdb")
    ]
    for rule in (
        embedded_storage.embedded_storage_without_gate,
        embedded_storage.redis_with_embedded_storage,
        embedded_storage.existing_claim_with_new_claim,
        reserved_storage.reserved_storage_env,
        reserved_storage.reserved_storage_volume,
    ):
        assert found(rule, patch) == []


def test_all_settings_of_redis_are_found_beside_rocksdb():
    options = {
        "backend": "rocksdb",
        "redisAddress": "redis:6379",
        "redisUsername": {"value": "hunter"},
        "redisPassword": {"value": "hunter2"},
        "externalStorageNamespace": "train",
        "storage": {},
    }
    text = "Forbidden: must not be set with the backend rocksdb, which needs no Redis"

    assert found(embedded_storage.redis_with_embedded_storage, cluster(gcsFaultToleranceOptions=options)) == [
        (f"{OPTIONS}.externalStorageNamespace", text),
        (f"{OPTIONS}.redisAddress", text),
        (f"{OPTIONS}.redisPassword", text),
        (f"{OPTIONS}.redisUsername", text),
    ]
    assert found(embedded_storage.storage_without_embedded_storage, cluster(gcsFaultToleranceOptions=options)) == []


def test_mounts_of_other_containers_may_be_called_and_be_anywhere():
    sidecar = {"name": "sidecar", "volumeMounts": [{"name": "data", "mountPath": "/data/gcs"}]}
    template = {"spec": {"containers": [{"name": "ray-head", "volumeMounts": [None]}, sidecar], "volumes": [None]}}

    assert (
        found(
            reserved_storage.reserved_storage_volume,
            cluster(gcsFaultToleranceOptions={"backend": "rocksdb"}, headGroupSpec={"template": template}),
        )
        == []
    )


@pytest.mark.parametrize(
    ("target", "held"),
    [
        (Target(Release.V1_6, {Gate.EMBEDDED_STORAGE: True}), []),
        (Target(Release.V1_6), []),
        (Target(Release.V1_7), ["embedded-storage-without-gate"]),
        (
            Target(Release.V1_7, {Gate.EMBEDDED_STORAGE: True}),
            [
                "redis-with-embedded-storage",
                "existing-claim-with-new-claim",
                "reserved-storage-env",
                "reserved-storage-volume",
            ],
        ),
    ],
)
def test_rocksdb_is_refused_as_such_while_its_gate_is_off_and_judged_while_it_is_on(target, held):
    rules = (
        embedded_storage.embedded_storage_without_gate,
        embedded_storage.redis_with_embedded_storage,
        embedded_storage.existing_claim_with_new_claim,
        reserved_storage.reserved_storage_env,
        reserved_storage.reserved_storage_volume,
    )

    assert [rule.id for rule in rules if rule.holds_for(target)] == held
