"""The storage to which the history server's collector writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from webhook.rayjob import model, pod
from webhook.rayjob.job import CLUSTER, Job
from webhook.rayjob.kuberay import Gate, Release
from webhook.rayjob.path import Key
from webhook.rules.example import cluster
from webhook.rules.finding import Finding, required
from webhook.rules.rule import Layer, fails, passes, rule

ENV = CLUSTER / "historyServerOptions" / "collectorOptions" / "env"

# What a storage backend cannot do without; one that is not listed is not checked.
VARIABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"GCS": ("GCS_BUCKET",), "S3": ("S3_REGION",), "ALIYUNOSS": ("OSS_BUCKET", "OSS_ENDPOINT", "OSS_REGION")}
)
CONNECTION_STRING = "AZURE_STORAGE_CONNECTION_STRING"
ACCOUNT_URL = "AZURE_STORAGE_ACCOUNT_URL"
AZURE_VARIABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(  # by authentication mode; any other needs either
    {"connection_string": (CONNECTION_STRING,), "workload_identity": (ACCOUNT_URL,), "default": (ACCOUNT_URL,)}
)


def _collector(job: Job) -> model.CollectorOptions | None:
    return (job.cluster.get("historyServerOptions") or {}).get("collectorOptions")


@dataclass(frozen=True, slots=True)
class _Env:
    """The collector's environment as KubeRay reads it: of two entries with one name the later one counts."""

    entries: Mapping[str, tuple[int, pod.EnvVar]]

    @classmethod
    def of(cls, job: Job) -> _Env:
        entries = enumerate((_collector(job) or {}).get("env") or ())
        return cls({(entry or {}).get("name") or "": (index, entry or {}) for index, entry in entries})

    def literal(self, name: str) -> str:
        """The value that stands in the entry itself; empty where there is none."""
        _, entry = self.entries.get(name, (0, {}))
        return entry.get("value") or ""

    def gives(self, name: str) -> bool:
        """Whether the variable has a value, wherever it comes from."""
        _, entry = self.entries.get(name, (0, {}))
        return bool(entry.get("value")) or entry.get("valueFrom") is not None

    def missing(self, name: str, why: str) -> Finding:
        """The finding that a variable has no value, at its entry if there is one."""
        if name in self.entries:
            return required(ENV / self.entries[name][0] / "value", why)
        return required(ENV / Key(name), why)

    @property
    def backend(self) -> str:
        """The storage backend in capital letters, in which KubeRay compares it."""
        name = self.literal("STORAGE_BACKEND")
        return name.upper() if name.isascii() else name  # Python's capitals for the rest are not Go's: SS for ß


def _collecting(**env: object) -> Mapping[str, object]:
    """The patch of an example: a collector with these variables, each a literal value or a whole entry."""
    entries = [
        {"name": name, **(value if isinstance(value, Mapping) else {"value": value})} for name, value in env.items()
    ]
    return _writing({"image": "collector:1", "env": entries})


def _writing(collector: Mapping[str, object]) -> Mapping[str, object]:
    return cluster(historyServerOptions={"collectorOptions": collector})


@rule(
    "The history server's collector has no storage backend",
    layer=Layer.KUBERAY,
    source=("R85",),
    since=Release.V1_7,
    gate=(Gate.HISTORY_SERVER, True),
    reads=("spec.rayClusterSpec.historyServerOptions.collectorOptions",),
    examples=(
        passes(_collecting(STORAGE_BACKEND="local")),
        fails(
            _writing({"image": "collector:1"}),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[STORAGE_BACKEND]",
        ),
        fails(
            _collecting(STORAGE_BACKEND=""),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[0].value",
        ),
        fails(
            _collecting(STORAGE_BACKEND={"valueFrom": {"configMapKeyRef": {"name": "history", "key": "backend"}}}),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[0].value",
        ),
    ),
)
def missing_storage_backend(job: Job) -> Iterator[Finding]:
    """`collectorOptions.env` does not name the storage in a literal value of STORAGE_BACKEND.

    Why: KubeRay's operator reads it before there is a pod, so it cannot follow `valueFrom`, and refuses the job.

    Instead: write the backend's name as it is: GCS, S3, AZUREBLOB or ALIYUNOSS.
    """
    env = _Env.of(job)
    if _collector(job) is not None and not env.literal("STORAGE_BACKEND"):
        yield env.missing("STORAGE_BACKEND", "the storage of logs and events, as a literal value")


