"""What a person gives a command: a file, or standard input for `-`."""

import json
import sys
from pathlib import Path
from typing import Any

import typer

STDIN = "-"


def read_text(file: str) -> str:
    """Return what the file has."""
    if file == STDIN:
        return sys.stdin.read()
    try:
        return Path(file).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}") from None


def parse(text: str, file: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{file} is not JSON: {error}") from None


def read_json(file: str) -> Any:
    return parse(read_text(file), file)


def read_object(file: str) -> dict[str, Any]:
    """Return the one JSON object that the file has."""
    found = read_json(file)
    if not isinstance(found, dict):
        raise typer.BadParameter(f"{file} holds no object")
    return found


def read_lines(file: str) -> list[Any]:
    """Return what each line of the file has, empty ones left out."""
    lines = read_text(file).split("\n")
    return [
        parse(line, f"line {number} of {file}")
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]


def pairs(given: list[str] | None, option: str) -> dict[str, Any]:
    """Return what ``name=value`` says, each value as JSON if it is that."""
    found: dict[str, Any] = {}
    for each in given or ():
        name, separator, value = each.partition("=")
        if not (name and separator):
            raise typer.BadParameter(f"{option} takes name=value, not {each}")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def chosen(**fields: Any) -> dict[str, Any]:
    """Return the fields that were given: the rest is the service's to choose."""
    return {name: value for name, value in fields.items() if value not in (None, "")}
