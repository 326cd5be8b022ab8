import json
from pathlib import Path

import pytest

from webhook.rayjob.rayversion import at_least, parse, takes_metadata

PARITY = Path(__file__).parents[2] / "../shared/parity/text-forms.jsonl"
LARGEST = 2**64 - 1


@pytest.mark.parametrize(
    ("text", "components"),
    [
        ("2.52", (2, 52)),
        ("2.52.0", (2, 52, 0)),
        ("2.52.0.1", (2, 52, 0, 1)),
        ("v2.52.0", (2, 52, 0)),
        (" \t\r\n\f2.52", (2, 52)),
        ("\nv2.52", (2, 52)),
        ("0.1", (0, 1)),
        ("2.052", (2, 52)),
        ("2.0" + "0" * 5000 + "7", (2, 7)),
        (f"2.{LARGEST}", (2, LARGEST)),
        ("2.52.0rc1", (2, 52, 0)),
        ("2.52.0.dev0", (2, 52, 0)),
        ("2.52.x", (2, 52)),
        ("2.52.", (2, 52)),
        ("2.52..1", (2, 52)),
        ("2.52.0-py310", (2, 52, 0)),
        ("2.52.0 ", (2, 52, 0)),
        ("2.52é", (2, 52)),
        ("2.52\r", (2, 52)),
    ],
)
def test_a_version_is_what_its_numbers_say_and_the_rest_is_ignored(text, components):
    assert parse(text) == components


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "2",
        "v2",
        "2.",
        "2.x",
        "2..52",
        ".2.52",
        "V2.52",
        "vv2.52",
        "v 2.52",
        "+2.52",
        "-2.52",
        "latest",
        "nightly",
        "02.52",
        "00.52",
        "2.52.0\n",
        "2.52\nrc1",
        "\v2.52",
        "\u00a02.52",
        "٢.٥٢",
        f"2.{LARGEST + 1}",
        "2." + "9" * 5000,
    ],
)
def test_kuberay_cannot_read_every_version(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    ("version", "least", "expected"),
    [
        ((2, 52), (2, 52, 0), True),
        ((2, 52, 0), (2, 52), True),
        ((2, 52, 0, 1), (2, 52), True),
        ((2, 51, 9), (2, 52, 0), False),
        ((2, 52), (2, 52, 0, 1), False),
        ((3, 0), (2, 52, 0), True),
        ((2, 100), (2, 52), True),
        ((1, 99), (2, 52), False),
    ],
)
def test_versions_are_compared_by_number_and_a_missing_one_is_0(version, least, expected):
    assert at_least(version, least) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.6.0", True),
        ("2.6", True),
        ("3", True),
        ("v2.9", True),
        ("02.09.000", True),
        ("2.9.0+x", True),
        ("2.9.0+x.01-y", True),
        (f"2.{LARGEST}", True),
        ("2", False),
        ("2.5.9", False),
        ("1.99", False),
        ("2.9.0-rc1", False),
        ("2.9-0", False),
        ("2.9.0-rc.1+x", False),
        ("2.9.0-0a", False),
        ("2.9.0--", False),
        ("", None),
        ("v", None),
        ("V2.9", None),
        ("2.9.0rc1", None),
        ("3.0.0.dev0", None),
        ("2.9.0.1", None),
        ("2.", None),
        ("2.x", None),
        ("nightly", None),
        (" 2.9.0", None),
        ("2.9.0 ", None),
        ("2.9.0\n", None),
        ("2.6.0-", None),
        ("2.6.0+", None),
        ("2.6.0-a..b", None),
        ("2.6.0-01", None),
        ("2.6.0-rc.01", None),
        ("2.6.0-é", None),
        ("٢.٦", None),
        (f"2.{LARGEST + 1}", None),
        ("9" * 5000, None),
    ],
)
def test_metadata_needs_a_semantic_version_of_2_6_0_or_newer_without_a_pre_release(text, expected):
    assert takes_metadata(text) is expected


def recorded(kind):
    rows = (json.loads(line) for line in PARITY.read_text().splitlines())
    return {row["text"]: row["result"] for row in rows if row["kind"] == kind}


@pytest.mark.skipif(not PARITY.exists(), reason="the recorded verdicts are not on this machine")
def test_versions_agree_with_what_was_recorded_of_kuberay():
    expected = recorded("ray-version-at-least-2.52.0")

    assert expected
    assert {text: _verdict(text) for text in expected} == expected


def _verdict(text):
    version = parse(text)
    if version is None:
        return "ver"
    return "ok" if at_least(version, (2, 52, 0)) else "lt"


@pytest.mark.skipif(not PARITY.exists(), reason="the recorded verdicts are not on this machine")
def test_metadata_agrees_with_what_was_recorded_of_kuberay():
    expected = recorded("submit-metadata-ray-version")

    assert expected
    assert {text: {True: "ok", False: "lt", None: "semver"}[takes_metadata(text)] for text in expected} == expected
