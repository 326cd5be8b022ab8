"""The harness: what it reads, what it says, and how it ends; and that we agree with every recording there is."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.parity.__main__ import main
from tests.parity.generator import CASES

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "../shared/parity"

SOUND: dict[str, Any] = {
    "metadata": {"name": "job"},
    "spec": {"rayClusterSpec": {"headGroupSpec": {"template": {"spec": {"containers": [{"name": "h"}]}}}}},
}
SUSPENDED = {"metadata": {"name": "job"}, "spec": SOUND["spec"] | {"suspend": True}}
SELECTING = {"metadata": {"name": "job"}, "spec": {"clusterSelector": {"ray.io/cluster": ""}}}
DELETING = {"metadata": {"name": "job"}, "spec": SOUND["spec"] | {"deletionStrategy": {}}}


def verdict(rayjob, *rules, kuberay="1.7.0", **besides):
    return {"kuberay": kuberay, "rayjob": rayjob, "denied": bool(rules), "rules": [*rules]} | besides


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """Runs the harness on files of these rows, or of these bytes: the exit code, and what it prints."""
    monkeypatch.chdir(tmp_path)

    def run(**files):
        for name, content in files.items():
            data = (
                content if isinstance(content, bytes) else "".join(f"{json.dumps(row)}\n" for row in content).encode()
            )
            Path(name).write_bytes(data)
        code = main([*files])
        printed = capsys.readouterr()
        return code, printed.out.splitlines(), printed.err.splitlines()

    return run


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recordings of KubeRay's answers are not beside the repository")
@pytest.mark.parametrize(
    ("file", "cases"),
    [
        ("verdicts.jsonl.gz", 4800),
        ("upstream-cases.jsonl", 211),
        ("runtime-env-yaml.jsonl", 162),
        ("text-forms.jsonl", 150),
        ("decoding.jsonl", 85),
    ],
)
def test_every_recording_agrees(file, cases, capsys):
    code = main([str(SHARED / file)])

    assert (code, capsys.readouterr().out) == (0, f"{cases} cases, 0 differences\n")


def test_our_own_cases_agree(capsys):
    code = main([str(CASES)])

    assert (code, capsys.readouterr().out.split(" cases, ")[1]) == (0, "0 differences\n")


def test_the_program_ends_with_the_harness_exit_code():
    answer = subprocess.run(
        [sys.executable, "-m", "tests.parity", str(CASES), "nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (answer.returncode, answer.stdout.splitlines()[-1].split(" cases, ")[1]) == (2, "0 differences")
    assert answer.stderr == "nothing: [Errno 2] No such file or directory: 'nothing'\n"


def test_a_denial_is_compared_with_all_that_we_find(told):
    rows = [verdict(SOUND), verdict(SUSPENDED, "R3"), verdict(SELECTING, "R28"), verdict({}, "R2"), verdict({}, "R27")]

    assert told(file=rows) == (0, ["5 cases, 0 differences"], [])


def test_each_difference_is_one_line_with_its_place_and_both_answers(told):
    rows = [
        verdict(SOUND),
        verdict(SUSPENDED, name="suspended\nwithout shutdown"),
        verdict(SOUND, "R24", "R3"),
        verdict(SUSPENDED, "R4"),
        verdict(SOUND) | {"denied": True},
    ]

    assert told(file=rows) == (
        1,
        [
            "file: case 2 (suspended without shutdown): expected allowed, found denied by R3",
            "file: case 3: expected denied by R3, R24, found allowed",
            "file: case 4: expected denied by R4, found denied by R3",
            "file: case 5: expected denied, found allowed",
            "5 cases, 4 differences",
        ],
        [],
    )


@pytest.mark.parametrize(
    ("kuberay", "gates", "rules"),
    [
        ("1.7.0", {}, ["R9"]),
        ("1.7.0", {"RayJobDeletionPolicy": False}, ["R6"]),
        ("1.7.0", {"RayJobDeletionPolicy": False, "RayMultiHostIndexing": True}, ["R6"]),
        ("1.5.1", None, ["R9"]),
        ("1.5.1", {"RayJobDeletionPolicy": False}, ["R6"]),
        ("1.4.2", {}, []),
        ("v1.8.3", {}, ["R9"]),
    ],
)
def test_a_verdict_is_that_of_its_release_with_its_gates(told, kuberay, gates, rules):
    assert told(file=[verdict(DELETING, *rules, kuberay=kuberay, gates=gates)]) == (0, ["1 cases, 0 differences"], [])


def test_what_no_target_of_ours_describes_differs_with_the_reason(told):
    rows = [verdict(SOUND, kuberay="1.3.2"), verdict(SOUND, gates={"AllGates": True})]

    assert told(file=rows) == (
        1,
        [
            "file: case 1: expected an answer, found none: must be a KubeRay release from 1.4 on, or newer, is '1.3.2'",
            "file: case 2: expected an answer, found none: KubeRay has no feature gate 'AllGates'",
            "2 cases, 2 differences",
        ],
        [],
    )


def test_only_the_operators_rules_are_asked(told):
    nobody_takes_these = SOUND | {
        "spec": SOUND["spec"] | {"submissionMode": "Unknown", "runtimeEnv": "[", "managedBy": "me", "entrypoint": None}
    }

    assert told(file=[verdict(nobody_takes_these)]) == (0, ["1 cases, 0 differences"], [])


def test_nothing_is_filled_in(told):
    unbounded: dict[str, Any] = {"workerGroupSpecs": [{"template": {"spec": {"containers": [{}]}}}]}
    rayjob = SOUND | {"spec": {"rayClusterSpec": SOUND["spec"]["rayClusterSpec"] | unbounded}}

    assert told(file=[verdict(rayjob, "R42")]) == (0, ["1 cases, 0 differences"], [])


@pytest.mark.parametrize(
    ("spec", "stage"),
    [
        ({}, "ok"),
        ({"backoffLimit": -1}, "spec"),
        ({"backoffLimit": 1}, "ok"),
        ({"backoffLimit": "1"}, "decode"),
        ({"backoffLimit": 1.0}, "decode"),
        ({"backoffLimit": 2**31}, "decode"),
        ({"entrypointNumCpus": 1.0}, "ok"),
        ({"entrypointNumCpus": 1e39}, "decode"),
        ({"submitterPodTemplate": {"spec": {"containers": [{"ports": [{"containerPort": 1e3}]}]}}}, "decode"),
        ({"submitterPodTemplate": {"spec": {"containers": [{"livenessProbe": {"grpc": {"port": 80.0}}}]}}}, "decode"),
        ({"submitterPodTemplate": {"spec": {"containers": [{"resources": {"limits": {"cpu": 1.5}}}]}}}, "ok"),
        ({"unknown": 1.0, "metadata": {"a": None}}, "ok"),
        ({"runtimeEnv": 1}, "ok"),
    ],
)
def test_a_rayjob_is_decoded_refused_or_taken(told, spec, stage):
    row = {"rayjob": SOUND | {"spec": SOUND["spec"] | spec}, "stage": stage}

    assert told(file=[row]) == (0, ["1 cases, 0 differences"], [])


def test_an_operator_decodes_only_what_its_release_knows(told):
    rayjob = SOUND | {"spec": SOUND["spec"] | {"preRunningDeadlineSeconds": 1.0}}
    rows = [
        {"rayjob": rayjob, "stage": "decode"},
        {"rayjob": rayjob, "stage": "ok", "kuberay": "1.5.1"},
        {"rayjob": rayjob, "stage": "spec"},
    ]

    assert told(file=rows) == (
        1,
        ["file: case 3: expected spec, found decode", "3 cases, 1 differences"],
        [],
    )


def test_what_only_the_interface_has_is_no_matter_of_the_operators(told):
    rayjob = SOUND | {"spec": SOUND["spec"] | {"runtimeEnv": []}, "status": {"status": 1}}

    assert told(file=[{"rayjob": rayjob, "stage": "ok"}]) == (0, ["1 cases, 0 differences"], [])


def test_null_in_a_map_of_texts_is_an_empty_text(told):
    head = SOUND["spec"]["rayClusterSpec"]["headGroupSpec"] | {"rayStartParams": {"labels": None}}
    rayjob = SOUND | {"spec": {"rayClusterSpec": {"headGroupSpec": head}}}

    assert told(file=[verdict(rayjob, "R38")]) == (0, ["1 cases, 0 differences"], [])


def test_a_text_is_a_runtime_environment_or_not(told):
    rows = [
        {"text": "pip: [torch]", "accepted": True},
        {"text": "- pip", "accepted": False},
        {"text": "pip: [torch]", "accepted": False},
        {"text": "- pip", "accepted": True},
    ]

    assert told(file=rows) == (
        1,
        [
            "file: case 3: expected accepted: False, found taken",
            "file: case 4: expected accepted: True, found must be a YAML mapping, is a list",
            "4 cases, 2 differences",
        ],
        [],
    )


def test_a_text_has_a_form_or_not(told):
    forms = [
        ("ray-version-at-least-2.52.0", "2.52.0", "ok"),
        ("ray-version-at-least-2.52.0", "2.51", "lt"),
        ("ray-version-at-least-2.56.0", "2.52.0", "lt"),
        ("ray-version-at-least-2.52.0", "2", "ver"),
        ("ray-version-at-least-", "2.52.0", "ver"),
        ("submit-metadata-ray-version", "2.6.0", "ok"),
        ("submit-metadata-ray-version", "2.6.0-rc1", "lt"),
        ("submit-metadata-ray-version", "nightly", "semver"),
        ("label-key", "a/b", "ok"),
        ("label-key", "a/", "label"),
        ("label-value", "", "ok"),
        ("label-value", "-", "value"),
        ("dns1035-label", "a", "ok"),
        ("dns1035-label", "0", "d1035"),
        ("dns1123-label", "0", "ok"),
        ("dns1123-label", "A", "d1123"),
        ("dns1123-label", "A", "ok"),
        ("uuid", "A", "ok"),
    ]

    assert told(file=[{"kind": kind, "text": text, "result": result} for kind, text, result in forms]) == (
        1,
        [
            "file: case 17: expected ok, found d1123",
            "file: case 18: expected ok, found no form 'uuid' is known",
            "18 cases, 2 differences",
        ],
        [],
    )


def test_files_and_kinds_are_counted_together(told):
    files = {
        "one": [verdict(SOUND), {"text": "", "accepted": True}],
        "two": gzip.compress(b'\n \n{"text": "", "accepted": false}\n'),
    }

    assert told(**files) == (
        1,
        ["two: case 1: expected accepted: False, found taken", "3 cases, 1 differences"],
        [],
    )


KINDS = (
    "must record one of: a call of KubeRay's own tests (function, object, denied); the verdict on a RayJob "
    "(kuberay, rayjob, denied); how far a RayJob gets (rayjob, stage); whether a text is a runtime environment "
    "(text, accepted); whether a text has a form (kind, text, result)"
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "file: must hold recorded answers, is empty"),
        (b"\n\n", "file: must hold recorded answers, is empty"),
        (b"\xff", "file: must be UTF-8: invalid start byte at byte 0"),
        (gzip.compress(b"a")[:10] + b"\xff", "file: Error -3 while decompressing data"),
        (b"\x1f\x8b\x08", "file: Compressed file ended before the end-of-stream marker was reached"),
        (gzip.compress(b"a")[:-8] + b"\0" * 8, "file: CRC check failed"),
        (b"{", "file, line 1: must be JSON: Expecting property name"),
        (b'{"text": NaN}', "file, line 1: must be JSON: NaN is none"),
        (b"[" * 100_000, "file, line 1: must be JSON: maximum recursion depth exceeded"),
        (b"[]", f"file, line 1: {KINDS}"),
        (b'{"rayjob": null, "denied": true, "kuberay": "1.7.0"}', f"file, line 1: {KINDS}"),
        (b'\n{"text": "", "accepted": 1}', f"file, line 2: {KINDS}"),
        (
            b'{"rayjob": {}, "denied": true, "kuberay": "1.7.0", "gates": []}',
            "file, line 1: gates must be a dict, is []",
        ),
        (
            b'{"rayjob": {}, "denied": true, "kuberay": "1.7.0", "rules": ["R1", 2]}',
            "file, line 1: rules must be numbers such as R24, are ['R1', 2]",
        ),
    ],
)
def test_a_file_that_is_no_recording_is_told_and_ends_with_2(told, content, message):
    code, out, err = told(file=content, other=[verdict(SOUND)])

    assert (code, out, len(err)) == (2, ["1 cases, 0 differences"], 1)
    assert err[0].startswith(message)


def test_what_stands_before_a_bad_line_is_judged(told):
    code, out, _ = told(file=b'{"text": "", "accepted": false}\n!')

    assert (code, out) == (2, ["file: case 1: expected accepted: False, found taken", "1 cases, 1 differences"])


def test_without_a_file_the_usage_is_told(told):
    assert told() == (2, [], ["usage: python -m tests.parity FILE..."])


def test_half_a_character_reads_as_go_reads_it(told):
    row = {"text": "a: \ud800", "accepted": True}  # go-yaml takes U+FFFD
    whole = {"text": "a: \U0001f600 \\ud800", "accepted": True}

    assert told(file=[row, whole]) == (0, ["2 cases, 0 differences"], [])


def test_a_number_of_any_length_is_read(told):
    digits = b"9" * 5000
    row = b'{"rayjob": {"metadata": {"name": "job"}, "spec": {"backoffLimit": %s}}, "stage": "decode"}' % digits

    assert told(file=row) == (0, ["1 cases, 0 differences"], [])
