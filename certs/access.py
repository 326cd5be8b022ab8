"""Access to an API server: where it is, by what CA we know it, and by what it knows us."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet mounts what a Pod needs to speak to its API server."""


class AccessError(Exception):
    """It is not known how to reach the API server; the message says what is missing where (never a secret)."""


@dataclass(frozen=True, slots=True)
class Access:
    """An API server at `host` and `port`, below the path `prefix`; the token, if any, is given or in a file."""

    host: str
    port: int
    tls: ssl.SSLContext
    prefix: str = ""
    token: str | Path | None = field(default=None, repr=False)

    def authorization(self) -> str | None:
        """Return the header of that name; a token's file is read each time, as the kubelet replaces it every hour.

        Raises:
            AccessError: when the file cannot be read.
        """
        token = read(self.token).decode(errors="replace").strip() if isinstance(self.token, Path) else self.token
        return None if token is None else f"Bearer {token}"


def in_cluster(environ: Mapping[str, str], mounted: Path) -> Access:
    """Return the access that the kubelet gives to a Pod, by what it has mounted at `SERVICE_ACCOUNT`.

    Raises:
        AccessError: when this is no Pod, or one without the token of a service account.
    """
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "")
    if not host or not port.isdecimal():
        raise AccessError(
            "KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT: must be an address and a port, as in a Pod, are "
            f"{host!r} and {port!r}; elsewhere give --kubeconfig"
        )
    authority = mounted / "ca.crt"
    access = Access(host, int(port), trusting(authority, read(authority)), token=mounted / "token")
    access.authorization()
    return access


def trusting(where: Path, authority_pem: bytes | None) -> ssl.SSLContext:
    """Return a client's context that trusts this CA alone, or without one what the machine trusts.

    Not `ssl.create_default_context`: since Python 3.13 that refuses certificates without the extensions that RFC 5280
    asks for, which API servers of long-lived clusters do not have.

    Args:
        where: the file that holds the CA, for the message.
        authority_pem: the CA.

    Raises:
        AccessError: when it is not PEM.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority_pem is None:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cadata=authority_pem.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise AccessError(f"{where}: must be the API server's CA as PEM, is not") from error
    return context


def read(path: Path) -> bytes:
    """Return the file's content.

    Raises:
        AccessError: when it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise AccessError(f"{path}: must be a file to read, is not: {error.strerror}") from error
