"""An API server of HTTP over TLS on loopback: what `Memory` stores, and answers made up for the occasion."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from certs.authority import Authority
from certs.kube import ConflictError, Reference
from tests.certs.memory import Memory

AUTHORITY = Authority.create(common_name="API server", now=datetime.now(UTC))
LEAF = AUTHORITY.issue([], ["127.0.0.1"], datetime.now(UTC))


@dataclass(slots=True)
class ApiServer:
    """One that runs; `answers` come before what is stored, `date` before the time."""

    port: int = 0
    memory: Memory = field(default_factory=lambda: Memory(lambda: datetime.now(UTC)))
    answers: dict[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict)
    date: str | None = ""
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def kubeconfig(self, folder: Path) -> Path:
        """Write one that leads here, with a token."""
        (folder / "ca.crt").write_bytes(AUTHORITY.certificate_pem)
        path = folder / "kubeconfig"
        document = {
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "this", "user": "us"}}],
            "clusters": [
                {
                    "name": "this",
                    "cluster": {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": "ca.crt"},
                }
            ],
            "users": [{"name": "us", "user": {"token": "word"}}],
        }
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return path

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Answer as the API server does."""
        if made_up := self.answers.get((method, path)):
            return made_up
        try:
            return self._store(method, path, body)
        except ConflictError as error:
            return 409, json.dumps({"kind": "Status", "message": str(error)}).encode()

    def _store(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        raw: dict[str, Any] = json.loads(body) if body else {}
        if method == "POST":
            path = f"{path}/{raw['metadata']['name']}"
        reference = Reference("Thing", *path.rsplit("/", 2))
        if method == "POST":
            self.memory.create(reference, raw)
        elif path not in self.memory.objects:
            return 404, json.dumps({"kind": "Status", "message": "not found"}).encode()
        elif method == "PUT":
            self.memory.update(reference, raw)
        return 201 if method == "POST" else 200, json.dumps(self.memory.objects[path]).encode()


@contextmanager
def serving(folder: Path) -> Iterator[ApiServer]:
    """Run one while the block lasts; its certificate goes into the folder."""
    here = ApiServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.seen.append((self.command, self.path, dict(self.headers)))
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, answer = here.answer(self.command, self.path.partition("?")[0], body)
            self.send_response_only(status)
            if here.date is not None:
                self.send_header("Date", here.date or format_datetime(datetime.now(UTC), usegmt=True))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_PUT = do_GET  # noqa: N815 - the names that http.server asks for

        def log_message(self, *_: object) -> None:
            """Keep quiet: what was asked stands in `seen`."""

    (folder / "server.pem").write_bytes(LEAF.certificate_pem + LEAF.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        here.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()
