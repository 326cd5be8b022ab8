"""A Dockerfile as its stages of instructions: as much of the grammar as ours uses."""

import json
import re
import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its continued lines joined as an engine joins them."""

    keyword: str
    """In capitals."""

    text: str
    """What follows the keyword."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a FROM begins; the last stage of a file is the image."""

    image: str
    """As the FROM names it, without the stage's own name."""

    instructions: tuple[Instruction, ...]

    def texts(self, keyword: str) -> list[str]:
        """Give what follows each such keyword, in order."""
        return [one.text for one in self.instructions if one.keyword == keyword]

    def pairs(self, keyword: str) -> dict[str, str]:
        """Give the names and values of every ENV, LABEL or ARG; an ARG without a value has the value ``""``."""
        words = [word for text in self.texts(keyword) for word in shlex.split(text)]
        return {name: value for name, _, value in (word.partition("=") for word in words)}

    def command(self, keyword: str) -> list[str]:
        """Give the program and arguments of the only ENTRYPOINT, CMD or HEALTHCHECK.

        Raises:
            ValueError: it is not one, or not in the form that needs no shell.
        """
        (text,) = self.texts(keyword)
        words: list[str] = json.loads(text[text.index("[") :])
        return words


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A whole file."""

    arguments: dict[str, str]
    """Name and default of every ARG before the first FROM."""

    stages: tuple[Stage, ...]


def parse(content: str) -> Dockerfile:
    """Read a Dockerfile; a comment may stand among continued lines."""
    lines = [line for line in content.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\[ \t]*\n", "", "\n".join(lines))
    instructions: list[Instruction] = []
    for line in filter(str.strip, joined.splitlines()):
        keyword, _, text = line.strip().partition(" ")
        instructions.append(Instruction(keyword.upper(), text.strip()))
    begins = [index for index, one in enumerate(instructions) if one.keyword == "FROM"]
    ends = [*begins[1:], len(instructions)]
    return Dockerfile(
        Stage("", tuple(instructions[: begins[0]])).pairs("ARG"),
        tuple(
            Stage(instructions[begin].text.split(" ")[0], tuple(instructions[begin + 1 : end]))
            for begin, end in zip(begins, ends, strict=True)
        ),
    )
