"""The RayJobs that are measured: a small and a large one, right and wrong, complete and bare; one keeps to all."""

from enum import StrEnum
from typing import Any

NAME = "llama-finetune"
LONG_NAME = f"{NAME}-with-a-name-that-no-service-could-ever-get"

_IMAGE = "rayproject/ray:2.52.0-gpu"
_PINNED = "registry.example.com/ml/ray@sha256:" + "0123456789abcdef" * 4
_RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_COMPLIANT_ENV = 24  # of each container, so that the review is no larger than the other large ones

_ENV = {
    "NCCL_DEBUG": "WARN",
    "NCCL_SOCKET_IFNAME": "eth0",
    "NCCL_IB_DISABLE": "0",
    "NCCL_IB_HCA": "mlx5",
    "NCCL_P2P_LEVEL": "NVL",
    "NCCL_BUFFSIZE": "8388608",
    "NCCL_NET_GDR_LEVEL": "5",
    "NCCL_TIMEOUT": "1800",
    "GLOO_SOCKET_IFNAME": "eth0",
    "OMP_NUM_THREADS": "8",
    "MKL_NUM_THREADS": "8",
    "CUDA_DEVICE_MAX_CONNECTIONS": "1",
    "TORCH_DISTRIBUTED_DEBUG": "OFF",
    "TORCH_NCCL_AVOID_RECORD_STREAMS": "1",
    "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HOME": "/mnt/cache/hf",
    "HF_HUB_OFFLINE": "1",
    "WANDB_MODE": "offline",
    "WANDB_DIR": "/mnt/wandb",
    "AWS_REGION": "eu-west-1",
    "S3_BUCKET": "training-data",
    "PYTHONUNBUFFERED": "1",
    "PYTHONPATH": "/home/ray/app",
    "LOG_LEVEL": "INFO",
    "BATCH_SIZE": "32",
    "SEED": "42",
    "EPOCHS": "3",
    "FLASH_ATTENTION": "1",
    "GRAD_ACCUMULATION": "4",
    "WARMUP_STEPS": "100",
}

_RUNTIME_ENV = """\
pip:
  - transformers==4.57.1
env_vars:
  HF_HOME: /mnt/hf
"""


class Size(StrEnum):
    """How large the review of a RayJob is, as JSON."""

    SMALL = "4k"
    LARGE = "40k"

    @property
    def bytes(self) -> int:
        """The same in bytes; a body of this size has 10 % more or less."""
        return 1024 * int(self.removesuffix("k"))


def right(size: Size) -> dict[str, Any]:
    """A RayJob as its author wrote it, in which there is nothing to find and nothing to fill."""
    spec: dict[str, Any] = {
        "entrypoint": "python /home/ray/app/train.py",
        "runtimeEnvYAML": _RUNTIME_ENV,
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": 3600,
        "rayClusterSpec": _small_cluster() if size is Size.SMALL else _large_cluster(),
    }
    if size is Size.LARGE:
        submitter = _template(_container("submitter", cpu="1", memory="1Gi", env=4))
        submitter["spec"]["restartPolicy"] = "Never"
        spec["submitterPodTemplate"] = submitter
    metadata = {"name": NAME, "namespace": "training", "labels": {"team": "nlp"}}
    return {"apiVersion": "ray.io/v1", "kind": "RayJob", "metadata": metadata, "spec": spec}


def wrong(size: Size) -> dict[str, Any]:
    """A RayJob with five mistakes; of its name the Go webhook complains as well."""
    job = right(size)
    job["metadata"]["name"] = LONG_NAME
    job["spec"] |= {"backoffLimit": -1, "shutdownAfterJobFinishes": False, "runtimeEnvYAML": "- transformers\n"}
    job["spec"]["rayClusterSpec"]["workerGroupSpecs"][-1] |= {"minReplicas": 8, "maxReplicas": 2}
    return job


def bare(size: Size) -> dict[str, Any]:
    """A RayJob that says nothing of what is defaulted."""
    job = right(size)
    del job["spec"]["shutdownAfterJobFinishes"], job["spec"]["ttlSecondsAfterFinished"]
    job["spec"]["rayClusterSpec"]["headGroupSpec"]["rayStartParams"] = {}
    return job


