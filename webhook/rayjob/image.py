"""An image's name, as container runtimes read it.

The rest is a path in docker.io where no registry stands before it; `library` is the path of a single name there.

A short name (`rayproject/ray`) counts as docker.io/rayproject/ray, as the kubelet and containerd have it. CRI-O may
look for it in other registries: `short` tells the two apart.

Source: the grammar of github.com/distribution/reference v0.6.0 (ParseNormalizedNamed) and the digests of
github.com/opencontainers/go-digest. Stricter than these in three points: nothing is longer than `CHARACTERS`, nothing
without a well-formed registry is taken, and no image's id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

HUB = "docker.io"
CHARACTERS = 1024  # a host's name, a path, a tag and a digest have fewer: 255, 255, 128 and 135

_PATH_CHARACTERS = 255

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_REGISTRY = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}")

# An image on the node by its id: 64 figures, or sha256: and some of them, which containerd looks up before any name.
_ID = re.compile(r"[a-f0-9]{64}|sha(256|384|512):.*")


@dataclass(frozen=True, slots=True)
class Image:
    """An image; `registry` has its port, in lower case. ``tag`` and ``digest`` are None where they are absent."""

    registry: str
    repository: str
    tag: str | None
    digest: str | None
    short: bool

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}"


@dataclass(frozen=True, slots=True)
class Repositories:
    """A registry, or a path in it, and all repositories there: registry.example.com/team is one of team/ray, too."""

    registry: str
    path: tuple[str, ...]

    def hold(self, image: Image) -> bool:
        """Whether an image is from there."""
        components = tuple(image.repository.split("/"))
        return image.registry == self.registry and components[: len(self.path)] == self.path

    @property
    def text(self) -> str:
        """The registry and the path."""
        return "/".join((self.registry, *self.path))


def parse(text: str) -> Image | None:
    """The image that a text names; None where a container runtime would refuse it, or look on its node for an id."""
    return _parsed(text) if len(text) <= CHARACTERS else None


@lru_cache(maxsize=256)  # a job names one image in most of its containers, and a cluster's jobs name few
def _parsed(text: str) -> Image | None:
    if _ID.fullmatch(text):
        return None
    registry, short, rest = _split(text)
    rest, has_digest, digest = rest.partition("@")
    repository, has_tag, tag = rest.partition(":")
    is_well_formed = (
        _REGISTRY.fullmatch(registry)
        and len(repository) <= _PATH_CHARACTERS
        and _PATH.fullmatch(repository)
        and (not has_tag or _TAG.fullmatch(tag))
        and (not has_digest or _DIGEST.fullmatch(digest))
    )
    if not is_well_formed:
        return None
    return Image(registry.lower(), repository, tag if has_tag else None, digest if has_digest else None, short)


def parse_repositories(text: str) -> Repositories | None:
    """The repositories that a text names by their registry, and perhaps a path; None where it names something else."""
    registry, has_path, path = text.partition("/")
    if len(text) > CHARACTERS or not _is_registry(registry) or not _REGISTRY.fullmatch(registry):
        return None
    if has_path and not _PATH.fullmatch(path):
        return None
    return Repositories(_canonical(registry.lower()), tuple(path.split("/")) if path else ())


def _split(text: str) -> tuple[str, bool, str]:
    """The registry, whether the text leaves it out, and the rest."""
    first, slash, rest = text.partition("/")
    if not slash or not (_is_registry(first) or first != first.lower()):
        return HUB, True, text if slash else f"library/{text}"
    registry = _canonical(first)
    return registry, False, rest if registry != HUB or "/" in rest else f"library/{rest}"


def _is_registry(first: str) -> bool:
    return first == "localhost" or "." in first or ":" in first


def _canonical(registry: str) -> str:
    return HUB if registry == "index.docker.io" else registry
