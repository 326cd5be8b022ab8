"""What KubeRay's own CRD refuses, and what we refuse, for the same objects, side by side.

Printed with `pytest -s tests/e2e/test_crd_refusals.py`.
"""

import json
import re
from datetime import date

import pytest

from tests.e2e.kubectl import Cluster
from webhook.admission.decide import validate
from webhook.admission.review import RAYJOB, Operation, Request
from webhook.policy.policy import shipped
from webhook.rayjob.path import Path
from webhook.rules.example import merged

TODAY = date(2026, 11, 24)

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("rayjob_crd", ["kuberay"], indirect=True)]

CONTAINER = {"name": "w", "image": "rayproject/ray:2.52.0"}


def head(**container):
    return {
        "rayClusterSpec": {
            "headGroupSpec": {"template": {"spec": {"containers": [{"name": "h", "image": "i"} | container]}}}
        }
    }


def worker(**group):
    whole = {
        "groupName": "w",
        "minReplicas": 0,
        "maxReplicas": 1,
        "template": {"spec": {"containers": [CONTAINER]}},
    } | group
    return {
        "rayClusterSpec": {"workerGroupSpecs": [{name: value for name, value in whole.items() if value is not ...}]}
    }


def of_cluster(**fields):
    return {"rayClusterSpec": fields}


def rule(policy="DeleteSelf", **condition):
    return {"deletionStrategy": {"deletionRules": [{"policy": policy, "condition": condition}]}}


SPECS = {
    "entrypoint is a number": {"entrypoint": 7},
    "suspend is a text": {"suspend": "yes"},
    "ttl is a text": {"ttlSecondsAfterFinished": "60"},
    "ttl has a fraction": {"ttlSecondsAfterFinished": 1.5},
    "backoffLimit is true": {"backoffLimit": True},
    "backoffLimit beyond int32": {"backoffLimit": 3_000_000_000},
    "metadata holds a number": {"metadata": {"run": 7}},
    "clusterSelector is a list": {"clusterSelector": ["c"]},
    "rayStartParams holds a number": {"rayClusterSpec": {"headGroupSpec": {"rayStartParams": {"num-cpus": 2}}}},
    "workerGroupSpecs is an object": of_cluster(workerGroupSpecs={}),
    "unknown managedBy": {"managedBy": "me"},
    "unknown managedBy of the cluster": of_cluster(managedBy="me"),
    "both kinds of deletion": {
        "deletionStrategy": {
            "deletionRules": [{"policy": "DeleteSelf", "condition": {"jobStatus": "FAILED"}}],
            "onSuccess": {"policy": "DeleteSelf"},
        }
    },
    "no kind of deletion": {"deletionStrategy": {}},
    "no deletion rule": {"deletionStrategy": {"deletionRules": []}},
    "both conditions": rule(jobStatus="FAILED", jobDeploymentStatus="Failed"),
    "no condition": rule(),
    "a negative delay": rule(jobStatus="FAILED", ttlSeconds=-1),
    "unknown deletion policy": rule("DeleteAll", jobStatus="FAILED"),
    "unknown job status": rule(jobStatus="STOPPED"),
    "unknown deployment status": rule(jobDeploymentStatus="Complete"),
    "no time to start": {"preRunningDeadlineSeconds": 0},
    "unknown upscaling mode": of_cluster(autoscalerOptions={"upscalingMode": "default"}),
    "unknown autoscaler version": of_cluster(autoscalerOptions={"version": "v3"}),
    "unknown authentication mode": of_cluster(authOptions={"mode": "Token"}),
    "unknown upgrade strategy": of_cluster(upgradeStrategy={"type": "Rolling"}),
    "unknown storage backend": of_cluster(gcsFaultToleranceOptions={"backend": "etcd"}),
    "storage size is no quantity": of_cluster(gcsFaultToleranceOptions={"storage": {"size": "big"}}),
    "unknown network policy mode": of_cluster(networkPolicy={"mode": "AllowAll"}),
    "two network policies of a group": of_cluster(
        networkPolicy={"workerGroups": [{"groupName": "w"}, {"groupName": "w"}]}
    ),
    "no head group": {"rayClusterSpec": {"headGroupSpec": None}},
    "no head template": {"rayClusterSpec": {"headGroupSpec": {"template": None}}},
    "no containers": {"rayClusterSpec": {"headGroupSpec": {"template": {"spec": {"containers": None}}}}},
    "a container without a name": head(name=None),
    "a variable without a name": head(env=[{"value": "x"}]),
    "two containers of a name": {
        "rayClusterSpec": {
            "headGroupSpec": {"template": {"spec": {"containers": [CONTAINER, {"name": "x", "image": "i"}, CONTAINER]}}}
        }
    },
    "two variables of a name": head(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]),
    "two mounts at a path": head(volumeMounts=[{"name": "a", "mountPath": "/a"}, {"name": "b", "mountPath": "/a"}]),
    "two ports of a number": head(ports=[{"containerPort": 1}, {"containerPort": 1, "protocol": "TCP"}]),
    "no group name": worker(groupName=...),
    "no worker template": worker(template=...),
    "a limit that is no quantity": head(resources={"limits": {"cpu": "lots"}}),
}


def refused_by_crd(cluster: Cluster, raw: dict[str, object]) -> list[str]:
    """What the API server says of an object, cause by cause; nothing where it takes it."""
    done = cluster.kubectl("create", "-f", "-", "--dry-run=server", "--validate=ignore", stdin=json.dumps(raw))
    if done.code == 0:
        return []
    causes = re.findall(r"^\* (.*)$", done.stderr, re.MULTILINE)
    return causes or [done.stderr.strip().partition(" is invalid: ")[2] or done.stderr.strip()]


@pytest.mark.usefixtures("rayjob_crd")
@pytest.mark.parametrize("what", SPECS)
def test_what_the_crd_refuses_we_refuse_at_the_same_place(cluster: Cluster, namespace: str, what: str) -> None:
    raw = merged({"metadata": {"name": "side-by-side", "namespace": namespace}, "spec": SPECS[what]})
    request = Request("u", RAYJOB, Operation.CREATE, namespace=namespace, object=raw)

    theirs = refused_by_crd(cluster, raw)
    ours = validate(request, shipped(), TODAY).denials

    lines = [f"  CRD:  {said}" for said in theirs] + [f"  ours: {finding.message}" for finding in ours]
    print("", what, *lines, sep="\n")  # noqa: T201 (the table is what this test is for)
    assert theirs
    assert ours
    told = " ".join(theirs)
    assert any(str(finding.path) in told or str(Path(finding.path.steps[:-1])) in told for finding in ours)
