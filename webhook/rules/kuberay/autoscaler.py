"""The autoscaler, and what its version demands of the pods that it works with."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.rayjob.job import AUTOSCALER_V2, CLUSTER, HEAD_CONTAINER, Job, Owner
from webhook.rayjob.kuberay import Release
from webhook.rayjob.model import AutoscalerOptions
from webhook.rules.example import cluster, head, worker_group
from webhook.rules.finding import Finding, forbidden, invalid
from webhook.rules.rule import Layer, fails, passes, rule

OPTIONS = CLUSTER / "autoscalerOptions"

START_COMMAND = "KUBERAY_GEN_AUTOSCALER_START_CMD"  # holds what KubeRay would run, for the author's own command to use


def _options(job: Job) -> AutoscalerOptions:
    return job.cluster.get("autoscalerOptions") or {}


@rule(
    "The head's environment turns autoscaler v2 on, but the autoscaler is off",
    layer=Layer.KUBERAY,
    source=("R74",),
    since=Release.V1_5,
    reads=("spec.rayClusterSpec.headGroupSpec.template.spec.containers[].env",),
    examples=(
        passes(cluster(headGroupSpec=head(env=[{"name": "RAY_enable_autoscaler_v2", "value": "True"}]))),
        passes(
            cluster(
                enableInTreeAutoscaling=True,
                headGroupSpec=head(env=[{"name": "RAY_enable_autoscaler_v2", "value": "1"}]),
            )
        ),
        fails(
            cluster(headGroupSpec=head(env=[{"name": "RAY_enable_autoscaler_v2", "value": "1"}])),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[0]",
        ),
        fails(
            cluster(
                enableInTreeAutoscaling=False,
                autoscalerOptions={"version": "v2"},
                headGroupSpec=head(
                    env=[{"name": "TEAM", "value": "a"}, {"name": "RAY_enable_autoscaler_v2", "value": "true"}]
                ),
            ),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[1]",
        ),
    ),
)
def autoscaler_v2_env_without_autoscaler(job: Job) -> Iterator[Finding]:
    """The head's `RAY_enable_autoscaler_v2` is `1` or `true` while `enableInTreeAutoscaling` is not true.

    Why: nothing would scale, though the environment says so; KubeRay's operator refuses the job.

    Instead: set `enableInTreeAutoscaling: true` and `autoscalerOptions.version: v2`, and leave the variable out.
    """
    if job.env_asks_for_autoscaler_v2 and not job.autoscales:
        place = HEAD_CONTAINER / "env" / job.head_env[AUTOSCALER_V2]
        yield forbidden(place, None, f"{AUTOSCALER_V2} must not be on unless enableInTreeAutoscaling is true")


@rule(
    "The autoscaler's version is given twice",
    layer=Layer.KUBERAY,
    source=("R76",),
    reads=(
        "spec.rayClusterSpec.enableInTreeAutoscaling",
        "spec.rayClusterSpec.autoscalerOptions.version",
        "spec.rayClusterSpec.headGroupSpec.template.spec.containers[].env",
    ),
    examples=(
        passes(
            cluster(
                enableInTreeAutoscaling=True,
                autoscalerOptions={"version": None},
                headGroupSpec=head(env=[{"name": "RAY_enable_autoscaler_v2", "value": "1"}]),
            )
        ),
        passes(
            cluster(
                enableInTreeAutoscaling=False,
                autoscalerOptions={"version": "v2"},
                headGroupSpec=head(env=[{"name": "RAY_enable_autoscaler_v2", "value": "0"}]),
            )
        ),
        fails(
            cluster(
                enableInTreeAutoscaling=True,
                autoscalerOptions={"version": "v1"},
                headGroupSpec=head(env=[{"name": "RAY_enable_autoscaler_v2", "value": "0"}]),
            ),
            "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].env[0]",
        ),
    ),
)
def autoscaler_version_set_twice(job: Job) -> Iterator[Finding]:
    """`autoscalerOptions.version` is there, and the head has the variable `RAY_enable_autoscaler_v2`, whatever it says.

    Why: KubeRay sets the variable itself, from the version; its operator refuses the job.

    Instead: keep the version and leave the variable out.
    """
    if job.autoscales and _options(job).get("version") is not None and AUTOSCALER_V2 in job.head_env:
        place = HEAD_CONTAINER / "env" / job.head_env[AUTOSCALER_V2]
        yield forbidden(place, None, f"{AUTOSCALER_V2} must not be set beside autoscalerOptions.version")


@rule(
    "Pods restart in place, but autoscaler v2 is on",
    layer=Layer.KUBERAY,
    source=("R77", "R78"),
    reads=("spec.rayClusterSpec.enableInTreeAutoscaling", "spec.rayClusterSpec.autoscalerOptions.version"),
    examples=(
        passes(
            cluster(
                enableInTreeAutoscaling=True,
                autoscalerOptions={"version": "v2"},
                headGroupSpec={"template": {"spec": {"restartPolicy": "Never"}}},
                workerGroupSpecs=[worker_group(template={"spec": {"restartPolicy": ""}})],
            )
        ),
        passes(
            cluster(
                enableInTreeAutoscaling=True,
                autoscalerOptions={"version": "v1"},
                headGroupSpec={"template": {"spec": {"restartPolicy": "Always"}}},
            )
        ),
        passes(
            cluster(
                autoscalerOptions={"version": "v2"},
                headGroupSpec={"template": {"spec": {"restartPolicy": "Always"}}},
            )
        ),
        fails(
            cluster(
                enableInTreeAutoscaling=True,
                autoscalerOptions={"version": "v2"},
                headGroupSpec={"template": {"spec": {"restartPolicy": "Always"}}},
            ),
            "spec.rayClusterSpec.headGroupSpec.template.spec.restartPolicy",
            number="R77",
        ),
        fails(
            cluster(
                enableInTreeAutoscaling=True,
                autoscalerOptions={"version": "v2"},
                workerGroupSpecs=[
                    worker_group(),
                    worker_group(groupName="b", template={"spec": {"restartPolicy": "OnFailure"}}),
                ],
            ),
            "spec.rayClusterSpec.workerGroupSpecs[1].template.spec.restartPolicy",
            number="R78",
        ),
    ),
)
def restarting_pods_with_autoscaler_v2(job: Job) -> Iterator[Finding]:
    """With the autoscaler on and of version `v2`, the head or a worker group has a `restartPolicy` other than `Never`.

    Why: autoscaler v2 replaces pods; one that restarts in place is a node that it does not know. KubeRay's operator
    refuses the job.

    Instead: leave `restartPolicy` out; KubeRay sets `Never`.
    """
    if not job.autoscales or _options(job).get("version") != "v2":
        return
    for template in job.templates:
        policy = template.spec.get("restartPolicy")
        if policy and policy != "Never" and template.owner is not Owner.SUBMITTER:
            yield invalid(template.path / "restartPolicy", policy, "must be Never, or left out, with autoscaler v2")


@rule(
    "The autoscaler's idle timeout is negative",
    layer=Layer.KUBERAY,
    source=("R79",),
    since=Release.V1_6,
    reads=("spec.rayClusterSpec.autoscalerOptions.idleTimeoutSeconds",),
    examples=(
        passes(cluster(enableInTreeAutoscaling=True, autoscalerOptions={"idleTimeoutSeconds": 0})),
        fails(
            cluster(enableInTreeAutoscaling=True, autoscalerOptions={"idleTimeoutSeconds": -1}),
            "spec.rayClusterSpec.autoscalerOptions.idleTimeoutSeconds",
        ),
        fails(
            cluster(autoscalerOptions={"idleTimeoutSeconds": -1}),
            "spec.rayClusterSpec.autoscalerOptions.idleTimeoutSeconds",
        ),
    ),
)
def negative_idle_timeout(job: Job) -> Iterator[Finding]:
    """`autoscalerOptions.idleTimeoutSeconds` is less than 0, whether the autoscaler is on or not.

    Why: KubeRay's operator refuses the job after it is stored.

    Instead: give the seconds that a worker may idle before it is removed; without the field it is 60.
    """
    seconds = _options(job).get("idleTimeoutSeconds") or 0
    if seconds < 0:
        yield invalid(OPTIONS / "idleTimeoutSeconds", seconds, "must be 0 or more (seconds)")


@rule(
    "The autoscaler's environment has a variable that is KubeRay's own",
    layer=Layer.KUBERAY,
    source=("R80",),
    since=Release.V1_7,
    reads=("spec.rayClusterSpec.autoscalerOptions.env",),
    examples=(
        passes(cluster(enableInTreeAutoscaling=True, autoscalerOptions={"env": [{"name": "TEAM", "value": "a"}]})),
        fails(
            cluster(
                autoscalerOptions={
                    "env": [
                        {"name": "TEAM", "value": "a"},
                        {"name": "KUBERAY_GEN_AUTOSCALER_START_CMD", "value": "sleep 1"},
                        {"name": "KUBERAY_GEN_AUTOSCALER_START_CMD"},
                    ]
                }
            ),
            "spec.rayClusterSpec.autoscalerOptions.env[1]",
            "spec.rayClusterSpec.autoscalerOptions.env[2]",
        ),
    ),
)
def reserved_autoscaler_env(job: Job) -> Iterator[Finding]:
    """`autoscalerOptions.env` has the name `KUBERAY_GEN_AUTOSCALER_START_CMD`, whether the autoscaler is on or not.

    Why: KubeRay puts the autoscaler's own command there, for `autoscalerOptions.args` to refer to; an entry of that
    name would hide it, so the operator refuses the job.

    Instead: leave the entry out; write another command to `autoscalerOptions.command` and `args`.
    """
    for index, entry in enumerate(_options(job).get("env") or ()):
        if (entry or {}).get("name") == START_COMMAND:
            yield forbidden(OPTIONS / "env" / index, None, f"{START_COMMAND} must not be set: KubeRay sets it")
