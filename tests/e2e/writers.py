"""Writers of RayJobs, which the API server stores: had our webhooks their say in each, and in what is stored?

Each writer stores a good job, stores it again as its author has it (so that the defaults have to come anew), and sends
a bad one, by turns: every third call must be denied. Then it reads back what is stored, and deletes it. As the mutating
webhook fails open, a call that it missed shows by what the job lacks.
"""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import yaml

from tests.e2e.load import Outcomes, repeating
from tests.e2e.registration import PROBE

CREATED = "a good job is completed and stored"
UPDATED = "a good job is completed and stored again"
DENIED = "a bad job is denied"
HANDLED = {CREATED, UPDATED, DENIED}
"""All outcomes there are where no admission fails; the others say what went wrong, in the API server's words."""

_GOOD: dict[str, Any] = yaml.safe_load(PROBE)
_BAD = {**_GOOD, "spec": {**_GOOD["spec"], "entrypoint": " "}}


@contextmanager
def writing(client: httpx.Client, namespace: str, count: int) -> Iterator[Outcomes]:
    """Have so many writers at work while the block lasts, in a namespace of their own.

    Raises:
        httpx.HTTPStatusError: at the end of the block, if what was stored could not be read or deleted.
    """
    client.delete(_path(namespace)).raise_for_status()  # what earlier writers were about to delete
    turns = [_turns(client, namespace, f"writer-{number}") for number in range(count)]
    with repeating([turn.__next__ for turn in turns]) as outcomes:
        yield outcomes


def tell(what: str, outcomes: Outcomes) -> None:
    """Print how often each outcome was."""
    print("", what, *(f"  {times:6} times {outcome}" for outcome, times in outcomes.counts.items()), sep="\n")  # noqa: T201 (the figures are what these tests are for)


def _turns(client: httpx.Client, namespace: str, writer: str) -> Iterator[str]:
    """Have a job admitted or denied for each outcome."""
    path = _path(namespace)
    for number in itertools.count():
        name = f"{writer}-{number}"
        answer = _send(client, "POST", path, {**_GOOD, "metadata": {"name": name}})
        yield _admitted(answer, CREATED)
        if not answer.is_success:
            continue
        # An update says which version it is of: the one that the answer has.
        metadata = answer.json()["metadata"]
        answer = _send(client, "PUT", f"{path}/{name}", {**_GOOD, "metadata": metadata})
        yield _admitted(answer, UPDATED)
        if number % 2 and answer.is_success:
            metadata = answer.json()["metadata"]
            answer = _send(client, "PUT", f"{path}/{name}", {**_BAD, "metadata": metadata})
        else:
            answer = _send(client, "POST", path, {**_BAD, "metadata": {"name": f"{name}-bad"}})
        yield _denied(answer, client.get(f"{path}/{name}").raise_for_status())
        client.delete(f"{path}/{name}").raise_for_status()


def _path(namespace: str) -> str:
    return f"/apis/ray.io/v1/namespaces/{namespace}/rayjobs"


def _send(client: httpx.Client, method: str, path: str, job: dict[str, Any]) -> httpx.Response:
    return client.request(method, path, content=json.dumps(job), headers={"Content-Type": "application/json"})


def _admitted(answer: httpx.Response, outcome: str) -> str:
    if not answer.is_success:
        return f"a good job is refused: {_message(answer)}"
    return outcome if _is_whole(answer) else f"{outcome}, but not completed"


def _denied(answer: httpx.Response, stored: httpx.Response) -> str:
    if answer.is_success:
        return "a bad job is stored"
    if answer.status_code != httpx.codes.UNPROCESSABLE_ENTITY or "[missing-entrypoint]" not in answer.text:
        return f"a bad job is not denied: {_message(answer)}"
    return DENIED if _is_whole(stored) else f"{DENIED}, but the good one is stored without its defaults"


def _is_whole(answer: httpx.Response) -> bool:
    spec = answer.json()["spec"]
    start = spec["rayClusterSpec"]["headGroupSpec"].get("rayStartParams", {})
    return spec["entrypoint"] == _GOOD["spec"]["entrypoint"] and "dashboard-host" in start


def _message(answer: httpx.Response) -> str:
    return f"{answer.status_code}: {answer.json()['message']}"