def compliant() -> dict[str, Any]:
    """A large RayJob in which the strict policy finds nothing either; its environments are shorter."""
    job = right(Size.LARGE)
    marks = {"team": "nlp", "example.com/team": "nlp", "example.com/cost-center": "cc-0420"}
    job["metadata"] |= {
        "labels": {**marks, "kueue.x-k8s.io/queue-name": "prod-nlp"},
        "annotations": {"example.com/contact": "nlp-oncall@example.com"},
    }
    spec = job["spec"]
    spec |= {
        "submissionMode": "HTTPMode",
        "activeDeadlineSeconds": 86400,
        "runtimeEnvYAML": "env_vars:\n  HF_HOME: /mnt/hf\n",
    }
    del spec["submitterPodTemplate"]
    cluster = spec["rayClusterSpec"]
    cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] = "0"
    for pool, group in [("cpu", cluster["headGroupSpec"]), *(("gpu", group) for group in cluster["workerGroupSpecs"])]:
        template = group["template"]
        template["metadata"] = {"labels": dict(marks)}
        template["spec"] |= {
            "nodeSelector": {"example.com/pool": pool},
            "serviceAccountName": "ray-job",
            "priorityClassName": "production-batch",
            "imagePullSecrets": [{"name": "registry"}],
        }
        for container in [*template["spec"]["containers"], *template["spec"].get("initContainers", [])]:
            container |= {"image": _PINNED, "securityContext": _RESTRICTED, "env": container["env"][-_COMPLIANT_ENV:]}
    return job


def _small_cluster() -> dict[str, Any]:
    head = _container("ray-head", cpu="2", memory="8Gi")
    return {
        "rayVersion": "2.52.0",
        "headGroupSpec": {"rayStartParams": {"dashboard-host": "0.0.0.0"}, "template": _template(head)},  # noqa: S104 - a value
        "workerGroupSpecs": [_group("gpu", _container("ray-worker", cpu="8", memory="64Gi", gpu="1", env=2))],
    }


def _large_cluster() -> dict[str, Any]:
    """A head with its code mounted and six groups, each with its environment; two have a sidecar, one prepares."""
    cluster = _small_cluster()
    head = _container("ray-head", cpu="16", memory="64Gi", env=32)
    head["ports"] = [{"name": "gcs-server", "containerPort": 6379}, {"name": "dashboard", "containerPort": 8265}]
    head["volumeMounts"] = [{"name": "app", "mountPath": "/home/ray/app"}]
    cluster["headGroupSpec"]["template"] = _template(head)
    cluster["headGroupSpec"]["template"]["spec"]["volumes"] = [{"name": "app", "configMap": {"name": "app"}}]
    cluster["workerGroupSpecs"] = groups = [
        _group(f"gpu-{number}", _container("ray-worker", cpu="8", memory="64Gi", gpu="1", env=32))
        for number in range(1, 7)
    ]
    groups[0]["template"]["spec"]["containers"].append(_container("logs", cpu="1", memory="1Gi", env=32))
    groups[1]["template"]["spec"]["initContainers"] = [_container("fetch", cpu="1", memory="1Gi", env=32)]
    return cluster


def _group(name: str, container: dict[str, Any]) -> dict[str, Any]:
    return {
        "groupName": name,
        "replicas": 2,
        "minReplicas": 1,
        "maxReplicas": 4,
        # Not empty: a Go struct drops an empty map, and controller-runtime then makes its patch twice.
        "rayStartParams": {"num-cpus": "8"},
        "template": _template(container),
    }


def _template(container: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"containers": [container]}}


def _container(name: str, *, cpu: str, memory: str, gpu: str | None = None, env: int = 0) -> dict[str, Any]:
    """A container with so many environment variables, the last of them from a Secret."""
    amounts = {"cpu": cpu, "memory": memory, **({"nvidia.com/gpu": gpu} if gpu else {})}
    made: dict[str, Any] = {"name": name, "image": _IMAGE, "resources": {"limits": amounts, "requests": dict(amounts)}}
    if env:
        made["env"] = [{"name": variable, "value": _ENV[variable]} for variable in list(_ENV)[: env - 1]]
        made["env"].append({"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "hf", "key": "token"}}})
    return made
