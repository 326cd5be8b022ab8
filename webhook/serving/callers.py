"""Whom the door lets in, of those whose certificate is good: callers that go by a name of a list."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from webhook.serving.endpoint import CLOSE, JSON
from webhook.serving.event import Event, Outcome
from webhook.serving.metrics import ENDPOINTS
from webhook.serving.status import status

NAME_CHARACTERS = 253  # of what a caller is called; a DNS name has no more


def acquainted(names: AbstractSet[str], record: Callable[[Event], None]) -> type[HttpToolsProtocol]:
    """A connection that is served if its certificate has one of the names, as common name or DNS name.

    The TLS handshake has judged the certificate; whose it is, is looked at once, not with each request. `record` takes
    the calls of an admission endpoint that are refused.
    """

    class Acquainted(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            super().connection_made(transport)
            connection: ssl.SSLObject = transport.get_extra_info("ssl_object")
            own = tuple(names_of(dict(connection.getpeercert() or {})))
            if names.isdisjoint(own):
                self.app = _Refusal(own, record)

    return Acquainted


def names_of(raw: Mapping[str, Any]) -> Iterator[str]:
    """The common names and the DNS names of a certificate, given as `ssl` gives it (`getpeercert`)."""
    for attributes in raw.get("subject", ()):
        yield from (value for name, value in attributes if name == "commonName")
    yield from (value for kind, value in raw.get("subjectAltName", ()) if kind == "DNS")


class _Refusal:
    """Answers every call of a connection with 403, and asks to close it."""

    def __init__(self, own: tuple[str, ...], record: Callable[[Event], None]) -> None:
        # The API server passes it on to the author, so that who has set up the names sees which one it was.
        told = ", ".join(own)[:NAME_CHARACTERS] or "nobody"
        self._answer = status(403, f"must be called by one of --client-names, is called by {told!a}")
        self._record = record

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [JSON, CLOSE, (b"content-length", str(len(self._answer)).encode())]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": self._answer})
        endpoint = scope["path"].removeprefix("/").partition("/")[0]
        if endpoint in ENDPOINTS:
            self._record(Event(endpoint, Outcome.REFUSED, 0))
