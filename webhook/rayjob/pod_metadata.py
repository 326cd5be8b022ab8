"""The labels and annotations of the pods of a RayJob, as far as their author gives them.

A pod has those of its template, and the `labels` of its group on top of them. Those of the RayJob go to the RayCluster,
and to no pod.

Source: KubeRay v1.5.0 to v1.7.0, common/pod.go (mergeLabels).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from webhook.rayjob import pod
from webhook.rayjob.job import HEAD, SUBMITTER, WORKERS, Job
from webhook.rayjob.path import Path

Given: TypeAlias = tuple[tuple[Path, Mapping[str, str | None]], ...]
"""Where keys may be given, with what is given there; the first place that has a key wins."""


def given_labels(job: Job) -> Iterator[Given]:
    """Where each template that is there gives labels."""
    for group, of_group, path, metadata in _templates(job):
        of_template = (path / "labels", metadata.get("labels") or {})
        yield (of_template,) if of_group is None else ((group / "labels", of_group), of_template)


def given_annotations(job: Job) -> Iterator[Given]:
    """Where each template that is there gives annotations."""
    for _, _, path, metadata in _templates(job):
        yield ((path / "annotations", metadata.get("annotations") or {}),)


def _templates(job: Job) -> Iterator[tuple[Path, Mapping[str, str] | None, Path, pod.EmbeddedObjectMeta]]:
    groups = ((HEAD, job.head), *((WORKERS / index, group) for index, group in enumerate(job.workers)))
    for path, group in groups:
        template = group.get("template")
        if template is not None:
            yield path, group.get("labels"), path / "template" / "metadata", template.get("metadata") or {}
    submitter = job.spec.get("submitterPodTemplate")
    if submitter is not None:
        yield SUBMITTER, None, SUBMITTER / "metadata", submitter.get("metadata") or {}
