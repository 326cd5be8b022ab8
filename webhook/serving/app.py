"""The application: which path leads where."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request as HTTPRequest
from starlette.routing import Route

from webhook.admission.decide import mutate, validate
from webhook.policy.policy import Policy
from webhook.serving.endpoint import Endpoint
from webhook.serving.status import status


def application(policy: Policy) -> FastAPI:
    """The service under a policy; without API docs, since only the API server and probes call it."""
    app = FastAPI(
        title="rayjob-webhook",
        openapi_url=None,
        redirect_slashes=False,  # the API server would follow a redirect and take its answer for ours
        exception_handlers={HTTPException: _refused},
    )
    app.router.routes += [
        Route("/mutate", Endpoint(partial(mutate, policy=policy))),
        Route("/validate", Endpoint(partial(validate, policy=policy))),
    ]
    app.get("/healthz", response_class=PlainTextResponse)(_ok)
    app.get("/readyz", response_class=PlainTextResponse)(_ok)
    return app


async def _ok() -> str:
    """The process answers; it serves only once its policy and its certificate are loaded."""
    return "ok"


async def _refused(_: HTTPRequest, error: Exception) -> Response:
    """What the router refuses, in the form that the endpoints use."""
    if not isinstance(error, HTTPException):  # pragma: no cover (the type is FastAPI's; it calls this for no other)
        raise error
    body = status(error.status_code, str(error.detail))
    return Response(body, error.status_code, error.headers, media_type="application/json")
