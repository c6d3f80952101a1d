"""Reads `deploy/Dockerfile`, in the subset of the language that it keeps to.

What it does not know it refuses: a step must not be left out in silence.
"""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Instruction:
    """One of them, with its flags apart."""

    word: str
    text: str
    flags: dict[str, str]
    line: int

    @property
    def is_exec(self) -> bool:
        return self.text.startswith("[")

    @property
    def arguments(self) -> list[str]:
        """Return the words of a JSON array, or of plain text."""
        if self.is_exec:
            return [str(each) for each in json.loads(self.text)]
        return shlex.split(self.text)

    @property
    def pairs(self) -> dict[str, str]:
        """Return ``KEY=value`` as ENV, ARG and LABEL have them."""
        split = (each.partition("=") for each in self.arguments)
        return {key: value for key, _, value in split}


@dataclass
class Stage:
    """What is built on one base."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[Instruction]:
        return [each for each in self.instructions if each.word == word]

    def last(self, word: str) -> Instruction:
        return self.all(word)[-1]


def parse(text: str) -> list[Stage]:
    """Return the stages, in order."""
    stages: list[Stage] = []
    for instruction in _instructions(text):
        if instruction.word == "FROM":
            base, as_, name = instruction.arguments
            assert as_ == "AS"
            stages.append(Stage(base, name))
        else:
            stages[-1].instructions.append(instruction)
    return stages


def _instructions(text: str) -> list[Instruction]:
    found: list[Instruction] = []
    held: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        held.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            found.append(_instruction(" ".join(held), number))
            held.clear()
    assert not held, "the last line goes on"
    return found


def _instruction(line: str, number: int) -> Instruction:
    word, _, rest = line.partition(" ")
    flags: dict[str, str] = {}
    while match := re.match(r"--([a-z-]+)=(\S+)\s+", rest):
        flags[match[1]] = match[2]
        rest = rest[match.end() :]
    return Instruction(word, rest.strip(), flags, number)


def expand(text: str, variables: dict[str, str]) -> str:
    """Put values in the places of ``${NAME}``; an unknown name is an error."""
    return _VARIABLE.sub(lambda match: variables[match[1]], text)
