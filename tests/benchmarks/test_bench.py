"""The benchmark itself: that it measures what it says, with counts too small to measure anything."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.benchmarks import cost, stages, table
from tests.benchmarks.__main__ import main
from tests.benchmarks.cases import Case, cases, priced
from tests.benchmarks.cost import Serving
from tests.benchmarks.golang import build
from tests.benchmarks.load import Generator, Load, WrongAnswerError
from tests.benchmarks.policies import Priced, policies
from tests.benchmarks.rayjobs import Size
from tests.benchmarks.servers import Cores, Server, running_servers
from tests.e2e.build import BuildFailedError
from webhook.admission.decide import mutate, validate
from webhook.admission.review import parse
from webhook.policy.match import Asked
from webhook.policy.policy import shipped

TODAY = date(2026, 11, 24)

NAMES = [case.name for case in cases()]


@pytest.mark.parametrize("case", cases(), ids=NAMES)
def test_a_body_has_the_size_that_it_is_called_by(case: Case) -> None:
    assert len(case.body) == pytest.approx(case.size.bytes, rel=0.1)


def test_a_large_body_has_six_worker_groups_ten_containers_and_three_hundred_variables() -> None:
    (large,) = (case for case in cases() if case.name == "validate-40k-valid")
    spec = json.loads(large.body)["request"]["object"]["spec"]
    groups = spec["rayClusterSpec"]["workerGroupSpecs"]
    templates = [spec["submitterPodTemplate"], spec["rayClusterSpec"]["headGroupSpec"]["template"]]
    pods = [template["spec"] for template in [*templates, *(group["template"] for group in groups)]]
    containers = [container for pod in pods for container in [*pod["containers"], *pod.get("initContainers", [])]]

    assert (len(groups), len(containers)) == (6, 10)
    assert sum(len(container["env"]) for container in containers) == pytest.approx(300, rel=0.1)


@pytest.mark.parametrize("size", Size)
def test_ours_finds_five_mistakes_and_fills_three_fields(size: Size) -> None:
    requests = {(case.endpoint, case.state): parse(case.body) for case in cases() if case.size is size}
    policy = shipped()

    found = {
        state: [denial.rule for denial in validate(request, policy, TODAY).denials]
        for (endpoint, state), request in requests.items()
        if endpoint == "validate"
    }
    filled = {
        state: [fill.default for fill in mutate(request, policy).fills]
        for (endpoint, state), request in requests.items()
        if endpoint == "mutate"
    }

    assert found == {
        "valid": [],
        "findings": [
            "name-too-long",
            "negative-backoff-limit",
            "min-replicas-above-max-replicas",
            "invalid-runtime-env",
            "ttl-without-shutdown",
        ],
    }
    assert filled == {"complete": [], "fills": ["dashboard-host", "shutdown", "ttl"]}


@pytest.mark.parametrize("case", cases(), ids=NAMES)
def test_every_stage_of_a_review_is_told(case: Case) -> None:
    line = table.line(stages.HEADINGS, stages.row(case, repetitions=3))

    name, *cells = (cell.strip() for cell in line.strip("| ").split("|"))
    told = dict(zip(stages.HEADINGS[1:], cells, strict=True))
    assert name == case.name
    assert [stage for stage, cell in told.items() if cell == "-"] == [
        "defaults" if case.endpoint == "validate" else "rules"
    ]
    assert told["budget"] == {"4k": "75", "40k": "540"}[case.size]


@pytest.fixture(scope="module")
def measured() -> tuple[Priced, ...]:
    return policies()


def test_without_rounds_nothing_is_served(measured: tuple[Priced, ...]) -> None:
    ran = CliRunner().invoke(main, ["--rounds", "0", "--only", "mutate-4k-fills-1", "--repetitions", "3"])

    costs, _, by_stage = ran.stdout.partition("\n\n")
    heading, rule, *rows = costs.splitlines()
    assert _cells(heading) == list(cost.HEADINGS)
    assert (set(rule), [_cells(row)[0] for row in rows if row.startswith("|")]) == (
        set("|- "),
        [f"mutate-4k-fills, {one.name}" for one in measured],
    )
    heading, rule, row = by_stage.splitlines()
    assert (_cells(heading), set(rule), _cells(row)[0]) == (list(stages.HEADINGS), set("|- "), "mutate-4k-fills")


@pytest.mark.parametrize(
    ("only", "tables"),
    [("mutate-40k-fills-16", [stages.HEADINGS]), ("40k-compliant", [cost.HEADINGS])],
)
def test_a_table_without_rows_is_not_printed(only: str, tables: list[tuple[str, ...]]) -> None:
    ran = CliRunner().invoke(main, ["--rounds", "0", "--only", only, "--repetitions", "1"])

    cells = [tuple(_cells(line)) for line in ran.stdout.splitlines()]
    assert [line for line in cells if line in (cost.HEADINGS, stages.HEADINGS)] == tables


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("| ").split("|")]


@pytest.mark.parametrize("case", priced(), ids=lambda case: case.name)
def test_the_cost_of_each_policy_is_told_beside_that_of_the_shipped(case: Case, measured: tuple[Priced, ...]) -> None:
    rows = list(cost.rows(case, measured, repetitions=2))

    assert [name for name, *_ in rows] == [
        f"{case.name}, {name}" for name in ("shipped", "strict", "overrides", "cel", "all")
    ]
    assert rows[0][3:] == ("1.00", "-", "-")
    assert all(int(core) > 0 and float(ratio) > 0 for _, _, core, ratio, *_ in rows)
    told = {name.partition(", ")[2]: int(count) for name, count, *_ in rows}
    strict = {name: told.pop(name) for name in ("strict", "all")}
    assert set(told.values()) == {{"findings": 5, "fills": 3}.get(case.state, 0)}
    assert {count > told["shipped"] for count in strict.values()} == {case.state != "compliant"}


def test_half_of_twenty_overrides_match() -> None:
    (overridden,) = (one.policy for one in policies() if one.name == "overrides")

    requests = [parse(case.body) for case in priced()]
    asked = [Asked(one.namespace, one.operation, one.username, one.groups, {"team": "nlp"}) for one in requests]
    matching = {len(overridden.matching(one)) for one in asked}

    assert (len(overridden.parts.overrides), matching) == (20, {10})


def test_ten_rules_in_cel_are_in_force() -> None:
    (ruled,) = (one.policy for one in policies() if one.name == "cel")

    assert [rule for rule in ruled.rule_ids if rule.startswith("house-rule-")] == [
        f"house-rule-{number}" for number in range(1, 11)
    ]


@pytest.mark.e2e
def test_each_policy_is_served(measured: tuple[Priced, ...], generator: Generator, tmp_path: Path) -> None:
    (case,) = (case for case in priced() if case.state == "compliant")
    with cost.running_servers(tmp_path, measured, Cores.of_this_process()) as servers:
        serving = Serving(servers, generator, rounds=1, seconds=0.05)
        rows = list(cost.rows(case, measured, repetitions=1, serving=serving))

    assert [name for name, *_ in rows] == [f"{case.name}, {one.name}" for one in measured]
    assert all(int(rate) > 0 and float(ratio) > 0 for *_, rate, ratio in rows)


def test_a_name_that_no_case_has_is_refused() -> None:
    ran = CliRunner().invoke(main, ["--only", "patch"])

    assert ran.exit_code == 2
    assert "--only: must be part of one of validate-4k-valid-16, " in ran.stderr


def test_without_go_the_build_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(BuildFailedError, match=r"^the Go webhook needs Go 1.26 or newer on the PATH$"):
        build({"HOME": str(tmp_path), "PATH": str(tmp_path)}, print)


@pytest.fixture(scope="module")
def programs() -> Path:
    if shutil.which("go") is None and os.environ.get("RAYJOB_WEBHOOK_E2E") != "required":
        pytest.skip("there is no Go to build the other webhook with")
    return build(os.environ, print)


@pytest.fixture(scope="module")
def servers(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    with running_servers(tmp_path_factory.mktemp("servers"), programs, Cores.of_this_process()) as running:
        yield running


@pytest.fixture
def generator(programs: Path, tmp_path: Path) -> Generator:
    return Generator(programs / "load", tmp_path, Cores.of_this_process().load)


@pytest.mark.e2e
@pytest.mark.parametrize("case", cases(), ids=NAMES)
def test_both_servers_answer_every_case_as_expected(
    servers: tuple[Server, Server], generator: Generator, case: Case
) -> None:
    load = Load(connections=1, seconds=10, requests=1)

    assert [generator.measure(server, case, load).requests for server in servers] == [1, 1]


@pytest.mark.e2e
def test_an_answer_that_is_not_the_expected_one_ends_the_measurement(
    servers: tuple[Server, Server], generator: Generator
) -> None:
    case = cases()[0]
    surprised = Case(case.endpoint, case.size, case.state, case.body, allowed=False)

    with pytest.raises(WrongAnswerError, match=r"^ours, validate-4k-valid: must be of 6f0c9a3e.*allowed false"):
        generator.measure(servers[0], surprised, Load(connections=2, seconds=10, requests=2))
