"""Rules of one's own against the API server's: the same expressions, and of the same objects the same verdict."""

import itertools
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import httpx
import pytest
import yaml

from tests.e2e import custom_expressions as expressions
from tests.e2e.admission_policy import FAILS, PROBE, binding, params, policy, said, written
from tests.e2e.asker import let_everyone_write
from tests.e2e.client import connect
from tests.e2e.custom_objects import Raw, jobs, probe
from tests.e2e.kubectl import Cluster
from tests.e2e.polling import until
from tests.e2e.recorder import Recorder, recording
from tests.policy.written import HEADER
from webhook.admission.decide import validate
from webhook.admission.review import parse
from webhook.policy.cel.compiling import compiled
from webhook.policy.custom import BadExpression, CustomRule
from webhook.policy.loading import load
from webhook.policy.policy import Policy

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("rayjob_crd")]

OBJECTS = 120
ENOUGH = 30  # rules that are false of some object, and as many that have no value for some
AT_ONCE = 8  # rules in a namespace: what they say of one object fits into the 4096 characters that an answer holds
TODAY = date(2026, 1, 31)
PASSES = "passes"
JANE = {"Impersonate-User": "jane", "Impersonate-Group": "team-a"}
_IN_FORCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Realm:
    """A namespace with some rules, in force on both sides."""

    namespace: str
    rules: Sequence[CustomRule]
    policy: Policy

    @property
    def path(self) -> str:
        return f"/apis/ray.io/v1/namespaces/{self.namespace}/rayjobs"


@pytest.fixture(scope="module")
def client(cluster: Cluster) -> Iterator[httpx.Client]:
    with connect(cluster) as connected:
        yield connected


@pytest.fixture(scope="module")
def recorder(cluster: Cluster, rayjob_crd: str) -> Iterator[Recorder]:  # noqa: ARG001 (its reviews are of RayJobs)
    with recording(cluster) as running:
        yield running


def realms(cluster: Cluster, client: httpx.Client, recorder: Recorder, rules: Sequence[CustomRule]) -> list[Realm]:
    """Put the rules in force, some in each of several namespaces, and return when they are."""
    made = []
    for start in range(0, len(rules), AT_ONCE):
        some = rules[start : start + AT_ONCE]
        namespace = f"custom-rules-{secrets.token_hex(3)}"
        cluster.kubectl("create", "namespace", namespace, check=True)
        let_everyone_write(cluster, namespace)
        documents = [params(rule, namespace) for rule in some if rule.params is not None]
        documents += itertools.chain.from_iterable((policy(rule), binding(rule, namespace)) for rule in some)
        cluster.apply_yaml(written(documents))
        made.append(Realm(namespace, some, _ours(some)))
    for realm in made:
        _wait(client, recorder, realm)
    return made


def _ours(rules: Sequence[CustomRule]) -> Policy:
    entries = [rule.model_dump(mode="json", by_alias=True, exclude_none=True) for rule in rules]
    return load([("policy.yaml", HEADER + yaml.safe_dump({"custom": entries}))])


def _wait(client: httpx.Client, recorder: Recorder, realm: Realm) -> None:
    seen: dict[str, str] = {}

    def is_in_force() -> bool:
        seen.clear()
        seen.update(said(client.post(realm.path, params={"dryRun": "All"}, json=probe(PROBE))))
        return set(seen) == {rule.id for rule in realm.rules} and (realm.namespace, PROBE) in recorder.reviews

    what = f"the policies of {realm.namespace}"
    until(is_in_force, what=what, seconds=_IN_FORCE_SECONDS, seen=lambda: f"{sorted(seen)}")


def theirs(realm: Realm, answer: httpx.Response) -> dict[str, str]:
    """What the API server's own policies say of an object, by rule."""
    assert answer.is_success, answer.text
    found = said(answer)
    return {rule.id: found.get(rule.id, PASSES) for rule in realm.rules}


def ours(realm: Realm, review: bytes) -> dict[str, str]:
    """What our rules say of the review that the API server asked for the same object, by rule."""
    verdict = validate(parse(review), realm.policy, TODAY)
    found = {
        finding.rule: finding.text.removeprefix("Forbidden: ") for finding in (*verdict.denials, *verdict.standing)
    }
    return {
        rule.id: FAILS if "could not be evaluated" in (text := found.get(rule.id, PASSES)) else text
        for rule in realm.rules
    }


