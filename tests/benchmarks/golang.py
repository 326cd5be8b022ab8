"""Builds the Go webhook and the load generator, from the module beside us, into a cache outside the tree."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.e2e.build import BuildFailedError

MODULE = Path(__file__).with_name("goserver")
"""The folder of our Go module."""

_ERROR_LINES = 3


def build(environ: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """Build what is not up to date, which Go itself knows, and return the folder of `server` and `load`.

    Args:
        environ: of it, HOME, PATH, XDG_CACHE_HOME and what Go reads.
        say: takes the one line that is said where a build will take its time.

    Raises:
        BuildFailedError: Go said no, or is not there.
    """
    cache = environ.get("XDG_CACHE_HOME") or Path(environ["HOME"], ".cache")
    folder = Path(cache, "rayjob-webhook", "benchmarks")
    if not folder.is_dir():
        say(f"Building the Go webhook into {folder}, once; about 2 minutes on two cores")
        folder.mkdir(parents=True)
    try:
        finished = subprocess.run(
            ["go", "build", "-trimpath", "-ldflags=-s -w", "-o", f"{folder}/", "./cmd/..."],
            cwd=MODULE,
            env={**environ, "CGO_ENABLED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise BuildFailedError("the Go webhook needs Go 1.26 or newer on the PATH") from None
    if finished.returncode:
        raise BuildFailedError(f"go build failed: {' / '.join(finished.stderr.splitlines()[-_ERROR_LINES:])}")
    return folder
