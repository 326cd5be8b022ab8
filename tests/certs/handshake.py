"""A TLS handshake in memory: real OpenSSL on both sides, no port, no thread."""

import ssl
from pathlib import Path


def serving(folder: Path, certificate_pem: bytes, key_pem: bytes) -> ssl.SSLContext:
    """Return a server as the standard library makes it, for certificates that ours would refuse to serve."""
    path = folder / "both.pem"
    path.write_bytes(key_pem + certificate_pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server


def trusting(ca_pem: bytes) -> ssl.SSLContext:
    """Return a client that trusts this CA alone and insists on the server's name."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=ca_pem.decode())
    return client


class Handshake:
    """A connection whose two ends have shaken hands; raises what either end raised (`ssl.SSLError`)."""

    def __init__(
        self, server: ssl.SSLContext, client: ssl.SSLContext, name: str, session: ssl.SSLSession | None = None
    ) -> None:
        self._to_server, self._to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(self._to_client, self._to_server, server_hostname=name, session=session)
        self.server = server.wrap_bio(self._to_server, self._to_client, server_side=True)
        unfinished = [self.client, self.server]
        while unfinished:
            end = unfinished.pop(0)
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                unfinished.append(end)

    def served(self) -> bytes:
        """Return the leaf that the server sent, as DER."""
        return self.client.getpeercert(binary_form=True) or b""

    def echo(self, message: bytes) -> bytes:
        """Send a message to the server and back."""
        self.client.write(message)
        self.server.write(self.server.read())
        return self.client.read()
