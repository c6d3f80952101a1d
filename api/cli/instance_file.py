"""What a person may write for an instance, in the form that the service takes."""

import re
from pathlib import Path
from typing import Any

import typer

from api.cli.given import STDIN, parse, read_text

_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_instance(text: str) -> dict[str, Any]:
    """Return the instance of a file, standard input, a hash, or a library name."""
    if text == STDIN:
        return _read_stdin()
    path = Path(text).expanduser()
    if path.is_file():
        return _read_json(path) if path.suffix == ".json" else _read_qaplib(path)
    if path.suffix in {".dat", ".json", ".txt"} or len(path.parts) > 1:
        raise typer.BadParameter(f"there is no file {text}")
    if _SHA256.fullmatch(text):
        return {"sha256": text}
    return {"name": text}


def _read_qaplib(path: Path) -> dict[str, Any]:
    try:
        return {"qaplib": path.read_text("ascii"), "name": path.stem}
    except UnicodeDecodeError:
        raise typer.BadParameter(
            f"{path} is not a QAPLIB file: it is not text"
        ) from None


def _read_json(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} is not JSON: {error}") from None
    return {"name": path.stem, **_instance(text, str(path))}


def _read_stdin() -> dict[str, Any]:
    """Return JSON of an instance, or QAPLIB text; their first signs tell which."""
    text = read_text(STDIN)
    if text.lstrip().startswith(("{", "[")):
        return _instance(text, "standard input")
    return {"qaplib": text}


def _instance(text: str, place: str) -> dict[str, Any]:
    instance = parse(text, place)
    if not isinstance(instance, dict):
        raise typer.BadParameter(
            f"{place} holds no object: write flow and distance, or costs"
        )
    return instance
