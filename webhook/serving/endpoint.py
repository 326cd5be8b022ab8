"""An admission endpoint: one HTTP request in, one AdmissionReview out.

Plain ASGI within the FastAPI application, whose own layers would be the largest single cost of a review.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TypeAlias

from starlette.types import Receive, Scope, Send

from webhook.admission import response
from webhook.admission.decide import Verdict
from webhook.admission.review import BadReview, Request, parse
from webhook.serving.event import Event, Outcome, outcome_of
from webhook.serving.lifecycle import Lifecycle
from webhook.serving.load import RETRY_AFTER, Load
from webhook.serving.status import status

log = logging.getLogger(__name__)

# The API server takes objects of up to 3 MiB, and a review of an UPDATE holds two of them; 1 MiB for the rest.
BODY_BYTES = 7 * 1024 * 1024
BODY_SECONDS = 30  # the longest that an API server waits for a webhook: whoever sends slower is not one

_TIMEOUT = re.compile(rb"(?:^|&)timeout=([0-9]{1,4})s(?:&|$)")

_TOO_SLOW = "the body is too slow"

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

JSON = (b"content-type", b"application/json")
CLOSE = (b"connection", b"close")


class Endpoint:
    """Answers the reviews that are sent to one path with what a decision makes of them.

    `record` takes what became of each call, after its answer is sent. `name` is the path, `validate`, or with the name
    of the policy's profile that decides, `validate/strict`.
    """

    def __init__(
        self,
        name: str,
        decide: Callable[[Request], Verdict],
        lifecycle: Lifecycle,
        load: Load,
        record: Callable[[Event], None],
    ) -> None:
        self._name, _, self._profile = name.partition("/")
        self._decide = decide
        self._lifecycle = lifecycle
        self._load = load
        self._record = record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request, as ASGI calls it."""
        headers = [JSON]
        try:
            body = await self._received(scope, receive)
            code, answer, event = self._reviewed(body, scope["headers"])
        except _Refused as refused:
            code, answer = refused.code, status(refused.code, refused.message)
            headers += refused.headers
            event = Event(self._name, refused.outcome, 0, headers=scope["headers"])
        if self._lifecycle.draining:
            headers.append(CLOSE)
        headers.append((b"content-length", str(len(answer)).encode()))
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": answer})
        self._record(event)

    async def _received(self, scope: Scope, receive: Receive) -> bytes:
        """The body of a call, which counts as served meanwhile; what is done with it then, nothing interrupts."""
        if self._load.is_full:
            raise _Shed(503, "too many calls at once; call again", RETRY_AFTER)
        self._load.served += 1
        try:
            return await _body(scope, receive)
        finally:
            self._load.served -= 1

    def _reviewed(self, body: bytes, headers: Headers) -> tuple[int, bytes, Event]:
        started = perf_counter()
        try:
            request = parse(body)
            verdict = self._decide(request)
            answer = response.answer(request, verdict)
        except BadReview as error:
            code, answer, outcome = 400, status(400, str(error)), Outcome.REFUSED
        except Exception:
            # The door: a fault of ours must end as a failed call, which failurePolicy decides on, not as a verdict.
            log.exception("a review could not be answered")
            code, answer, outcome = 500, status(500, "the webhook failed; its log says why"), Outcome.FAILED
        else:
            seconds, outcome = perf_counter() - started, outcome_of(verdict)
            return 200, answer, Event(self._name, outcome, seconds, request, verdict, self._profile, headers)
        return code, answer, Event(self._name, outcome, perf_counter() - started, headers=headers)


class _Refused(Exception):
    """A call whose body is not read to its end, so that its connection is of no more use."""

    outcome = Outcome.REFUSED

    def __init__(self, code: int, message: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = (CLOSE, *headers)


class _Shed(_Refused):
    outcome = Outcome.SHED


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The body of a call that can be a review.

    Raises:
        _Refused: if method or media type are wrong, or if the body is too large or too slow.
    """
    if scope["method"] != "POST":
        raise _Refused(405, "must be a POST", (b"allow", b"POST"))
    headers = dict(scope["headers"])
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        raise _Refused(415, "Content-Type must be application/json")
    loop, call = asyncio.get_running_loop(), asyncio.current_task()
    # asyncio.timeout does the same, and costs a review five times as much.
    alarm = loop.call_later(_patience_seconds(scope["query_string"]), call.cancel, _TOO_SLOW) if call else None
    try:
        return await _read(receive)
    except asyncio.CancelledError as cancelled:
        if call is None or cancelled.args != (_TOO_SLOW,):
            raise
        call.uncancel()
        raise _Refused(408, "the body did not arrive in time") from None
    finally:
        if alarm is not None:
            alarm.cancel()


def _patience_seconds(query: bytes) -> int:
    """How long the caller waits for its answer, as the API server says it: ``timeout=5s``."""
    match = _TIMEOUT.search(query)
    return min(int(match[1]), BODY_SECONDS) if match else BODY_SECONDS


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