def test_a_rule_in_cel_gets_the_verdict_and_message_of_a_validating_admission_policy(
    cluster: Cluster, client: httpx.Client, recorder: Recorder
) -> None:
    rules = list(expressions.rules())
    made = realms(cluster, client, recorder, rules)

    def compared(case: tuple[Realm, int, Raw]) -> tuple[dict[str, str], dict[str, str]]:
        realm, number, raw = case
        headers = JANE if number % 5 == 0 else {}
        answer = client.post(realm.path, params={"dryRun": "All"}, json=raw, headers=headers)
        return theirs(realm, answer), ours(realm, recorder.reviews[realm.namespace, raw["metadata"]["name"]])

    cases = [(realm, number, raw) for realm in made for number, raw in enumerate(jobs(OBJECTS))]
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(compared, cases))

    differing = Counter(
        (rule.expression, their[rule.id], our[rule.id])
        for (realm, _, _), (their, our) in zip(cases, verdicts, strict=True)
        for rule in realm.rules
        if their[rule.id] != our[rule.id]
    )
    assert differing == {}
    told = Counter((name, _kind(text)) for their, _ in verdicts for name, text in their.items())
    assert len(rules) >= ENOUGH + sum(told[rule.id, PASSES] == OBJECTS for rule in rules)
    assert sum(told[rule.id, FAILS] > 0 for rule in rules) >= ENOUGH
    assert sum(told[rule.id, "no"] > 0 for rule in rules) >= ENOUGH


def _kind(text: str) -> str:
    return text if text in (PASSES, FAILS) else "no"


def test_a_rule_about_an_update_gets_the_verdict_of_a_validating_admission_policy(
    cluster: Cluster, client: httpx.Client, recorder: Recorder
) -> None:
    entries = ({"expression": one, "message": "no"} for one in expressions.OF_UPDATES)
    (realm,) = realms(
        cluster, client, recorder, [expressions.rule(f"u{at}", entry) for at, entry in enumerate(entries)]
    )
    compared = []
    for before, after in itertools.pairwise(jobs(25)):
        stored = client.post(realm.path, json=before).raise_for_status().json()
        for change in (before["spec"], after["spec"]):
            raw = {
                **stored,
                "spec": change,
                "metadata": {**stored["metadata"], "labels": after["metadata"].get("labels")},
            }
            path = f"{realm.path}/{before['metadata']['name']}"
            answer = client.put(path, params={"dryRun": "All"}, json=raw)
            compared.append(
                (theirs(realm, answer), ours(realm, recorder.reviews[realm.namespace, raw["metadata"]["name"]]))
            )

    assert [pair for pair in compared if pair[0] != pair[1]] == []
    assert {_kind(text) for their, _ in compared for text in their.values()} == {PASSES, FAILS, "no"}


def _refusals(cluster: Cluster, texts: Sequence[str]) -> Mapping[str, str]:
    """What the API server says of each expression that it does not take as a policy."""
    refused = {}
    for at, text in enumerate(texts):
        document = policy(expressions.rule(f"x{at}", {"expression": text}))
        done = cluster.kubectl("create", "--dry-run=server", "--filename=-", stdin=yaml.safe_dump(document))
        if done.code:
            refused[text] = done.stderr
    return refused


def _refuse(text: str) -> str | None:
    """What we say of an expression that we do not take."""
    try:
        compiled(expressions.rule("x", {"expression": text}))
    except BadExpression as bad:
        return str(bad)
    return None


def test_what_the_api_server_takes_for_no_expression_we_take_for_none(cluster: Cluster) -> None:
    refused = _refusals(cluster, expressions.REFUSED_BY_BOTH)

    assert [text for text in expressions.REFUSED_BY_BOTH if text not in refused] == []
    assert [text for text in expressions.REFUSED_BY_BOTH if _refuse(text) is None] == []


def test_what_we_do_not_have_or_would_decide_otherwise_is_refused_though_the_api_server_takes_it(
    cluster: Cluster,
) -> None:
    assert _refusals(cluster, expressions.REFUSED_BY_US) == {}
    assert [text for text in expressions.REFUSED_BY_US if _refuse(text) is None] == []
