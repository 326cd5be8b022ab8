"""`rayjob-webhook review`: the question that the API server would ask about a RayJob in a file."""

from __future__ import annotations

import uuid

import click
import orjson

from webhook.admission.review import RAYJOB, Request
from webhook.cli.asker import Asker, asking
from webhook.cli.documents import BadInput
from webhook.cli.rayjobs import RayJob, read


@click.command("review")
@click.argument("file", metavar="FILE|-")
@asking
def command(file: str, asker: Asker) -> None:
    """Prints an AdmissionReview (JSON) for the creation of the first RayJob in a file, to send with curl.

    Exits with 2 if the file cannot be read or holds no RayJob.
    """
    for found in read([file], asker):
        if isinstance(found, BadInput):
            raise click.UsageError(str(found))
        if isinstance(found, RayJob):
            click.echo(orjson.dumps(_review(found.request)))
            return
    raise click.UsageError(f"{file}: holds no RayJob")


def _review(request: Request) -> dict[str, object]:
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": str(uuid.uuid4()),
            "kind": RAYJOB.model_dump(),
            "resource": {"group": "ray.io", "version": "v1", "resource": "rayjobs"},
            "namespace": request.namespace,
            "operation": request.operation,
            "userInfo": {"username": request.username or "rayjob-webhook", "groups": request.groups},
            "object": request.object,
            "oldObject": None,
            "dryRun": True,
        },
    }
