"""The names that a certificate is issued for: each is well-formed, and one that its CA may certify."""

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

# RFC 5280's upper bound for a common name (ub-common-name).
_COMMON_NAME_LENGTH: Final = 64
# A DNS-1123 subdomain, which the API server demands of the name that it dials, with the DNS's own bound on each label.
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DNS_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_EVERY_DNS_NAME: Final = x509.DNSName("")
_EVERY_ADDRESS: Final = (x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0")))


class BadNameError(ValueError):
    """A name cannot be certified; the message says where it stands, what it must be, what it is."""


def common(name: str) -> x509.Name:
    """Return the subject whose common name this is.

    Raises:
        BadNameError: when it has not 1 to 64 characters.
    """
    if not 1 <= len(name) <= _COMMON_NAME_LENGTH:
        raise BadNameError(f"common_name: must be 1 to {_COMMON_NAME_LENGTH} characters, is {name!r}")
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def dns(where: str, name: str) -> x509.DNSName:
    """Return the DNS name; `where` is how a message calls its place.

    Raises:
        BadNameError: when it is no DNS-1123 subdomain: a wildcard (the webhook knows its names, and a wildcard's key
            speaks for its neighbours too), an address (clients look for one only among the addresses), upper case.
    """
    if not _DNS_NAME.fullmatch(name) or _is_address(name):
        raise BadNameError(f"{where}: must be a DNS name of lower-case labels, without wildcard, is {name!r}")
    return x509.DNSName(name)


def alternative(dns_names: Sequence[str], ip_addresses: Sequence[str]) -> x509.SubjectAlternativeName:
    """Return the alternative names of a serving certificate, DNS names first.

    Raises:
        BadNameError: when one is malformed, or when there is none.
    """
    names: list[x509.GeneralName] = [dns(f"dns_names[{index}]", name) for index, name in enumerate(dns_names)]
    for index, text in enumerate(ip_addresses):
        if not _is_address(text):
            raise BadNameError(f"ip_addresses[{index}]: must be an IPv4 or IPv6 address, is {text!r}")
        names.append(x509.IPAddress(ip_address(text)))
    if not names:
        raise BadNameError("dns_names, ip_addresses: must hold a name: clients refuse a certificate without, are empty")
    return x509.SubjectAlternativeName(names)


def constraints(permitted_dns: Sequence[str], permitted_ips: Sequence[str]) -> x509.NameConstraints:
    """Return the extension that binds a CA to these DNS names, the names below them, and these networks.

    RFC 5280 (4.2.1.10) leaves a kind of name free that no constraint speaks of, so where one of the two is empty, all
    names of that kind are excluded.

    Raises:
        BadNameError: when one is malformed.
    """
    permitted: list[x509.GeneralName] = []
    permitted += [dns(f"permitted_dns[{index}]", name) for index, name in enumerate(permitted_dns)]
    for index, text in enumerate(permitted_ips):
        try:
            permitted.append(x509.IPAddress(ip_network(text)))
        except ValueError as error:
            raise BadNameError(f"permitted_ips[{index}]: must be an address or a network, is {text!r}") from error
    excluded: list[x509.GeneralName] = []
    if not permitted_dns:
        excluded.append(_EVERY_DNS_NAME)
    if not permitted_ips:
        excluded.extend(_EVERY_ADDRESS)
    return x509.NameConstraints(permitted, excluded or None)


def require_permitted(names: x509.SubjectAlternativeName, authority: x509.Certificate) -> None:
    """Make sure that the CA may certify all these names: clients refuse a leaf with one that it may not.

    Raises:
        BadNameError: for the first name outside the CA's name constraints, as `constraints` makes them.
    """
    try:
        bounds = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return
    permitted = bounds.permitted_subtrees or []
    for name in names:
        if not any(_within(name, tree) for tree in permitted):
            within = ", ".join(str(tree.value) for tree in permitted)
            raise BadNameError(f"{name.value}: must be within what the CA may certify ({within})")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _within(name: x509.GeneralName, tree: x509.GeneralName) -> bool:
    """Say if the name is the tree's root or below it; names of different kinds never are."""
    if isinstance(name, x509.DNSName) and isinstance(tree, x509.DNSName):
        return f".{name.value}".endswith(f".{tree.value}")
    if isinstance(name, x509.IPAddress) and isinstance(tree, x509.IPAddress):
        return ip_address(str(name.value)) in ip_network(str(tree.value))
    return False
