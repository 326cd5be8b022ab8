"""A review as expressions see it, made once for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from cel_expr_python import cel

from webhook.policy.cel import request as cel_request
from webhook.policy.cel.library import running
from webhook.policy.cel.quantities import OF_REVIEW
from webhook.policy.cel.quantity import Facts, facts

DEPTH = 128  # levels of an object; the API server's schema allows far fewer, and the library converts by recursion

_NUL = rb"\u0000"  # in JSON; the library cuts a text off there
_SURROGATE = re.compile("[\ud800-\udfff]")
_INT64 = 2**63


class Unfit(ValueError):
    """A review cannot be given to an expression; the message says why."""


class Subject:
    """A review: its object, the one that it replaces or None, and the request in the shape of an AdmissionRequest.

    Nothing is converted before an expression asks, and then only once.
    """

    __slots__ = ("_activation", "_old", "_quantities", "_request", "_unfit", "items", "raw", "size")

    def __init__(self, raw: Mapping[str, Any], old: Mapping[str, Any] | None, request: Mapping[str, Any]) -> None:
        self.raw = raw
        self.items = self.size = 0
        self._old = old
        self._request = request
        self._quantities: dict[str, Facts | None] = {}
        self._activation: cel.Activation | None = None
        self._unfit = ""

    def activation(self) -> cel.Activation:
        """What expressions run with; from then on ``size`` and ``items`` tell how large the review is.

        Raises:
            Unfit: if there is a value in it that CEL does not have.
        """
        if self._unfit:
            raise Unfit(self._unfit)
        if self._activation is None:
            try:
                self._activation = self._made()
            except Unfit as unfit:
                self._unfit = str(unfit)
                raise
        return self._activation

    def look_up_quantities(self) -> None:
        """Have ready what expressions ask of quantities; before the first that does."""
        if not self._quantities:
            texts = {text for raw in (self.raw, self._old) for text in _texts(raw)}
            self._quantities.update({text: facts(text) for text in texts})

    def _made(self) -> cel.Activation:
        values: dict[str, Any] = {OF_REVIEW: self._quantities}
        given = {"object": self.raw, "oldObject": self._old, "request": cel_request.given(self._request)}
        for name, raw in given.items():
            values[name], written = taken(raw)
            if name == cel_request.REQUEST and len(written) > cel_request.BYTES:
                raise Unfit(f"the request has more than {cel_request.BYTES} bytes without its objects")
            self.size += len(written)
            self.items += sum(written.count(mark) for mark in (b",", b"{", b"["))
        return running().Activation(values)


def taken(raw: Any) -> tuple[Any, bytes]:
    """A value as the library takes it, and how it is written in JSON.

    Raises:
        Unfit: if there is a value in it that CEL does not have.
    """
    try:
        written = orjson.dumps(raw, option=orjson.OPT_STRICT_INTEGER)
    except TypeError:  # a number beyond 53 bits, half a character, or too many levels
        return (plain := _plain(raw, 0)), orjson.dumps(plain)
    return (_plain(raw, 0) if _NUL in written else raw), written


def _plain(raw: Any, depth: int) -> Any:
    """A value in which every number is one of CEL's; as for the API server, an integer beyond 64 bits is a float."""
    if depth > DEPTH:
        raise Unfit(f"a value nests more deeply than {DEPTH} levels")
    match raw:
        case dict():
            return {_text(key): _plain(value, depth + 1) for key, value in raw.items()}
        case list():
            return [_plain(item, depth + 1) for item in raw]
        case str():
            return _text(raw)
        case int() if not -_INT64 <= raw < _INT64:
            return float(raw)
        case _:
            return raw


def _text(text: str) -> str:
    if "\0" in text:
        raise Unfit("a text holds the character U+0000")
    if _SURROGATE.search(text):
        raise Unfit("a text holds half a character")
    return text


def _texts(raw: Any) -> Iterator[str]:
    pending = [raw]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
