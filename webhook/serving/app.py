"""The two applications: what the API server calls, and what probes and Prometheus call on a port of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

import orjson
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from webhook.admission.decide import Verdict, mutate, validate
from webhook.admission.review import Request as Review
from webhook.policy.policy import Policy
from webhook.serving.endpoint import Endpoint
from webhook.serving.enforced import Enforced
from webhook.serving.event import Event
from webhook.serving.lifecycle import Lifecycle
from webhook.serving.load import Load
from webhook.serving.metrics import Metrics
from webhook.serving.status import status

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


Reason: TypeAlias = Callable[[], str | None]
"""Why no new caller should come now; None where all are welcome."""

Decide: TypeAlias = Callable[[Review], Verdict]


class Admission(FastAPI):
    """What the API server calls: /mutate and /validate under a policy, /mutate/NAME and /validate/NAME for a profile.

    These are called by their path before the application's own routes and middleware are, which would cost a review
    35 us, a third of what all else costs that is done for it. It says nothing else, but for the probes where they have
    no port of their own, which is if there is an ``unready``.
    """

    def __init__(
        self,
        policy: Policy,
        lifecycle: Lifecycle,
        load: Load,
        record: Callable[[Event], None],
        unready: Reason | None = None,
    ) -> None:
        super().__init__(**_options())
        self._made: Callable[[str, Decide], Endpoint] = lambda name, decide: Endpoint(
            name, decide, lifecycle, load, record
        )
        self._endpoints: Mapping[str, Endpoint] = {}
        self.enforce(policy)
        if unready is not None:
            add_probes(self, unready)

    def enforce(self, policy: Policy) -> None:
        """Decides by a policy and its profiles from the next call on; what is being decided now ends by the old."""
        decisions = dict(_decisions(policy))
        for profile, laid in policy.profiles.items():
            decisions |= {f"{name}/{profile}": decide for name, decide in _decisions(laid)}
        self._endpoints = {f"/{name}": self._made(name, decide) for name, decide in decisions.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one call, as ASGI has it."""
        await (self._endpoints.get(scope.get("path", "")) or super().__call__)(scope, receive, send)


def _decisions(policy: Policy) -> Iterator[tuple[str, Decide]]:
    yield "mutate", lambda request: mutate(request, policy)
    yield "validate", lambda request: validate(request, policy, datetime.now(UTC).date())


def operations(metrics: Metrics, enforced: Enforced, unready: Reason) -> FastAPI:
    """What those call who run it: probes, metrics, and which policy is in force."""
    app = FastAPI(**_options())
    add_probes(app, unready)

    @app.get("/policy")
    async def policy() -> Response:
        """Which policy is in force, since when, and what is wrong with its files now."""
        return Response(orjson.dumps(enforced.told(datetime.now(UTC))), media_type="application/json")

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
