"""The forms that Kubernetes demands of names and labels; lengths are bytes.

Source: kuberay-rules R2, R39, R40, R107 (k8s.io/apimachinery's util/validation).
"""

from __future__ import annotations

import re

LABEL_BYTES = 63
SUBDOMAIN_BYTES = 253

_DNS1035_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_DNS1123_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS1123_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")


# Every pattern is of ASCII characters only, so that a text which matches has as many bytes as characters.


def is_dns1035_label(text: str) -> bool:
    """Lower-case letters, digits and '-', first a letter, last no '-'; 63 bytes at the most."""
    return len(text) <= LABEL_BYTES and _DNS1035_LABEL.fullmatch(text) is not None


def is_dns1123_label(text: str) -> bool:
    """Lower-case letters, digits and '-', neither first nor last a '-'; 63 bytes at the most."""
    return len(text) <= LABEL_BYTES and _DNS1123_LABEL.fullmatch(text) is not None


def is_dns1123_subdomain(text: str) -> bool:
    """DNS labels with dots between them; 253 bytes at the most."""
    return len(text) <= SUBDOMAIN_BYTES and _DNS1123_SUBDOMAIN.fullmatch(text) is not None


def is_label_key(text: str) -> bool:
    """A qualified name: a name of at most 63 bytes, with a DNS subdomain and a '/' before it or not."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_dns1123_subdomain(prefix):
        return False
    return len(name) <= LABEL_BYTES and _QUALIFIED.fullmatch(name) is not None


def is_label_value(text: str) -> bool:
    """Empty, or a name of at most 63 bytes of letters, digits, '-', '_' and '.', ending with a letter or digit."""
    return not text or (len(text) <= LABEL_BYTES and _QUALIFIED.fullmatch(text) is not None)
