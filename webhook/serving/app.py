"""The two applications: what the API server calls, and what probes and Prometheus call on a port of their own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from webhook.admission.decide import mutate, validate
from webhook.policy.policy import Policy
from webhook.serving.endpoint import Endpoint
from webhook.serving.event import Event
from webhook.serving.lifecycle import Lifecycle
from webhook.serving.load import Load
from webhook.serving.metrics import Metrics
from webhook.serving.status import status

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


def admission(policy: Policy, lifecycle: Lifecycle, load: Load, record: Callable[[Event], None]) -> FastAPI:
    """What the API server calls: /mutate and /validate under a policy."""
    app = _application()
    for name, decide in (("mutate", mutate), ("validate", validate)):
        endpoint = Endpoint(name, partial(decide, policy=policy), lifecycle, load, record)
        app.router.routes.append(Route(f"/{name}", endpoint))
    add_probes(app, lifecycle)
    return app


def operations(lifecycle: Lifecycle, metrics: Metrics) -> FastAPI:
    """What those call who run it: probes and metrics."""
    app = _application()
    add_probes(app, lifecycle)

    @app.get("/metrics")
    async def exposition() -> Response:
        """Every series, for Prometheus."""
        return Response(metrics.exposition(), media_type=EXPOSITION)

    return app


def add_probes(app: FastAPI, lifecycle: Lifecycle) -> None:
    """Adds /healthz and /readyz."""

    @app.get("/healthz")
    async def healthz() -> PlainTextResponse:
        """The process answers."""
        return PlainTextResponse("ok")

    @app.get("/readyz")
    async def readyz() -> PlainTextResponse:
        """New callers are welcome: policy and certificate were loaded before the port was opened."""
        return PlainTextResponse("draining", 503) if lifecycle.draining else PlainTextResponse("ok")


def _application() -> FastAPI:
    """An application without API docs, whose refusals have the form that Kubernetes' APIs use."""
    return FastAPI(
        title="rayjob-webhook",
        openapi_url=None,
        redirect_slashes=False,  # the API server would follow a redirect and take its answer for ours
        exception_handlers={HTTPException: _refused},
    )


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):  # pragma: no cover (the type is FastAPI's; it calls this for no other)
        raise error
    body = status(error.status_code, str(error.detail))
    return Response(body, error.status_code, error.headers, media_type="application/json")
