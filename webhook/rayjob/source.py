"""Where a runtime environment loads something from: a URL, and the URLs that are allowed as its beginning.

A text that different readers could take for different URLs is none: what is compared here is what Ray, pip and their
libraries reach. Source: RFC 3986; parse_uri of Ray for the schemes that it takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

LOCAL = ("file", "local")  # schemes of what the image brings

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# No backslash, blank, control or character beyond ASCII anywhere; an authority without escapes; a path; what follows.
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([A-Za-z0-9._~@:\[\]-]*)(/[!-\"$-;=@-\[\]-~]*)?([?#][!-\[\]-~]*)?")
_UNSEEN = re.compile(r"[\x00-\x20]")
_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Source:
    """A URL: ``scheme`` and ``authority`` (user, host and port) in lower case, the path's ``segments``."""

    scheme: str
    authority: str
    segments: tuple[str, ...]

    def is_below(self, other: Source) -> bool:
        """Whether the other is a beginning of this one, on the border of a segment."""
        place = self.scheme, self.authority, self.segments[: len(other.segments)]
        return place == (other.scheme, other.authority, other.segments)


def parse(text: str) -> Source | None:
    """The URL in a text; None where it is none, or one that could be read in more than one way.

    The port of its scheme is as good as none. A path with `.`, `..` or an empty segment inside, escaped or not, is
    refused: servers and clients resolve it, and not all the same.
    """
    match = _URL.fullmatch(text)
    if match is None:
        return None
    scheme, authority = match[1].lower(), match[2].lower()
    segments = tuple((match[3] or "").removeprefix("/").removesuffix("/").split("/"))
    if segments == ("",):
        segments = ()
    plain = [unquote(segment) for segment in segments]
    if any(segment in ("", ".", "..") or "/" in segment or "\\" in segment for segment in plain):
        return None
    return Source(scheme, authority.removesuffix(_PORTS.get(scheme, "\0")), segments)


def is_local(text: str) -> bool:
    """Whether a text names a place in the image or the pod: a path, or a URL of the schemes `LOCAL`.

    Blanks and controls do not hide a URL: Python's urllib, by which Ray reads it, leaves some of them out.
    """
    seen = _UNSEEN.sub("", text)
    scheme = _SCHEME.match(seen)
    return "://" not in seen if scheme is None else scheme[0][:-1].lower() in LOCAL
