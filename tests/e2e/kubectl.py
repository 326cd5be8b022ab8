"""A cluster as its user sees it: a kubeconfig, and the kubectl that reads it."""

import json
import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HANG_SECONDS = 90
"""Above the 60 s that the API server gives a request itself, so that its own words come first."""


class KubectlFailedError(Exception):
    """A kubectl that had to succeed did not; the message holds the command and what it printed."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one kubectl said: its exit code and its two streams, to the letter."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """A control plane that runs, and its administrator."""

    program: Path
    """The kubectl of the control plane's own release."""

    kubeconfig: Path
    home: Path
    """kubectl's HOME, so that no cache and no preference of the real user has a say."""

    def kubectl(
        self, *arguments: str | Path, stdin: str | None = None, check: bool = False, editor: str = "false"
    ) -> Result:
        """Run kubectl to its end.

        Args:
            arguments: as typed after `kubectl`.
            stdin: what `-f -` reads.
            check: raise if the exit code is not 0.
            editor: the shell command in which `kubectl edit` opens its file.

        Raises:
            KubectlFailedError: `check`, and it failed.
        """
        finished = subprocess.run(
            [self.program, *arguments],
            input=stdin or "",
            capture_output=True,
            text=True,
            check=False,
            timeout=_HANG_SECONDS,
            env={
                "HOME": str(self.home),
                "KUBECONFIG": str(self.kubeconfig),
                "KUBE_EDITOR": editor,
                "TMPDIR": str(self.home),
                "PATH": os.environ["PATH"],
            },
        )
        if check and finished.returncode:
            command = shlex.join(["kubectl", *map(str, arguments)])
            raise KubectlFailedError(f"{command}\n{finished.stdout}{finished.stderr}(exit code {finished.returncode})")
        return Result(finished.returncode, finished.stdout, finished.stderr)

    def apply_yaml(self, text: str) -> None:
        """Apply one or more documents, which must succeed.

        Raises:
            KubectlFailedError: it was refused.
        """
        self.kubectl("apply", "--filename", "-", stdin=text, check=True)

    def get(self, *arguments: str) -> dict[str, Any]:
        """Return the object (or the List) that `kubectl get` names, parsed.

        Raises:
            KubectlFailedError: there is none.
        """
        raw: dict[str, Any] = json.loads(self.kubectl("get", *arguments, "--output", "json", check=True).stdout)
        return raw
