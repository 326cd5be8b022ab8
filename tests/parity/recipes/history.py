"""The history server's collector (R81 to R95)."""

from __future__ import annotations

from tests.parity.draft import Draft, Json, pod
from tests.parity.recipe import HISTORY_SERVER, Breach, behind, recipe

HISTORY = "spec.cluster.history"

MANAGED = (
    "POD_IP",
    "FQ_RAY_IP",
    "RAY_CLUSTER_NAME",
    "RAY_CLUSTER_NAMESPACE",
    "RAY_ROLE",
    "OWNER_KIND",
    "OWNER_NAME",
    "EVENTS_PORT",
)
# What each storage backend asks for.
ASKED = {
    "GCS": ("GCS_BUCKET",),
    "S3": ("S3_REGION",),
    "ALIYUNOSS": ("OSS_BUCKET", "OSS_ENDPOINT", "OSS_REGION"),
}
CONNECTION, ACCOUNT = "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT_URL"


def collector(*numbers: str) -> tuple[Breach, ...]:
    """The rules that a collector breaks, or the one of its gate."""
    return behind(HISTORY_SERVER, "R81", *numbers)


def collect(draft: Draft, *variables: Json) -> None:
    """Lets a collector run with these environment variables, in any order."""
    env = draft.chance.sample(variables, len(variables))
    draft.cluster["historyServerOptions"] = {"collectorOptions": {"image": "i", "env": env}}


def backend(draft: Draft, name: str) -> Json:
    """The variable that chooses a storage backend."""
    return {"name": "STORAGE_BACKEND", "value": draft.pick(name, name.lower(), name.title())}


def given(draft: Draft, name: str) -> Json:
    """A variable that has a value."""
    return {"name": name} | draft.pick(
        {"value": "x"}, {"valueFrom": {}}, {"value": "", "valueFrom": {"fieldRef": None}}
    )


def empty(draft: Draft, *names: str) -> list[Json]:
    """None of these variables, or some of them without a value."""
    if draft.sometimes():
        return []
    return [{"name": name} | draft.pick({}, {"value": ""}, {"valueFrom": None}) for name in draft.some(*names)]


def azure_mode(draft: Draft, *modes: str) -> Json:
    """The variable that says how to log in to Azure."""
    return {"name": "AZURE_STORAGE_AUTH_MODE", "value": draft.pick(*modes)}


@recipe(HISTORY, breaks=collector("R82"))
def no_collector(draft: Draft) -> None:
    draft.cluster["historyServerOptions"] = draft.pick({}, {"collectorOptions": None}, {"unknown": 1})


@recipe(HISTORY, breaks=collector("R83"))
def no_collector_image(draft: Draft) -> None:
    collect(draft, {"name": "STORAGE_BACKEND", "value": "x"})
    draft.leave_out(draft.cluster["historyServerOptions"]["collectorOptions"], "image", "")


@recipe(HISTORY, breaks=collector("R84"))
def managed_collector_variable(draft: Draft) -> None:
    collect(draft, {"name": "STORAGE_BACKEND", "value": "x"}, draft.variable(draft.pick(*MANAGED)))


@recipe(HISTORY, breaks=collector("R85"))
def no_storage_backend(draft: Draft) -> None:
    collect(draft, *empty(draft, "STORAGE_BACKEND"), given(draft, "GCS_BUCKET"))


@recipe(HISTORY, breaks=collector("R85"))
def storage_backend_taken_back(draft: Draft) -> None:
    collect(draft)
    options = draft.cluster["historyServerOptions"]["collectorOptions"]
    options["env"] = [{"name": "STORAGE_BACKEND", "value": "x"}, {"name": "STORAGE_BACKEND", "valueFrom": {}}]


@recipe(HISTORY, breaks=collector("R86"))
def no_gcs_bucket(draft: Draft) -> None:
    collect(draft, backend(draft, "GCS"), *empty(draft, "GCS_BUCKET"), given(draft, "S3_REGION"))


@recipe(HISTORY, breaks=collector("R87"))
def no_s3_region(draft: Draft) -> None:
    collect(draft, backend(draft, "S3"), *empty(draft, "S3_REGION"), given(draft, "GCS_BUCKET"))