@rule(
    "The history server's storage lacks a variable",
    layer=Layer.KUBERAY,
    source=("R86", "R87", "R91", "R92", "R93"),
    since=Release.V1_7,
    gate=(Gate.HISTORY_SERVER, True),
    reads=("spec.rayClusterSpec.historyServerOptions.collectorOptions.env",),
    examples=(
        passes(_collecting(STORAGE_BACKEND="GCS", GCS_BUCKET="logs")),
        passes(_collecting(STORAGE_BACKEND="gcs", GCS_BUCKET={"valueFrom": {"secretKeyRef": {"key": "bucket"}}})),
        passes(_collecting(STORAGE_BACKEND="S3", S3_REGION="eu-west-1")),
        passes(_collecting(STORAGE_BACKEND="ALIYUNOSS", OSS_BUCKET="logs", OSS_ENDPOINT="oss.local", OSS_REGION="a")),
        passes(_collecting(STORAGE_BACKEND="S3 ")),
        fails(
            _collecting(STORAGE_BACKEND="gcs"),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[GCS_BUCKET]",
            number="R86",
        ),
        fails(
            _collecting(STORAGE_BACKEND="S3", S3_REGION=""),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[1].value",
            number="R87",
        ),
        fails(
            _collecting(STORAGE_BACKEND="AliyunOSS"),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[OSS_BUCKET]",
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[OSS_ENDPOINT]",
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[OSS_REGION]",
            number="R91",
        ),
        fails(
            _collecting(STORAGE_BACKEND="ALIYUNOSS", OSS_BUCKET="logs", OSS_REGION="a"),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[OSS_ENDPOINT]",
            number="R92",
        ),
        fails(
            _collecting(STORAGE_BACKEND="ALIYUNOSS", OSS_BUCKET="logs", OSS_ENDPOINT="oss.local"),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[OSS_REGION]",
            number="R93",
        ),
    ),
)
def missing_storage_variable(job: Job) -> Iterator[Finding]:
    """`collectorOptions.env` gives no value to a variable that its storage needs.

    GCS needs GCS_BUCKET; S3 needs S3_REGION; ALIYUNOSS needs OSS_BUCKET, OSS_ENDPOINT and OSS_REGION.

    Why: the collector would have nowhere to write to, and KubeRay's operator refuses the job.

    Instead: set the variable, to a value or with `valueFrom`.
    """
    env = _Env.of(job)
    for name in VARIABLES.get(env.backend, ()):
        if not env.gives(name):
            yield env.missing(name, f"the storage backend {env.backend} needs {name}")


@rule(
    "The history server's Azure storage lacks its credentials",
    layer=Layer.KUBERAY,
    source=("R88", "R89", "R90"),
    since=Release.V1_7,
    gate=(Gate.HISTORY_SERVER, True),
    reads=("spec.rayClusterSpec.historyServerOptions.collectorOptions.env",),
    examples=(
        passes(_collecting(STORAGE_BACKEND="AZUREBLOB", AZURE_STORAGE_ACCOUNT_URL="logs.local")),
        passes(
            _collecting(
                STORAGE_BACKEND="AzureBlob",
                AZURE_STORAGE_AUTH_MODE=" Connection_String ",
                AZURE_STORAGE_CONNECTION_STRING={"valueFrom": {"secretKeyRef": {"key": "connection"}}},
            )
        ),
        passes(
            _collecting(
                STORAGE_BACKEND="AZUREBLOB",
                AZURE_STORAGE_AUTH_MODE="DEFAULT",
                AZURE_STORAGE_ACCOUNT_URL="logs.local",
            )
        ),
        fails(
            _collecting(
                STORAGE_BACKEND="AZUREBLOB",
                AZURE_STORAGE_AUTH_MODE="connection_string",
                AZURE_STORAGE_ACCOUNT_URL="logs.local",
            ),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[AZURE_STORAGE_CONNECTION_STRING]",
            number="R88",
        ),
        fails(
            _collecting(
                STORAGE_BACKEND="AZUREBLOB",
                AZURE_STORAGE_AUTH_MODE="workload_identity",
                AZURE_STORAGE_ACCOUNT_URL="",
            ),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[2].value",
            number="R89",
        ),
        fails(
            _collecting(STORAGE_BACKEND="azureblob", AZURE_STORAGE_AUTH_MODE="key"),
            "spec.rayClusterSpec.historyServerOptions.collectorOptions.env[AZURE_STORAGE_CONNECTION_STRING]",
            number="R90",
        ),
    ),
)
def missing_azure_credentials(job: Job) -> Iterator[Finding]:
    """The storage is AZUREBLOB, and `collectorOptions.env` gives no value to what AZURE_STORAGE_AUTH_MODE needs.

    connection_string needs AZURE_STORAGE_CONNECTION_STRING; workload_identity and default need
    AZURE_STORAGE_ACCOUNT_URL; any other mode, and none, needs either.

    Why: the collector could not log in, and KubeRay's operator refuses the job.

    Instead: set the variable, best with `valueFrom` from a Secret.
    """
    env = _Env.of(job)
    if env.backend != "AZUREBLOB":
        return
    mode = env.literal("AZURE_STORAGE_AUTH_MODE").strip(" \t\n\v\f\r").lower()
    needed = AZURE_VARIABLES.get(mode, (CONNECTION_STRING, ACCOUNT_URL))
    if not any(env.gives(name) for name in needed):
        condition = f" where AZURE_STORAGE_AUTH_MODE is {mode}" if mode in AZURE_VARIABLES else ""
        yield env.missing(needed[0], f"the storage backend AZUREBLOB needs {' or '.join(needed)}{condition}")
