"""A kubeconfig: the access that its current context describes.

Of the many ways to log in there are the two that need no program beside us: a client certificate, and a token.
"""

import ssl
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import yaml
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from certs.access import Access, AccessError, read, trusting

T = TypeVar("T")


class _Part(BaseModel):
    """A part of a kubeconfig, which has more than we read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Cluster(_Part):
    server: str
    authority: Path | None = Field(None, alias="certificate-authority")
    authority_pem: Base64Bytes | None = Field(None, alias="certificate-authority-data")


class _User(_Part):
    token: SecretStr | None = None
    token_file: Path | None = Field(None, alias="tokenFile")
    certificate: Path | None = Field(None, alias="client-certificate")
    certificate_pem: Base64Bytes | None = Field(None, alias="client-certificate-data")
    key: Path | None = Field(None, alias="client-key")
    key_pem: Base64Bytes | None = Field(None, alias="client-key-data")


class _Context(_Part):
    cluster: str
    user: str


class _NamedCluster(_Part):
    name: str
    cluster: _Cluster


class _NamedUser(_Part):
    name: str
    user: _User


class _NamedContext(_Part):
    name: str
    context: _Context


class _Config(_Part):
    current: str = Field(alias="current-context")
    clusters: tuple[_NamedCluster, ...]
    users: tuple[_NamedUser, ...]
    contexts: tuple[_NamedContext, ...]


def access(path: Path) -> Access:
    """Return the access that the file describes.

    Raises:
        AccessError: when a file cannot be read, when something is missing, or when it takes a way in that we lack.
    """
    config = _parse(path)
    context = _named(path, "contexts", ((one.name, one.context) for one in config.contexts), config.current)
    cluster = _named(path, "clusters", ((one.name, one.cluster) for one in config.clusters), context.cluster)
    user = _named(path, "users", ((one.name, one.user) for one in config.users), context.user)
    host, port, prefix = _server(f"{path}: clusters.{context.cluster}.server", cluster.server)
    tls = trusting(path, _content(path, cluster.authority, cluster.authority_pem))
    certificate = _content(path, user.certificate, user.certificate_pem)
    key = _content(path, user.key, user.key_pem)
    token = user.token.get_secret_value() if user.token else user.token_file and path.parent / user.token_file
    where = f"{path}: users.{context.user}"
    if certificate and key:
        _present(where, tls, certificate, key)
    elif not token:
        raise AccessError(f"{where}: must have a token, or a client certificate with its key, has neither")
    return Access(host, port, tls, prefix, token)


def _parse(path: Path) -> _Config:
    try:
        return _Config.model_validate(yaml.safe_load(read(path)))
    except yaml.YAMLError as error:
        raise AccessError(f"{path}: must be YAML, is not") from error
    except ValidationError as error:
        # Without the input: it may be a key. And without the cause, which has it too.
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        raise AccessError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _named(path: Path, where: str, pairs: Iterable[tuple[str, T]], name: str) -> T:
    found = dict(pairs)
    if name not in found:
        raise AccessError(f"{path}: {where}: must have {name!r}, has {', '.join(map(repr, found)) or 'none'}")
    return found[name]


def _server(where: str, url: str) -> tuple[str, int, str]:
    """Return host, port and path of the URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme != "https":
        raise AccessError(f"{where}: must be a https URL, is {url!r}")
    return host, port or 443, parts.path.rstrip("/")


def _content(path: Path, file: Path | None, inline: bytes | None) -> bytes | None:
    """Return what stands in the kubeconfig or, if nothing does, in the file that it names, from its own folder."""
    return inline or (read(path.parent / file) if file else None)


def _present(where: str, tls: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Let the context present the client certificate; Python loads it from files, so it gets them for a moment."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "tls.crt"), Path(folder, "tls.key")
        for file, content in zip(files, (certificate, key), strict=True):
            file.touch(mode=0o600)
            file.write_bytes(content)
        try:
            # With a password, so that OpenSSL does not ask the terminal for that of an encrypted key.
            tls.load_cert_chain(*files, password="")
        except OSError as error:  # what ssl.SSLError is as well
            raise AccessError(f"{where}: must have a client certificate as PEM with its key, has not") from error
