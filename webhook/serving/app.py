"""The application: which path leads where."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from webhook.admission.decide import mutate, validate
from webhook.policy.policy import Policy
from webhook.serving.endpoint import Endpoint
from webhook.serving.lifecycle import Lifecycle
from webhook.serving.status import status


def application(policy: Policy, lifecycle: Lifecycle) -> FastAPI:
    """The service under a policy; without API docs, since only the API server and probes call it."""
    app = FastAPI(
        title="rayjob-webhook",
        openapi_url=None,
        redirect_slashes=False,  # the API server would follow a redirect and take its answer for ours
        exception_handlers={HTTPException: _refused},
    )
    app.router.routes += [
        Route("/mutate", Endpoint(partial(mutate, policy=policy), lifecycle)),
        Route("/validate", Endpoint(partial(validate, policy=policy), lifecycle)),
    ]

    @app.get("/healthz")
    async def healthz() -> PlainTextResponse:
        """The process answers."""
        return PlainTextResponse("ok")

    @app.get("/readyz")
    async def readyz() -> PlainTextResponse:
        """New callers are welcome: policy and certificate were loaded before the port was opened."""
        return PlainTextResponse("draining", 503) if lifecycle.draining else PlainTextResponse("ok")

    return app


async def _refused(_: Request, error: Exception) -> Response:
    """What the router refuses, in the form that the endpoints use."""
    if not isinstance(error, HTTPException):  # pragma: no cover (the type is FastAPI's; it calls this for no other)
        raise error
    body = status(error.status_code, str(error.detail))
    return Response(body, error.status_code, error.headers, media_type="application/json")
