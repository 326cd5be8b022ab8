"""The RayJob's name, from which KubeRay makes the names of all that belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from webhook.rayjob.job import Job
from webhook.rayjob.path import field
from webhook.rayjob.syntax import is_dns1035_label
from webhook.rules.finding import Finding, invalid, too_long
from webhook.rules.rule import Layer, fails, passes, rule

NAME = field("metadata.name")
GENERATE_NAME = field("metadata.generateName")

NAME_BYTES = 47  # KubeRay's limit of 53 for a RayCluster's name, less the "-" and 5 characters it appends for a job's
GENERATED_BYTES = 5  # what the API server appends to generateName
GENERATE_NAME_BYTES = NAME_BYTES - GENERATED_BYTES

DNS1035_PREFIX = re.compile(r"[a-z][-a-z0-9]*")  # whatever the API server appends makes it a label


@rule(
    "The name is too long",
    layer=Layer.CONTRACT,
    source=("R1",),
    examples=(
        passes({"metadata": {"name": "n" * 47}}),
        passes({"metadata": {"name": None, "generateName": "n" * 42}}),
        fails({"metadata": {"name": "n" * 48}}, "metadata.name"),
        fails({"metadata": {"name": None, "generateName": "n" * 43}}, "metadata.generateName"),
    ),
)
def name_too_long(job: Job) -> Iterator[Finding]:
    """`metadata.name` has more than 47 bytes, or `metadata.generateName` more than 42.

    Why: KubeRay appends to it to name the cluster, its services and pods, and refuses the job when the result would
    not fit; the API server appends 5 characters to generateName first.

    Instead: shorten it; labels and annotations have room for long descriptions.
    """
    name, prefix = job.metadata.get("name"), job.metadata.get("generateName")
    if name:
        if len(name.encode()) > NAME_BYTES:
            yield too_long(NAME, name, NAME_BYTES, "KubeRay appends to it to name the cluster")
    elif prefix and len(prefix.encode()) > GENERATE_NAME_BYTES:
        yield too_long(GENERATE_NAME, prefix, GENERATE_NAME_BYTES, "5 characters are appended, and a name has 47")


@rule(
    "The name is not a DNS-1035 label",
    layer=Layer.CONTRACT,
    source=("R2",),
    examples=(
        passes({"metadata": {"name": "train-7b"}}),
        passes({"metadata": {"name": None, "generateName": "train-"}}),
        fails({"metadata": {"name": "7b-train"}}, "metadata.name"),
        fails({"metadata": {"name": "train.v2"}}, "metadata.name"),
        fails({"metadata": {"name": "train-"}}, "metadata.name"),
        fails({"metadata": {"name": None, "generateName": "Train-"}}, "metadata.generateName"),
    ),
)
def invalid_name(job: Job) -> Iterator[Finding]:
    """`metadata.name` does not match `[a-z]([-a-z0-9]*[a-z0-9])?`, or `metadata.generateName` cannot lead to such.

    Why: the API server takes dots and leading digits, KubeRay's operator does not: it names Services after the job.

    Instead: use lower-case letters, digits and `-`; begin with a letter, end with a letter or digit.
    """
    must = "must be lower-case letters, digits and '-', beginning with a letter"
    name, prefix = job.metadata.get("name"), job.metadata.get("generateName")
    if name:
        if not is_dns1035_label(name):
            yield invalid(NAME, name, f"{must}, ending with a letter or digit")
    elif prefix and not DNS1035_PREFIX.fullmatch(prefix):
        yield invalid(GENERATE_NAME, prefix, must)