@recipe(HISTORY, breaks=collector("R88"))
def no_azure_connection_string(draft: Draft) -> None:
    mode = azure_mode(draft, "connection_string", " Connection_String\n", "CONNECTION_STRING")
    collect(draft, backend(draft, "AzureBlob"), mode, *empty(draft, CONNECTION), given(draft, ACCOUNT))


@recipe(HISTORY, breaks=collector("R89"))
def no_azure_account_url(draft: Draft) -> None:
    mode = azure_mode(draft, "workload_identity", "default", "\tDefault ", "WORKLOAD_IDENTITY")
    collect(draft, backend(draft, "AzureBlob"), mode, *empty(draft, ACCOUNT), given(draft, CONNECTION))


@recipe(HISTORY, breaks=collector("R90"))
def no_azure_credentials(draft: Draft) -> None:
    modes = draft.pick([], [azure_mode(draft, "", "auto", "connection-string")], [given(draft, "AZURE_AUTH_MODE")])
    collect(draft, backend(draft, "AzureBlob"), *modes, *empty(draft, CONNECTION, ACCOUNT))


@recipe(HISTORY, breaks=collector("R91"))
def no_oss_bucket(draft: Draft) -> None:
    all_but(draft, "OSS_BUCKET")


@recipe(HISTORY, breaks=collector("R92"))
def no_oss_endpoint(draft: Draft) -> None:
    all_but(draft, "OSS_ENDPOINT")


@recipe(HISTORY, breaks=collector("R93"))
def no_oss_region(draft: Draft) -> None:
    all_but(draft, "OSS_REGION")


def all_but(draft: Draft, missing: str) -> None:
    """Lets a collector write to OSS with one variable missing."""
    others = [given(draft, name) for name in ASKED["ALIYUNOSS"] if name != missing]
    collect(draft, backend(draft, "AliyunOSS"), *empty(draft, missing), *others)


@recipe(HISTORY, "spec.cluster.head.containers.extra", breaks=collector("R94"))
def collector_container_in_the_head(draft: Draft) -> None:
    collect(draft, {"name": "STORAGE_BACKEND", "value": "x"})
    if draft.sometimes():
        draft.head_container["name"] = "ray-history-collector"
    else:
        draft.head_pod["containers"].append({"name": "ray-history-collector"})


@recipe(HISTORY, "spec.cluster.groups.collector", breaks=collector("R95"))
def collector_container_in_a_group(draft: Draft) -> None:
    collect(draft, {"name": "STORAGE_BACKEND", "value": "x"})
    draft.add(pod(draft.group()), "containers", {"name": "ray-history-collector"})


@recipe(HISTORY, breaks=collector())
def sound_collector(draft: Draft) -> None:
    name = draft.pick(*ASKED)
    asked = [given(draft, variable) for variable in ASKED[name]]
    collect(draft, backend(draft, name), *asked, draft.variable("pod_ip"))


@recipe(HISTORY, breaks=collector())
def sound_collector_on_azure(draft: Draft) -> None:
    how = draft.pick(
        [azure_mode(draft, "connection_string", "CONNECTION_STRING "), given(draft, CONNECTION)],
        [azure_mode(draft, "workload_identity", " Default"), given(draft, ACCOUNT)],
        [azure_mode(draft, "", "auto"), given(draft, draft.pick(CONNECTION, ACCOUNT))],
        [given(draft, ACCOUNT)],
    )
    collect(draft, backend(draft, "AzureBlob"), *how)


@recipe(HISTORY, breaks=collector())
def collector_with_unknown_backend(draft: Draft) -> None:
    collect(draft, {"name": "STORAGE_BACKEND", "value": draft.pick("disk", " S3", "GCS ", " ")})


@recipe(HISTORY, "spec.cluster.head.containers.extra")
def collector_container_without_history_server(draft: Draft) -> None:
    draft.cluster["historyServerOptions"] = None
    draft.head_pod["containers"].append({"name": "ray-history-collector"})
