"""A webhook that lets every RayJob pass, and keeps what the API server asks of it, byte for byte."""

import base64
import json
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from certs.authority import Authority
from tests.e2e.kubectl import Cluster

_NAME = "recorder.rayjob-webhook.test"


@dataclass(frozen=True, slots=True)
class Recorder:
    """The reviews that were asked, by namespace and name of their object; of several, the last."""

    reviews: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def answer(self, body: bytes) -> bytes:
        """Keep a review, and let it pass."""
        review = json.loads(body)
        request = review["request"]
        self.reviews[request["namespace"], request["object"]["metadata"]["name"]] = body
        response = {"uid": request["uid"], "allowed": True}
        return json.dumps({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}).encode()


@contextmanager
def recording(cluster: Cluster) -> Iterator[Recorder]:
    """Have the API server ask for every RayJob that is created or updated, while the block lasts.

    It reads the configuration in its own time: the caller must wait until a review of its own is there.
    """
    recorder = Recorder()
    authority = Authority.create(common_name=_NAME, now=datetime.now(UTC))
    with _listening(recorder, authority) as port:
        try:
            cluster.apply_yaml(yaml.safe_dump(_configuration(port, authority)))
            yield recorder
        finally:
            cluster.kubectl("delete", "validatingwebhookconfiguration", _NAME, "--ignore-not-found", check=True)


@contextmanager
def _listening(recorder: Recorder, authority: Authority) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # by which the API server keeps its connection

        def do_POST(self) -> None:
            answer = recorder.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = _context(authority).wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _context(authority: Authority) -> ssl.SSLContext:
    leaf = authority.issue([], ["127.0.0.1"], datetime.now(UTC))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as folder:
        pair = Path(folder, "pair.pem")
        pair.write_bytes(leaf.certificate_pem + leaf.key_pem)
        context.load_cert_chain(pair)
    return context


def _configuration(port: int, authority: Authority) -> dict[str, Any]:
    rule = {
        "apiGroups": ["ray.io"],
        "apiVersions": ["v1"],
        "resources": ["rayjobs"],
        "operations": ["CREATE", "UPDATE"],
    }
    webhook = {
        "name": _NAME,
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "rules": [rule],
        "clientConfig": {
            "url": f"https://127.0.0.1:{port}/validate",
            "caBundle": base64.b64encode(authority.certificate_pem).decode(),
        },
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": _NAME},
        "webhooks": [webhook],
    }
