"""`rayjob-webhook review`: the question that the API server would ask about a RayJob in a file."""

from __future__ import annotations

import uuid

import click
import orjson

from webhook.admission.review import RAYJOB
from webhook.cli.documents import BadInput, read
from webhook.cli.namespace import NAMESPACE, clash, namespace_of


@click.command("review")
@click.argument("file", metavar="FILE|-")
@NAMESPACE
def command(file: str, namespace: str | None) -> None:
    """Prints an AdmissionReview (JSON) for the creation of the first RayJob in a file, to send with curl.

    Exits with 2 if the file cannot be read or holds no RayJob.
    """
    for found in read([file]):
        if isinstance(found, BadInput):
            raise click.UsageError(str(found))
        if found.is_rayjob:
            if (fault := clash(found, namespace)) is not None:
                raise click.UsageError(str(fault))
            click.echo(orjson.dumps(_review(found.raw, namespace_of(found, namespace))))
            return
    raise click.UsageError(f"{file}: holds no RayJob")


def _review(raw: dict[str, object], namespace: str) -> dict[str, object]:
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": str(uuid.uuid4()),
            "kind": RAYJOB.model_dump(),
            "resource": {"group": "ray.io", "version": "v1", "resource": "rayjobs"},
            "namespace": namespace,
            "operation": "CREATE",
            "userInfo": {"username": "rayjob-webhook"},
            "object": raw,
            "oldObject": None,
            "dryRun": True,
        },
    }
