"""The two applications: what the API server calls, and what probes and Prometheus call on a port of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from webhook.admission.decide import Verdict, mutate, validate
from webhook.admission.review import Request as Review
from webhook.policy.policy import Policy
from webhook.serving.endpoint import Endpoint
from webhook.serving.event import Event
from webhook.serving.lifecycle import Lifecycle
from webhook.serving.load import Load
from webhook.serving.metrics import Metrics
from webhook.serving.status import status

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


Reason: TypeAlias = Callable[[], str | None]
"""Why no new caller should come now; None where all are welcome."""


def admission(
    policy: Policy, lifecycle: Lifecycle, load: Load, record: Callable[[Event], None], unready: Reason
) -> FastAPI:
    """What the API server calls: /mutate and /validate under a policy."""
    decisions: dict[str, Callable[[Review], Verdict]] = {
        "mutate": lambda request: mutate(request, policy),
        "validate": lambda request: validate(request, policy, datetime.now(UTC).date()),
    }
    endpoints = {f"/{name}": Endpoint(name, decide, lifecycle, load, record) for name, decide in decisions.items()}
    app = _Admission(endpoints, **_options())
    add_probes(app, unready)
    return app


class _Admission(FastAPI):
    """An application whose endpoints are called by their path before its own routes and middleware are.

    Those would cost a review 35 us, a third of what all else costs that is done for it.
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], **options: Any) -> None:
        super().__init__(**options)
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one call, as ASGI has it."""
        await (self._endpoints.get(scope.get("path", "")) or super().__call__)(scope, receive, send)


def operations(metrics: Metrics, unready: Reason) -> FastAPI:
    """What those call who run it: probes and metrics."""
    app = FastAPI(**_options())
    add_probes(app, unready)

    @app.get("/metrics")
    async def exposition() -> Response:
        """Every series, for Prometheus."""
        return Response(metrics.exposition(), media_type=EXPOSITION)

    return app


def add_probes(app: FastAPI, unready: Reason) -> None:
    """Adds /healthz and /readyz."""

    @app.get("/healthz")
    async def healthz() -> PlainTextResponse:
        """The process answers."""
        return PlainTextResponse("ok")

    @app.get("/readyz")
    async def readyz() -> PlainTextResponse:
        """New callers are welcome; policy and certificate were loaded before the port was opened."""
        reason = unready()
        return PlainTextResponse("ok") if reason is None else PlainTextResponse(reason, 503)


def _options() -> dict[str, Any]:
    """What both applications are made with: no API docs, and refusals in the form that Kubernetes' APIs use."""
    return {
        "title": "rayjob-webhook",
        "openapi_url": None,
        "redirect_slashes": False,  # the API server would follow a redirect and take its answer for ours
        "exception_handlers": {HTTPException: _refused},
    }


async def _refused(_: Request, error: Exception) -> Response:
    refusal = cast("HTTPException", error)  # the application calls this for no other
    body = status(refusal.status_code, str(refusal.detail))
    return Response(body, refusal.status_code, refusal.headers, media_type="application/json")
