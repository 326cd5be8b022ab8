"""Where no webhook has its say, the writers notice."""

import pytest

from tests.e2e.client import connect
from tests.e2e.kubectl import Cluster
from tests.e2e.writers import CREATED, UPDATED, writing

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("rayjob_crd")]

MISSED = {f"{CREATED}, but not completed", f"{UPDATED}, but not completed", "a bad job is stored"}


def test_without_a_webhook_nothing_is_completed_and_what_is_bad_is_stored(cluster: Cluster, namespace: str) -> None:
    with connect(cluster) as client, writing(client, namespace, 2) as outcomes:
        outcomes.wait_for_each(6)

    assert outcomes.counts.keys() == MISSED
