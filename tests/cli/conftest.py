from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webhook.cli import main


@pytest.fixture
def run() -> Callable[..., Result]:
    """Runs the command line in this process: `run("check", "-", stdin=...)`."""

    def call(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, [*map(str, arguments)], input=stdin, catch_exceptions=False)

    return call


GOOD = """\
apiVersion: ray.io/v1
kind: RayJob
metadata:
  name: good
spec:
  entrypoint: python good.py
  rayClusterSpec:
    headGroupSpec:
      template:
        spec:
          containers:
            - name: ray-head
              image: rayproject/ray:2.52.0
"""

BAD = GOOD.replace("name: good", "name: Bad").replace("  entrypoint: python good.py\n", "")

OTHER = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: other
data:
  switch: "on"
"""
