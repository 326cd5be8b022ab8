"""RayJobs sent to the API server, good and bad, dry so that none is stored: had our webhooks their say in each?"""

import itertools
import json
from collections.abc import Callable

import httpx
import yaml

from tests.e2e.registration import PROBE

ADMITTED = "a good job is completed and admitted"
DENIED = "a bad job is denied"
UNCOMPLETED = "a good job is not completed"
UNDENIED = "a bad job is admitted"


def sending(client: httpx.Client, namespace: str) -> Callable[[], str]:
    """Return what sends a good job and a bad one by turns.

    Each time it returns `ADMITTED` or `DENIED`, or else what went wrong: `UNCOMPLETED` (as the mutating webhook fails
    open, it shows by what the job lacks), `UNDENIED`, or the API server's words.
    """
    good = yaml.safe_load(PROBE)
    bad = {**good, "spec": {**good["spec"], "entrypoint": " "}}
    turns = itertools.cycle([(good, _completed), (bad, _denied)])
    path = f"/apis/ray.io/v1/namespaces/{namespace}/rayjobs"

    def send() -> str:
        job, judge = next(turns)
        content, headers = json.dumps(job), {"Content-Type": "application/json"}
        return judge(client.post(path, params={"dryRun": "All"}, content=content, headers=headers))

    return send


def _completed(answer: httpx.Response) -> str:
    if answer.status_code != httpx.codes.CREATED:
        return f"a good job is refused: {_message(answer)}"
    if answer.json()["spec"].get("shutdownAfterJobFinishes") is not True:
        return UNCOMPLETED
    return ADMITTED


def _denied(answer: httpx.Response) -> str:
    if answer.status_code == httpx.codes.CREATED:
        return UNDENIED
    if answer.status_code != httpx.codes.UNPROCESSABLE_ENTITY or "[missing-entrypoint]" not in answer.text:
        return f"a bad job is not denied: {_message(answer)}"
    return DENIED


def _message(answer: httpx.Response) -> str:
    return str(answer.json().get("message", answer.status_code))
