"""The policy of files, followed through their changes."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

from certs.reload import State
from tests.e2e.polling import until
from tests.e2e.server import running_server
from tests.policy.written import HEADER
from tests.serving.test_endpoints import JSON, review
from webhook.policy.node import BadPolicy
from webhook.policy.policy import shipped
from webhook.policy.target import BadTarget, Said
from webhook.rayjob.kuberay import Release
from webhook.rules.example import merged
from webhook.serving.enforced import Enforced, follow

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
WARNS = HEADER + "rules: {negative-ttl: warn}\n"
DENIES = HEADER + "rules: {negative-ttl: deny}\nprofiles: {strict: {}}\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(WARNS)
    return path


def refresh(enforced: Enforced) -> State:
    change = enforced.look()
    return State.UNCHANGED if change is None else enforced.take(change, LATER)


def test_without_files_the_shipped_policy_is_in_force_for_good():
    enforced = Enforced((), Said("1.5"), NOW)

    assert refresh(enforced) is State.UNCHANGED
    assert enforced.policy.parts.target.release is Release.V1_5
    assert enforced.policy.base.actions == shipped(Said("1.5").target()).base.actions
    assert enforced.told(LATER) == {
        "digest": "",
        "loaded": "2026-11-24T10:00:00+00:00",
        "ageSeconds": 60,
        "source": (),
        "profiles": [],
        "lastError": None,
    }


class SaidOnce(Said):
    """What is said of the target, which fails whoever asks for it a second time."""

    asked = 0

    def over(self, below: Said) -> Said:
        """This, the first time."""
        type(self).asked += 1
        if self.asked > 1:
            raise RecursionError
        return super().over(below)


def test_a_fault_of_ours_leaves_the_last_good_policy_in_force(file, caplog):
    enforced = Enforced([str(file)], SaidOnce(), NOW)
    old = enforced.policy
    file.write_text(DENIES)

    assert (refresh(enforced), refresh(enforced)) == (State.REFUSED, State.UNCHANGED)
    assert enforced.policy is old
    assert enforced.told(LATER)["lastError"] == {
        "since": "2026-11-24T10:01:00+00:00",
        "faults": ("the webhook failed to read it; its log says why",),
    }
    assert [(record.message, record.exc_info is not None) for record in caplog.records] == [
        ("a policy could not be read", True)
    ]


def test_a_changed_policy_is_taken_up_whole(file):
    enforced = Enforced([str(file)], Said(), NOW)
    old = enforced.policy
    unchanged = refresh(enforced)
    file.write_text(DENIES)

    assert (unchanged, refresh(enforced), refresh(enforced)) == (
        State.UNCHANGED,
        State.SWAPPED,
        State.UNCHANGED,
    )
    assert (old.base.actions["negative-ttl"], enforced.policy.base.actions["negative-ttl"]) == ("warn", "deny")
    assert enforced.told(LATER)["loaded"] == "2026-11-24T10:01:00+00:00"
    assert enforced.told(LATER)["profiles"] == ["strict"]
    assert enforced.told(LATER)["digest"] == enforced.policy.digest != old.digest


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rules: {nope: deny}", "{file}:1:1: apiVersion: Required value: must be rayjob-webhook/v1"),
        (HEADER + "rules: [", "{file}:4:1: must be YAML: did not find expected node content"),
        (None, "{file}:1:1: cannot be read: No such file or directory"),
    ],
)
def test_a_broken_policy_leaves_the_last_good_one_in_force(file, text, fault):
    enforced = Enforced([str(file)], Said(), NOW)
    good = enforced.policy
    file.unlink()
    if text is not None:
        file.write_text(text)

    states = refresh(enforced), refresh(enforced)

    assert states == (State.REFUSED, State.UNCHANGED)
    assert enforced.policy is good
    assert enforced.broken is not None
    assert enforced.broken.since == LATER
    assert enforced.broken.faults[0] == fault.format(file=file)
    assert enforced.told(LATER)["lastError"]["faults"][0] == fault.format(file=file)
    file.write_text(WARNS)
    assert refresh(enforced) is State.SWAPPED
    assert enforced.told(LATER)["lastError"] is None
    assert enforced.policy.digest == good.digest


def test_a_start_with_a_broken_policy_fails(file):
    file.write_text("rules: [")

    with pytest.raises(BadPolicy, match="must be YAML"):
        Enforced([str(file)], Said(), NOW)
    with pytest.raises(BadPolicy, match="cannot be read"):
        Enforced([str(file) + ".not"], Said(), NOW)
    with pytest.raises(BadTarget):
        Enforced((), Said("0.1"), NOW)


def test_who_follows_a_policy_is_told_of_what_was_swapped_or_refused(file, caplog):
    enforced = Enforced([str(file)], Said(), NOW)

    async def following() -> list[State]:
        told: asyncio.Queue[State] = asyncio.Queue()
        task = asyncio.create_task(follow(enforced, 0.001, told.put_nowait))
        file.write_text(DENIES)
        first = await told.get()
        file.write_text("rules: [")
        second = await told.get()
        task.cancel()
        return [first, second]

    with caplog.at_level("INFO", "webhook.serving.enforced"):
        told = asyncio.run(asyncio.wait_for(following(), 30))

    assert told == [State.SWAPPED, State.REFUSED]
    assert [record.levelname for record in caplog.records] == ["INFO", "ERROR"]
    assert caplog.messages[-1].startswith(f"still enforcing policy {enforced.policy.digest}: {file}:2:1: must be YAML")


def test_a_policy_that_was_read_is_told_of_when_it_is_taken_up_and_no_sooner(file):
    enforced = Enforced([str(file)], Said(), NOW)
    old, before = enforced.policy, enforced.told
    file.write_text(DENIES)

    change = enforced.look()

    assert change is not None
    assert change.policy is not None
    assert (enforced.policy, enforced.told) == (old, before)
    assert enforced.take(change, LATER) is State.SWAPPED
    assert (enforced.policy, enforced.told(LATER)["digest"]) == (change.policy, change.policy.digest)


def test_nobody_hears_of_a_policy_that_does_not_decide_yet(file):
    enforced = Enforced([str(file)], Said(), NOW)
    old = enforced.policy.digest
    told: list[State] = []
    seen = set()

    async def watching() -> None:
        task = asyncio.create_task(follow(enforced, 0.001, told.append))
        file.write_text(DENIES)
        while not told:
            seen.add((enforced.policy.digest, *told))
            await asyncio.sleep(0)
        seen.add((enforced.policy.digest, *told))
        task.cancel()

    asyncio.run(asyncio.wait_for(watching(), 30))

    assert seen == {(old,), (enforced.policy.digest, State.SWAPPED)}


def test_a_server_follows_its_policy_and_serves_its_profiles(file, tmp_path):
    spec = {"shutdownAfterJobFinishes": True, "ttlSecondsAfterFinished": -1}
    broken = orjson.dumps(review(merged({"metadata": {"namespace": "n"}, "spec": spec})))
    folder = tmp_path / "server"
    folder.mkdir()
    with (
        running_server(folder, "--policy", file) as server,
        httpx.Client(base_url=server.url, verify=False, trust_env=False) as client,  # noqa: S501 (not the subject)
        httpx.Client(base_url=server.operations_url, trust_env=False) as operations,
    ):

        def answered(path: str):
            answer = client.post(path, content=broken, headers=JSON)
            return orjson.loads(answer.content)["response"] if answer.status_code == 200 else answer.status_code

        def policy():
            return operations.get("/policy").json()

        before, unknown, first = answered("/validate"), answered("/validate/strict"), policy()
        file.write_text(DENIES)
        until(
            lambda: policy()["digest"] != first["digest"], what="the new policy", seconds=60, seen=lambda: str(policy())
        )
        after, strict, bare = answered("/validate"), answered("/validate/strict"), answered("/mutate/nope")
        file.write_text("rules: [")
        until(lambda: bool(policy()["lastError"]), what="the broken policy", seconds=60, seen=lambda: str(policy()))
        kept, ready = answered("/validate"), operations.get("/readyz").text
        metrics = operations.get("/metrics").text
        lines = [orjson.loads(line) for line in server.process.log.read_bytes().splitlines() if line.startswith(b"{")]

    assert (before["allowed"], before["auditAnnotations"]["policy"], unknown) == (True, first["digest"], 404)
    assert (after["allowed"], strict["allowed"], bare, kept["allowed"], ready) == (False, False, 404, False, "ok")
    assert 'rayjob_webhook_policy_reloads_total{outcome="swapped"} 1.0' in metrics
    assert 'rayjob_webhook_policy_reloads_total{outcome="refused"} 1.0' in metrics
    assert "rayjob_webhook_policy_broken 1.0" in metrics
    assert [line.get("profile") for line in lines][:3] == [None, None, "strict"]
    assert lines[0]["policy"] == first["digest"]
