"""`rayjob-webhook certs`: makes the certificates to serve with where no cert-manager does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from certs.authority import Authority
from certs.names import BadNameError
from certs.pair import PairError, write


@click.group("certs")
def command() -> None:
    """Makes certificates to serve with."""


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
