"""The RayJobs in files, each with the question that its creation would make the API server ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webhook.admission.review import Request, of_file
from webhook.cli import documents
from webhook.cli.asker import Asker
from webhook.cli.documents import BadInput, Document

NAMESPACE = "default"  # where kubectl creates what names no namespace, unless its configuration says otherwise


@dataclass(frozen=True, slots=True)
class RayJob:
    """A RayJob in a file, and the question that someone would make the API server ask by creating it."""

    document: Document
    request: Request


def read(names: Iterable[str], asker: Asker) -> Iterator[RayJob | Document | BadInput]:
    """Every object in the files and directories of these names, in order; the namespace is chosen as kubectl does.

    A RayJob that names another namespace than the asker is a fault, as it is for kubectl.
    """
    for found in documents.read(names):
        if isinstance(found, BadInput) or not found.is_rayjob:
            yield found
            continue
        own = _namespace(found)
        if own and asker.namespace and own != asker.namespace:
            told = f"metadata.namespace is {own}, which is not the --namespace {asker.namespace}"
            yield BadInput(found.place, told)
            continue
        chosen = NAMESPACE if asker.namespace is None else asker.namespace
        request = of_file(found.raw, own or chosen)
        yield RayJob(found, request._replace(username=asker.username, groups=asker.groups))


def _namespace(document: Document) -> str:
    """The namespace that the object itself names; empty if it names none."""
    metadata = document.raw.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    return namespace if isinstance(namespace, str) else ""
