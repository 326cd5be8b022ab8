"""TLS with certificates that change under a running server: a fresh SSLContext per pair, for every new handshake.

Loading a pair that does not match into the context that serves would break all handshakes after it. So the context that
listens has no certificate; it hands each handshake on to the newest context, before a certificate is chosen. OpenSSL
asks for that (`sni_callback`) also where the client names no server, as one does that dials an IP address.

The CA by which callers are judged, where there is one, changes in the same way, independently of the pair.
"""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from pathlib import Path
from typing import Final

from certs import client_ca
from certs.client_ca import ClientCA, ClientCAError
from certs.pair import Pair, PairError, judge, load

# For TLS 1.2: keys that a later theft of the server's does not reveal, and ciphers that authenticate what they hide.
# Those of TLS 1.3 are all of this kind.
_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"


class State(StrEnum):
    """What became of a refresh."""

    UNCHANGED = auto()
    SWAPPED = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a refresh; `error` is None unless the state is REFUSED, and then says why."""

    state: State
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """A pair with the context that serves it to callers with a certificate of `clients`, or to all if that is None."""

    pair: Pair
    context: ssl.SSLContext
    clients: ClientCA | None = None


class Rotating:
    """The pair of a folder, followed through its changes, and perhaps the file of the CA that callers need one of.

    `context` is what a server listens with, for as long as it runs. `served` is what it answers with now; `refresh` and
    `refresh_clients` replace it, in one assignment, so that a handshake in another thread meets the old or the new.
    """

    __slots__ = ("_folder", "context", "served")

    context: ssl.SSLContext
    served: Served

    def __init__(self, folder: Path, now: datetime, clients: Path | None = None) -> None:
        """Take up the pair that the folder holds, and the CA of callers in the file `clients`.

        Raises:
            PairError: when there is no pair to begin with.
            ClientCAError: when there is no CA in the file to begin with.
        """
        self._folder = folder
        trusted = None if clients is None else client_ca.read(clients, now)
        self.served = _serve(judge(load(folder), now), trusted)
        self.context = _server(verified=trusted is not None)
        self.context.sni_callback = self._hand_over

    def refresh(self, now: datetime) -> Outcome:
        """Look into the folder: take up a good new pair for all later handshakes, refuse a bad one and serve the old.

        A pair that is half written is refused like any other bad one; the next refresh finds it whole. Reads three
        small files when nothing has changed, so every few seconds is not too often.
        """
        try:
            files = load(self._folder)
            if files == self.served.pair.files:
                return Outcome(State.UNCHANGED)
            self.served = _serve(judge(files, now), self.served.clients)
        except PairError as error:
            return Outcome(State.REFUSED, str(error))
        return Outcome(State.SWAPPED)

    def refresh_clients(self, now: datetime) -> Outcome:
        """Look into the file of the callers' CA, as `refresh` does into the folder; connections that stand stay."""
        trusted = self.served.clients
        if trusted is None:
            return Outcome(State.UNCHANGED)
        try:
            pem = client_ca.load(trusted.path)
            if pem == trusted.pem:
                return Outcome(State.UNCHANGED)
            self.served = _serve(self.served.pair, client_ca.judge(trusted.path, pem, now))
        except ClientCAError as error:
            return Outcome(State.REFUSED, str(error))
        return Outcome(State.SWAPPED)

    def _hand_over(
        self, connection: ssl.SSLObject, _server_name: str | None, _listening: ssl.SSLContext
    ) -> ssl.AlertDescription | None:
        if self.served.clients is not None and connection.session_reused:
            # Whoever resumes a session of TLS 1.2 was judged when it began, perhaps by a CA that is gone since. A fatal
            # alert makes both ends forget the session, so that the next handshake is a whole one.
            return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
        connection.context = self.served.context
        return None


def context(pair: Pair, clients: ClientCA | None = None) -> ssl.SSLContext:
    """Return a context that serves the pair, to nobody but callers with a certificate of `clients` if that is given.

    Raises:
        PairError: when OpenSSL refuses the pair: its key cannot sign, or is shorter than its security level allows.
    """
    serving = _server(verified=clients is not None)
    if clients is not None:
        serving.load_verify_locations(cadata=clients.der)
    # The bytes that were judged, not the files, which may have changed since. Python loads certificates from a path, so
    # they get paths, to files in memory: the key is not written to a disk.
    with _in_memory(pair.files.certificate_pem) as certificate, _in_memory(pair.files.key_pem) as key:
        try:
            serving.load_cert_chain(certificate, key)
        except ssl.SSLError as error:
            folder = pair.files.folder
            raise PairError(f"{folder}: must hold a pair that OpenSSL serves, is refused: {error.reason}") from error
    return serving


def _serve(pair: Pair, clients: ClientCA | None) -> Served:
    return Served(pair, context(pair, clients), clients)


def _server(*, verified: bool) -> ssl.SSLContext:
    """Return a context for the server's side, without a certificate; with `verified` a caller must present one.

    The listening context and those it hands over to are made alike: a connection keeps the protocol versions, options
    and client verification of the former, and takes the certificate, ciphers, ALPN and client CAs of the latter.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.minimum_version = ssl.TLSVersion.TLSv1_2  # API servers built for FIPS 140 with an older Go know no 1.3
    server.set_ciphers(_CIPHERS)
    server.set_alpn_protocols(["http/1.1"])  # the API server speaks nothing else to a webhook, and neither do we
    # No tickets: the API server keeps its connections open and asks for none. What remains is that OpenSSL remembers
    # a closed TLS 1.2 connection for two hours, 1 KiB each and 20 480 at most, for which Python has no switch.
    server.num_tickets = 0
    server.options |= ssl.OP_NO_TICKET
    # A renegotiation costs the server more than the client; compression tells of secrets by length (CRIME).
    server.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    if verified:
        server.verify_mode = ssl.CERT_REQUIRED
        # What stands in the bundle is trusted, whoever signed it, as the API server does with its own --client-ca-file.
        server.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return server


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """Lend a path to a file in memory, which no other user can open (memfd, so Linux only)."""
    descriptor = os.memfd_create("pair")
    try:
        os.write(descriptor, content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
