"""The namespace that a RayJob in a file is meant for, chosen as kubectl chooses it."""

from __future__ import annotations

import click

from webhook.cli.documents import BadInput, Document

NAMESPACE = click.option(
    "--namespace", "-n", metavar="NAME", help="Namespace of RayJobs whose file names none.  [default: default]"
)


def own_namespace(document: Document) -> str | None:
    """The namespace that the object itself names; None if it names none."""
    metadata = document.raw.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    return namespace if isinstance(namespace, str) and namespace else None


def namespace_of(document: Document, chosen: str | None) -> str:
    """The namespace that the request for this object would go to; `chosen` is None where no flag was given."""
    return own_namespace(document) or ("default" if chosen is None else chosen)


def clash(document: Document, chosen: str | None) -> BadInput | None:
    """The fault, as kubectl sees it, of naming one namespace in the object and another on the command line."""
    own = own_namespace(document)
    if not chosen or own is None or own == chosen:
        return None
    return BadInput(document.place, f"metadata.namespace is {own}, which is not the --namespace {chosen}")
