"""The API server, as far as we speak to it: one object by its name, read, created and replaced.

Over `http.client`, because three requests of one shape do not earn a library: the official client (37.0, measured)
brings 130 MB and twenty packages into an image that handles keys, httpx a second HTTP stack beside the server's. Each
request has a connection of its own: that costs a handshake, and none is found closed after a wait.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import quote

from certs.access import Access
from certs.authority import CLOCK_SKEW

# In managedFields, this says who wrote a caBundle.
FIELD_MANAGER: Final = "rayjob-webhook-certs"
# For connecting, and for each wait on the answer, which takes milliseconds.
_SECONDS: Final = 30

# By the verb that RBAC calls it.
_METHODS: Final = {"get": "GET", "create": "POST", "update": "PUT"}


class ApiError(Exception):
    """The API server did not do what it was asked; the message says what, to which object, and its reason."""


class ConflictError(ApiError):
    """The object is no more what it was when it was read: read it again."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An object of the API: `api` is the path of its group and version, `namespace` None where it is in none."""

    kind: str
    api: str
    resource: str
    name: str
    namespace: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def collection(self) -> str:
        """The path of its like."""
        within = f"/namespaces/{quote(self.namespace, safe='')}" if self.namespace else ""
        return f"{self.api}{within}/{self.resource}"

    @property
    def path(self) -> str:
        """Its own path."""
        return f"{self.collection}/{quote(self.name, safe='')}"


def secret(namespace: str, name: str) -> Reference:
    """Return the Secret of that name."""
    return Reference("Secret", "/api/v1", "secrets", name, namespace)


def configuration(kind: str, name: str) -> Reference:
    """Return the configuration of webhooks of that kind and name."""
    return Reference(kind, "/apis/admissionregistration.k8s.io/v1", f"{kind.lower()}s", name)


class Client:
    """Speaks to an API server whose clock agrees with ours: what expires by one is expired by the other.

    Every method raises ApiError where the server cannot be reached, refuses, or is more than `CLOCK_SKEW` ahead or
    behind: by a clock that is wrong by years every CA is expired, and would be thrown away. And AccessError, where the
    file of the token has gone.
    """

    def __init__(self, access: Access, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._access = access
        self._clock = clock

    def get(self, reference: Reference) -> dict[str, Any] | None:
        """Return the object as it is now, not as some cache has it; None if there is none."""
        return self._exchange("get", reference, reference.path)

    def create(self, reference: Reference, raw: Mapping[str, Any]) -> None:
        """Create the object.

        Raises:
            ConflictError: when there is one already.
        """
        if self._exchange("create", reference, reference.collection, raw) is None:
            raise ApiError(f"{reference}: its namespace must exist, does not")

    def update(self, reference: Reference, raw: Mapping[str, Any]) -> None:
        """Replace the object, if its `metadata.resourceVersion` is still that of `raw`.

        Raises:
            ConflictError: when it has changed, or is gone.
        """
        if self._exchange("update", reference, reference.path, raw) is None:
            raise ConflictError(f"{reference}: must exist to be updated, is gone")

    def _exchange(
        self, verb: str, reference: Reference, path: str, raw: Mapping[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Send a request; return what is answered, None for HTTP 404."""
        status, answer, date = self._send(_METHODS[verb], path, None if raw is None else json.dumps(raw))
        self._compare_clocks(date)
        try:
            answered: dict[str, Any] = json.loads(answer)
            message = str(answered.get("message", ""))
        except (ValueError, AttributeError):
            answered, message = {}, ""
        if status == HTTPStatus.NOT_FOUND:
            return None
        if status == HTTPStatus.CONFLICT:
            raise ConflictError(f"{reference}: must be as it was read, is not: {message}")
        if status == HTTPStatus.FORBIDDEN:
            raise ApiError(f"{reference}: must be allowed to {verb} {reference.resource}, is not: {message}")
        if status not in {HTTPStatus.OK, HTTPStatus.CREATED} or not answered:
            raise ApiError(f"{reference}: {verb} must give an object, gives HTTP {status}: {message or 'no reason'}")
        return answered

    def _send(self, method: str, path: str, body: str | None) -> tuple[int, bytes, str | None]:
        """Send a request over a connection of its own; return status, body, and the header Date."""
        access = self._access
        headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": FIELD_MANAGER}
        query = "" if body is None else f"?fieldManager={FIELD_MANAGER}"
        if authorization := access.authorization():
            headers["Authorization"] = authorization
        try:
            with closing(HTTPSConnection(access.host, access.port, timeout=_SECONDS, context=access.tls)) as connection:
                connection.request(method, f"{access.prefix}{path}{query}", body, headers)
                response = connection.getresponse()
                return response.status, response.read(), response.headers["Date"]
        except (OSError, HTTPException) as error:
            raise ApiError(f"https://{access.host}:{access.port}: must answer, does not: {error}") from error

    def _compare_clocks(self, date: str | None) -> None:
        """Make sure that the API server's time, if it tells one, is about ours."""
        now = self._clock()
        try:
            theirs = parsedate_to_datetime(date or "")
            apart = abs(now - theirs)
        except (TypeError, ValueError):  # none, none that can be read, or of no time zone
            return
        if apart > CLOCK_SKEW:
            minutes = f"{CLOCK_SKEW.total_seconds() / 60:.0f} minutes"
            raise ApiError(f"clock: must be within {minutes} of the API server's ({theirs}), is at {now}")
