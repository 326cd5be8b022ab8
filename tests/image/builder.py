"""What an engine makes of the Dockerfile's builder, made in a folder that stands for the container's root.

The interpreter is this machine's and the paths have the folder before them; the instructions are the Dockerfile's own.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.image.dockerfile import Stage, parse

REPOSITORY = Path(__file__).parents[2]

_BASE_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What PATH is in the base image."""

_STEP_SECONDS = 600


class BuildError(Exception):
    """A step failed; the message holds what it printed."""


@dataclass(frozen=True, slots=True)
class Image:
    """The folder in which the builder has done its work, and what the last stage says of running the result."""

    root: Path
    stage: Stage

    @property
    def tree(self) -> Path:
        """What the last stage copies from the builder."""
        return self.root / "opt/rayjob-webhook"

    @property
    def wheel(self) -> Path:
        """The wheel of our own code."""
        (wheel,) = self.root.glob("src/dist/*")
        return wheel

    @property
    def environ(self) -> dict[str, str]:
        """The whole environment that the image gives to its programs."""
        values = {name: _placed(value, self.root) for name, value in self.stage.pairs("ENV").items()}
        return {name: value.replace("$PATH", _BASE_PATH) for name, value in values.items()}

    def program(self, name: str) -> Path:
        """Find what the image's PATH finds first under this name.

        Raises:
            FileNotFoundError: nothing.
        """
        for folder in self.environ["PATH"].split(":"):
            if (Path(folder) / name).exists():
                return Path(folder) / name
        raise FileNotFoundError(name)


def build(root: Path) -> Image:
    """Carry out the builder of our Dockerfile in an empty folder.

    Raises:
        BuildError: a step failed.
    """
    builder, result = parse((REPOSITORY / "Dockerfile").read_text()).stages
    folder, arguments = root, builder.pairs("ARG")
    for one in builder.instructions:
        if one.keyword == "WORKDIR":
            folder = Path(_placed(one.text, root))
            folder.mkdir(parents=True)
        elif one.keyword == "COPY":
            *sources, target = one.text.split()
            for source in sources:
                _copy(source, folder / target)
        elif one.keyword == "RUN":
            _run(_placed(one.text, root), folder, arguments)
        elif one.keyword != "ARG":
            raise BuildError(f"{one.keyword} {one.text}: nobody taught this builder to do that")
    return Image(root, result)


def tracked(*paths: str) -> list[str]:
    """Name the repository's files that are or lie below these, without what is only in the work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *paths], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60
    )
    return listed.stdout.split("\0")[:-1]


def _copy(source: str, target: Path) -> None:
    """Copy a file into a folder, or a folder's content."""
    above = REPOSITORY / source
    for name in tracked(source):
        file = REPOSITORY / name
        copy = target / (file.relative_to(above) if above.is_dir() else file.name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)


def _run(script: str, folder: Path, arguments: dict[str, str]) -> None:
    here = Path(sys.executable).parent
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=folder,
        env={**environ, **arguments, "PATH": f"{here}:{environ['PATH']}"},
        umask=0o022,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_STEP_SECONDS,
    )
    if done.returncode:
        raise BuildError(f"exit code {done.returncode}: {script}\n{done.stdout}")


def _placed(text: str, root: Path) -> str:
    """Put the root before every path of the container's own."""
    return re.sub(r"(?<![\w./-])/(?=(?:opt|src)\b)", f"{root}/", text)
