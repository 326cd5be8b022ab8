import json
from collections.abc import Callable
from pathlib import Path

import pytest

from webhook.rayjob.syntax import (
    is_dns1035_label,
    is_dns1123_label,
    is_dns1123_subdomain,
    is_label_key,
    is_label_value,
)

PARITY = Path(__file__).parents[2] / "../shared/parity/text-forms.jsonl"
FORMS: dict[str, Callable[[str], bool]] = {
    "dns1035-label": is_dns1035_label,
    "dns1123-label": is_dns1123_label,
    "label-key": is_label_key,
    "label-value": is_label_value,
}


@pytest.mark.parametrize(
    ("text", "dns1035", "dns1123"),
    [
        ("a", True, True),
        ("a-b", True, True),
        ("a1", True, True),
        ("a" * 63, True, True),
        ("a" * 64, False, False),
        ("1", False, True),
        ("1a", False, True),
        ("1" * 63, False, True),
        ("", False, False),
        ("-a", False, False),
        ("a-", False, False),
        ("A", False, False),
        ("a.b", False, False),
        ("a_b", False, False),
        ("a b", False, False),
        ("a\n", False, False),
        ("é", False, False),
        ("٣", False, False),
    ],
)
def test_a_dns_label_is_lower_case_and_only_that_of_rfc_1123_may_begin_with_a_digit(text, dns1035, dns1123):
    assert (is_dns1035_label(text), is_dns1123_label(text)) == (dns1035, dns1123)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a", True),
        ("1.a-b.c", True),
        ("a" * 64, True),  # the API server limits the whole, not each label
        ("a" * 253, True),
        ("a" * 254, False),
        ("", False),
        ("a..b", False),
        ("a.", False),
        ("A.b", False),
        ("a_b", False),
    ],
)
def test_a_dns_subdomain_is_labels_with_dots_between_them(text, fits):
    assert is_dns1123_subdomain(text) is fits


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        ("a", True),
        ("A", True),
        ("1", True),
        ("a_b", True),
        ("a..b", True),
        ("a" * 63, True),
        ("a" * 64, False),
        ("ray.io/a", True),
        ("1.io/A_b", True),
        ("ray.io/" + "a" * 63, True),
        ("ray.io/" + "a" * 64, False),
        ("p" * 253 + "/a", True),
        ("p" * 254 + "/a", False),
        ("", False),
        ("/", False),
        ("/a", False),
        ("a/", False),
        ("a/b/c", False),
        ("Ray.io/a", False),
        ("ray_io/a", False),
        ("ray..io/a", False),
        ("ray.io./a", False),
        (".ray.io/a", False),
        ("-ray.io/a", False),
        ("ray-.io/a", False),
        ("-a", False),
        ("a-", False),
        (".a", False),
        ("a_", False),
        ("a b", False),
        ("a\n", False),
        ("ray.io\n/a", False),
        ("é", False),
    ],
)
def test_a_label_key_is_a_name_with_a_subdomain_before_it_or_not(key, fits):
    assert is_label_key(key) is fits


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("", True),
        ("a", True),
        ("A.b_c-1", True),
        ("1.5", True),
        ("a" * 63, True),
        ("a" * 64, False),
        ("a/b", False),
        ("-a", False),
        ("a-", False),
        (".", False),
        ("_", False),
        ("a b", False),
        (" ", False),
        ("\n", False),
        ("a\n", False),
        ("é", False),
    ],
)
def test_a_label_value_is_empty_or_a_name(value, fits):
    assert is_label_value(value) is fits


@pytest.mark.skipif(not PARITY.exists(), reason="the recorded verdicts are not on this machine")
def test_every_form_agrees_with_what_was_recorded_of_kubernetes():
    rows = [json.loads(line) for line in PARITY.read_text().splitlines()]
    rows = [row for row in rows if row["kind"] in FORMS]

    assert [(row["kind"], row["text"], FORMS[row["kind"]](row["text"])) for row in rows] == [
        (row["kind"], row["text"], row["result"] == "ok") for row in rows
    ]
    assert {row["kind"] for row in rows} == set(FORMS)
