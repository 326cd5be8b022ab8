"""The part of an API server that `certs ensure` writes to, in memory: objects, resource versions, dates of writing."""

import copy
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from certs import secret
from certs.inject import Kept
from certs.kube import ConflictError, Reference

KEPT = Kept("ray", "webhook", "tls", "ours")


class Memory:
    """Objects by their path; `clock` is the API server's."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._version = 0
        self.objects: dict[str, dict[str, Any]] = {}

    def get(self, reference: Reference) -> dict[str, Any] | None:
        return copy.deepcopy(self.objects.get(reference.path))

    def create(self, reference: Reference, raw: Mapping[str, Any]) -> None:
        if reference.path in self.objects:
            raise ConflictError(f"{reference} already exists")
        self._store(reference.path, raw)

    def update(self, reference: Reference, raw: Mapping[str, Any]) -> None:
        stored = self.objects.get(reference.path)
        if stored is None or stored["metadata"]["resourceVersion"] != raw["metadata"]["resourceVersion"]:
            raise ConflictError(f"{reference} has been modified")
        self._store(reference.path, raw)

    def _store(self, path: str, raw: Mapping[str, Any]) -> None:
        self._version += 1
        date = f"{self._clock():%Y-%m-%dT%H:%M:%SZ}"
        stored = {"resourceVersion": str(self._version), "managedFields": [{"time": date}]}
        self.objects[path] = {**copy.deepcopy(dict(raw)), "metadata": {**raw["metadata"], **stored}}

    # What tests put there, and find there.

    def register(self, *bundles: bytes, kept: Kept = KEPT) -> None:
        """Store both configurations, each with a webhook for every caBundle; without one, with a webhook that has none.

        One that is empty is left out, as an API server does.
        """
        for reference in kept.configurations:
            configs = [{"caBundle": b64encode(pem).decode()} if pem else {} for pem in bundles or (b"",)]
            webhooks = [
                {"name": f"{number}", "clientConfig": {"service": {}, **one}} for number, one in enumerate(configs)
            ]
            metadata = {"name": reference.name, "labels": {"kept": "yes"}}
            self._store(reference.path, {"kind": reference.kind, "metadata": metadata, "webhooks": webhooks})

    def add(self, reference: Reference, pem: bytes) -> None:
        """Append to the caBundle of every webhook of a configuration, as somebody else does."""
        raw = self.objects[reference.path]
        for webhook in raw["webhooks"]:
            found = b64decode(webhook["clientConfig"].get("caBundle", ""))
            webhook["clientConfig"]["caBundle"] = b64encode(found + pem).decode()
        self._store(reference.path, raw)

    def bundles(self, kept: Kept = KEPT) -> list[bytes]:
        """Return the caBundle of every webhook, the mutating ones first."""
        return [
            b64decode(webhook["clientConfig"].get("caBundle", ""))
            for reference in kept.configurations
            for webhook in self.objects[reference.path]["webhooks"]
        ]

    def store(self, reference: Reference, data: secret.Data) -> None:
        """Store a Secret, over what there is."""
        encoded = {key: b64encode(content).decode() for key, content in data.items()}
        metadata = {"name": reference.name, "namespace": reference.namespace, "annotations": {"kept": "yes"}}
        self._store(reference.path, {"kind": "Secret", "type": secret.TYPE, "metadata": metadata, "data": encoded})

    def data(self, reference: Reference) -> secret.Data:
        """Return what a Secret holds."""
        return {key: b64decode(text) for key, text in self.objects[reference.path]["data"].items()}
