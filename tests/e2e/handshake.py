"""A new handshake with a server on loopback, as an API server makes one that has no connection yet."""

import socket
import ssl

_HANG_SECONDS = 30


def served(port: int, name: str, ca_pem: bytes) -> bytes:
    """Return the leaf that is served, as DER.

    Args:
        port: where, on 127.0.0.1.
        name: the one that the leaf must be for, a DNS name or an IP address.
        ca_pem: whom to trust, and nobody else.

    Raises:
        ssl.SSLCertVerificationError: the leaf is for another name, or signed by another CA, or not valid now.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=ca_pem.decode())
    with (
        socket.create_connection(("127.0.0.1", port), _HANG_SECONDS) as connection,
        client.wrap_socket(connection, server_hostname=name) as tls,
    ):
        return tls.getpeercert(binary_form=True) or b""
