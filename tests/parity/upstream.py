"""The calls of KubeRay's own tests (1.7.0): not of whole RayJobs, but of what each function is given.

A RayCluster's spec is judged as that of a RayJob which has nothing else, by the rules of the function that was called.
Where a RayJob meets another fate than a bare RayCluster, the RayJob's is expected:

- `enableK8sTokenAuth` is refused in every RayJob (R35), before the rules that a RayCluster would meet;
- `upgradeStrategy` is refused in the RayCluster of every RayJob (R151). In a bare one only its values are looked at,
  which is our schema's rule (R142). The RayCluster of a RayService is out of scope: it is counted, and never differs.

A RayCluster's name is its RayJob's with "-" and 5 characters behind it. So it fits where the RayJob's does (R1), and
being a label (R2) is asked of it as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tests.parity.comparison import Difference, compare_verdicts
from tests.parity.layer import layer, numbers
from tests.parity.recording import Row
from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import NEWEST

APPENDED = len("-12345")
CREATOR = "ray.io/originated-from-crd"

Scope = frozenset[str]


def judge(row: Row) -> Difference | None:
    """How our answer differs from the recorded one; None where it does not."""
    answer = _ANSWERS.get(row["function"])
    if answer is None:
        return Difference("an answer", f"no function {row['function']!r} is known")
    return answer(row)


def _broken(scope: Scope, row: Row, raw: dict[str, Any], **gates: bool) -> Scope:
    return layer(scope, row.get("kuberay") or str(NEWEST), {**(row.get("gates") or {}), **gates}).broken(raw)


def _compared(row: Row, broken: Scope) -> Difference | None:
    return compare_verdicts(row["denied"], row.get("rules") or (), broken)


def _job(row: Row) -> Difference | None:
    return _compared(row, _broken(numbers(3, 121), row, row["object"]))


def _job_metadata(row: Row) -> Difference | None:
    return _compared(row, _broken(numbers(1, 2), row, {"metadata": row["object"]}))


def _job_status(row: Row) -> Difference | None:
    return _compared(row, _broken(numbers(122, 122), row, row["object"]))


def _cluster(row: Row) -> Difference | None:
    spec, annotations = row["object"].get("spec"), row["object"].get("ann")
    job = {"metadata": {"annotations": annotations}, "spec": {"rayClusterSpec": spec}}
    broken = _broken(numbers(35, 117), row, job)
    if (Job.of(job).cluster.get("authOptions") or {}).get("enableK8sTokenAuth") is True:
        return compare_verdicts(True, {"R35"}, broken)
    return _compared(row, broken)


def _cluster_metadata(row: Row) -> Difference | None:
    name = Job.of({"metadata": row["object"]}).metadata.get("name") or ""
    too_long = _broken(numbers(1, 1), row, {"metadata": {"name": name[:-APPENDED]}})
    no_label = _broken(numbers(2, 2), row, {"metadata": {"name": name}})
    return _compared(row, too_long | no_label)


def _network_policy(row: Row) -> Difference | None:
    return _compared(row, _broken(numbers(103, 110), row, _of(row["object"]), RayClusterNetworkPolicy=True))


def _tls(row: Row) -> Difference | None:
    return _compared(row, _broken(numbers(112, 117), row, _of(row["object"])))


def _upgrade(row: Row) -> Difference | None:
    created = Job.of({"metadata": row["object"].get("metadata")})
    creator = (created.metadata.get("labels") or {}).get(CREATOR)
    if creator == "RayService":
        return None
    numbered = "R151" if creator == "RayJob" else "R142"
    return _compared(row, _broken(frozenset({numbered}), row, _of(row["object"].get("spec"))))


def _of(cluster: object) -> dict[str, Any]:
    """A RayJob with this RayCluster's spec and nothing else."""
    return {"spec": {"rayClusterSpec": cluster}}


_ANSWERS: Mapping[str, Callable[[Row], Difference | None]] = MappingProxyType(
    {
        "job": _job,
        "jobmeta": _job_metadata,
        "jobstatus": _job_status,
        "cluster": _cluster,
        "clustermeta": _cluster_metadata,
        "netpol": _network_policy,
        "tls": _tls,
        "upgrade": _upgrade,
    }
)
