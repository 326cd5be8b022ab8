"""An admission endpoint: one HTTP request in, one AdmissionReview out.

Plain ASGI, a Starlette route in the FastAPI application: on this path FastAPI's own route layer would be the largest
single cost of a review.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from webhook.admission import response
from webhook.admission.decide import Verdict
from webhook.admission.review import BadReview, Request, parse
from webhook.serving.lifecycle import Lifecycle
from webhook.serving.status import status

log = logging.getLogger(__name__)

# The API server takes objects of up to 3 MiB, and a review of an UPDATE holds two of them; 1 MiB for the rest.
BODY_BYTES = 7 * 1024 * 1024
BODY_SECONDS = 30  # the longest that an API server waits for a webhook: whoever sends slower is not one

JSON = (b"content-type", b"application/json")
CLOSE = (b"connection", b"close")


class Endpoint:
    """Answers the reviews that are sent to one path with what a decision makes of them."""

    def __init__(self, decide: Callable[[Request], Verdict], lifecycle: Lifecycle) -> None:
        self._decide = decide
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request, as ASGI calls it."""
        try:
            code, answer = self._reviewed(await _body(scope, receive))
            headers = [JSON]
        except _Refused as refused:
            code, answer = refused.code, status(refused.code, refused.message)
            headers = [JSON, *refused.headers]
        if self._lifecycle.draining:
            headers.append(CLOSE)
        headers.append((b"content-length", str(len(answer)).encode()))
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _reviewed(self, body: bytes) -> tuple[int, bytes]:
        try:
            request = parse(body)
            return 200, response.answer(request, self._decide(request))
        except BadReview as error:
            return 400, status(400, str(error))
        except Exception:
            # The door: a fault of ours must end as a failed call, which failurePolicy decides on, not as a verdict.
            log.exception("a review could not be answered")
            return 500, status(500, "the webhook failed; its log says why")


class _Refused(Exception):
    """A request whose body is not read to its end, so the connection is of no more use."""

    def __init__(self, code: int, message: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = (CLOSE, *headers)


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The body of a request that can be a review.

    Raises:
        _Refused: if method or media type are wrong, or the body is too large or too slow.
    """
    if scope["method"] != "POST":
        raise _Refused(405, "must be a POST", (b"allow", b"POST"))
    headers = dict(scope["headers"])
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        raise _Refused(415, "Content-Type must be application/json")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(receive)
    except TimeoutError:
        raise _Refused(408, f"the body did not arrive within {BODY_SECONDS} seconds") from None


async def _read(receive: Receive) -> bytes:
    """The whole body; a client that goes away leaves an unfinished one, which is then no JSON."""
    message = await receive()
    body: bytes = message.get("body", b"")
    chunks = [body]
    size = len(body)
    while message.get("more_body") and size <= BODY_BYTES:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    if size > BODY_BYTES:
        raise _Refused(413, f"the body must have no more than {BODY_BYTES} bytes")
    return b"".join(chunks)
