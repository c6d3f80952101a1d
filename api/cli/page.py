"""Writes what docs/reference/cli.md tells of every command: `python -m api.cli.page`.

With ``--check`` it writes nothing and ends with 1 where the page is out of date.
"""

import inspect
import sys
from collections.abc import Iterator, Sequence
from enum import EnumType
from pathlib import Path
from typing import Any

import typer

from api.cli.app import app

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
BEGIN = "<!-- From here to the end `python -m api.cli.page` writes. -->"
OF_EVERY_COMMAND = {"--json", "--url", "--api-key", "--help"}


def commands(group: Any = None, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every command by the words that call it, in the order of the help."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        words = f"{path} {name}".strip()
        if hasattr(command, "commands"):
            yield from commands(command, words)
        else:
            yield words, command


def text() -> str:
    """Return the written part of the page."""
    return "\n".join([BEGIN, "", "## Every command", "", *_entries()])


def _entries() -> Iterator[str]:
    for words, command in commands():
        arguments = [_argument(each) for each in command.params if _is_argument(each)]
        yield f"### `{' '.join(['solvequeue', words, *arguments])}`"
        yield ""
        yield _paragraphs(command.help)
        yield ""
        rows = [_row(each) for each in command.params if _is_told(each)]
        if rows:
            yield from ("| | |", "|---|---|", *rows, "")


def _paragraphs(help_: str) -> str:
    parts = [" ".join(part.split()) for part in inspect.cleandoc(help_).split("\n\n")]
    # What a shell takes is told as it takes it.
    told = []
    for part in parts:
        before, example, after = part.partition("Example: ")
        told.append(f"{before}{example}`{after}`" if example else part)
    return "\n\n".join(told)


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _is_told(parameter: Any) -> bool:
    if _is_argument(parameter):
        return bool(parameter.help)
    return OF_EVERY_COMMAND.isdisjoint(parameter.opts)


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    return name if parameter.required or name.startswith("[") else f"[{name}]"


def _row(parameter: Any) -> str:
    if _is_argument(parameter):
        return f"| `{_argument(parameter)}` | {_meaning(parameter)} |"
    names = ", ".join(f"`{each}`" for each in parameter.opts)
    others = "".join(f", `{each}`" for each in parameter.secondary_opts)
    return f"| {names}{others} | {_meaning(parameter)} |"


def _meaning(parameter: Any) -> str:
    told = " ".join((parameter.help or "").split()).replace("|", "\\|")
    annotation = parameter.type_descriptor.annotation
    if isinstance(annotation, EnumType):
        members: list[Any] = list(annotation)
        words = ", ".join(f"`{_word(each)}`" for each in members)
        told = f"{told} One of {words}."
    default = parameter.default
    is_flag = isinstance(default, bool) or default in (None, "", ())
    if not _is_argument(parameter) and not is_flag and not callable(default):
        told += f" `{_word(default)}` if not given."
    return told


def _word(value: Any) -> str:
    return str(getattr(value, "value", value))


def main(arguments: Sequence[str]) -> int:
    """Write the page, or only look whether it is up to date."""
    before = PAGE.read_text("utf-8")
    wanted = before.partition(BEGIN)[0] + text()
    if wanted == before:
        return 0
    if "--check" in arguments:
        sys.stderr.write(f"{PAGE} is out of date: run python -m api.cli.page\n")
        return 1
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
