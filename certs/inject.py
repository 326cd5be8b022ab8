"""What `certs ensure` does: look at what there is, take the next step, look again, until there is none to take.

Any number of runs may do so at once, and each may end anywhere. Every write replaces what was read, and fails if that
has changed since. That is enough because the objects are read in this order: the leaf, the configurations, the CA.

- A caBundle is written for a CA that was read later than the caBundle itself. So a run that was overtaken cannot take
  away a newer CA: what another run wrote before the reading came from a CA's Secret that is read after it, and what
  another writes after the reading makes the write fail.
- A leaf is written for a CA that was the present one after the leaf was read. Before that CA may leave the caBundles,
  a leaf of a newer one has been written, and the write fails.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from cryptography import x509

from certs import bundle, kube, names, rotation, secret
from certs.authority import Authority, service_names
from certs.kube import FIELD_MANAGER, ConflictError, Reference

_KINDS: Final = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_LABELS: Final = {"app.kubernetes.io/name": "rayjob-webhook", "app.kubernetes.io/managed-by": FIELD_MANAGER}
# A whole rotation is nine steps; three runs at once lose one round to each write of another. More than this is somebody
# who keeps writing something else.
_ROUNDS: Final = 50


class MissingConfigurationError(Exception):
    """A configuration of webhooks is not there; the message says which."""


class ContendedError(Exception):
    """Somebody changes what is written, again and again."""


class Api(Protocol):
    """What is asked of `kube.Client`; the tests also run a cluster in memory, a thousand times over."""

    def get(self, reference: Reference) -> dict[str, Any] | None:
        """Return the object; None if there is none."""
        ...

    def create(self, reference: Reference, raw: Mapping[str, Any]) -> None:
        """Create the object."""
        ...

    def update(self, reference: Reference, raw: Mapping[str, Any]) -> None:
        """Replace the object if it is as it was read."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept in order, by its names: two Secrets of a namespace, two configurations of webhooks.

    Raises:
        BadNameError: when a name is none that Kubernetes takes.
    """

    namespace: str
    service: str
    secret: str
    configuration: str

    def __post_init__(self) -> None:
        for where in ("namespace", "service", "secret", "configuration"):
            names.dns(where, getattr(self, where))
        names.alternative(self.dns_names, ())

    @property
    def dns_names(self) -> tuple[str, ...]:
        """The names that the leaf is for: those of the Service."""
        return service_names(self.service, self.namespace)

    @property
    def leaf(self) -> Reference:
        """The Secret that the servers mount."""
        return kube.secret(self.namespace, self.secret)

    @property
    def authority(self) -> Reference:
        """The Secret of the CA, which only we read."""
        return kube.secret(self.namespace, f"{self.secret}-ca")

    @property
    def configurations(self) -> tuple[Reference, ...]:
        """The configurations that call the Service."""
        return tuple(kube.configuration(kind, self.configuration) for kind in _KINDS)


def ensure(api: Api, kept: Kept, clock: Callable[[], datetime], wait: Callable[[timedelta], None]) -> Iterator[str]:
    """Take every step that is due, and yield after each what was done; at last, what comes next and when.

    Raises:
        MissingConfigurationError: when there is nothing to write a caBundle into.
        ContendedError: when it does not come to an end.
        ApiError: when the API server refuses, or does not answer.
        AccessError: when the file of our token has gone.
    """
    known: x509.Certificate | None = None
    for _ in range(_ROUNDS):
        cluster = _read(api, kept)
        now = clock()
        step = rotation.decide(cluster.state(known), now)
        if isinstance(step, rotation.Settled):
            yield f"all is as it should be, next: {step.what} on {step.at:%Y-%m-%d}"
            return
        if isinstance(step, rotation.Rest):
            yield f"waiting {step.duration.total_seconds():.0f} s for every API server to act on the caBundle"
            wait(step.duration)
            known = step.authority
            continue
        if isinstance(step, rotation.Trust):
            known = None
        try:
            done = cluster.take(step, now)
        except ConflictError:
            continue
        yield done
    raise ContendedError(f"{kept.authority}: must come to rest within {_ROUNDS} rounds, is changed by others each time")


@dataclass(frozen=True, slots=True)
class _Cluster:
    """The objects as they were read, None for a Secret that is not there."""

    api: Api
    kept: Kept
    leaf: dict[str, Any] | None = field(repr=False)
    configurations: Mapping[str, dict[str, Any]]
    authority: dict[str, Any] | None = field(repr=False)

    def state(self, known: x509.Certificate | None) -> rotation.State:
        """Return what decides on the next step."""
        bundles = {
            kind: tuple(b64decode(webhook["clientConfig"].get("caBundle") or "") for webhook in raw.get("webhooks", ()))
            for kind, raw in self.configurations.items()
        }
        return rotation.State(
            self.kept.dns_names, _data(self.authority), _data(self.leaf), _written(self.leaf), bundles, known
        )

    def take(self, step: rotation.Write, now: datetime) -> str:
        """Write what the step says; return what was done."""
        kept = self.kept
        match step:
            case rotation.NewAuthority(reason, retired):
                # Whoever trusts this CA trusts it for the names of our Service and for nothing else.
                authority = Authority.create(
                    common_name=f"{FIELD_MANAGER} {now:%Y-%m-%d}", now=now, permitted_dns=kept.dns_names
                )
                self._keep(kept.authority, self.authority, secret.of_authority(authority, retired))
                until = authority.certificate.not_valid_after_utc
                return f"{kept.authority}: new CA, valid until {until:%Y-%m-%d}, because {reason}"
            case rotation.Retire(authority, retired):
                self._keep(kept.authority, self.authority, secret.of_authority(authority, retired))
                trusted = f"{_counted(len(retired))} trusted" if retired else "nothing trusted any more"
                return f"{kept.authority}: {trusted} beside the present CA"
            case rotation.NewLeaf(authority, reason):
                leaf = authority.issue(kept.dns_names, (), now)
                self._keep(kept.leaf, self.leaf, secret.of_leaf(leaf, authority))
                until = leaf.certificate.not_valid_after_utc
                return f"{kept.leaf}: new certificate, valid until {until:%Y-%m-%d}, because {reason}"
            case _:
                self._trust(step.kind, bundle.pem(step.trusted))
                return f"{step.kind} {kept.configuration}: caBundle of {_counted(len(step.trusted))}"

    def _keep(self, reference: Reference, read: dict[str, Any] | None, data: secret.Data) -> None:
        """Put the data into the Secret, whose other keys, labels and annotations stay."""
        encoded = {key: b64encode(content).decode() for key, content in data.items()}
        if read is None:
            metadata = {"name": reference.name, "namespace": reference.namespace, "labels": _LABELS}
            head = {"apiVersion": "v1", "kind": reference.kind, "type": secret.TYPE, "metadata": metadata}
            self.api.create(reference, {**head, "data": encoded})
        else:
            self.api.update(reference, {**read, "data": {**(read.get("data") or {}), **encoded}})

    def _trust(self, kind: str, pem: bytes) -> None:
        read, encoded = self.configurations[kind], b64encode(pem).decode()
        webhooks = [
            {**webhook, "clientConfig": {**webhook["clientConfig"], "caBundle": encoded}}
            for webhook in read["webhooks"]
        ]
        self.api.update(kube.configuration(kind, self.kept.configuration), {**read, "webhooks": webhooks})


def _read(api: Api, kept: Kept) -> _Cluster:
    """Read the objects, in the order on which everything rests."""
    leaf = api.get(kept.leaf)
    configurations = {}
    for reference in kept.configurations:
        raw = api.get(reference)
        if raw is None:
            raise MissingConfigurationError(f"{reference}: must exist to get a caBundle, is missing: apply it first")
        configurations[reference.kind] = raw
    return _Cluster(api, kept, leaf, configurations, api.get(kept.authority))


def _data(raw: dict[str, Any] | None) -> secret.Data | None:
    return None if raw is None else {key: b64decode(text) for key, text in (raw.get("data") or {}).items()}


def _written(raw: dict[str, Any] | None) -> datetime | None:
    """Return when the object was last changed, as the API server recorded it, to the second."""
    recorded = raw["metadata"].get("managedFields", ()) if raw else ()
    return max((datetime.fromisoformat(entry["time"]) for entry in recorded), default=None)


def _counted(number: int) -> str:
    return f"{number} {'CA' if number == 1 else 'CAs'}"
