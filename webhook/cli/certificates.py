"""`rayjob-webhook certs`: makes the certificates to serve with, and keeps them, where no cert-manager does."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from certs import access, inject, kubeconfig
from certs.authority import Authority
from certs.kube import ApiError, Client
from certs.names import BadNameError
from certs.pair import PairError, write

NAMESPACE = "rayjob-webhook-system"


@click.group("certs")
def command() -> None:
    """Makes certificates to serve with, once or for good."""


@command.command("issue")
@click.option("--dir", "directory", type=click.Path(path_type=Path), required=True, help="Folder to write into.")
@click.option("--dns-name", "dns_names", multiple=True, metavar="NAME", help="A DNS name to serve under; repeatable.")
@click.option("--ip-address", "ip_addresses", multiple=True, metavar="IP", help="An IP to serve under; repeatable.")
def issue(directory: Path, dns_names: tuple[str, ...], ip_addresses: tuple[str, ...]) -> None:
    """Issues a new CA and a certificate of it: writes tls.crt, tls.key and ca.crt."""
    now = datetime.now(UTC)
    try:
        # Whoever trusts this CA trusts it for these names and for nothing else.
        authority = Authority.create(
            common_name="rayjob-webhook", now=now, permitted_dns=dns_names, permitted_ips=ip_addresses
        )
        leaf = authority.issue(dns_names, ip_addresses, now=now)
    except BadNameError as error:
        raise click.UsageError(str(error)) from None
    try:
        write(directory, leaf, authority)
    except PairError as error:
        raise click.UsageError(str(error)) from None
    names = ", ".join([*dns_names, *ip_addresses])
    until = leaf.certificate.not_valid_after_utc
    click.echo(f"{directory}: tls.crt, tls.key and ca.crt for {names}, valid until {until:%Y-%m-%d}")


def _own_namespace() -> str:
    """Returns the namespace of the Pod that this runs in, or the one of the manifests."""
    try:
        return (access.SERVICE_ACCOUNT / "namespace").read_text(encoding="utf-8").strip()
    except OSError:
        return NAMESPACE


@command.command("ensure")
@click.option(
    "--namespace",
    metavar="NAME",
    default=_own_namespace,
    show_default=f"the Pod's own, else {NAMESPACE}",
    envvar="RAYJOB_WEBHOOK_NAMESPACE",
    show_envvar=True,
    help="Namespace of the Service and the Secrets.",
)
@click.option(
    "--service",
    metavar="NAME",
    default="rayjob-webhook",
    show_default=True,
    envvar="RAYJOB_WEBHOOK_SERVICE",
    show_envvar=True,
    help="Service that the API server calls; the certificate is for its names.",
)
@click.option(
    "--secret",
    metavar="NAME",
    default="rayjob-webhook-tls",
    show_default=True,
    envvar="RAYJOB_WEBHOOK_SECRET",
    show_envvar=True,
    help="Secret for the certificate, which the servers mount; the CA and its key go to NAME-ca.",
)
@click.option(
    "--webhook-configuration",
    "configuration",
    metavar="NAME",
    default="rayjob-webhook",
    show_default=True,
    envvar="RAYJOB_WEBHOOK_WEBHOOK_CONFIGURATION",
    show_envvar=True,
    help="The mutating and the validating webhook configuration that get the caBundle.",
)
@click.option(
    "--kubeconfig",
    "file",
    type=click.Path(path_type=Path),
    envvar="RAYJOB_WEBHOOK_KUBECONFIG",
    show_envvar=True,
    help="How to reach the API server outside of a Pod: with a token or a client certificate.",
)
def ensure(namespace: str, service: str, secret: str, configuration: str, file: Path | None) -> None:
    """Keeps CA, certificate and caBundle as they should be, and renews them in time.

    Does what is due and ends; run it daily. A CA is replaced without a gap: the new one is trusted before it signs, the
    old one until nothing that it signed is served. Any number may run at once, and each may be stopped at any point.

    Exits with 0 if all is as it should be, 1 if it could not be brought about, 2 if it was asked wrongly.
    """
    try:
        kept = inject.Kept(namespace, service, secret, configuration)
        client = Client(kubeconfig.access(file) if file else access.in_cluster(os.environ, access.SERVICE_ACCOUNT))
    except (BadNameError, access.AccessError) as error:
        raise click.UsageError(str(error)) from None
    try:
        for done in inject.ensure(client, kept, now, _wait):
            click.echo(done)
    except (ApiError, inject.MissingConfigurationError, inject.ContendedError, access.AccessError) as error:
        raise click.ClickException(str(error)) from None


def now() -> datetime:
    """Returns the time by this machine's clock."""
    return datetime.now(UTC)


def _wait(duration: timedelta) -> None:
    time.sleep(duration.total_seconds())
